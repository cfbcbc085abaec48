import type { LockPackages } from '../lock/missing.ts';
import { missingEntries } from '../lock/missing.ts';
import type { Rule } from './source.ts';

const LOCK = 'package-lock.json';

/** `npm ci` refuses a lock that does not list everything it asks for, other platforms included. */
export const completeLockFile: Rule = {
  name: 'complete-lock',
  check: (sources) => {
    const text = sources.find(({ path }) => path === LOCK)?.text;
    if (text === undefined) return [];
    const { packages }: { packages: LockPackages } = JSON.parse(text);
    return missingEntries(packages).map(({ name, askedBy }) => {
      const asker = askedBy === '' ? 'the root' : askedBy;
      const message = `${asker} asks for ${name}, which has no entry; run node tools/lock/main.ts`;
      return { path: LOCK, line: 1, message };
    });
  },
};

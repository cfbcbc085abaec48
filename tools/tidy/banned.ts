import type { Finding, Rule, Source } from './source.ts';
import { at, codeOf, isTest, placeOf } from './source.ts';
import type { Spot, Syntax } from './syntax.ts';
import { syntaxOf } from './syntax.ts';

interface Ban {
  /** Constructs in the notation of syntax.ts; a trailing `*` matches every end. */
  readonly constructs: readonly string[];
  readonly instead: string;
  readonly where: (path: string) => boolean;
}

/** Folders of core where a ban does not hold, each with its reason. */
const CORE_EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Number()': {
    money: 'the one place that turns an amount into the integer of the JSON wire',
    calendar: 'years, months and days are small whole numbers, never amounts',
    ids: 'a bucket is a number of ten bits',
  },
  division: {
    money: 'the home of every division and its rounding',
    calendar: 'days and months are counted here, not money',
  },
};

const BANS: readonly Ban[] = [
  {
    constructs: ['Date.now', 'new Date', 'Date()', 'Temporal.Now', 'performance.now'],
    instead: 'take `now` as an argument',
    where: isCore,
  },
  {
    constructs: ['Math.random', 'crypto.*'],
    instead: 'take the id or the seeded number as an argument',
    where: isCore,
  },
  {
    constructs: ['process.*', 'process()'],
    instead: 'take the setting as an argument; only server reads the environment',
    where: isCore,
  },
  {
    constructs: ['fetch()', 'async', 'await', 'new Promise', 'Promise.*'],
    instead: 'decide here and let engine load, save and send around it',
    where: isCore,
  },
  {
    constructs: ['setTimeout()', 'setInterval()', 'setImmediate()', 'queueMicrotask()'],
    instead: 'return the instant when it is due; the worker waits',
    where: isCore,
  },
  {
    constructs: ['console.*', 'console()'],
    instead: 'return what happened; server logs it',
    where: isCore,
  },
  {
    constructs: ['parseFloat()', 'Number.parseFloat', 'decimal literal', 'Math.round', 'toFixed()'],
    instead: 'use bigint 分, basis points or the exact decimals of core/src/money',
    where: isCore,
  },
  {
    constructs: ['Number()'],
    instead: 'keep the amount a bigint; core/src/money writes it to the wire',
    where: (path) => isCore(path) && !isExcepted('Number()', path),
  },
  {
    constructs: ['division'],
    instead: 'call the division of core/src/money that names its rounding',
    where: (path) => isCore(path) && !isExcepted('division', path),
  },
  {
    constructs: ['Date.now', 'Temporal.Now', 'Math.random'],
    instead: 'take `now` or the seeded number as an argument',
    where: (path) => placeOf(path)?.package === 'engine' && !isTest(path),
  },
  {
    constructs: ['vi.mock', 'jest.mock', 'mock.module'],
    instead: 'pass a fake that runs the same suite as the real one',
    where: () => true,
  },
  {
    constructs: 'test it describe suite'.split(' ').map((name) => `${name}.only`),
    instead: 'run one file with npm test -- <file>, or --test-name-pattern',
    where: () => true,
  },
  {
    constructs: 'test it describe suite'
      .split(' ')
      .flatMap((name) => [`${name}.skip`, `${name}.todo`]),
    instead: 'repair or delete the test; pass { skip: reason } where a machine cannot run it',
    where: () => true,
  },
  {
    constructs: ['import.meta.main'],
    instead: 'run at once; bin/run.js imports a main.ts, and others import index.ts',
    where: (path) => path.startsWith('packages/'),
  },
  {
    constructs: ['endless loop'],
    instead: 'loop to a named limit',
    where: (path) => !path.startsWith('packages/server/src/worker/'),
  },
];

/** Constructs that a folder may not use; comments and strings never count. */
export const bannedConstructs: Rule = {
  name: 'banned-constructs',
  check: (sources) =>
    codeOf(sources).flatMap((source) => {
      const bans = BANS.filter(({ where }) => where(source.path));
      return syntaxOf(source).constructs.flatMap((spot) => findBan(source, spot, bans));
    }),
};

/** Work left for later is finished or written down as an issue, never left in a comment. */
export const unfinishedWork: Rule = {
  name: 'no-unfinished-work',
  check: (sources) =>
    codeOf(sources).flatMap((source) =>
      unfinished(syntaxOf(source)).map(({ start }) =>
        at(source, start, 'a comment announces unfinished work; finish it or open an issue'),
      ),
    ),
};

function unfinished({ comments }: Syntax): readonly Spot[] {
  return comments.filter(({ text }) => /\b(TODO|FIXME|XXX)\b/.test(text));
}

function findBan(source: Source, spot: Spot, bans: readonly Ban[]): Omit<Finding, 'rule'>[] {
  const ban = bans.find(({ constructs }) => constructs.some((name) => matches(name, spot.text)));
  return ban === undefined ? [] : [at(source, spot.start, `${spot.text}: ${ban.instead}`)];
}

function matches(banned: string, construct: string): boolean {
  if (!banned.endsWith('*')) return banned === construct;
  return construct.startsWith(banned.slice(0, -1));
}

function isCore(path: string): boolean {
  return placeOf(path)?.package === 'core' && !isTest(path);
}

function isExcepted(construct: string, path: string): boolean {
  const concept = placeOf(path)?.concept ?? '';
  return concept in (CORE_EXCEPTIONS[construct] ?? {});
}

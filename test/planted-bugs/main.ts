import { resolve } from 'node:path';
import { Copy } from './copy.ts';
import { MUTATIONS, type Mutation } from './mutations.ts';
import { judge } from './plant.ts';

/**
 * `npm run planted-bugs [-- part of a name]`: plants each bug into a copy of the repository and
 * requires that the suite notices. The copy without any bug must pass first.
 */
const root = resolve(import.meta.dirname, '..', '..');

async function main(words: readonly string[]): Promise<number> {
  const wanted = MUTATIONS.filter(({ name }) => words.every((word) => name.includes(word)));
  if (wanted.length === 0) {
    console.error(`No planted bug is called so. ${MUTATIONS.map(({ name }) => name).join('; ')}`);
    return 2;
  }
  const copy = new Copy(root);
  try {
    const isSound = await checkSound(copy, wanted);
    if (!isSound) return 1;
    let missed = 0;
    for (const mutation of wanted) if (!(await plant(copy, mutation))) missed += 1;
    console.log(`${wanted.length - missed} of ${wanted.length} planted bugs caught`);
    return missed === 0 ? 0 : 1;
  } finally {
    copy.remove();
  }
}

/** Without a bug every catcher is content; else a catch would prove nothing. */
async function checkSound(copy: Copy, wanted: readonly Mutation[]): Promise<boolean> {
  const catchers = new Map(wanted.map(({ caughtBy }) => [JSON.stringify(caughtBy), caughtBy]));
  for (const catcher of catchers.values()) {
    const { caught, trouble } = await judge(copy, catcher);
    if (caught === undefined && trouble === undefined) continue;
    console.error(`without any bug — ${caught ?? trouble}`);
    return false;
  }
  console.log('planted: nothing — every catcher is content');
  return true;
}

async function plant(copy: Copy, { name, edits, caughtBy }: Mutation): Promise<boolean> {
  try {
    copy.spoil(edits);
    const { caught, trouble = 'nothing was noticed', milliseconds } = await judge(copy, caughtBy);
    const seconds = (milliseconds / 1000).toFixed(1);
    const what = caught === undefined ? `NOT caught: ${trouble}` : `caught by ${caught}`;
    console.log(`planted: ${name} — ${what} (${seconds} s)`);
    return caught !== undefined;
  } catch (error) {
    console.log(`planted: ${name} — out of date: ${error instanceof Error ? error.message : ''}`);
    return false;
  } finally {
    copy.heal(edits);
  }
}

process.exitCode = await main(process.argv.slice(2));

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Copy } from './copy.ts';
import { type Catcher, MUTATIONS, type Mutation } from './mutations.ts';
import { judge, type Verdict } from './plant.ts';

/**
 * `npm run planted-bugs [-- part of a name]`: plants each bug into a copy of the repository and
 * requires that its catcher notices, and that the same catcher is content without the bug.
 */
const root = resolve(import.meta.dirname, '..', '..');

async function main(words: readonly string[]): Promise<number> {
  const wanted = MUTATIONS.filter(({ name }) => words.every((word) => name.includes(word)));
  if (wanted.length === 0) {
    console.error(`No planted bug is called so. ${MUTATIONS.map(({ name }) => name).join('; ')}`);
    return 2;
  }
  const start = performance.now();
  const queue = [...wanted];
  const sound = new Map<string, Promise<Verdict>>();
  let caught = 0;
  const work = async () => {
    const copy = new Copy(root);
    try {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        if (await plant(copy, one, sound)) caught += 1;
      }
    } finally {
      copy.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${caught} of ${wanted.length} planted bugs caught in ${seconds} s`);
  return caught === wanted.length ? 0 : 1;
}

async function plant(
  copy: Copy,
  { name, edits, caughtBy }: Mutation,
  sound: Map<string, Promise<Verdict>>,
): Promise<boolean> {
  const spoilt = await judgeSpoilt(copy, { edits, caughtBy });
  if (typeof spoilt === 'string') {
    console.log(`planted: ${name} — out of date: ${spoilt}`);
    return false;
  }
  const { caught, trouble = 'nothing was noticed', milliseconds } = spoilt;
  const seconds = (milliseconds / 1000).toFixed(1);
  if (caught === undefined) {
    console.log(`planted: ${name} — NOT caught: ${trouble} (${seconds} s)`);
    return false;
  }
  const clean = await judgeSound(copy, caughtBy, sound);
  const noise = clean.caught ?? clean.trouble;
  if (noise !== undefined) {
    console.log(`planted: ${name} — NOT proved: without it there is ${noise}`);
    return false;
  }
  console.log(`planted: ${name} — caught by ${caught} (${seconds} s)`);
  return true;
}

async function judgeSpoilt(
  copy: Copy,
  { edits, caughtBy }: Omit<Mutation, 'name'>,
): Promise<Verdict | string> {
  try {
    copy.spoil(edits);
    return await judge(copy, caughtBy);
  } catch (error) {
    return error instanceof Error ? error.message : 'thrown';
  } finally {
    copy.heal(edits);
  }
}

/** Without the bug its catcher is content; else a catch would prove nothing. Asked once of each. */
function judgeSound(
  copy: Copy,
  catcher: Catcher,
  sound: Map<string, Promise<Verdict>>,
): Promise<Verdict> {
  const key = JSON.stringify(catcher);
  const known = sound.get(key) ?? judge(copy, catcher);
  sound.set(key, known);
  return known;
}

process.exitCode = await main(process.argv.slice(2));

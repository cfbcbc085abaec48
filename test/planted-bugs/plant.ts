import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Copy } from './copy.ts';
import type { Catcher } from './mutations.ts';

/** What the catcher did with the copy as it is. */
export type Verdict = {
  readonly milliseconds: number;
  /** Undefined when nothing was noticed; else by what and why, in one line. */
  readonly caught: string | undefined;
  /** Set when the catcher came to no judgement at all, which is no catch. */
  readonly trouble?: string;
};

/** A catcher that takes longer is stopped, and has caught nothing. */
const TIMEOUT_MILLISECONDS = 300_000;

/** Many payers in few days: most of what can go wrong in the least time. */
const BUSY_DAYS = 26;
const BUSY_CUSTOMERS = 16;

/** Runs the catcher on the copy. */
export async function judge(copy: Copy, catcher: Catcher): Promise<Verdict> {
  const start = performance.now();
  const { code, text } = await runNode(copy, argumentsOf(catcher));
  const milliseconds = Math.round(performance.now() - start);
  if (code === 0) return { caught: undefined, milliseconds };
  const caught = sentenceOf(catcher, text);
  const last = text.trim().split('\n').at(-1) ?? '';
  const trouble = code === STOPPED ? 'it took too long' : `it did not run: ${last}`;
  return caught === undefined ? { caught, trouble, milliseconds } : { caught, milliseconds };
}

/** The exit code of a catcher that was stopped. */
const STOPPED = -1;

function argumentsOf(catcher: Catcher): readonly string[] {
  if (catcher.kind === 'test') {
    const { file, name } = catcher;
    return ['--test', ...(name === undefined ? [] : ['--test-name-pattern', name]), file];
  }
  const { seed, faults, isHeld = false } = catcher;
  const size = ['--days', `${BUSY_DAYS}`, '--customers', `${BUSY_CUSTOMERS}`, '--jobs', '1'];
  const words = ['--seed', `${seed}`, ...size, '--faults', faults, ...(isHeld ? ['--held'] : [])];
  return ['test/simulation/main.ts', ...words];
}

/** Who failed and why; undefined when no test and no seed has failed. */
function sentenceOf(catcher: Catcher, text: string): string | undefined {
  if (catcher.kind === 'test') {
    const failed = /^\s*(?:not ok \d+ - |✖ )(.+?)(?: \([\d.]+ms\))?$/m.exec(text)?.[1];
    return failed === undefined ? undefined : `${catcher.file}: ${failed}`;
  }
  const found = /FAILED seed (\d+).*\n\s+(.+)/.exec(text);
  return found === null ? undefined : `simulation seed ${found[1]}: ${found[2]}`;
}

function runNode(
  copy: Copy,
  args: readonly string[],
): Promise<{ readonly code: number; readonly text: string }> {
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const child = spawn(process.execPath, [...args], {
    cwd: join(copy.path),
    // All runs of one copy load nearly the same modules.
    env: { ...env, NODE_COMPILE_CACHE: join(copy.path, 'compiled') },
    timeout: TIMEOUT_MILLISECONDS,
    killSignal: 'SIGKILL',
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? STOPPED, text }));
  });
}

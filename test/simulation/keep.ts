import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { DEFAULT_CUSTOMERS, DEFAULT_DAYS } from './options.ts';
import { argumentsOf, failureText } from './report.ts';
import type { RunOptions } from './run.ts';
import { simulate } from './simulate.ts';
import type { Tally } from './tally.ts';

/** Runs that once found something, or in which rare things happen; kept for ever. */
export const CORPUS: readonly RunOptions[] = JSON.parse(
  readFileSync(new URL('./corpus.json', import.meta.url), 'utf8'),
);

/** The seed as `npm run simulate -- --seed N` runs it. */
export function ofSeed(seed: number): RunOptions {
  return { seed, days: DEFAULT_DAYS, customers: DEFAULT_CUSTOMERS };
}

/** Every promise is kept under this seed; else the test shows how to see it again. */
export async function assertKept(options: RunOptions): Promise<Tally> {
  const result = await simulate(options);
  assert.ok(result.broken.length === 0, failureText({ options, result, milliseconds: 0 }));
  const { tally } = result;
  assert.ok(tally !== undefined && tally.paidOrders > 0, 'money moved in this run');
  return tally;
}

/** The same in a process of its own, so that several runs use several cores. */
export async function assertKeptApart(options: RunOptions): Promise<Pick<Tally, 'happened'>> {
  const script = new URL('./main.ts', import.meta.url).pathname;
  const words = [script, ...argumentsOf(options), '--json'];
  const ended = await promisify(execFile)(process.execPath, words, { maxBuffer: MOST_BYTES }).catch(
    (error: { readonly stdout?: string; readonly stderr?: string; readonly message: string }) =>
      ({ stdout: error.stdout ?? '', stderr: error.stderr || error.message }) as const,
  );
  const { broken = ['the run gave no result'], tally } = JSON.parse(ended.stdout || '{}');
  assert.ok(broken.length === 0, ended.stderr);
  assert.ok(tally !== undefined && tally.paidOrders > 0, 'money moved in this run');
  return tally;
}

/** What a run may print: its failure with its last lines. */
const MOST_BYTES = 16 * 1024 * 1024;

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DEFAULT_CUSTOMERS, DEFAULT_DAYS } from './options.ts';
import { failureText } from './report.ts';
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

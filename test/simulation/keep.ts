import assert from 'node:assert/strict';
import { DEFAULT_CUSTOMERS, DEFAULT_DAYS } from './options.ts';
import { failureText } from './report.ts';
import type { RunOptions } from './run.ts';
import { simulate } from './simulate.ts';

/** The seed as `npm run simulate -- --seed N` runs it. */
export function ofSeed(seed: number): RunOptions {
  return { seed, days: DEFAULT_DAYS, customers: DEFAULT_CUSTOMERS };
}

/** Every promise is kept under this seed; else the test shows how to see it again. */
export async function assertKept(options: RunOptions): Promise<void> {
  const result = await simulate(options);
  assert.ok(result.broken.length === 0, failureText({ options, result, milliseconds: 0 }));
  assert.ok((result.tally?.paidOrders ?? 0) > 0, 'money moved in this run');
}

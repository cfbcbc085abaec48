import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MerchantId, type Tx, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import type { Database } from './array-write.ts';
import { sqlStateOf } from './errors.ts';
import { makeTx } from './merchant-tx.ts';

/** A transaction that lost a race is run again at most this often. */
export const MAX_RETRIES = 3;

/** The longest first wait before running again; it doubles with each retry, times a jitter. */
const RETRY_WAIT_MS = 40;

/** serialization_failure, deadlock_detected: nothing was written, the next try may succeed. */
const RETRYABLE = new Set(['40001', '40P01']);

/** Set while a transaction's work runs, so that a nested one fails at once and not by waiting. */
const running = new AsyncLocalStorage<{ isOpen: boolean }>();

export type TransactOptions = {
  /** A number from 0 (inside) to 1 (outside), for the jitter of retries. */
  readonly random: () => number;
};

/**
 * Runs `work` in one transaction as the application role, bound to the rows of `merchant`, and
 * commits. A failed commit is an error like any other. A lost race (serialization failure,
 * deadlock) runs the whole work again, so it must do nothing but read and write through its `Tx`.
 */
export async function transact<T>(
  db: Database,
  { merchant, random }: { readonly merchant: MerchantId } & TransactOptions,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  if (running.getStore()?.isOpen === true) {
    throw new Error('A transaction was started inside another; it would wait for itself.');
  }
  for (let retry = 0; retry <= MAX_RETRIES; retry += 1) {
    try {
      return await runOnce(db, merchant, work);
    } catch (error) {
      if (retry >= MAX_RETRIES || !RETRYABLE.has(sqlStateOf(error) ?? '')) throw error;
      await sleep(RETRY_WAIT_MS * 2 ** retry * (0.5 + random() / 2));
    }
  }
  throw new Error('the last try returned or threw');
}

async function runOnce<T>(
  db: Database,
  merchant: MerchantId,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return await db.transaction().execute(async (transaction) => {
    // The same as `set local role`: both end with the transaction, on whatever connection it ran.
    await sql`
      select set_config('role', 'daikou_app', true),
             set_config('daikou.merchant_id', ${toUuid(merchant)}, true)`.execute(transaction);
    const scope = { isOpen: true };
    try {
      return await running.run(scope, () => work(makeTx(transaction, merchant)));
    } finally {
      scope.isOpen = false;
    }
  });
}

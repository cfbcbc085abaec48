import { setTimeout as sleep } from 'node:timers/promises';
import type { MerchantId } from '@daikou/core';
import { type Job, purgeRequestsOfToday, purgeWebhooksOfToday, sendWebhooks } from '@daikou/engine';

/** Merchants whose receivers are called at once, at most. */
const MERCHANTS_AT_ONCE = 16;

/**
 * Sends the webhooks that are due until `signal` says stop, and once a day deletes those that ended
 * long ago and forgets requests under old idempotency keys, beside the worker and not in its looks:
 * a receiver that answers slowly delays no debit. It delays no other merchant's webhooks either, as
 * a merchant whose look is under way is left alone by the next one. One merchant's failure is
 * logged and tried again (I10). After the stop no call begins, and those under way are waited for:
 * five seconds at most, the deadline of a call.
 */
export async function tellUntil(
  signal: AbortSignal,
  jobs: () => Promise<readonly Job[]>,
  idleSeconds: number,
): Promise<void> {
  const underWay = new Map<MerchantId, Promise<void>>();
  try {
    while (!signal.aborted) {
      for (const job of await jobs()) {
        const { id } = job.merchant;
        if (underWay.has(id)) continue;
        if (underWay.size >= MERCHANTS_AT_ONCE) await Promise.race(underWay.values());
        if (signal.aborted) break;
        underWay.set(
          id,
          tellOnce(job, signal).finally(() => underWay.delete(id)),
        );
      }
      await sleep(idleSeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await Promise.all(underWay.values());
  }
}

async function tellOnce(job: Job, signal: AbortSignal): Promise<void> {
  try {
    await sendWebhooks(job, signal);
    if (!signal.aborted) await purgeWebhooksOfToday(job, signal);
    if (!signal.aborted) await purgeRequestsOfToday(job, signal);
  } catch (error) {
    job.engine.log.warn('webhooks stopped and will be tried again', {
      merchant: job.merchant.code,
      error: error instanceof Error ? error.message : 'thrown',
    });
  }
}

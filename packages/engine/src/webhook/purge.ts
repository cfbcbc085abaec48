import type { Job } from '../job.ts';
import { onceADay } from '../once-a-day.ts';

/** Days of the wall clock for which a delivery that was taken is kept. */
export const DELIVERED_KEPT_DAYS = 30;

/** Days for which one that was given up is kept: somebody may still want to replay it. */
export const GIVEN_UP_KEPT_DAYS = 90;

/** Deliveries that one commit deletes. */
const PURGE_BATCH = 1_000;

/**
 * Deletes deliveries that ended long ago, in batches until none is left or `stop` says so; returns
 * how many. Their events stay, and are replayed as before.
 */
export async function purgeWebhooks(job: Job, stop?: AbortSignal): Promise<number> {
  const now = job.engine.clock.now();
  const purge = {
    delivered: now.subtract({ hours: DELIVERED_KEPT_DAYS * 24 }),
    givenUp: now.subtract({ hours: GIVEN_UP_KEPT_DAYS * 24 }),
    limit: PURGE_BATCH,
  };
  let purged = 0;
  let last = 1;
  while (last > 0 && stop?.aborted !== true) {
    last = await job.engine.store.transact(job.merchant.id, (tx) =>
      tx.purgeWebhookDeliveries(purge),
    );
    purged += last;
  }
  return purged;
}

const RUN_KIND = 'webhook-purge';

/**
 * Purges once on each day of the wall clock, however often it is called; returns how many
 * deliveries went. One that was stopped in the middle goes on at the next call.
 */
export async function purgeWebhooksOfToday(job: Job, stop?: AbortSignal): Promise<number> {
  return await onceADay(job, { kind: RUN_KIND, stop }, () => purgeWebhooks(job, stop));
}

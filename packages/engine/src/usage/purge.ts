import { businessDate } from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';

/** Days for which folded raw events are kept, unless configured; rollups are kept for ever. */
export const USAGE_KEPT_DAYS = 400;

/**
 * The fewest days: one more than the live window, so that an event that is sent again after its
 * row is gone is refused as too old, even when it was dated ahead of our clock.
 */
export const USAGE_KEPT_DAYS_MIN = 36;

/** Batches that one commit of the purge deletes. */
const PURGE_BATCHES = 50;

/** Deletes raw events that are folded and were received long ago; returns how many. */
export async function purgeUsage(job: Job, keptDays = USAGE_KEPT_DAYS): Promise<number> {
  const days = Math.max(keptDays, USAGE_KEPT_DAYS_MIN);
  const before = nowOf(job.engine, job.merchant).subtract({ hours: days * 24 });
  let purged = 0;
  let last = 1;
  while (last > 0) {
    last = await job.engine.store.transact(job.merchant.id, (tx) =>
      tx.purgeUsage(before, PURGE_BATCHES),
    );
    purged += last;
  }
  return purged;
}

const RUN_KIND = 'usage-purge';

/** Purges once on each business date, however often it is called; returns how many events went. */
export async function purgeUsageOfToday(job: Job, keptDays = USAGE_KEPT_DAYS): Promise<number> {
  const now = nowOf(job.engine, job.merchant);
  const key = businessDate(now, job.merchant.zone).toString();
  const { store } = job.engine;
  const known = await store.transact(job.merchant.id, (tx) => tx.findRun(RUN_KIND, key));
  if (known !== undefined) return 0;
  const purged = await purgeUsage(job, keptDays);
  await store.transact(job.merchant.id, (tx) =>
    // Another worker may have purged meanwhile; one of the two notes it.
    tx.addRun({
      id: idSource(job.engine)('run', 0),
      merchantId: job.merchant.id,
      kind: RUN_KIND,
      key,
      state: 'done',
      progress: { purged },
      startedAt: now,
      finishedAt: now,
    }),
  );
  return purged;
}

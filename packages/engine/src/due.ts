import { businessDate, type DueCounts } from '@daikou/core';
import { type Job, nowOf } from './job.ts';

/** What is due now in the job's buckets, of every kind: one statement, however often we look. */
export async function countDueNow(job: Job): Promise<DueCounts> {
  const dueBy = nowOf(job.engine, job.merchant);
  const expiredBy = businessDate(dueBy, job.merchant.zone);
  return await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.countDue({ buckets: job.buckets, dueBy, expiredBy, wallNow: job.engine.clock.now() }),
  );
}

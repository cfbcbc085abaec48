import type { Job } from '../job.ts';
import { onceADay } from '../once-a-day.ts';

/** Days of the wall clock for which a request under an idempotency key is remembered. */
export const REQUESTS_KEPT_DAYS = 30;

/** Requests that one commit deletes; each may have an answer of 256 KiB. */
const PURGE_BATCH = 500;

/**
 * Forgets requests that came long ago with their answers, in batches until none is left or `stop`
 * says so; returns how many. Their keys are free from then on.
 */
export async function purgeRequests(job: Job, stop?: AbortSignal): Promise<number> {
  const before = job.engine.clock.now().subtract({ hours: REQUESTS_KEPT_DAYS * 24 });
  const purge = { before, limit: PURGE_BATCH };
  let purged = 0;
  let last = 1;
  while (last > 0 && stop?.aborted !== true) {
    last = await job.engine.store.transact(job.merchant.id, (tx) => tx.purgeRequests(purge));
    purged += last;
  }
  return purged;
}

/** The same once on each day of the wall clock, however often it is called. */
export async function purgeRequestsOfToday(job: Job, stop?: AbortSignal): Promise<number> {
  return await onceADay(job, { kind: 'request-purge', stop }, () => purgeRequests(job, stop));
}

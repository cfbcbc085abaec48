import { businessDate } from '@daikou/core';
import { idSource, type Job } from './job.ts';

/**
 * Does `work` once on each day of the wall clock, however often it is called; returns what it
 * counted, 0 where the day has had it. Work that `stop` ended in the middle goes on at the next
 * call.
 */
export async function onceADay(
  job: Job,
  { kind, stop }: { readonly kind: string; readonly stop?: AbortSignal | undefined },
  work: () => Promise<number>,
): Promise<number> {
  const now = job.engine.clock.now();
  const key = businessDate(now, job.merchant.zone).toString();
  const { store } = job.engine;
  const known = await store.transact(job.merchant.id, (tx) => tx.findRun(kind, key));
  if (known !== undefined) return 0;
  const purged = await work();
  if (stop?.aborted === true) return purged;
  await store.transact(job.merchant.id, (tx) =>
    // Another worker may have done it meanwhile; one of the two notes it.
    tx.addRun({
      id: idSource(job.engine)('run', 0),
      merchantId: job.merchant.id,
      kind,
      key,
      state: 'done',
      progress: { purged },
      startedAt: now,
      finishedAt: now,
    }),
  );
  return purged;
}

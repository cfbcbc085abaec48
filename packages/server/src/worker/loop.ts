import { setTimeout as sleep } from 'node:timers/promises';
import { idSource, type Job, nowOf, reconcileDay } from '@daikou/engine';
import { pumpAll } from './pump.ts';

/** Bills of this many past days are fetched until they are matched: an outage is made good. */
const BILL_DAYS_BACK = 3;

/**
 * Looks for due work until `signal` says stop, then finishes the batch it is in; between two looks
 * that found nothing it rests `idleSeconds`. One merchant's
 * failure is logged and tried again at the next look; the others go on (I10).
 */
export async function workUntil(
  signal: AbortSignal,
  jobs: () => Promise<readonly Job[]>,
  idleSeconds: number,
) {
  while (!signal.aborted) {
    for (const job of await jobs()) {
      if (signal.aborted) return;
      await lookOnce(job);
    }
    await sleep(idleSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
}

async function lookOnce(job: Job): Promise<void> {
  try {
    await pumpAll(job);
    await reconcileDue(job);
  } catch (error) {
    job.engine.log.warn('work stopped and will be tried again', {
      merchant: job.merchant.code,
      error: error instanceof Error ? error.message : 'thrown',
    });
  }
}

/**
 * Fetches the bills that are ready by now and not matched yet; an early question is answered "not
 * ready".
 */
export async function reconcileDue(job: Job): Promise<void> {
  for (const rail of job.engine.rails.values()) {
    const { zone, billReadyAt } = rail.capabilities;
    const local = nowOf(job.engine, job.merchant).toZonedDateTimeISO(zone);
    if (Temporal.PlainTime.compare(local.toPlainTime(), billReadyAt) < 0) continue;
    for (let days = BILL_DAYS_BACK; days >= 1; days -= 1) {
      const businessDate = local.toPlainDate().subtract({ days });
      const isDone = await job.engine.store.transact(job.merchant.id, async (tx) => {
        const run = await tx.findRun('reconcile', `${rail.id} ${businessDate}`);
        return run?.state === 'done';
      });
      if (!isDone) await reconcileAndRecord(job, rail.id, businessDate);
    }
  }
}

/** Reconciles one day and, when the bill was matched, records that it needs no second look. */
export async function reconcileAndRecord(job: Job, rail: string, businessDate: Temporal.PlainDate) {
  const outcome = await reconcileDay(job, { rail, businessDate });
  if (outcome.kind === 'not_ready' || outcome.kind === 'unknown') return outcome;
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const key = `${rail} ${businessDate}`;
    const known = await tx.findRun('reconcile', key);
    if (known !== undefined) return;
    const now = nowOf(job.engine, job.merchant);
    await tx.saveRun({
      id: newRunId(job),
      merchantId: job.merchant.id,
      kind: 'reconcile',
      key,
      state: 'done',
      progress: { outcome: outcome.kind },
      startedAt: now,
      finishedAt: now,
    });
  });
  return outcome;
}

function newRunId(job: Job) {
  return idSource(job.engine)('run', 0);
}

import type { Quarantine } from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { applyMandateReports } from '../mandate/apply.ts';
import type { Sleep } from '../pace.ts';
import { billDates } from './quarantine.ts';
import { reconcileDay } from './reconcile.ts';
import { relearnDebits } from './relearn-debits.ts';
import { relearnMandates } from './relearn-mandates.ts';

/** What one round of questions was answered. */
export type RelearnCounts = {
  readonly mandates: number;
  readonly debits: number;
  readonly bills: number;
  /** Questions without a definite answer: the next round asks them again. */
  readonly unanswered: number;
};

/**
 * Learns from the rails what happened since the backup: contracts that were signed, numbers of the
 * debits that the books know, the bills of every day since, and at last the contracts that ended,
 * as an attempt of before still wants its mandate. Every step may run again and changes nothing the
 * second time, so a crash in the middle is made good by the next round. Undefined: the merchant is
 * in no quarantine.
 */
export async function relearn(job: Job, sleep: Sleep): Promise<RelearnCounts | undefined> {
  const quarantine = await beginAsking(job);
  if (quarantine === undefined) return undefined;
  const mandates = await relearnMandates(job, sleep);
  const debits = await relearnDebits(job, sleep);
  const bills = await relearnBills(job, quarantine);
  await applyMandateReports(job, mandates.ended);
  const counts = {
    mandates: mandates.asked,
    debits: debits.asked,
    bills: bills.asked,
    unanswered: mandates.unanswered + debits.unanswered + bills.unanswered,
  };
  await endRound(job, counts);
  return counts;
}

/** Until the first question others may have acted in the merchant's name: that time is kept. */
async function beginAsking(job: Job): Promise<Quarantine | undefined> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const quarantine = await tx.findQuarantine();
    if (quarantine === undefined || quarantine.askedAt !== undefined) return quarantine;
    const asked = { ...quarantine, askedAt: nowOf(job.engine, job.merchant) };
    await tx.saveQuarantine(asked);
    return asked;
  });
}

/** The bills that are ready by now; those of days to come are asked for when they are. */
async function relearnBills(
  job: Job,
  quarantine: Quarantine,
): Promise<Pick<RelearnCounts, 'unanswered'> & { readonly asked: number }> {
  let asked = 0;
  let unanswered = 0;
  for (const { rail, businessDate, isIn } of await billDates(job, quarantine)) {
    const today = nowOf(job.engine, job.merchant).toZonedDateTimeISO(
      job.engine.rails.get(rail)?.capabilities.zone ?? job.merchant.zone,
    );
    if (isIn || Temporal.PlainDate.compare(businessDate, today.toPlainDate()) >= 0) continue;
    asked += 1;
    const { kind } = await reconcileDay(job, { rail, businessDate });
    if (kind === 'unknown') unanswered += 1;
    job.progress.advance(1);
  }
  return { asked, unanswered };
}

async function endRound(job: Job, counts: RelearnCounts): Promise<void> {
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const quarantine = await tx.findQuarantine();
    if (quarantine === undefined) return;
    const { learnedAt: _before, ...rest } = quarantine;
    const learnedAt = nowOf(job.engine, job.merchant);
    const isWhole = counts.unanswered === 0;
    await tx.saveQuarantine({ ...rest, progress: counts, ...(isWhole ? { learnedAt } : {}) });
  });
}

import {
  decideSigningStarted,
  type Mandate,
  type MandateId,
  type MandateReport,
  type MandateState,
  present,
  type QuarantineFinding,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf } from '../job.ts';
import { applyMandateReports } from '../mandate/apply.ts';
import { RailsSeen } from '../mandate/brake.ts';
import { paceOf, type Sleep } from '../pace.ts';

/** States whose contract may have gone on at the rail. */
const MAY_HAVE_MOVED: readonly MandateState[] = [
  'draft',
  'signing',
  'active',
  'ending',
  'revoke_failed',
];

export type MandatesAsked = {
  readonly asked: number;
  readonly unanswered: number;
  /** Ends, to be applied once the debits of before are learned. */
  readonly ended: readonly MandateReport[];
};

/**
 * Asks every rail about every contract that may have been signed or ended since the backup. Those
 * that a rail does not find have ended, unless they are implausibly many: the brake of the daily
 * comparison is on then, and nobody is ended until a person confirms.
 */
export async function relearnMandates(job: Job, sleep: Sleep): Promise<MandatesAsked> {
  let asked = 0;
  let unanswered = 0;
  const ended: MandateReport[] = [];
  const seen = new RailsSeen<Mandate>(job);
  for (const state of MAY_HAVE_MOVED) {
    let after: MandateId | undefined;
    let page = await loadPage(job, state, after);
    while (page.length > 0) {
      const reports = await mapAtOnce(page, CALLS_AT_ONCE, async (one) =>
        asEnd(job, one, await askOne(job, one, sleep)),
      );
      for (const [index, row] of page.entries()) {
        seen.keepsBack(row, { report: present(reports[index], 'the rail’s word'), row });
      }
      asked += page.length;
      unanswered += reports.filter(({ kind }) => kind === 'unknown').length;
      ended.push(...reports.filter(({ kind }) => kind === 'ended'));
      await takeIn(job, page, reports);
      job.progress.advance(page.length);
      after = page.at(-1)?.id;
      page = await loadPage(job, state, after);
    }
  }
  const { gone } = await seen.judge();
  for (let from = 0; from < gone.length; from += BATCH_ROWS) {
    const some = gone.slice(from, from + BATCH_ROWS);
    const reports = some.map((mandate) => endOf(job, mandate));
    await takeIn(job, some, reports);
    ended.push(...reports);
  }
  return { asked, unanswered, ended };
}

function loadPage(
  job: Job,
  state: MandateState,
  after: MandateId | undefined,
): Promise<readonly Mandate[]> {
  const { buckets } = job;
  const place = after === undefined ? {} : { after };
  return job.engine.store.transact(job.merchant.id, (tx) =>
    tx.loadMandates({ buckets, state, limit: BATCH_ROWS, ...place }),
  );
}

async function askOne(job: Job, mandate: Mandate, sleep: Sleep): Promise<MandateReport> {
  const { contractCode, railReference } = mandate;
  const rail = job.engine.rails.get(mandate.rail);
  if (rail === undefined) return { kind: 'unknown', detail: 'the rail is not connected' };
  try {
    await paceOf(rail, job.engine.clock, sleep)();
    return await rail.queryMandate(
      railReference === undefined ? { contractCode } : { contractCode, railReference },
    );
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

/** A contract that was to end and that the rail has no more has ended, as the worker takes it. */
function asEnd(job: Job, mandate: Mandate, report: MandateReport): MandateReport {
  const isEnding = mandate.state === 'ending' || mandate.state === 'revoke_failed';
  return report.kind === 'not_found' && isEnding ? endOf(job, mandate) : report;
}

/** That the rail has it no more, as a sweep takes it. */
function endOf(job: Job, { contractCode }: Mandate): MandateReport {
  return { kind: 'ended', contractCode, endedBy: 'unknown', at: nowOf(job.engine, job.merchant) };
}

/** Signatures count at once; every change of a contract is listed. */
async function takeIn(
  job: Job,
  page: readonly Mandate[],
  reports: readonly MandateReport[],
): Promise<void> {
  const foundAt = nowOf(job.engine, job.merchant);
  const drafts: MandateId[] = [];
  const findings = page.flatMap((mandate, index): QuarantineFinding[] => {
    const kind = reports[index]?.kind;
    const isSigned = mandate.state === 'draft' || mandate.state === 'signing';
    if (mandate.state === 'draft' && (kind === 'active' || kind === 'ended')) {
      drafts.push(mandate.id);
    }
    if (!(kind === 'ended' || (kind === 'active' && isSigned))) return [];
    return [
      {
        merchantId: mandate.merchantId,
        kind: kind === 'ended' ? 'mandate_ended' : 'mandate_signed',
        rail: mandate.rail,
        number: mandate.contractCode,
        outcome: kind,
        needsPerson: false,
        foundAt,
      },
    ];
  });
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const context = { now: foundAt, ids: idSource(job.engine) };
    const waiting = (await tx.lockMandates(drafts)).filter(({ state }) => state === 'draft');
    const started = waiting.map((mandate) => decideSigningStarted(mandate, context));
    await tx.save({
      mandates: started.map(({ mandate }) => mandate),
      events: started.flatMap(({ events }) => events),
    });
    await tx.addFindings(findings);
  });
  await applyMandateReports(
    job,
    reports.filter(({ kind }) => kind === 'active'),
  );
}

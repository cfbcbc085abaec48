import {
  decideMandateReport,
  type MandateDecision,
  type MandateId,
  type MandateReport,
  parseContractCode,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { idSource, type Job, nowOf } from '../job.ts';

/**
 * Applies what rails say of mandates, by callback or query, in one transaction. Returns how many
 * changed.
 */
export async function applyMandateReports(
  job: Job,
  reports: readonly MandateReport[],
): Promise<number> {
  const known = reports.filter((report) => report.kind === 'active' || report.kind === 'ended');
  const byMandate = groupBy(known, (report) => parseContractCode(report.contractCode));
  // A contract code that is none of ours changes nothing.
  byMandate.delete(undefined);
  const ids = [...byMandate.keys()].filter((id): id is MandateId => id !== undefined);
  if (ids.length === 0) return 0;
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const decisions: MandateDecision[] = [];
    for (const locked of await tx.lockMandates(ids)) {
      let mandate = locked;
      for (const report of byMandate.get(locked.id) ?? []) {
        const decision = decideMandateReport(mandate, report, context);
        if (decision === undefined) continue;
        mandate = decision.mandate;
        decisions.push(decision);
      }
    }
    const last = new Map(decisions.map((decision) => [decision.mandate.id, decision.mandate]));
    await tx.save({
      mandates: [...last.values()],
      events: decisions.flatMap((decision) => decision.events),
    });
    return last.size;
  });
}

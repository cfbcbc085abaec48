import { type CauseGroup, type CauseShare, computeCauseShares } from '@daikou/core';
import type { Job } from '../job.ts';

/** The shares of the causes of one month's arrears. */
export type CauseReport = {
  /** The month of the due dates. */
  readonly month: Temporal.PlainYearMonth;
  readonly by?: CauseGroup;
  readonly rows: readonly CauseShare[];
};

/**
 * Why the invoices of a month were overdue: shares by count and by amount, of all or by rail, plan
 * or kind of customer. Each invoice counts once, by its newest finding. Reads only.
 */
export async function reportCauses(
  job: Job,
  { month, by }: { readonly month: Temporal.PlainYearMonth; readonly by?: CauseGroup },
): Promise<CauseReport> {
  const from = month.toPlainDate({ day: 1 });
  const query = { from, until: from.add({ months: 1 }), ...(by === undefined ? {} : { by }) };
  const sums = await job.engine.store.transact(job.merchant.id, (tx) => tx.sumCauses(query));
  return { month, ...(by === undefined ? {} : { by }), rows: computeCauseShares(sums) };
}

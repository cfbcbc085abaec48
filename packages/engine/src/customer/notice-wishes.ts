import { type Invoice, isBefore, issueAtFor, type Tx } from '@daikou/core';
import { type Job, rulesOf, timetableOf } from '../job.ts';

/**
 * Drafts whose payers have wishes about their notices are issued earlier where a wish asks for it:
 * extra days, or quiet hours that would take the notice into another day. One statement a batch.
 */
export async function withNoticeWishes(
  tx: Tx,
  job: Job,
  drafts: readonly Invoice[],
): Promise<readonly Invoice[]> {
  const ids = [...new Set(drafts.map(({ customerId }) => customerId))];
  const found = ids.length === 0 ? [] : await tx.loadCustomersWithWishes(ids);
  if (found.length === 0) return drafts;
  const customers = new Map(found.map((customer) => [customer.id, customer]));
  return drafts.map((draft) => {
    const customer = customers.get(draft.customerId);
    if (customer === undefined || draft.state !== 'draft') return draft;
    const question = { customer, rules: rulesOf(job), zone: job.merchant.zone };
    const wished = issueAtFor(draft.dueDate, timetableOf(job), question);
    return isBefore(wished, draft.issueAt) ? { ...draft, issueAt: wished } : draft;
  });
}

import { decideEndOfPlanPaid, type InstalmentPlan, type NewEvent, type Tx } from '@daikou/core';
import { callOffDebits } from '../debit/call-off.ts';
import { handContext } from '../payment/record.ts';
import type { Acting } from './facts.ts';

/**
 * Pays the invoices of a plan that is over, however it ended, from the balance: what its parts
 * brought is not asked for again. `because` is the event that tells the end, under which the books
 * have it. A debit that waits for one of them (held back, as the others were called off) would take
 * the old amount: it is called off, and the campaign goes on with what is left.
 */
export async function payEndedPlan(
  tx: Tx,
  acting: Acting,
  about: { readonly plan: InstalmentPlan; readonly because: NewEvent },
): Promise<void> {
  const { dunning, job, owed, waiting, facts } = acting;
  const { merchantId, customerId, currency } = dunning;
  const source = { id: about.because.id, merchantId, customerId, currency };
  const used = decideEndOfPlanPaid(
    source,
    {
      owed: owed.filter(({ invoice }) => about.plan.invoiceIds.includes(invoice.id)),
      grants: await tx.lockCreditGrants([customerId]),
    },
    handContext(job),
  );
  if (used === undefined) return;
  const invoices = [...used.invoices, ...used.partPaid];
  const plans = await callOffDebits(tx, job, {
    customer: facts.customer,
    waiting,
    paid: invoices.map((one) => ({ ...one, state: 'paid' as const })),
  });
  await tx.save({
    invoices,
    creditGrants: used.grants,
    grantUses: used.uses,
    debits: plans.debits,
    notices: plans.notices,
    journals: used.journals,
    events: [...used.events, ...plans.events],
  });
}

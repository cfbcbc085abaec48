import {
  decideReverseHandPayment,
  HAND_TEMPLATES,
  type HandPayment,
  type HandPaymentId,
  ok,
  present,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import { holdInvoices, planDebitsAnew, theCustomer } from '../debit/call-off.ts';
import { takeTopUpsBack } from '../invoice/top-up-return.ts';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import { handContext, referenceOf } from './record.ts';

/**
 * Takes a payment by hand back on the day on which it was recorded: opposite entries, its invoices
 * open again with debits of their own, its balance gone, its bank line waiting again.
 */
export async function reverseHandPayment(
  job: Job,
  id: HandPaymentId,
  who: { readonly by: string; readonly reason: string },
): Promise<Result<HandPayment, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [found] = await tx.loadHandPayments([id]);
    if (found === undefined) return refuse(notFound('payment'));
    const invoiceIds = found.allocations.map(({ invoiceId }) => invoiceId);
    // Debits and invoices first, as everybody who pays holds them in this order.
    const held = await holdInvoices(tx, invoiceIds);
    const grants = await tx.lockCreditGrants([found.customerId]);
    const [payment = found] = await tx.lockHandPayments([id]);
    const journals = await tx.loadJournalsOf([id]);
    const journal = journals.find(({ template }) => template === HAND_TEMPLATES.received);
    const grant = grants.find((one) => one.id === payment.grantId);
    const decision = decideReverseHandPayment(
      {
        payment,
        invoices: held.owed.map(({ invoice }) => invoice),
        notes: await tx.loadCreditNotes(invoiceIds),
        ...(grant === undefined ? {} : { grant }),
        journal: present(journal, 'the journal of a payment'),
      },
      who,
      handContext(job),
    );
    if (!decision.ok) return decision;
    const { payment: reversed, grant: emptied } = decision.value;
    const invoices = await takeTopUpsBack(tx, job, decision.value.invoices);
    const customer = await theCustomer(tx, reversed.customerId);
    const plans = await planDebitsAnew(tx, job, {
      customer,
      invoices: invoices.filter(({ state }) => state === 'open'),
    });
    await tx.releasePaymentReference(referenceOf(reversed));
    await tx.save({
      invoices,
      creditGrants: emptied === undefined ? [] : [emptied],
      debits: plans.debits,
      notices: plans.notices,
      handPayments: [reversed],
      journals: [decision.value.journal],
      events: [...decision.value.events, ...plans.events],
    });
    if (reversed.bankLineId !== undefined) {
      const line = await tx.lockBankLine(reversed.bankLineId);
      if (line !== undefined) await tx.saveBankLines([{ ...line, state: 'unclaimed' }]);
    }
    return ok(reversed);
  });
}

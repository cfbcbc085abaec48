import {
  decideReverseHandPayment,
  type GrantUse,
  HAND_TEMPLATES,
  type HandPayment,
  type HandPaymentId,
  type Invoice,
  type OwedInvoice,
  ok,
  present,
  type Refusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import {
  callOffDebits,
  holdInvoices,
  openInvoicesOf,
  planDebitsAnew,
  theCustomer,
} from '../debit/call-off.ts';
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
    const open = found.grantId === undefined ? [] : await openInvoicesOf(tx, found.customerId);
    const held = await holdInvoices(tx, [...new Set([...invoiceIds, ...open])]);
    const paid = held.owed.filter(({ invoice }) => invoiceIds.includes(invoice.id));
    const parts = await partsOf(tx, found, held.owed);
    const grants = await tx.lockCreditGrants([found.customerId]);
    const used = await tx.lockGrantsUsedBy(parts.invoices.map((one) => one.id));
    const [payment = found] = await tx.lockHandPayments([id]);
    const journals = await tx.loadJournalsOf([id]);
    const journal = journals.find(({ template }) => template === HAND_TEMPLATES.received);
    const partJournal = journals.find(({ template }) => template === HAND_TEMPLATES.balanceUsed);
    const grant = [...grants, ...used].find((one) => one.id === payment.grantId);
    const decision = decideReverseHandPayment(
      {
        payment,
        invoices: paid.map(({ invoice }) => invoice),
        notes: await tx.loadCreditNotes(invoiceIds),
        ...(grant === undefined ? {} : { grant }),
        journal: present(journal, 'the journal of a payment'),
        parts: { ...parts, ...(partJournal === undefined ? {} : { journal: partJournal }) },
      },
      who,
      handContext(job),
    );
    if (!decision.ok) return decision;
    const { payment: reversed, unpaidParts, grant: emptied } = decision.value;
    const invoices = await takeTopUpsBack(tx, job, decision.value.invoices);
    const customer = await theCustomer(tx, reversed.customerId);
    const plans = await planDebitsAnew(tx, job, {
      customer,
      invoices: invoices.filter(({ state }) => state === 'open'),
    });
    const { waiting } = held;
    const anew = await callOffDebits(tx, job, { customer, waiting, paid: unpaidParts });
    await tx.releasePaymentReference(referenceOf(reversed));
    await tx.releaseGrantUses(unpaidParts.map((one) => one.id));
    await tx.save({
      invoices: [...invoices, ...unpaidParts],
      creditGrants: emptied === undefined ? [] : [emptied],
      grantUses: parts.others,
      debits: [...plans.debits, ...anew.debits],
      notices: [...plans.notices, ...anew.notices],
      handPayments: [reversed],
      journals: decision.value.journals,
      events: [...decision.value.events, ...plans.events, ...anew.events],
    });
    if (reversed.bankLineId !== undefined) {
      const line = await tx.lockBankLine(reversed.bankLineId);
      if (line !== undefined) await tx.saveBankLines([{ ...line, state: 'unclaimed' }]);
    }
    return ok(reversed);
  });
}

type Parts = {
  readonly invoices: readonly Invoice[];
  readonly uses: readonly GrantUse[];
  /** Uses of other grants by the same invoices, which stay. */
  readonly others: readonly GrantUse[];
};

/** What the payment's balance paid of invoices that are still open. */
async function partsOf(
  tx: Tx,
  { grantId }: HandPayment,
  owed: readonly OwedInvoice[],
): Promise<Parts> {
  const some = owed
    .map(({ invoice }) => invoice)
    .filter(({ state, balanceApplied }) => state === 'open' && balanceApplied.minor > 0n);
  const all = await tx.loadGrantUses(some.map(({ id }) => id));
  const uses = all.filter((use) => use.grantId === grantId);
  const named = new Set(uses.map(({ invoiceId }) => invoiceId));
  return {
    invoices: some.filter(({ id }) => named.has(id)),
    uses,
    others: all.filter((use) => use.grantId !== grantId && named.has(use.invoiceId)),
  };
}

import {
  businessDate,
  type CreditContext,
  type Customer,
  type DebitBundle,
  decideRecollect,
  type Invoice,
  type InvoiceId,
  inOrder,
  isInFlight,
  type Mandate,
  present,
  type RecollectDecision,
  type RecollectReason,
  type Refusal,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf, scheduleContext } from '../job.ts';

export type NotFound = Refusal<'not_found'>;

/** An invoice with everything that may collect it, held until the commit. */
export type LockedInvoice = {
  readonly invoice: Invoice;
  /** The debit that waits to collect it, with all that is known of it. */
  readonly waiting?: DebitBundle;
  readonly isDebitInFlight: boolean;
};

/**
 * Holds an invoice, its debits and what they collect with it, in the order of settling: debits
 * first, so that nothing is sent or paid between the decision and its commit. A debit that was
 * scheduled between the two locks is found by the second look.
 */
export async function lockInvoice(tx: Tx, id: InvoiceId): Promise<LockedInvoice | undefined> {
  const seen = await lockDebitsOf(tx, id);
  const [invoice] = await tx.lockInvoices([id]);
  if (invoice === undefined) return undefined;
  const now = await tx.findDebitsOfInvoices([id]);
  const isSame = now.every((debit) => seen.some((bundle) => bundle.debit.id === debit.id));
  const bundles = isSame ? seen : await lockDebitsOf(tx, id);
  const isDebitInFlight = bundles.some(({ debit, attempts }) => isInFlight(debit, attempts));
  const waiting = bundles.find(({ debit }) => debit.state === 'scheduled');
  if (waiting === undefined) return { invoice, isDebitInFlight };
  const invoices = await tx.lockInvoices(waiting.debit.invoiceIds);
  return { invoice, isDebitInFlight, waiting: { ...waiting, invoices } };
}

async function lockDebitsOf(tx: Tx, id: InvoiceId): Promise<readonly DebitBundle[]> {
  const debits = await tx.findDebitsOfInvoices([id]);
  return debits.length === 0 ? [] : await tx.lockDebits(debits.map((debit) => debit.id));
}

/**
 * What becomes of the debit that waits, now that `changed` asks for less or for nothing: cancelled,
 * and scheduled anew for what is left. Undefined where none waits.
 */
export async function recollect(
  tx: Tx,
  job: Job,
  about: {
    readonly locked: LockedInvoice;
    readonly changed: Invoice;
    readonly reason: RecollectReason;
  },
): Promise<RecollectDecision | undefined> {
  const { waiting } = about.locked;
  if (waiting === undefined) return undefined;
  const { changed, reason } = about;
  const [customer] = await tx.loadCustomers([changed.customerId]);
  const payer: Customer = present(customer, 'the customer of an invoice');
  const mandate = await usableMandate(tx, waiting);
  const rail = mandate?.rail ?? waiting.debit.rail;
  const invoices = waiting.invoices.map((one) => (one.id === changed.id ? changed : one));
  return decideRecollect(
    waiting,
    { invoices, customer: payer, mandate, reason },
    scheduleContext(job, rail, nowOf(job.engine, job.merchant)),
  );
}

/** The mandate of the debit while it is active, else the first in the customer's order. */
export async function usableMandate(
  tx: Tx,
  { debit, mandate }: DebitBundle,
): Promise<Mandate | undefined> {
  if (mandate.state === 'active') return mandate;
  const others = await tx.loadActiveMandatesOf([debit.customerId]);
  return inOrder(others)[0];
}

/** The subscriptions that an invoice bills: one, or those of a consolidated one. */
export function subscriptionsOf(invoice: Invoice): readonly SubscriptionId[] {
  return [...new Set(invoice.lines.map(({ subscriptionId }) => subscriptionId))];
}

/** What decisions about invoices are made with at this moment. */
export function contextOf(job: Job): CreditContext {
  const now = nowOf(job.engine, job.merchant);
  return { now, businessDate: businessDate(now, job.merchant.zone), ids: idSource(job.engine) };
}

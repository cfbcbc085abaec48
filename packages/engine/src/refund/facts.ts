import { createHash } from 'node:crypto';
import {
  type Customer,
  type CustomerId,
  DEFAULT_REFUND_POLICY,
  type DebitBundle,
  type DebitId,
  type InvoiceId,
  isId,
  type MoneyException,
  type PaidAttempt,
  type PaidFacts,
  type Payment,
  type PaymentFacts,
  type PaymentId,
  present,
  type Refund,
  type RefundableInvoice,
  type RefundingContext,
  type RefundPolicy,
  type Tx,
} from '@daikou/core';
import { loadCreditsByChanges } from '../invoice/credit.ts';
import { idSource, type Job, nowOf } from '../job.ts';

/** What decisions about money that goes back are made with at this moment. */
export function refundingContext(job: Job): RefundingContext {
  return {
    now: nowOf(job.engine, job.merchant),
    zone: job.merchant.zone,
    ids: idSource(job.engine),
    policy: policyOf(job),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
  };
}

export function policyOf(job: Job): RefundPolicy {
  return job.engine.refunds ?? DEFAULT_REFUND_POLICY;
}

/** What a refund can be asked for: a payment, or the debit or invoice that it paid. */
export type RefundTarget = PaymentId | DebitId | InvoiceId;

export function isRefundTarget(text: string): text is RefundTarget {
  return isId('pay', text) || isId('dbt', text) || isId('inv', text);
}

/** The payment that a target means: of an invoice the newest, as an older one was returned. */
export async function findPayment(tx: Tx, target: RefundTarget): Promise<Payment | undefined> {
  if (isId('pay', target)) return (await tx.loadPayments([target]))[0];
  if (isId('dbt', target)) return (await tx.loadPaymentsOfDebits([target]))[0];
  const debits = await tx.findDebitsOfInvoices([target as InvoiceId]);
  if (debits.length === 0) return undefined;
  return (await tx.loadPaymentsOfDebits(debits.map(({ id }) => id))).at(-1);
}

/** Everything that decides about a payment's money, held in the order of settling: debit first. */
export async function lockPayment(
  tx: Tx,
  job: Job,
  payment: Payment,
): Promise<PaymentFacts & { readonly bundle: DebitBundle }> {
  const [locked] = await tx.lockDebits([payment.debitId]);
  const bundle = present(locked, 'the debit of a payment');
  const attempt = present(
    bundle.attempts.find(({ id }) => id === payment.attemptId),
    'the attempt of a payment',
  );
  const order: PaidAttempt = {
    debitId: payment.debitId,
    attemptId: payment.attemptId,
    rail: payment.rail,
    orderNumber: attempt.orderNumber,
    paymentReference: payment.railReference,
    paid: payment.amount,
    paidAt: payment.paidAt,
  };
  return {
    bundle,
    payment,
    ...(await orderFacts(tx, job, order)),
    isReturned: (await tx.loadReturnsOfPayments([payment.id])).length > 0,
    invoices: await lockInvoicesOf(tx, bundle.debit.invoiceIds),
  };
}

/** The refunds of an order and what its rail allows. The caller holds its debit. */
export async function orderFacts(tx: Tx, job: Job, order: PaidAttempt): Promise<PaidFacts> {
  return {
    order,
    refunds: await tx.loadRefundsOfAttempts([order.attemptId]),
    rules: rulesOf(job, order),
  };
}

/** A rail that is not connected any more returns nothing by itself. */
function rulesOf(job: Job, { rail }: PaidAttempt): PaidFacts['rules'] {
  const connected = job.engine.rails.get(rail);
  return connected?.refund === undefined ? undefined : connected.capabilities.refunds;
}

/** Invoices with everything that was taken back of them, held until the commit. */
export async function lockInvoicesOf(
  tx: Tx,
  ids: readonly InvoiceId[],
): Promise<readonly RefundableInvoice[]> {
  if (ids.length === 0) return [];
  const invoices = await tx.lockInvoices(ids);
  const notes = await tx.loadCreditNotes(ids);
  const facts: RefundableInvoice[] = [];
  for (const invoice of invoices) {
    facts.push({
      invoice,
      notes: notes.filter(({ invoiceId }) => invoiceId === invoice.id),
      byChanges: await loadCreditsByChanges(tx, invoice),
    });
  }
  return facts;
}

/** A refund held with its order's debit, in that order, and the exception that it empties. */
export async function lockRefund(
  tx: Tx,
  id: Refund['id'],
): Promise<{ readonly refund: Refund; readonly exception?: MoneyException } | undefined> {
  const [seen] = await tx.loadRefunds([id]);
  if (seen === undefined) return undefined;
  if (seen.order !== undefined) await tx.lockDebits([seen.order.debitId]);
  const [refund] = await tx.lockRefunds([id]);
  if (refund === undefined) return undefined;
  const { exceptionId } = refund;
  if (exceptionId === undefined) return { refund };
  const [exception] = await tx.lockExceptions([exceptionId]);
  return { refund, exception: present(exception, 'the exception of a refund') };
}

/** The order whose money an exception is. A surplus is a part of what its order paid. */
export async function orderOfException(
  tx: Tx,
  exception: MoneyException,
): Promise<PaidAttempt | undefined> {
  const { debitId, attemptId, rail, orderNumber, railReference } = exception;
  const [found] = await tx.findAttemptsByOrderNumber([orderNumber]);
  if (found === undefined) return undefined;
  return {
    debitId,
    attemptId,
    rail,
    orderNumber,
    paymentReference: railReference,
    paid: found.payment?.amount ?? exception.amount,
    paidAt: found.payment?.paidAt ?? exception.happenedAt,
  };
}

/** The customer of a reference or an id. */
export async function findCustomer(tx: Tx, text: string): Promise<Customer | undefined> {
  if (isId('cus', text)) return (await tx.loadCustomers([text as CustomerId]))[0];
  return await tx.findCustomerByReference(text);
}

import {
  type Changes,
  type CustomerId,
  decideRefundBalance,
  decideRequestRefund,
  ok,
  oweRefund,
  type PaidAttempt,
  type PaidFacts,
  type Refund,
  type RefundAsk,
  type RefundRequestRefusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import type { NotFound } from '../invoice/credit-locks.ts';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import {
  findPayment,
  lockPayment,
  orderFacts,
  type RefundTarget,
  refundingContext,
} from './facts.ts';

export type Requested = { readonly dryRun: boolean; readonly refunds: readonly Refund[] };

type Asked = { readonly ask: RefundAsk; readonly dryRun?: boolean };

/**
 * Asks for money of a payment to go back. Where nobody has to approve it, the credit notes and what
 * is owed are booked in the same commit; it leaves with the next run. `dryRun` says what would
 * happen and changes nothing.
 */
export async function requestRefund(
  job: Job,
  target: RefundTarget,
  { ask, dryRun = false }: Asked,
): Promise<Result<Requested, RefundRequestRefusal | NotFound>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const payment = await findPayment(tx, target);
    if (payment === undefined) return refuse(notFound('payment'));
    const facts = await lockPayment(tx, job, payment);
    const context = refundingContext(job);
    const requested = decideRequestRefund(facts, ask, context);
    if (!requested.ok) return requested;
    const { refund, events } = requested.value;
    const isApproved = refund.state !== 'awaiting_approval';
    const owed = isApproved ? oweRefund(refund, facts.invoices, context) : undefined;
    if (owed?.ok === false) return owed;
    const changes: Changes = {
      refunds: [refund],
      creditNotes: owed?.value.notes ?? [],
      journals: owed?.value.journals ?? [],
      events: [...events, ...(owed?.value.events ?? [])],
    };
    if (!dryRun) await tx.save(changes);
    return ok({ dryRun, refunds: [refund] });
  });
}

/**
 * Pays a customer's own balance out: to the orders that brought money, the rest by bank transfer.
 */
export async function requestBalanceRefund(
  job: Job,
  customer: CustomerId,
  { ask, dryRun = false }: Asked,
): Promise<Result<Requested, RefundRequestRefusal | NotFound>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [found] = await tx.loadCustomers([customer]);
    if (found === undefined) return refuse(notFound('customer'));
    const orders = await lockOrders(tx, job, customer);
    const grants = await tx.lockCreditGrants([customer]);
    const decision = decideRefundBalance(
      {
        merchantId: found.merchantId,
        customerId: customer,
        currency: ask.amount?.currency ?? grants[0]?.left.currency ?? 'CNY',
        grants,
        orders,
      },
      ask,
      refundingContext(job),
    );
    if (!decision.ok) return decision;
    const { refunds, grants: drawn, journals, events } = decision.value;
    if (!dryRun) await tx.save({ creditGrants: drawn, refunds, journals, events });
    return ok({ dryRun, refunds });
  });
}

/** The customer's paid orders that no bank took back, oldest first; their debits are held. */
async function lockOrders(tx: Tx, job: Job, customer: CustomerId): Promise<readonly PaidFacts[]> {
  const payments = await tx.loadPaymentsOfCustomer(customer);
  if (payments.length === 0) return [];
  const returns = await tx.loadReturnsOfPayments(payments.map(({ id }) => id));
  const returned = new Set(returns.map(({ paymentId }) => paymentId));
  const bundles = await tx.lockDebits(payments.map(({ debitId }) => debitId));
  const numbers = new Map(
    bundles.flatMap(({ attempts }) => attempts.map(({ id, orderNumber }) => [id, orderNumber])),
  );
  const facts: PaidFacts[] = [];
  for (const payment of payments) {
    const orderNumber = numbers.get(payment.attemptId);
    if (orderNumber === undefined || returned.has(payment.id)) continue;
    const order: PaidAttempt = {
      debitId: payment.debitId,
      attemptId: payment.attemptId,
      rail: payment.rail,
      orderNumber,
      paymentReference: payment.railReference,
      paid: payment.amount,
      paidAt: payment.paidAt,
    };
    facts.push(await orderFacts(tx, job, order));
  }
  return facts;
}

import {
  type Approval,
  decideApprove,
  decideRetryRefund,
  decideTransferred,
  decideWithdrawRefund,
  ok,
  type Refund,
  type RefundId,
  type RefundRequestRefusal,
  type RefundSettled,
  type RefundWithdrawn,
  type Result,
  refundRefusal,
  refuse,
  type Tx,
} from '@daikou/core';
import type { NotFound } from '../invoice/credit-locks.ts';
import { BATCH_ROWS, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { lockInvoicesOf, lockRefund, orderFacts, refundingContext } from './facts.ts';

type Decided = Promise<Result<Refund, RefundRequestRefusal | NotFound>>;

/** A second person lets a refund go: what it owes is booked, and it leaves with the next run. */
export async function approveRefund(job: Job, id: RefundId, approval: Approval): Decided {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const locked = await lockRefund(tx, id);
    if (locked === undefined) return refuse(notFound('refund'));
    const { refund } = locked;
    const { order, takes } = refund;
    if (await isPaidOut(tx, refund)) return refuse(refundRefusal('refund_ended'));
    const facts =
      order === undefined ? { refunds: [], rules: undefined } : await orderFacts(tx, job, order);
    const invoices = await lockInvoicesOf(
      tx,
      takes.map(({ invoiceId }) => invoiceId),
    );
    const context = refundingContext(job);
    const decision = decideApprove(refund, approval, { facts: { ...facts, invoices }, context });
    if (!decision.ok) return decision;
    const { refund: approved, notes, journals, events } = decision.value;
    await tx.save({ refunds: [approved], creditNotes: notes, journals, events });
    return ok(approved);
  });
}

/**
 * Whether the rail has paid it out though nobody here approved it (the books are older than that):
 * its money is parked, and the rail would say of the same number that it is done, a second time.
 */
async function isPaidOut(tx: Tx, { order, refundNumber }: Refund): Promise<boolean> {
  if (order === undefined) return false;
  const parked = await tx.loadExceptionsOfAttempts([order.attemptId]);
  return parked.some(({ kind, detail }) => kind === 'refund_unexpected' && detail === refundNumber);
}

/** Takes a refund back that is not with the rail; what it owes stays the customer's balance. */
export async function withdrawRefund(job: Job, id: RefundId, by: string): Decided {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const locked = await lockRefund(tx, id);
    if (locked === undefined) return refuse(notFound('refund'));
    const { refund, exception } = locked;
    const known = exception === undefined ? {} : { exception };
    const decision = decideWithdrawRefund(refund, { ...known, by, context: refundingContext(job) });
    if (!decision.ok) return decision;
    await saveSettled(tx, decision.value);
    return ok(decision.value.refund);
  });
}

/** A person transferred the money from the bank account. */
export async function settleByTransfer(
  job: Job,
  id: RefundId,
  transfer: { readonly reference: string; readonly by: string },
): Decided {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const locked = await lockRefund(tx, id);
    if (locked === undefined) return refuse(notFound('refund'));
    const { refund, exception } = locked;
    const known = exception === undefined ? {} : { exception };
    const { reference, by } = transfer;
    const at = nowOf(job.engine, job.merchant);
    const facts = { ...known, by, context: refundingContext(job) };
    const decision = decideTransferred(refund, { reference, at }, facts);
    if (!decision.ok) return decision;
    await saveSettled(tx, decision.value);
    return ok(decision.value.refund ?? refund);
  });
}

/** A person has it tried again, under the number that it always had. */
export async function retryRefund(job: Job, id: RefundId): Decided {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const locked = await lockRefund(tx, id);
    if (locked === undefined) return refuse(notFound('refund'));
    const decision = decideRetryRefund(locked.refund, refundingContext(job));
    if (!decision.ok) return decision;
    await tx.save({ refunds: [decision.value] });
    return ok(decision.value);
  });
}

/** Withdraws refunds that nobody approved in their time. Returns how many. */
export async function expireApprovals(job: Job): Promise<number> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const dueBy = nowOf(job.engine, job.merchant);
    const claim = { buckets: job.buckets, dueBy, limit: BATCH_ROWS };
    const late = await tx.claimRefundsToExpire(claim);
    for (const refund of late) {
      const { exceptionId } = refund;
      // Parked money ends with its refund, else it would be owed twice.
      const [exception] = exceptionId === undefined ? [] : await tx.lockExceptions([exceptionId]);
      const known = exception === undefined ? {} : { exception };
      const facts = { ...known, by: 'approval expired', context: refundingContext(job) };
      const decision = decideWithdrawRefund(refund, facts);
      if (decision.ok) await saveSettled(tx, decision.value);
    }
    return late.length;
  });
}

/** Writes what a decision about a refund changes, with the grant that it makes. */
export async function saveSettled(tx: Tx, settled: RefundSettled | RefundWithdrawn): Promise<void> {
  const { refund, exceptions, journals, events } = settled;
  const grant = 'grant' in settled ? settled.grant : undefined;
  await tx.save({
    creditGrants: grant === undefined ? [] : [grant],
    exceptions,
    refunds: refund === undefined ? [] : [refund],
    journals,
    events,
  });
}

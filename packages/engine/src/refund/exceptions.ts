import {
  cancelOut,
  decideAssignException,
  decideBookException,
  decideCreditException,
  decideRefundException,
  endCanceled,
  isOpen,
  isUnpaidRefund,
  type MoneyException,
  type MoneyExceptionId,
  ok,
  type Refund,
  type RefundRequestRefusal,
  type Result,
  refundRefusal,
  refuse,
  type Tx,
} from '@daikou/core';
import { reverseParking } from '../debit/returns.ts';
import { settleWithin } from '../debit/settle.ts';
import { isHeld } from '../held.ts';
import type { NotFound } from '../invoice/credit-locks.ts';
import { BATCH_ROWS, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { orderFacts, orderOfException, policyOf, refundingContext } from './facts.ts';

export type ExceptionResolved = {
  readonly exception: MoneyException;
  readonly refund?: Refund;
};

/** Gives an exception that nobody has decided to a role or a person. */
export async function assignException(
  job: Job,
  id: MoneyExceptionId,
  owner: string,
): Promise<Result<MoneyException, RefundRequestRefusal | NotFound>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [exception] = await tx.lockExceptions([id]);
    if (exception === undefined) return refuse(notFound('exception'));
    const assigned = decideAssignException(exception, owner);
    if (assigned.ok) await tx.save({ exceptions: [assigned.value] });
    return assigned;
  });
}

export type ExceptionAnswer = {
  readonly action: 'refund' | 'credit' | 'book';
  readonly route?: Refund['route'];
  readonly by: string;
};

/**
 * A person or the policy says what becomes of parked money: back by the rail (or a bank transfer),
 * to the customer's balance, or into the books where it has no owner.
 */
export async function resolveException(
  job: Job,
  id: MoneyExceptionId,
  answer: ExceptionAnswer,
): Promise<Result<ExceptionResolved, RefundRequestRefusal | NotFound>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [seen] = await tx.loadExceptions([id]);
    if (seen === undefined) return refuse(notFound('exception'));
    await tx.lockDebits([seen.debitId]);
    const [exception] = await tx.lockExceptions([id]);
    if (exception === undefined) return refuse(notFound('exception'));
    return await resolveWithin(tx, job, { exception, answer });
  });
}

async function resolveWithin(
  tx: Tx,
  job: Job,
  about: { readonly exception: MoneyException; readonly answer: ExceptionAnswer },
): Promise<Result<ExceptionResolved, RefundRequestRefusal>> {
  const { exception, answer } = about;
  if (answer.by.trim() === '') return refuse(refundRefusal('requester_missing'));
  const twin = await findTwin(tx, exception);
  if (twin !== undefined) return await cancelWithin(tx, job, { ...about, twin });
  if (answer.action === 'refund') return await refundWithin(tx, job, about);
  const decide = answer.action === 'credit' ? decideCreditException : decideBookException;
  const decision = decide(exception, answer.by, refundingContext(job));
  if (!decision.ok) return decision;
  const { grant, journal, events } = decision.value;
  await tx.save({
    creditGrants: grant === undefined ? [] : [grant],
    exceptions: [decision.value.exception],
    journals: journal === undefined ? [] : [journal],
    events,
  });
  await letGo(tx, job, exception);
  return ok({ exception: decision.value.exception });
}

/** The same money on its other way: it came, and its bank took it back. */
async function findTwin(tx: Tx, exception: MoneyException): Promise<MoneyException | undefined> {
  const others = await tx.loadExceptionsOfAttempts([exception.attemptId]);
  const seen = others.find((other) => cancelOut(exception, other));
  if (seen === undefined) return undefined;
  const [locked] = await tx.lockExceptions([seen.id]);
  return locked !== undefined && cancelOut(exception, locked) ? locked : undefined;
}

/** Nothing is left to return or to credit: both end, and their parkings leave the books. */
async function cancelWithin(
  tx: Tx,
  job: Job,
  about: {
    readonly exception: MoneyException;
    readonly twin: MoneyException;
    readonly answer: ExceptionAnswer;
  },
): Promise<Result<ExceptionResolved, RefundRequestRefusal>> {
  const { exception, twin, answer } = about;
  const context = refundingContext(job);
  const own = endCanceled(exception, answer.by, context);
  const other = endCanceled(twin, answer.by, context);
  await tx.save({
    exceptions: [own.exception, other.exception],
    journals: [
      ...(await reverseParking(tx, job, exception)),
      ...(await reverseParking(tx, job, twin)),
    ],
    events: [...own.events, ...other.events],
  });
  await letGo(tx, job, exception);
  await letGo(tx, job, twin);
  return ok({ exception: own.exception });
}

async function refundWithin(
  tx: Tx,
  job: Job,
  about: { readonly exception: MoneyException; readonly answer: ExceptionAnswer },
): Promise<Result<ExceptionResolved, RefundRequestRefusal>> {
  const { exception, answer } = about;
  const order = await orderOfException(tx, exception);
  if (order === undefined) return refuse(refundRefusal('nothing_arrived'));
  const facts = await orderFacts(tx, job, order);
  const ask = {
    route: answer.route ?? (isUnpaidRefund(exception.kind) ? 'bank_transfer' : 'original'),
    reason: 'duplicate',
    remark: '',
    by: answer.by,
  } as const;
  const decision = decideRefundException(exception, { facts, ask }, refundingContext(job));
  if (!decision.ok) return decision;
  const { refund, events } = decision.value;
  await tx.save({ exceptions: [decision.value.exception], refunds: [refund], events });
  await letGo(tx, job, exception);
  return ok({ exception: decision.value.exception, refund });
}

/**
 * The attempt of another amount, which stayed open until somebody decided, ends unpaid: its
 * invoices are owed as before and free for another debit.
 */
async function letGo(tx: Tx, job: Job, exception: MoneyException): Promise<void> {
  if (exception.kind !== 'paid_other_amount') return;
  const [found] = await tx.findAttemptsByOrderNumber([exception.orderNumber]);
  if (found === undefined || !isOpen(found.attempt.state)) return;
  const refusal = {
    class: 'merchant_fault',
    code: 'PAID_OTHER_AMOUNT',
    message: '通道收款金额与扣款金额不符，已另行处理',
  } as const;
  const outcome = { kind: 'refused', refusal } as const;
  await settleWithin(tx, job, [{ orderNumber: exception.orderNumber, outcome }]);
}

/**
 * Acts on parked money whose owner is known, as the merchant's policy says: back by the rail, or to
 * the balance. What a rail refuses to take back stays open for a person. Returns how many were
 * decided.
 */
export async function actOnExceptions(job: Job): Promise<number> {
  const dueBy = nowOf(job.engine, job.merchant);
  let decided = 0;
  if (await isHeld(job)) return decided;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    claimed = await job.engine.store.transact(job.merchant.id, async (tx) => {
      const claim = { buckets: job.buckets, dueBy, limit: BATCH_ROWS };
      const exceptions = await tx.claimExceptionsToAct(claim);
      for (const exception of exceptions) {
        const action = policyOf(job).lateSuccess;
        const answer = { action, by: 'policy' } as const;
        const done = await resolveWithin(tx, job, { exception, answer });
        if (done.ok) decided += 1;
        else await tx.save({ exceptions: [withoutAct(exception)] });
      }
      return exceptions.length;
    });
  }
  return decided;
}

function withoutAct({ actAt: _actAt, ...rest }: MoneyException): MoneyException {
  return rest;
}

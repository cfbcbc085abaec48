import {
  afterAskingRefund,
  decideSubmitRefund,
  type PaidAttempt,
  present,
  type Refund,
  type RefundOutcome,
  type Tx,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, type Job, nowOf, railOf } from '../job.ts';
import { orderFacts, refundingContext } from './facts.ts';
import { type RefundNews, settleRefundCalls } from './settle.ts';

export type RefundCounts = {
  readonly sent: number;
  readonly waiting: number;
};

/** A refund whose intent is committed, with what the rail wants to know beside it. */
type Sending = { readonly refund: Refund; readonly railReference: string | undefined };

/**
 * Sends every approved refund that is due, in three steps as debits: commit the intent, whose
 * number it always had; call the rail with no transaction open; settle what it said. A crash
 * between any two leaves a refund that is asked about, never one under another number.
 */
export async function submitRefunds(job: Job): Promise<RefundCounts> {
  const counts = { sent: 0, waiting: 0 };
  if (await isHeld(job)) return counts;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const batch = await claimBatch(job);
    claimed = batch.claimed;
    counts.sent += batch.sending.length;
    counts.waiting += batch.claimed - batch.sending.length;
    const news = await mapAtOnce(batch.sending, CALLS_AT_ONCE, (one) => send(job, one));
    await settleRefundCalls(job, news);
    job.progress.advance(claimed);
  }
  return counts;
}

async function claimBatch(
  job: Job,
): Promise<{ readonly claimed: number; readonly sending: readonly Sending[] }> {
  const dueBy = nowOf(job.engine, job.merchant);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const claim = { buckets: job.buckets, dueBy, limit: BATCH_ROWS };
    const refunds = await tx.claimRefundsToSubmit(claim);
    const orders = refunds.map(({ order }) => present(order, 'the order of a refund'));
    // One refund of an order goes out at a time: the debit's lock says who looks first.
    const bundles = orders.length === 0 ? [] : await tx.lockDebits(orders.map((o) => o.debitId));
    const references = new Map(
      bundles.map(({ debit, mandate }) => [debit.id, mandate.railReference]),
    );
    const decided: Refund[] = [];
    const sending: Sending[] = [];
    for (const [index, refund] of refunds.entries()) {
      const order = present(orders[index], 'the order of a refund');
      const sent = await decideOne(tx, job, { refund, order, decided });
      if (!sent) continue;
      const last = present(decided.at(-1), 'the refund that is sent');
      sending.push({ refund: last, railReference: references.get(order.debitId) });
    }
    return { claimed: refunds.length, sending };
  });
}

/** Decides and saves one; true when it is to be sent. Each sees what those before it became. */
async function decideOne(
  tx: Tx,
  job: Job,
  about: { readonly refund: Refund; readonly order: PaidAttempt; readonly decided: Refund[] },
): Promise<boolean> {
  const { refund, order, decided } = about;
  const facts = await orderFacts(tx, job, order);
  const others = facts.refunds.map((one) => decided.find(({ id }) => id === one.id) ?? one);
  const isTakenBack = await wasTakenBack(tx, order);
  const decision = decideSubmitRefund(
    refund,
    { others, rules: facts.rules, isTakenBack },
    refundingContext(job),
  );
  decided.push(decision.refund);
  const events = decision.kind === 'wait' ? [] : decision.events;
  await tx.save({ refunds: [decision.refund], events });
  return decision.kind === 'send';
}

/** Whether the payer's bank took the order's money back, booked or still to be looked at. */
async function wasTakenBack(tx: Tx, order: PaidAttempt): Promise<boolean> {
  const parked = await tx.loadExceptionsOfAttempts([order.attemptId]);
  if (parked.some(({ kind, state }) => kind === 'return_unmatched' && state === 'open'))
    return true;
  const payments = await tx.loadPaymentsOfDebits([order.debitId]);
  const own = payments.filter(({ attemptId }) => attemptId === order.attemptId);
  return own.length > 0 && (await tx.loadReturnsOfPayments(own.map(({ id }) => id))).length > 0;
}

/** One call to the rail. Whatever is thrown is unknown: the money may have moved. */
async function send(job: Job, { refund, railReference }: Sending): Promise<RefundNews> {
  const { refundNumber, amount } = refund;
  const { orderNumber, paymentReference, paid, paidAt, rail } = present(
    refund.order,
    'the order of a refund',
  );
  const outcome = await guarded(async () => {
    const call = railOf(job.engine, rail).refund;
    if (call === undefined) return { kind: 'never_sent', detail: 'the rail returns nothing' };
    return await call({
      refundNumber,
      orderNumber,
      paymentReference,
      paid,
      paidAt,
      amount,
      reason: `${job.merchant.name} 退款`.slice(0, 40),
      ...(railReference === undefined ? {} : { railReference }),
    });
  });
  return { refundNumber, outcome };
}

export type RefundAskCounts = { readonly asked: number; readonly settled: number };

/**
 * Asks the rails about every open refund whose time to ask has come: 30 s, 2 m, 5 m, 15 m, 1 h,
 * 6 h, then daily for a week, then a person looks. The next time is committed before the question.
 */
export async function askRefunds(job: Job): Promise<RefundAskCounts> {
  let asked = 0;
  let settled = 0;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const refunds = await claimToAsk(job);
    claimed = refunds.length;
    const news = await mapAtOnce(refunds, CALLS_AT_ONCE, (refund) => askOne(job, refund));
    const counts = await settleRefundCalls(job, news);
    asked += claimed;
    settled += counts.applied;
    job.progress.advance(claimed);
  }
  return { asked, settled };
}

async function claimToAsk(job: Job): Promise<readonly Refund[]> {
  const dueBy = nowOf(job.engine, job.merchant);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const claim = { buckets: job.buckets, dueBy, limit: BATCH_ROWS };
    const refunds = await tx.claimRefundsToAsk(claim);
    const context = refundingContext(job);
    const asked = refunds.map((refund) => afterAskingRefund(refund, context));
    await tx.save({
      refunds: asked.map(({ refund }) => refund),
      events: asked.flatMap(({ events }) => events),
    });
    return refunds;
  });
}

async function askOne(job: Job, { refundNumber, amount, order }: Refund): Promise<RefundNews> {
  const { orderNumber, paymentReference, paid, rail } = present(order, 'the order of a refund');
  const outcome = await guarded(async () => {
    const call = railOf(job.engine, rail).askRefund;
    if (call === undefined) return { kind: 'unknown', detail: 'the rail is not asked' };
    return await call({ refundNumber, orderNumber, paymentReference, paid, amount });
  });
  return { refundNumber, outcome };
}

async function guarded(call: () => Promise<RefundOutcome>): Promise<RefundOutcome> {
  try {
    return await call();
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

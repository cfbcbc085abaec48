import {
  decideSettleRefund,
  type MoneyException,
  parseRefundNumber,
  present,
  type Refund,
  type RefundId,
  type RefundOutcome,
  type Tx,
} from '@daikou/core';
import { settleApart } from '../apart.ts';
import { groupBy } from '../concurrency.ts';
import type { Job } from '../job.ts';
import { saveSettled } from './decide.ts';
import { refundingContext } from './facts.ts';

/** One piece of news about a refund number, from a reply, a callback, a query or a bill line. */
export type RefundNews = {
  readonly refundNumber: string;
  /** The order that the rail names, compared with ours. */
  readonly orderNumber?: string;
  readonly outcome: RefundOutcome;
  /** It is a line of the rail's bill, which has the last word. */
  readonly isProof?: boolean;
};

export type RefundSettleCounts = {
  readonly applied: number;
  /** Numbers that are none of ours, or name another order: nothing is changed by them. */
  readonly foreign: readonly string[];
};

/** Settles a batch of words about refunds in one transaction: refunds, ledger and events. */
export async function settleRefundOutcomes(
  job: Job,
  news: readonly RefundNews[],
): Promise<RefundSettleCounts> {
  if (news.length === 0) return { applied: 0, foreign: [] };
  return job.engine.store.transact(job.merchant.id, (tx) => settleRefundsWithin(tx, job, news));
}

/** The same for what our own calls brought: one number at fault does not lose the others (I10). */
export function settleRefundCalls(
  job: Job,
  news: readonly RefundNews[],
): Promise<RefundSettleCounts> {
  return settleApart(
    news,
    (some) => settleRefundOutcomes(job, some),
    ({ refundNumber: refund }, why) => {
      const { code: merchant } = job.merchant;
      job.engine.log.warn('a refund cannot be settled yet', { merchant, refund, why });
    },
  );
}

/** The same inside a transaction that the caller has open. */
export async function settleRefundsWithin(
  tx: Tx,
  job: Job,
  news: readonly RefundNews[],
): Promise<RefundSettleCounts> {
  const byRefund = groupBy(news, ({ refundNumber }) => parseRefundNumber(refundNumber));
  const foreign = (byRefund.get(undefined) ?? []).map(({ refundNumber }) => refundNumber);
  byRefund.delete(undefined);
  const ids = [...byRefund.keys()].filter((id): id is RefundId => id !== undefined);
  const refunds = await tx.lockRefunds(ids);
  let applied = 0;
  for (const refund of refunds) {
    const items = byRefund.get(refund.id) ?? [];
    byRefund.delete(refund.id);
    applied += await settleOne(tx, job, { refund, items, foreign });
  }
  for (const items of byRefund.values()) foreign.push(...items.map((item) => item.refundNumber));
  return { applied, foreign };
}

async function settleOne(
  tx: Tx,
  job: Job,
  about: {
    readonly refund: Refund;
    readonly items: readonly RefundNews[];
    readonly foreign: string[];
  },
): Promise<number> {
  let { refund } = about;
  let applied = 0;
  for (const { orderNumber, outcome, refundNumber, isProof = false } of about.items) {
    if (orderNumber !== undefined && orderNumber !== refund.order?.orderNumber) {
      about.foreign.push(refundNumber);
      continue;
    }
    const exception = await exceptionOf(tx, refund);
    const known = exception === undefined ? {} : { exception };
    const context = refundingContext(job);
    const parked = await parkedOf(tx, refund);
    const facts = { refund, ...known, known: parked, isProof, context };
    const settled = decideSettleRefund(outcome, facts);
    if (settled === undefined) continue;
    await saveSettled(tx, settled);
    refund = settled.refund ?? refund;
    applied += 1;
  }
  return applied;
}

async function exceptionOf(tx: Tx, { exceptionId }: Refund): Promise<MoneyException | undefined> {
  if (exceptionId === undefined) return undefined;
  const [exception] = await tx.lockExceptions([exceptionId]);
  return present(exception, 'the exception of a refund');
}

/** What is parked of the order of a refund that has ended: the same word comes more than once. */
async function parkedOf(tx: Tx, { order, state }: Refund): Promise<readonly MoneyException[]> {
  const mayDiffer = state === 'succeeded' || state === 'withdrawn' || state === 'awaiting_approval';
  if (order === undefined || !mayDiffer) return [];
  return await tx.loadExceptionsOfAttempts([order.attemptId]);
}

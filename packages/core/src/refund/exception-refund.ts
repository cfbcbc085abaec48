import { zero } from '../money/money.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { startRefunding } from './exception.ts';
import { isUnpaidRefund, type MoneyException, sideOf } from './money-exception.ts';
import { leftOfOrder } from './plan.ts';
import { type RefundRequestRefusal, refundRefusal } from './refusals.ts';
import {
  checkAsk,
  checkRail,
  makeRefund,
  type PaidFacts,
  type RefundAsk,
  type RefundingContext,
  type RefundRequested,
} from './request.ts';

export type ExceptionRefunded = RefundRequested & { readonly exception: MoneyException };

/**
 * Sends parked money back, whole, by the route of the ask. The rail's rules hold as for any refund;
 * where they refuse, the exception stays open for a person. It needs no approval: nobody owed the
 * money, and the rail's own fact names the amount and where it came from.
 */
export function decideRefundException(
  exception: MoneyException,
  { facts, ask }: { readonly facts: PaidFacts; readonly ask: Omit<RefundAsk, 'amount'> },
  context: RefundingContext,
): Result<ExceptionRefunded, RefundRequestRefusal> {
  if (exception.state !== 'open') return refuse(refundRefusal('exception_not_open'));
  if (isUnpaidRefund(exception.kind)) return sendByTransfer(exception, ask, context);
  if (sideOf(exception.kind) === 'receivable') return refuse(refundRefusal('nothing_arrived'));
  const { merchantId, customerId, amount } = exception;
  const whole = { ...ask, amount };
  const left = leftOfOrder(facts.order.paid, facts.refunds);
  const refused = checkAsk(whole, left) ?? checkRail(facts, whole, context);
  if (refused !== undefined) return refuse(refundRefusal(refused));
  const made = makeRefund(
    {
      merchantId,
      customerId,
      source: 'exception',
      exceptionId: exception.id,
      order: facts.order,
      amount,
      processing: zero(amount.currency),
      takes: [],
      draws: [],
    },
    { ask: whole, refunds: facts.refunds, rules: facts.rules },
    context,
  );
  return ok({ ...made, exception: startRefunding(exception, ask.by) });
}

/**
 * Money of a refund that did not arrive. Its order counts the ended refund already (I6), so the new
 * one names none: a person transfers it and proves that with the bank's number.
 */
function sendByTransfer(
  exception: MoneyException,
  ask: Omit<RefundAsk, 'amount'>,
  context: RefundingContext,
): Result<ExceptionRefunded, RefundRequestRefusal> {
  if (ask.by.trim() === '') return refuse(refundRefusal('requester_missing'));
  if (ask.route !== 'bank_transfer') return refuse(refundRefusal('only_by_transfer'));
  const { merchantId, customerId, amount } = exception;
  const made = makeRefund(
    {
      merchantId,
      customerId,
      source: 'exception',
      exceptionId: exception.id,
      amount,
      processing: zero(amount.currency),
      takes: [],
      draws: [],
    },
    { ask: { ...ask, amount }, refunds: [], rules: undefined },
    context,
  );
  return ok({ ...made, exception: startRefunding(exception, ask.by) });
}

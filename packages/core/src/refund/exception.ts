import { businessDate } from '../calendar/business-time.ts';
import type { Attempt } from '../debit/attempt.ts';
import { bucketOf } from '../ids/ids.ts';
import type { CreditGrant } from '../invoice/credit-grant.ts';
import { grantEvent } from '../invoice/grant.ts';
import type { Journal } from '../ledger/journal.ts';
import {
  postExceptionBooked,
  postExceptionCredited,
  postExceptionOpened,
} from '../ledger/refund-templates.ts';
import { equals } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { exceptionEvent } from './events.ts';
import {
  DEFAULT_EXCEPTION_OWNER,
  EXCEPTION_OWNER_MAX_LENGTH,
  type ExceptionKind,
  isUnpaidRefund,
  type MoneyException,
  type RefundContext,
  sideOf,
} from './money-exception.ts';
import { EXCEPTION_MOVES } from './moves.ts';
import { type RefundRequestRefusal, refundRefusal } from './refusals.ts';

export type ExceptionDecision = {
  readonly exception: MoneyException;
  readonly grant?: CreditGrant;
  readonly journal?: Journal;
  readonly events: readonly NewEvent[];
};

/** Kinds that say by themselves whose money it is, so that a policy may send it back. */
function isPlain(kind: ExceptionKind): boolean {
  return kind === 'late_success' || kind === 'surplus';
}

/** Parks money: the row and its journal, in the commit of the fact that brought it. */
export function openException(
  attempt: Attempt,
  money: Pick<MoneyException, 'kind' | 'railReference' | 'amount' | 'happenedAt' | 'detail'>,
  context: RefundContext,
): ExceptionDecision & { readonly journal: Journal } {
  const bucket = bucketOf(attempt.debitId);
  const { merchantId, customerId, debitId, rail, orderNumber } = attempt;
  const exception: MoneyException = {
    id: context.ids('exc', bucket),
    merchantId,
    customerId,
    debitId,
    attemptId: attempt.id,
    rail,
    orderNumber,
    ...money,
    owner: DEFAULT_EXCEPTION_OWNER,
    state: 'open',
    ...(isPlain(money.kind) ? { actAt: context.now } : {}),
    openedAt: context.now,
  };
  const arrived = money.kind === 'surplus' ? 'overpaid' : 'arrived';
  const journal = postExceptionOpened({
    ...bookingFacts(exception, context),
    rail,
    how: sideOf(money.kind) === 'receivable' ? 'left' : arrived,
    amount: money.amount,
  });
  return { exception, journal, events: [exceptionEvent(exception, 'exception.opened', context)] };
}

/** The parked money becomes the customer's balance, which pays the next invoices. */
export function decideCreditException(
  exception: MoneyException,
  by: string,
  context: RefundContext,
): Result<ExceptionDecision, RefundRequestRefusal> {
  if (exception.state !== 'open') return refuse(refundRefusal('exception_not_open'));
  if (sideOf(exception.kind) === 'receivable') return refuse(refundRefusal('nothing_arrived'));
  return ok(creditException(exception, by, context));
}

/** The same for a refund of the exception that is withdrawn: its money stays as balance. */
export function creditException(
  exception: MoneyException,
  by: string,
  context: RefundContext,
): ExceptionDecision & { readonly grant: CreditGrant } {
  const { merchantId, customerId, amount, orderNumber } = exception;
  const grant: CreditGrant = {
    id: context.ids('crg', bucketOf(exception.id)),
    merchantId,
    customerId,
    kind: 'prepaid',
    amount,
    left: amount,
    ...(isUnpaidRefund(exception.kind)
      ? {
          nameZh: `未到账退款 ${exception.railReference}`,
          nameEn: `Refund that did not arrive, ${exception.railReference}`,
        }
      : {
          nameZh: `多收款 ${orderNumber}`,
          nameEn: `Money received beyond what was owed, ${orderNumber}`,
        }),
    createdAt: context.now,
  };
  const ended = endException(exception, 'credited', { by, context });
  const balance = { ...context, businessDate: businessDate(context.now, context.zone) };
  return {
    exception: { ...ended, grantId: grant.id },
    grant,
    journal: postExceptionCredited({ ...bookingFacts(exception, context), amount }),
    events: [
      grantEvent(grant, 'credit.granted', { context: balance, amount }),
      exceptionEvent(ended, 'exception.ended', context),
    ],
  };
}

/**
 * A person takes the difference into the books: money without an owner stays as income, money that
 * is gone is a loss. Needs the person's name; there is no way back but a journal of its own.
 */
export function decideBookException(
  exception: MoneyException,
  by: string,
  context: RefundContext,
): Result<ExceptionDecision, RefundRequestRefusal> {
  if (exception.state !== 'open') return refuse(refundRefusal('exception_not_open'));
  const isTheirs = isPlain(exception.kind) || isUnpaidRefund(exception.kind);
  if (isTheirs) return refuse(refundRefusal('owner_is_known'));
  const ended = endException(exception, 'booked', { by, context });
  return ok({
    exception: ended,
    journal: postExceptionBooked({
      ...bookingFacts(exception, context),
      side: sideOf(exception.kind),
      amount: exception.amount,
    }),
    events: [exceptionEvent(ended, 'exception.ended', context)],
  });
}

/**
 * Whether one of the two is money that came and the other the same money that its bank took back.
 * They cancel each other: returned or credited besides, it would leave us twice.
 */
export function cancelOut(one: MoneyException, other: MoneyException): boolean {
  const [came, left] = one.kind === 'return_unmatched' ? [other, one] : [one, other];
  return (
    came.state === 'open' &&
    left.state === 'open' &&
    came.attemptId === left.attemptId &&
    left.kind === 'return_unmatched' &&
    sideOf(came.kind) === 'payable' &&
    // What a refund failed to bring left the payer's account long before.
    !isUnpaidRefund(came.kind) &&
    equals(came.amount, left.amount)
  );
}

/** Ends one of two that cancel each other; the reversal of its opening is its journal. */
export function endCanceled(
  exception: MoneyException,
  by: string,
  context: RefundContext,
): ExceptionDecision {
  const ended = endException(exception, 'booked', { by, context });
  return { exception: ended, events: [exceptionEvent(ended, 'exception.ended', context)] };
}

/** Gives an exception that is not decided to a role or a person. */
export function decideAssignException(
  exception: MoneyException,
  owner: string,
): Result<MoneyException, RefundRequestRefusal> {
  if (exception.endedAt !== undefined) return refuse(refundRefusal('exception_not_open'));
  const name = owner.trim();
  if (name === '' || name.length > EXCEPTION_OWNER_MAX_LENGTH) {
    return refuse(refundRefusal('exception_owner_missing'));
  }
  return ok({ ...exception, owner: name });
}

/** The exception under its refund; it ends with it. */
export function startRefunding(exception: MoneyException, by: string): MoneyException {
  assertMove(EXCEPTION_MOVES, exception.state, 'refunding');
  const { actAt: _actAt, ...rest } = exception;
  return { ...rest, state: 'refunding', decidedBy: by };
}

/** An end without a journal of its own: the refund's, or the reversal of its opening, says it. */
export function endException(
  exception: MoneyException,
  state: 'refunded' | 'credited' | 'booked',
  { by, context }: { readonly by: string; readonly context: RefundContext },
): MoneyException {
  assertMove(EXCEPTION_MOVES, exception.state, state);
  const { actAt: _actAt, ...rest } = exception;
  return { ...rest, state, decidedBy: by, endedAt: context.now };
}

function bookingFacts(exception: MoneyException, context: RefundContext) {
  return {
    id: context.ids('jrn', bucketOf(exception.id)),
    merchantId: exception.merchantId,
    customerId: exception.customerId,
    exceptionId: exception.id,
    businessDate: businessDate(context.now, context.zone),
    postedAt: context.now,
  };
}

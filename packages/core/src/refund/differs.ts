import { businessDate } from '../calendar/business-time.ts';
import { bucketOf } from '../ids/ids.ts';
import type { Journal } from '../ledger/journal.ts';
import { postExceptionOpened } from '../ledger/refund-templates.ts';
import { type Money, money } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { exceptionEvent } from './events.ts';
import {
  DEFAULT_EXCEPTION_OWNER,
  type ExceptionKind,
  type MoneyException,
  type RefundContext,
  sideOf,
} from './money-exception.ts';
import type { PaidAttempt, Refund, RefundOutcome } from './refund.ts';

type Success = Extract<RefundOutcome, { readonly kind: 'succeeded' }>;
type Failure = Extract<RefundOutcome, { readonly kind: 'failed' }>;

/** Money of a refund that is not where the refund says, parked with its journal. */
export type RefundParked = {
  readonly exceptions: readonly MoneyException[];
  readonly journals: readonly Journal[];
  readonly events: readonly NewEvent[];
};

/** What is known of a refund whose money is elsewhere: the parked money of its order too. */
export type DifferenceFacts = {
  readonly refund: Refund;
  readonly known?: readonly MoneyException[];
  readonly context: RefundContext;
};

const NOTHING: RefundParked = { exceptions: [], journals: [], events: [] };

/**
 * What the rail returned beside what was asked for: less is still owed to the customer
 * (refund_short), more is gone (refund_excess). Empty where both are the same; the caller knows
 * that both are in one currency.
 */
export function parkDifference(
  outcome: Success,
  { refund, context }: DifferenceFacts,
): RefundParked {
  const { refunded, refundedAt: happenedAt } = outcome;
  const short = refund.amount.minor - refunded.minor;
  if (short === 0n || refund.order === undefined) return NOTHING;
  return parked(
    refund,
    {
      kind: short > 0n ? 'refund_short' : 'refund_excess',
      order: refund.order,
      railReference: refund.refundNumber,
      amount: money(short > 0n ? short : -short, refunded.currency),
      happenedAt,
      detail: outcome.railReference,
    },
    context,
  );
}

/**
 * The payer's bank sent the money back after it had left: it is with us and the customer's, by the
 * refund's own number once. Undefined where that is known, or nothing of it was with the payer.
 */
export function parkSentBack(
  outcome: Failure,
  { refund, known = [], context }: DifferenceFacts,
): RefundParked | undefined {
  const { order, refundNumber: railReference } = refund;
  if (order === undefined || isParked(known, { kind: 'refund_sent_back', railReference })) {
    return undefined;
  }
  const short = known.find(
    (one) => one.kind === 'refund_short' && one.railReference === railReference,
  );
  const arrived = refund.amount.minor - (short?.amount.minor ?? 0n);
  if (arrived <= 0n) return undefined;
  const amount = money(arrived, refund.amount.currency);
  const happenedAt = outcome.at ?? context.now;
  const kind = 'refund_sent_back';
  const detail = outcome.code;
  return parked(refund, { kind, order, railReference, amount, happenedAt, detail }, context);
}

/**
 * The rail paid out what had ended otherwise: money is gone twice, and somebody must see it.
 * Undefined where it is parked already, or the refund had no order.
 */
export function parkUnexpected(
  outcome: Success,
  { refund, known = [], context }: DifferenceFacts,
): RefundParked | undefined {
  const { order, refundNumber: detail } = refund;
  const railReference = referenceOf(outcome, refund);
  const kind = 'refund_unexpected';
  // By our number: a rail pays it out once, but its message and its bill may name that otherwise.
  const isKnown = known.some((one) => one.kind === kind && one.detail === detail);
  if (order === undefined || isKnown) return undefined;
  const { refunded: amount, refundedAt: happenedAt } = outcome;
  return parked(refund, { kind, order, railReference, amount, happenedAt, detail }, context);
}

function isParked(
  known: readonly MoneyException[],
  wanted: Pick<MoneyException, 'kind' | 'railReference'>,
): boolean {
  return known.some(
    ({ kind, railReference }) => kind === wanted.kind && railReference === wanted.railReference,
  );
}

function parked(
  { id, merchantId, customerId }: Refund,
  money: {
    readonly kind: ExceptionKind;
    readonly order: PaidAttempt;
    readonly railReference: string;
    readonly amount: Money;
    readonly happenedAt: Temporal.Instant;
    readonly detail: string;
  },
  context: RefundContext,
): RefundParked {
  const bucket = bucketOf(id);
  const { order, ...about } = money;
  const { debitId, attemptId, rail, orderNumber } = order;
  const exception: MoneyException = {
    id: context.ids('exc', bucket),
    merchantId,
    customerId,
    debitId,
    attemptId,
    rail,
    orderNumber,
    ...about,
    owner: DEFAULT_EXCEPTION_OWNER,
    state: 'open',
    openedAt: context.now,
  };
  const journal = postExceptionOpened({
    id: context.ids('jrn', bucket),
    merchantId,
    customerId,
    exceptionId: exception.id,
    rail,
    how: sideOf(about.kind) === 'payable' ? 'arrived' : 'left',
    amount: about.amount,
    businessDate: businessDate(about.happenedAt, context.zone),
    postedAt: context.now,
  });
  return {
    exceptions: [exception],
    journals: [journal],
    events: [exceptionEvent(exception, 'exception.opened', context)],
  };
}

/**
 * Some rails name a refund by the number of its payment, so that all refunds of an order share it;
 * ours tells two of them apart then.
 */
function referenceOf(outcome: Success, { order, refundNumber }: Refund): string {
  const isShared = outcome.railReference === order?.paymentReference;
  return isShared ? refundNumber : outcome.railReference;
}

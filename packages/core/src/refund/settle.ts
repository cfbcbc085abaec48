import { addSeconds, businessDate, isBefore } from '../calendar/business-time.ts';
import { bucketOf } from '../ids/ids.ts';
import type { Journal } from '../ledger/journal.ts';
import { postRefundPaid } from '../ledger/refund-templates.ts';
import { equals } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { present, unreachable } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import { parkDifference, parkSentBack, parkUnexpected } from './differs.ts';
import { exceptionEvent, refundEvent } from './events.ts';
import { endException } from './exception.ts';
import type { MoneyException, RefundContext } from './money-exception.ts';
import { isRefundOpen, REFUND_MOVES } from './moves.ts';
import type { Refund, RefundOutcome, RefundRefusal, RefundReview } from './refund.ts';

/** Seconds until a number that the rail never saw, or could not take, goes out again. */
export const REFUND_AGAIN_SECONDS = 60 * 60;
/** Seconds until the next try after the merchant's balance at the rail was too low. */
export const REFUND_TOP_UP_SECONDS = 6 * 60 * 60;
/** Seconds after which a technical refusal becomes a person's business. */
export const REFUND_PATIENCE_SECONDS = 7 * 24 * 60 * 60;

/** What an outcome changes; absent parts are unchanged. */
export type RefundSettled = {
  readonly refund?: Refund;
  readonly exceptions: readonly MoneyException[];
  readonly journals: readonly Journal[];
  readonly events: readonly NewEvent[];
};

type Facts = {
  readonly refund: Refund;
  /** The exception whose money it returns, held with it. */
  readonly exception?: MoneyException;
  /** What is parked of its order, where the refund had ended: a known word opens nothing. */
  readonly known?: readonly MoneyException[];
  /** It is a line of the rail's bill, which has the last word. */
  readonly isProof?: boolean;
  readonly context: RefundContext;
};

/**
 * What a word about a refund number means: undefined when it changes nothing. Replies, callbacks,
 * queries and bill lines all come here, in any order and more than once; the first definite one
 * settles (I4, I8). The money stays owed until the rail has returned it or a person has said how
 * else it reaches the payer; it is never dropped.
 */
export function decideSettleRefund(
  outcome: RefundOutcome,
  facts: Facts,
): RefundSettled | undefined {
  const { refund, context } = facts;
  const isAsked = isRefundOpen(refund.state) || isUndecided(refund);
  switch (outcome.kind) {
    case 'succeeded':
      return settleSuccess(outcome, facts);
    case 'accepted': {
      if (refund.state !== 'submitting' && refund.state !== 'unknown') return undefined;
      const { railReference } = outcome;
      const known = railReference === undefined ? {} : { railReference };
      return changed({ ...refund, ...known, state: move(refund, 'accepted') });
    }
    case 'unknown':
      if (refund.state !== 'submitting') return undefined;
      return changed({ ...refund, state: move(refund, 'unknown') });
    case 'refused':
      return isAsked ? settleRefusal(outcome.refusal, facts) : undefined;
    case 'failed': {
      if (isReturnedByRail(refund)) return cameBack(outcome, facts);
      if (!isAsked) return undefined;
      const { code, message } = outcome;
      const refusal: RefundRefusal = { class: 'payer_account', code, message };
      return toPerson({ ...refund, refusal }, { review: 'bank_failed', context });
    }
    case 'not_found':
    case 'never_sent':
      if (refund.state !== 'submitting' && refund.state !== 'unknown' && !isUndecided(refund)) {
        return undefined;
      }
      return changed(again(refund, addSeconds(context.now, REFUND_AGAIN_SECONDS)));
    default:
      return unreachable(outcome);
  }
}

/** Whether a person looks at it and yet its money may have moved: only the rail can end it. */
export function isUndecided({ state, review }: Pick<Refund, 'state' | 'review'>): boolean {
  return state === 'manual_review' && (review === 'silent' || review === 'other_amount');
}

function isReturnedByRail({ state, transferReference }: Refund): boolean {
  return state === 'succeeded' && transferReference === undefined;
}

/**
 * It had left, and the payer's bank sent it back days later (SEPA). The refund's end stays, as it
 * was a fact; the money is with us again, and a person decides how it reaches the customer.
 */
function cameBack(
  outcome: Extract<RefundOutcome, { readonly kind: 'failed' }>,
  facts: Facts,
): RefundSettled | undefined {
  if (isOfAnEarlierTry(outcome, facts.refund)) return undefined;
  const parked = parkSentBack(outcome, facts);
  if (parked === undefined) return undefined;
  const why = 'bank_failed';
  const event = refundEvent(facts.refund, { type: 'refund.needs_person', why }, facts.context);
  return { ...parked, events: [...parked.events, event] };
}

/**
 * Whether a failure speaks of a try before the one that arrived: messages come twice, hours late.
 * By the rail's own times; where it tells none, a refund that had failed before is not believed to
 * have come back until the rail's bill says so.
 */
function isOfAnEarlierTry(
  { at }: Extract<RefundOutcome, { readonly kind: 'failed' }>,
  { refusal, refundedAt }: Refund,
): boolean {
  if (at === undefined) return refusal !== undefined;
  return refundedAt !== undefined && !isBefore(refundedAt, at);
}

type Success = Extract<RefundOutcome, { readonly kind: 'succeeded' }>;

function settleSuccess(outcome: Success, facts: Facts): RefundSettled | undefined {
  const { refund, context } = facts;
  const { railReference, refundedAt, refunded } = outcome;
  // One that a person transferred may keep a rail's number from before its bank failed it.
  if (isReturnedByRail(refund)) return undefined;
  if (refund.state === 'succeeded' || refund.state === 'withdrawn')
    return parkUnexpected(outcome, facts);
  if (refund.state === 'awaiting_approval') return parkUnexpected(outcome, facts);
  const isSame = equals(refunded, refund.amount);
  if (!isSame && (facts.isProof !== true || refunded.currency !== refund.amount.currency)) {
    // A message may lie or be spoilt, so only the bill is believed about another amount.
    if (isUndecided(refund)) return undefined;
    return toPerson({ ...refund, railReference }, { review: 'other_amount', context });
  }
  const ended: Refund = {
    ...withoutTimers(refund),
    state: move(refund, 'succeeded'),
    railReference,
    refundedAt,
    endedAt: context.now,
  };
  const paid = paidOut(ended, {
    ...facts,
    on: refundedAt,
    rail: present(refund.order, 'the order').rail,
  });
  const differs = parkDifference(outcome, facts);
  return {
    ...paid,
    exceptions: [...paid.exceptions, ...differs.exceptions],
    journals: [...paid.journals, ...differs.journals],
    events: [...paid.events, ...differs.events],
  };
}

/** The books and the exception of a refund that reached the payer. */
export function paidOut(
  refund: Refund,
  facts: Omit<Facts, 'refund'> & { readonly on: Temporal.Instant; readonly rail?: string },
): RefundSettled {
  const { exception, context, rail } = facts;
  const journal = postRefundPaid({
    id: context.ids('jrn', bucketOf(refund.id)),
    merchantId: refund.merchantId,
    customerId: refund.customerId,
    refundId: refund.id,
    ...(rail === undefined ? {} : { rail }),
    amount: refund.amount,
    processing: refund.processing,
    businessDate: businessDate(facts.on, context.zone),
    postedAt: context.now,
  });
  const by = exception?.decidedBy ?? refund.requestedBy;
  const ended =
    exception === undefined ? [] : [endException(exception, 'refunded', { by, context })];
  return {
    refund,
    exceptions: ended,
    journals: [journal],
    events: [
      refundEvent(refund, { type: 'refund.succeeded' }, context),
      ...ended.map((one) => exceptionEvent(one, 'exception.ended', context)),
    ],
  };
}

function settleRefusal(refusal: RefundRefusal, { refund, context }: Facts): RefundSettled {
  const refused = { ...refund, refusal };
  const { now } = context;
  switch (refusal.class) {
    case 'merchant_balance': {
      // Told once: the same answer at the next try is no news.
      const isNews = refund.refusal?.class !== 'merchant_balance';
      const event = refundEvent(refused, { type: 'refund.delayed', why: refusal.class }, context);
      const later = again(refused, addSeconds(now, REFUND_TOP_UP_SECONDS));
      return changed(later, isNews ? [event] : []);
    }
    case 'technical': {
      const since = refund.approval?.at ?? refund.createdAt;
      if (isBefore(now, addSeconds(since, REFUND_PATIENCE_SECONDS))) {
        return changed(again(refused, addSeconds(now, REFUND_AGAIN_SECONDS)));
      }
      return toPerson(refused, { review: 'refused', context });
    }
    case 'payer_account':
    case 'limit':
    case 'amount':
    case 'merchant_fault':
      return toPerson(refused, { review: 'refused', context });
    default:
      return unreachable(refusal.class);
  }
}

/** Approved again: the same number goes out at `dueAt`. */
function again(refund: Refund, dueAt: Temporal.Instant): Refund {
  return { ...withoutTimers(refund), state: move(refund, 'approved'), dueAt };
}

function toPerson(
  refund: Refund,
  about: { readonly review: RefundReview; readonly context: RefundContext },
): RefundSettled {
  const { review, context } = about;
  const state = refund.state === 'manual_review' ? refund.state : move(refund, 'manual_review');
  const waiting: Refund = { ...withoutTimers(refund), state, review };
  const event = refundEvent(waiting, { type: 'refund.needs_person', why: review }, context);
  return changed(waiting, [event]);
}

/** The refund without what only one state has. */
export function withoutTimers(refund: Refund): Refund {
  const { askAt: _askAt, dueAt: _dueAt, review: _review, approveBy: _approveBy, ...rest } = refund;
  return rest;
}

function move(refund: Refund, state: Refund['state']): Refund['state'] {
  assertMove(REFUND_MOVES, refund.state, state);
  return state;
}

function changed(refund: Refund, events: readonly NewEvent[] = []): RefundSettled {
  return { refund, exceptions: [], journals: [], events };
}

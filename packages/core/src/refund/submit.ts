import { addSeconds, isBefore, laterOf } from '../calendar/business-time.ts';
import { nextAskAt } from '../debit/ask-schedule.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import { refundEvent } from './events.ts';
import type { RefundContext } from './money-exception.ts';
import { isRefundOpen, REFUND_MOVES } from './moves.ts';
import type { Refund } from './refund.ts';
import type { PaidFacts } from './request.ts';

/** Seconds until a refund that waits for another of its order is looked at again. */
export const REFUND_TURN_SECONDS = 60;

export type RefundSubmitDecision =
  /** Commit it, then send its number. */
  | { readonly kind: 'send'; readonly refund: Refund; readonly events: readonly NewEvent[] }
  /** The payer's bank has taken the money back: a person decides what is still owed. */
  | { readonly kind: 'stopped'; readonly refund: Refund; readonly events: readonly NewEvent[] }
  /** Another refund of the order is with the rail, or the rail wants a pause: later. */
  | { readonly kind: 'wait'; readonly refund: Refund };

/**
 * Whether an approved refund goes to the rail now. One of an order at a time (I6), with the rail's
 * pause between two; the number is the one that it always had. `others` are all refunds of the same
 * order; `isTakenBack` says that the payer's bank has taken its money back, so that a refund
 * besides would pay it twice.
 */
export function decideSubmitRefund(
  refund: Refund,
  {
    others,
    rules,
    isTakenBack = false,
  }: {
    readonly others: readonly Refund[];
    readonly rules: PaidFacts['rules'];
    readonly isTakenBack?: boolean;
  },
  context: RefundContext,
): RefundSubmitDecision {
  const siblings = others.filter(({ id }) => id !== refund.id);
  const pause = rules?.secondsBetween ?? 0;
  const isBusy = siblings.some(({ state }) => isRefundOpen(state));
  const earliest = siblings
    .flatMap(({ submittedAt }) => submittedAt ?? [])
    .reduce((at, sent) => laterOf(at, addSeconds(sent, pause)), context.now);
  if (isTakenBack) return stop(refund, context);
  if (isBusy) return wait(refund, addSeconds(context.now, REFUND_TURN_SECONDS));
  if (isBefore(context.now, earliest)) return wait(refund, earliest);
  assertMove(REFUND_MOVES, refund.state, 'submitting');
  const { dueAt: _dueAt, askAt: _askAt, ...rest } = refund;
  const askAt = nextAskAt(0, context.now);
  const sent: Refund = {
    ...rest,
    state: 'submitting',
    // A rail may name a refund by number and time: the first of a number stays the number's.
    submittedAt: refund.submittedAt ?? context.now,
    askCount: 0,
    ...(askAt === undefined ? {} : { askAt }),
  };
  return {
    kind: 'send',
    refund: sent,
    events: [refundEvent(sent, { type: 'refund.submitted' }, context)],
  };
}

function stop(refund: Refund, context: RefundContext): RefundSubmitDecision {
  assertMove(REFUND_MOVES, refund.state, 'manual_review');
  const { dueAt: _dueAt, askAt: _askAt, ...rest } = refund;
  const stopped: Refund = {
    ...rest,
    state: 'manual_review',
    review: 'refused',
    refusal: { class: 'amount', code: 'TAKEN_BACK', message: '付款银行已退回该笔款项' },
  };
  const event = refundEvent(stopped, { type: 'refund.needs_person', why: 'refused' }, context);
  return { kind: 'stopped', refund: stopped, events: [event] };
}

function wait(refund: Refund, dueAt: Temporal.Instant): RefundSubmitDecision {
  return { kind: 'wait', refund: { ...refund, dueAt } };
}

/**
 * The refund before the rail is asked once more. After a week of questions without a definite
 * answer it is a person's turn; the money stays owed, as only the rail can say what became of it.
 */
export function afterAskingRefund(
  refund: Refund,
  context: RefundContext,
): { readonly refund: Refund; readonly events: readonly NewEvent[] } {
  const { askAt: _askAt, ...rest } = refund;
  const askCount = refund.askCount + 1;
  const askAt = nextAskAt(askCount, context.now);
  if (askAt !== undefined) return { refund: { ...rest, askCount, askAt }, events: [] };
  assertMove(REFUND_MOVES, refund.state, 'manual_review');
  const silent: Refund = { ...rest, askCount, state: 'manual_review', review: 'silent' };
  const event = refundEvent(silent, { type: 'refund.needs_person', why: 'silent' }, context);
  return { refund: silent, events: [event] };
}

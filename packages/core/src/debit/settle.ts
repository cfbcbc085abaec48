import { businessDate } from '../calendar/business-time.ts';
import { bucketOf } from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Journal } from '../ledger/journal.ts';
import { postPaymentReceived } from '../ledger/templates.ts';
import { equals } from '../money/money.ts';
import type { Notice } from '../notice/notice.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import { invariant, unreachable } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import { nextAskAt } from './ask-schedule.ts';
import type { Attempt, AttemptOutcome, AttemptRefusal } from './attempt.ts';
import type { Debit } from './debit.ts';
import { ATTEMPT_MOVES, isOpen } from './moves.ts';
import type { Payment } from './payment.ts';
import { decideReschedule, isWorthRetrying } from './retry.ts';
import { type ScheduleContext, scheduledEvent } from './schedule.ts';
import type { DebitFacts } from './submit.ts';

/** What an outcome changes. Whole rows; absent parts are unchanged. */
export type SettleDecision = {
  readonly attempt: Attempt;
  readonly debit?: Debit;
  readonly invoices?: readonly Invoice[];
  readonly payment?: Payment;
  readonly journal?: Journal;
  readonly notice?: Notice;
  readonly events: readonly NewEvent[];
};

/**
 * What the outcome of an attempt means: undefined when it changes nothing. Replies, callbacks,
 * queries and bill lines all come here, in any order and more than once; the first that is definite
 * settles, all others are no-ops (I4, I8). Only "unknown" is dangerous, and it is answered with a
 * question to the rail, never with another number (I3).
 */
export function decideSettle(
  facts: DebitFacts,
  attempt: Attempt,
  news: { readonly outcome: AttemptOutcome; readonly context: ScheduleContext },
): SettleDecision | undefined {
  const { outcome, context } = news;
  invariant(attempt.debitId === facts.debit.id, 'the attempt belongs to the debit');
  switch (outcome.kind) {
    case 'succeeded':
      return settleSuccess(facts, attempt, { outcome, context });
    case 'accepted':
      if (attempt.state !== 'submitting' && attempt.state !== 'unknown') return undefined;
      return keepOpen(attempt, 'accepted', context);
    case 'unknown':
      if (attempt.state !== 'submitting') return undefined;
      return keepOpen(attempt, 'unknown', context);
    case 'refused':
      if (!isOpen(attempt.state)) return undefined;
      return settleRefusal(facts, attempt, { refusal: outcome.refusal, context });
    case 'closed':
      if (!isOpen(attempt.state)) return undefined;
      return settleRefusal(facts, attempt, { refusal: undefined, context });
    case 'not_found':
      // An accepted order that a query cannot find yet is not proof of absence: ask again later.
      if (attempt.state !== 'submitting' && attempt.state !== 'unknown') return undefined;
      return sendAgain(facts, attempt, context);
    case 'never_sent':
      if (attempt.state !== 'submitting') return undefined;
      return sendAgain(facts, attempt, context);
    default:
      return unreachable(outcome);
  }
}

type Success = Extract<AttemptOutcome, { readonly kind: 'succeeded' }>;

function settleSuccess(
  facts: DebitFacts,
  attempt: Attempt,
  news: { readonly outcome: Success; readonly context: ScheduleContext },
): SettleDecision | undefined {
  const { outcome, context } = news;
  if (attempt.state === 'succeeded' || attempt.state === 'late_success') return undefined;
  if (!equals(outcome.paid, attempt.amount)) {
    // Money of another amount is not this attempt's success; a person and the bill decide.
    return isOpen(attempt.state) ? keepOpen(attempt, 'unknown', context) : undefined;
  }
  const isLate = !isOpen(attempt.state);
  const state = isLate ? 'late_success' : 'succeeded';
  assertMove(ATTEMPT_MOVES, attempt.state, state);
  const { askAt: _askAt, ...rest } = attempt;
  const ended: Attempt = {
    ...rest,
    state,
    railReference: outcome.railReference,
    endedAt: outcome.paidAt,
  };
  const late = [eventOf(ended, context, { type: 'attempt.late_success' })];
  const otherOpen = facts.attempts.some((other) => other.id !== attempt.id && isOpen(other.state));
  const isOwed = facts.invoices.every((invoice) => invoice.state === 'open');
  if (facts.debit.state === 'succeeded' || otherOpen || !isOwed) {
    // Taken twice, or about to be, or paid another way: never booked as this debit's payment. The
    // exception event and the rail bill's surplus break keep it in sight until it is refunded.
    return { attempt: ended, events: late };
  }
  return {
    attempt: ended,
    ...collect(facts, ended, { outcome, context, late: isLate ? late : [] }),
  };
}

function collect(
  facts: DebitFacts,
  attempt: Attempt,
  news: {
    readonly outcome: Success;
    readonly context: ScheduleContext;
    readonly late: readonly NewEvent[];
  },
): Omit<SettleDecision, 'attempt'> {
  const { outcome, context } = news;
  const bucket = bucketOf(facts.debit.id);
  const date = businessDate(outcome.paidAt, context.zone);
  const payment: Payment = {
    id: context.ids('pay', bucket),
    merchantId: attempt.merchantId,
    customerId: attempt.customerId,
    debitId: attempt.debitId,
    attemptId: attempt.id,
    rail: attempt.rail,
    railReference: outcome.railReference,
    amount: outcome.paid,
    paidAt: outcome.paidAt,
    businessDate: date,
  };
  const { blockedBy: _blocked, announceAt: _announce, ...rest } = facts.debit;
  const debit: Debit = {
    ...rest,
    state: 'succeeded',
    attemptCount: facts.debit.attemptCount + 1,
  };
  const invoices = facts.invoices.map(
    (invoice): Invoice => ({ ...invoice, state: 'paid', paidAt: outcome.paidAt }),
  );
  const journal = postPaymentReceived({
    id: context.ids('jrn', bucket),
    merchantId: payment.merchantId,
    customerId: payment.customerId,
    paymentId: payment.id,
    rail: payment.rail,
    amount: payment.amount,
    businessDate: date,
    postedAt: context.now,
  });
  const events = [
    ...news.late,
    eventOf(attempt, context, { type: 'payment.received', subject: payment.id }),
    eventOf(attempt, context, { type: 'debit.succeeded', subject: debit.id }),
    ...invoices.map((invoice) =>
      eventOf(attempt, context, { type: 'invoice.paid', subject: invoice.id }),
    ),
  ];
  return { debit, invoices, payment, journal, events };
}

function keepOpen(
  attempt: Attempt,
  state: 'accepted' | 'unknown',
  context: ScheduleContext,
): SettleDecision | undefined {
  if (attempt.state === state) return undefined;
  assertMove(ATTEMPT_MOVES, attempt.state, state);
  const type: EventType = state === 'accepted' ? 'attempt.accepted' : 'attempt.unknown';
  return { attempt: { ...attempt, state }, events: [eventOf(attempt, context, { type: type })] };
}

function settleRefusal(
  facts: DebitFacts,
  attempt: Attempt,
  news: { readonly refusal: AttemptRefusal | undefined; readonly context: ScheduleContext },
): SettleDecision {
  const { refusal, context } = news;
  const state = refusal === undefined ? 'closed' : 'refused';
  assertMove(ATTEMPT_MOVES, attempt.state, state);
  const { askAt: _askAt, ...rest } = attempt;
  const ended: Attempt = {
    ...rest,
    state,
    ...(refusal === undefined ? {} : { refusal }),
    endedAt: context.now,
  };
  const type: EventType = refusal === undefined ? 'attempt.closed' : 'attempt.refused';
  const refused = eventOf(ended, context, {
    type,
    ...(refusal === undefined ? {} : { code: refusal.code }),
  });
  const attemptCount = facts.debit.attemptCount + 1;
  const again =
    attemptCount < context.timetable.maxAttempts && isWorthRetrying(refusal?.class ?? 'technical');
  if (!again) {
    const debit: Debit = { ...facts.debit, state: 'failed', attemptCount };
    const failed = eventOf(ended, context, { type: 'debit.failed', subject: debit.id });
    return { attempt: ended, debit, events: [refused, failed] };
  }
  const next = decideReschedule({ ...facts.debit, attemptCount }, facts, context);
  return {
    attempt: ended,
    debit: next.debit,
    notice: next.notice,
    events: [refused, scheduledEvent(next.debit, 'debit.retry_scheduled', context)],
  };
}

/** The rail never saw the number: the debit waits again, and the same number goes out next. */
function sendAgain(facts: DebitFacts, attempt: Attempt, context: ScheduleContext): SettleDecision {
  assertMove(ATTEMPT_MOVES, attempt.state, 'never_sent');
  const { askAt: _askAt, ...rest } = attempt;
  return {
    attempt: { ...rest, state: 'never_sent', endedAt: context.now },
    debit: { ...facts.debit, state: 'scheduled', collectAt: context.now },
    events: [],
  };
}

/** The attempt after it was asked about once more; without `askAt` it is a person's turn. */
export function afterAsking(attempt: Attempt, now: Temporal.Instant): Attempt {
  const { askAt: _askAt, ...rest } = attempt;
  const askCount = attempt.askCount + 1;
  const askAt = nextAskAt(askCount, now);
  return { ...rest, askCount, ...(askAt === undefined ? {} : { askAt }) };
}

function eventOf(
  attempt: Attempt,
  context: ScheduleContext,
  about: {
    readonly type: EventType;
    readonly subject?: NewEvent['subjectId'];
    readonly code?: string;
  },
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(attempt.debitId)),
    merchantId: attempt.merchantId,
    customerId: attempt.customerId,
    type: about.type,
    subjectId: about.subject ?? attempt.id,
    at: context.now,
    data: {
      order_number: attempt.orderNumber,
      minor: attempt.amount.minor.toString(),
      ...(about.code === undefined ? {} : { code: about.code }),
    },
  };
}

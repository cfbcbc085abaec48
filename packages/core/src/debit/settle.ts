import { addSeconds, businessDate } from '../calendar/business-time.ts';
import { bucketOf } from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Journal } from '../ledger/journal.ts';
import { postPaymentReceived } from '../ledger/templates.ts';
import { equals } from '../money/money.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant, present, unreachable } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import { nextAskAt } from './ask-schedule.ts';
import type {
  Attempt,
  AttemptOutcome,
  AttemptRefusal,
  AttemptState,
  RefusalClass,
} from './attempt.ts';
import type { Debit, DebitState } from './debit.ts';
import { attemptEvent, debitEvent } from './events.ts';
import { ATTEMPT_MOVES, DEBIT_MOVES, isOpen } from './moves.ts';
import type { Payment } from './payment.ts';
import { debitRefusal } from './refusals.ts';
import { decideReschedule, isWorthRetrying } from './retry.ts';
import { canOtherMethodHelp, decideNextMethod } from './routing.ts';
import type { ScheduleContext } from './schedule.ts';
import type { DebitFacts } from './submit.ts';
import { fits, otherAmount, surplusOf, type UnwantedMoney, withLateMoney } from './unwanted.ts';

/**
 * Seconds until a number that the rail never saw goes out again. A rail that cannot be reached is
 * tried every two minutes until its hours are over, not in a loop.
 */
export const SEND_AGAIN_SECONDS = 2 * 60;

/** What an outcome changes. Whole rows; absent parts are unchanged. */
export type SettleDecision = {
  readonly attempt: Attempt;
  readonly debit?: Debit;
  readonly invoices?: readonly Invoice[];
  readonly payment?: Payment;
  readonly journal?: Journal;
  readonly notice?: DebitNotice;
  /** The debit by the customer's next method that takes over, and notices of this one stopped. */
  readonly moved?: { readonly debit: Debit; readonly notices: readonly DebitNotice[] };
  readonly unwanted?: readonly UnwantedMoney[];
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
  news: SettleNews,
): SettleDecision | undefined {
  invariant(attempt.debitId === facts.debit.id, 'the attempt belongs to the debit');
  const decision = settleOutcome(facts, attempt, news);
  return decision === undefined ? undefined : withLateMoney(facts, decision);
}

function settleOutcome(
  facts: DebitFacts,
  attempt: Attempt,
  news: SettleNews,
): SettleDecision | undefined {
  const { outcome, context } = news;
  switch (outcome.kind) {
    case 'succeeded':
      return settleSuccess(facts, attempt, { ...news, outcome });
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

/**
 * One piece of news about an attempt. `isProof`: the rail's bill says it, which has the last word.
 */
export type SettleNews = {
  readonly outcome: AttemptOutcome;
  readonly context: ScheduleContext;
  readonly isProof?: boolean;
};

type Success = Extract<AttemptOutcome, { readonly kind: 'succeeded' }>;
/** What an outcome changes besides its own attempt. */
type Consequence = Omit<SettleDecision, 'attempt'>;

/**
 * Money arrived. It is booked once: not as long as another number may still take money, not when
 * the debit has its payment, not when nothing is owed or another debit collects it. What is not
 * booked is `late_success`, and parked until it is returned or credited.
 */
function settleSuccess(
  facts: DebitFacts,
  attempt: Attempt,
  news: SettleNews & { readonly outcome: Success },
): SettleDecision | undefined {
  const { outcome, context } = news;
  if (attempt.state === 'succeeded' || attempt.state === 'late_success') return undefined;
  if (!equals(outcome.paid, attempt.amount)) {
    // Money of another amount is not this attempt's success. A message may lie or be spoilt, so
    // only the bill has it parked; an attempt that is open stays so and is asked about.
    const open = isOpen(attempt.state) ? keepOpen(attempt, 'unknown', context) : undefined;
    if (news.isProof !== true) return open;
    const unwanted = otherAmount(facts, open?.attempt ?? attempt, outcome);
    return unwanted === undefined ? open : { attempt, events: [], ...open, unwanted: [unwanted] };
  }
  const isWanted =
    facts.debit.state !== 'succeeded' &&
    !hasMoved(facts.debit) &&
    isOwed(facts) &&
    fits(facts, attempt);
  const isLate = !isOpen(attempt.state);
  const state = isLate || !isWanted ? 'late_success' : 'succeeded';
  const { railReference, paidAt } = outcome;
  const ended = endAttempt(attempt, state, { railReference, endedAt: paidAt });
  const events =
    state === 'late_success'
      ? [attemptEvent(ended, { type: 'attempt.late_success' }, context)]
      : [];
  const isOtherOpen = facts.attempts.some((one) => one.id !== attempt.id && isOpen(one.state));
  if (isLate && isOtherOpen) return { attempt: ended, events };
  if (!isWanted) return { attempt: ended, ...join(events, cancel(facts.debit, context)) };
  return { attempt: ended, ...join(events, collect(facts, ended, { ended, context })) };
}

/** Books the money of `paid` as the payment of the debit. `ended` is the attempt that ended now. */
function collect(
  facts: DebitFacts,
  paid: Attempt,
  news: { readonly ended: Attempt; readonly context: ScheduleContext },
): Consequence {
  const { context } = news;
  const bucket = bucketOf(facts.debit.id);
  const paidAt = present(paid.endedAt, 'the time of a success');
  const payment: Payment = {
    id: context.ids('pay', bucket),
    merchantId: paid.merchantId,
    customerId: paid.customerId,
    debitId: paid.debitId,
    attemptId: paid.id,
    rail: paid.rail,
    railReference: present(paid.railReference, 'the rail’s number of a success'),
    amount: paid.amount,
    paidAt,
    businessDate: businessDate(paidAt, context.zone),
  };
  const { blockedBy: _blocked, announceAt: _announce, ...rest } = facts.debit;
  const attemptCount = countEnds(facts, news.ended);
  const debit = moveDebit({ ...rest, attemptCount }, 'succeeded');
  const invoices = facts.invoices.map(
    (invoice): Invoice => ({ ...invoice, state: 'paid', paidAt }),
  );
  const journal = postPaymentReceived({
    id: context.ids('jrn', bucket),
    merchantId: payment.merchantId,
    customerId: payment.customerId,
    paymentId: payment.id,
    rail: payment.rail,
    amount: payment.amount,
    businessDate: payment.businessDate,
    postedAt: context.now,
  });
  const events = [
    attemptEvent(paid, { type: 'payment.received', subject: payment.id }, context),
    attemptEvent(paid, { type: 'debit.succeeded', subject: debit.id }, context),
    ...invoices.map(({ id }) => attemptEvent(paid, { type: 'invoice.paid', subject: id }, context)),
  ];
  return { debit, invoices, payment, journal, unwanted: surplusOf(facts, payment, paid), events };
}

function keepOpen(
  attempt: Attempt,
  state: 'accepted' | 'unknown',
  context: ScheduleContext,
): SettleDecision | undefined {
  if (attempt.state === state) return undefined;
  assertMove(ATTEMPT_MOVES, attempt.state, state);
  return {
    attempt: { ...attempt, state },
    events: [attemptEvent(attempt, { type: `attempt.${state}` }, context)],
  };
}

function settleRefusal(
  facts: DebitFacts,
  attempt: Attempt,
  news: { readonly refusal: AttemptRefusal | undefined; readonly context: ScheduleContext },
): SettleDecision {
  const { refusal, context } = news;
  const endedAt = context.now;
  const ended =
    refusal === undefined
      ? endAttempt(attempt, 'closed', { endedAt })
      : endAttempt(attempt, 'refused', { endedAt, refusal });
  const event =
    refusal === undefined
      ? attemptEvent(ended, { type: 'attempt.closed' }, context)
      : attemptEvent(ended, { type: 'attempt.refused', code: refusal.code }, context);
  const after =
    afterUnpaidEnd(facts, ended, context) ??
    tryAgainOrFail(facts, ended, { refusal: refusal?.class ?? 'technical', context });
  return { attempt: ended, ...join([event], after) };
}

/** The rail never saw the number: the debit waits again, and the same number goes out next. */
function sendAgain(facts: DebitFacts, attempt: Attempt, context: ScheduleContext): SettleDecision {
  const ended = endAttempt(attempt, 'never_sent', { endedAt: context.now });
  const after = afterUnpaidEnd(facts, ended, context);
  if (after !== undefined) return { attempt: ended, ...after };
  const collectAt = addSeconds(context.now, SEND_AGAIN_SECONDS);
  const debit = { ...moveDebit(facts.debit, 'scheduled'), collectAt };
  return { attempt: ended, debit, events: [] };
}

/**
 * What comes before any retry when a number has ended unpaid: a debit that has its end already
 * keeps it; money of an earlier number that arrived in the meantime is the payment; and a debit of
 * which nothing is owed any more ends. Undefined: the debit is still to be collected.
 */
function afterUnpaidEnd(
  facts: DebitFacts,
  ended: Attempt,
  context: ScheduleContext,
): Consequence | undefined {
  const { debit } = facts;
  if (debit.state !== 'in_flight' && debit.state !== 'scheduled') return { events: [] };
  if (!isOwed(facts)) return cancel(debit, context);
  const late = firstLateSuccess(facts.attempts);
  if (late === undefined || !fits(facts, late)) return undefined;
  return collect(facts, late, { ended, context });
}

function tryAgainOrFail(
  facts: DebitFacts,
  ended: Attempt,
  news: { readonly refusal: RefusalClass; readonly context: ScheduleContext },
): Consequence {
  const { context } = news;
  const attemptCount = countEnds(facts, ended);
  const moved = moveOn({ ...facts, debit: { ...facts.debit, attemptCount } }, ended, news);
  if (moved !== undefined) return moved;
  if (attemptCount < context.timetable.maxAttempts && isWorthRetrying(news.refusal)) {
    const next = decideReschedule({ ...facts.debit, attemptCount }, facts, context);
    if (next.ok) {
      const { debit, notice } = next.value;
      const event = debitEvent(debit, { type: 'debit.retry_scheduled' }, context);
      return { debit, notice, events: [event] };
    }
  }
  const { announceAt: _announce, ...rest } = facts.debit;
  const debit = moveDebit({ ...rest, attemptCount }, 'failed');
  return {
    debit,
    events: [attemptEvent(ended, { type: 'debit.failed', subject: debit.id }, context)],
  };
}

/**
 * To the customer's next method, where the refusal is one that another method can help. The notice
 * that a debit gets there names its own date, so the customer is told once more.
 */
function moveOn(
  facts: DebitFacts,
  ended: Attempt,
  news: { readonly refusal: RefusalClass; readonly context: ScheduleContext },
): Consequence | undefined {
  if (ended.state !== 'refused' || !canOtherMethodHelp(news.refusal)) return undefined;
  const attempts = facts.attempts.map((one) => (one.id === ended.id ? ended : one));
  const next = decideNextMethod({ ...facts, attempts }, news.context);
  if (next === undefined) return undefined;
  const [debit, started] = next.debits;
  return { debit, moved: { debit: started, notices: next.notices }, events: next.events };
}

/** Whether another debit collects its invoices now: its own late money is not theirs. */
function hasMoved(debit: Debit): boolean {
  return debit.blockedBy === debitRefusal('moved_to_other_mandate').code;
}

/** Ends a debit of which nothing is owed any more; one that has ended already stays as it is. */
function cancel(debit: Debit, context: ScheduleContext): Consequence {
  if (debit.state !== 'in_flight' && debit.state !== 'scheduled') return { events: [] };
  const { blockedBy: _blocked, announceAt: _announce, ...rest } = debit;
  const reason = debitRefusal('invoice_not_open').code;
  return {
    debit: moveDebit(rest, 'canceled'),
    events: [debitEvent(debit, { type: 'debit.failed', reason }, context)],
  };
}

function isOwed(facts: DebitFacts): boolean {
  return facts.invoices.every((invoice) => invoice.state === 'open');
}

/** The money that the rail took first of what came after an end. */
function firstLateSuccess(attempts: readonly Attempt[]): Attempt | undefined {
  const late = attempts.filter(({ state }) => state === 'late_success');
  const timeOf = ({ endedAt }: Attempt) => present(endedAt, 'the time of a success');
  return late.sort((a, b) => Temporal.Instant.compare(timeOf(a), timeOf(b)))[0];
}

/** Numbers of the debit that reached a definite end, once `ended` has. Never sent is no end. */
function countEnds(facts: DebitFacts, ended: Attempt): number {
  const others = facts.attempts.filter(({ id }) => id !== ended.id);
  return [...others, ended].filter(({ state }) => !isOpen(state) && state !== 'never_sent').length;
}

function endAttempt(
  attempt: Attempt,
  state: Exclude<AttemptState, 'submitting' | 'accepted' | 'unknown'>,
  end: Pick<Attempt, 'railReference' | 'refusal'> & { readonly endedAt: Temporal.Instant },
): Attempt {
  assertMove(ATTEMPT_MOVES, attempt.state, state);
  const { askAt: _askAt, ...rest } = attempt;
  return { ...rest, state, ...end };
}

function moveDebit(debit: Debit, state: DebitState): Debit {
  if (debit.state !== state) assertMove(DEBIT_MOVES, debit.state, state);
  return { ...debit, state };
}

function join(events: readonly NewEvent[], after: Consequence): Consequence {
  return { ...after, events: [...events, ...after.events] };
}

/** The attempt after it was asked about once more; without `askAt` it is a person's turn. */
export function afterAsking(attempt: Attempt, now: Temporal.Instant): Attempt {
  const { askAt: _askAt, ...rest } = attempt;
  const askCount = attempt.askCount + 1;
  const askAt = nextAskAt(askCount, now);
  return { ...rest, askCount, ...(askAt === undefined ? {} : { askAt }) };
}

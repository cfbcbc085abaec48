import { addSeconds, businessDate, instantAt, isBefore } from '../calendar/business-time.ts';
import { addDays } from '../calendar/periods.ts';
import { isInside, nextInside } from '../calendar/windows.ts';
import { channelOf } from '../customer/customer.ts';
import { bucketOf } from '../ids/ids.ts';
import { toOrderNumber } from '../ids/rail-numbers.ts';
import { amountDue } from '../invoice/invoice.ts';
import { checkAuthority } from '../mandate/authority.ts';
import { checkAnnouncement, checkNoticeGate, noticeRefusal } from '../notice/gate.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { checkHistory } from './amount-guard.ts';
import { isExemptFromAnnouncement } from './announcement.ts';
import { nextAskAt } from './ask-schedule.ts';
import type { Attempt } from './attempt.ts';
import { checkBudgets, UNUSED } from './budget.ts';
import type { Debit } from './debit.ts';
import { attemptEvent, debitEvent } from './events.ts';
import type { DebitFacts } from './facts.ts';
import { nextNumber } from './number-discipline.ts';
import { fitToPlan, isNearPlannedDate } from './planned-date.ts';
import { type BudgetRefusal, type DebitRefusal, debitRefusal } from './refusals.ts';
import { decideNextMethod, placeAgain, type RouteMove } from './routing.ts';
import type { ScheduleContext } from './schedule.ts';

export type { CustomerMethods, DebitCheckup, DebitFacts, ParkedMoney } from './facts.ts';

/** Seconds until a debit that something holds back is looked at again. */
export const BLOCKED_LOOK_SECONDS = 60 * 60;

export type SubmitDecision =
  /** Commit this attempt, then send its number. */
  | {
      readonly kind: 'send';
      readonly debit: Debit;
      readonly attempt: Attempt;
      readonly events: readonly NewEvent[];
    }
  /** Something is missing; the debit says what and is looked at again later. */
  | {
      readonly kind: 'blocked';
      readonly refusal: DebitRefusal;
      readonly debit: Debit;
      readonly events: readonly NewEvent[];
    }
  /** Its day passed or its hours are over: a new date with a new notice. */
  | {
      readonly kind: 'rescheduled';
      readonly debit: Debit;
      /** Absent while the rail is asked for another planned date. */
      readonly notice?: DebitNotice;
      readonly events: readonly NewEvent[];
    }
  /** Another method of the customer collects its invoices, by a new debit with its own notice. */
  | ({ readonly kind: 'moved'; readonly debit: Debit } & RouteMove)
  /** Nothing is left to collect, or it cannot be collected: it ends here. */
  | {
      readonly kind: 'ended';
      readonly refusal: DebitRefusal;
      readonly debit: Debit;
      readonly events: readonly NewEvent[];
    }
  /** Not now: outside the rail's hours today, or an attempt is still open. */
  | { readonly kind: 'wait'; readonly refusal: DebitRefusal; readonly debit: Debit };

/**
 * Whether this debit may be sent now, and under which number. The order of the checks is part of
 * the contract: the number discipline first, so that nothing below can ever lead to a second number
 * while one is open; then what is owed and not in dispute; then authority; then date, hours and
 * notice (I1, I3, I7). A debit whose mandate does not allow it moves to the customer's next method
 * that does. Without one it stays blocked with that reason: the money is still owed, and what
 * follows (a new mandate, the customer's own hand) is not decided here.
 */
export function decideSubmit(facts: DebitFacts, context: ScheduleContext): SubmitDecision {
  const { debit } = facts;
  const number = nextNumber(facts.attempts);
  if (number.kind === 'done') return wait(debit, 'already_paid', context);
  if (number.kind === 'ask') return wait(debit, 'attempt_open', context);
  if (debit.state !== 'scheduled') return wait(debit, 'debit_not_scheduled', context);
  // The step that asks the rail for another planned date takes it from here.
  if (debit.blockedBy === 'planned_date_moving') return wait(debit, 'not_due_yet', context);
  const owed = checkOwed(facts);
  if (!owed.ok) return end(debit, owed.refusal, context);
  // Before its day the row says so already (dispute.ts) and keeps the hour at which it would leave.
  if (facts.isDisputed === true && !isBefore(context.now, debit.collectAt)) {
    return holdDisputed(debit, context);
  }
  const authority = checkAuthority(facts.mandate, debit.amount);
  if (!authority.ok) {
    return move(facts, context) ?? block(debit, authority.refusal, context);
  }
  if (isBefore(context.now, debit.collectAt)) return wait(debit, 'not_due_yet', context);

  const today = businessDate(context.now, context.zone);
  if (!today.equals(debit.collectDate)) return reschedule(facts, context);
  const window = context.capabilities.submitWindow;
  if (window !== undefined && !isInside(window, context.now)) {
    const opens = nextInside(window, context.now);
    if (!businessDate(opens, context.zone).equals(today)) return reschedule(facts, context);
    return {
      kind: 'wait',
      refusal: debitRefusal('not_due_yet'),
      debit: { ...debit, collectAt: opens },
    };
  }
  const { capabilities, now } = context;
  const fit = fitToPlan(facts.mandate, debit.collectDate, capabilities.plannedDate);
  if (fit.kind !== 'fits') return reschedule(facts, context);
  const budget = checkBudgets(facts.use ?? UNUSED, { capabilities, amount: debit.amount }, now);
  if (!budget.ok) return reschedule(facts, context, budget.refusal);
  const gate = checkGates(facts, context);
  if (!gate.ok) return block(debit, gate.refusal, context);
  return send(facts, number.ordinal, context);
}

function checkOwed(facts: DebitFacts): Result<true, DebitRefusal> {
  if (facts.invoices.some((invoice) => invoice.state !== 'open')) {
    return refuse(debitRefusal('invoice_not_open'));
  }
  const owed = facts.invoices.reduce((total, invoice) => total + amountDue(invoice).minor, 0n);
  return owed === facts.debit.amount.minor ? ok(true) : refuse(debitRefusal('amount_differs'));
}

function checkGates(facts: DebitFacts, context: ScheduleContext): Result<true, DebitRefusal> {
  const { debit } = facts;
  const question = {
    notices: facts.notices,
    amount: debit.amount,
    collectDate: debit.collectDate,
    now: context.now,
    zone: context.zone,
    timetable: context.timetable,
    noticeDays: context.capabilities.noticeDays,
    ...(facts.earlier === undefined ? {} : { earlier: facts.earlier }),
  };
  const notice = checkNoticeGate(question);
  if (!notice.ok) return notice;
  const { announcement, plannedDate } = context.capabilities;
  if (announcement !== undefined && !isExemptFromAnnouncement(facts, announcement, context.now)) {
    const announced = checkAnnouncement(question);
    if (!announced.ok) return announced;
  }
  if (
    plannedDate !== undefined &&
    !isNearPlannedDate(facts.mandate, debit.collectDate, plannedDate)
  ) {
    return refuse(debitRefusal('outside_planned_date'));
  }
  if ((facts.checkup?.open.length ?? 0) > 0) return refuse(debitRefusal('checkup_finding_open'));
  const { amountGuard } = context;
  return amountGuard === undefined || facts.checkup?.isAmountAccepted === true
    ? ok(true)
    : checkHistory(debit, facts.history ?? [], amountGuard);
}

function send(facts: DebitFacts, ordinal: number, context: ScheduleContext): SubmitDecision {
  const { debit } = facts;
  const { blockedBy: _blocked, ...rest } = debit;
  // Only a number that the rail provably never saw keeps its row; every other end is final.
  const again = facts.attempts.find(
    (attempt) => attempt.ordinal === ordinal && attempt.state === 'never_sent',
  );
  const askAt = nextAskAt(0, context.now);
  const attempt: Attempt = {
    id: again?.id ?? context.ids('att', bucketOf(debit.id)),
    merchantId: debit.merchantId,
    customerId: debit.customerId,
    debitId: debit.id,
    rail: debit.rail,
    ordinal,
    orderNumber: toOrderNumber(debit.id, ordinal),
    state: 'submitting',
    amount: debit.amount,
    // A rail may name an order by number and time: the first of a number stays the number's.
    submittedAt: again?.submittedAt ?? context.now,
    ...(askAt === undefined ? {} : { askAt }),
    askCount: 0,
  };
  const event = attemptEvent(attempt, { type: 'attempt.submitted' }, context);
  return { kind: 'send', debit: { ...rest, state: 'in_flight' }, attempt, events: [event] };
}

/** A debit that waits for its time stays as it is; one that waits for an answer is seen again. */
function wait(
  debit: Debit,
  code: 'already_paid' | 'attempt_open' | 'debit_not_scheduled' | 'not_due_yet',
  context: ScheduleContext,
): SubmitDecision {
  const refusal = debitRefusal(code);
  if (debit.state !== 'scheduled' || code === 'not_due_yet') {
    return { kind: 'wait', refusal, debit };
  }
  const collectAt = addSeconds(context.now, BLOCKED_LOOK_SECONDS);
  return { kind: 'wait', refusal, debit: { ...debit, collectAt } };
}

function block(
  debit: Debit,
  refusal: DebitRefusal,
  context: ScheduleContext,
): Extract<SubmitDecision, { readonly kind: 'blocked' }> {
  const collectAt = addSeconds(context.now, BLOCKED_LOOK_SECONDS);
  const blocked: Debit = { ...debit, collectAt, blockedBy: refusal.code };
  const event = debitEvent(debit, { type: 'debit.blocked', reason: refusal.code }, context);
  // Told once, not every hour: the event says that something is in the way, the row says what.
  const events = debit.blockedBy === refusal.code ? [] : [event];
  return { kind: 'blocked', refusal, debit: blocked, events };
}

/** A dispute ends on a date, or by a person who lets the debit go: one look a day is enough. */
function holdDisputed(debit: Debit, context: ScheduleContext): SubmitDecision {
  const held = block(debit, debitRefusal('invoice_disputed'), context);
  const tomorrow = addDays(businessDate(context.now, context.zone), 1);
  const collectAt = instantAt(tomorrow, MIDNIGHT, context.zone);
  return { ...held, debit: { ...held.debit, collectAt } };
}

const MIDNIGHT = Temporal.PlainTime.from('00:00');

function end(debit: Debit, refusal: DebitRefusal, context: ScheduleContext): SubmitDecision {
  const { blockedBy: _blocked, announceAt: _announce, ...rest } = debit;
  const event = debitEvent(debit, { type: 'debit.failed', reason: refusal.code }, context);
  return { kind: 'ended', refusal, debit: { ...rest, state: 'canceled' }, events: [event] };
}

/** To the customer's next method that can collect it; undefined where there is none. */
function move(facts: DebitFacts, context: ScheduleContext): SubmitDecision | undefined {
  const moved = decideNextMethod(facts, context);
  return moved === undefined ? undefined : { kind: 'moved', debit: moved.debits[0], ...moved };
}

function reschedule(
  facts: DebitFacts,
  context: ScheduleContext,
  budget?: BudgetRefusal,
): SubmitDecision {
  // Without an address every new date would only add a notice that failed at once.
  if (channelOf(facts.customer) === undefined) {
    return block(facts.debit, noticeRefusal('notice_failed'), context);
  }
  const about = budget === undefined ? facts : { ...facts, notBefore: budget.nextDate };
  const next = placeAgain(facts.debit, about, context);
  if (next === undefined) {
    return block(facts.debit, debitRefusal('outside_planned_date'), context);
  }
  const { debit } = next;
  const reason = budget?.code ?? debit.blockedBy;
  const type = 'debit.blocked';
  const held = reason === undefined ? [] : [debitEvent(debit, { type, reason }, context)];
  if (next.notice === undefined) return { kind: 'rescheduled', debit, events: held };
  const again = debitEvent(debit, { type: 'debit.retry_scheduled' }, context);
  return { kind: 'rescheduled', debit, notice: next.notice, events: [...held, again] };
}

import { businessDate } from '../calendar/business-time.ts';
import { bucketOf, type MandateId } from '../ids/ids.ts';
import { checkAuthority } from '../mandate/authority.ts';
import type { Mandate } from '../mandate/mandate.ts';
import { inOrder } from '../mandate/order.ts';
import type { MandateRefusalCode } from '../mandate/refusals.ts';
import type { Money } from '../money/money.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant, unreachable } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import type { RefusalClass } from './attempt.ts';
import { checkBudgets, UNUSED } from './budget.ts';
import type { RailCapabilities } from './capabilities.ts';
import type { Debit } from './debit.ts';
import { debitEvent } from './events.ts';
import type { CustomerMethods, DebitFacts } from './facts.ts';
import { DEBIT_MOVES } from './moves.ts';
import { nextNumber } from './number-discipline.ts';
import { fitToPlan, plannedDateFor } from './planned-date.ts';
import { type DebitRefusalCode, debitRefusal } from './refusals.ts';
import { decideReschedule } from './retry.ts';
import { awaitPlan, type ScheduleContext } from './schedule.ts';

/** Why a method of the customer was passed over. */
export type PassedOver = {
  readonly mandateId: MandateId;
  readonly code: MandateRefusalCode | DebitRefusalCode | 'already_refused' | 'rail_not_connected';
};

export type Route = {
  /** The method to collect by; absent when none can. */
  readonly mandate?: Mandate;
  /** Those before it in the customer's order, each with the first reason against it. */
  readonly passedOver: readonly PassedOver[];
};

/** What choosing a method looks at. */
export type RouteQuestion = CustomerMethods & {
  readonly amount: Money;
  readonly capabilitiesOf: (rail: string) => RailCapabilities | undefined;
};

/**
 * The first of the customer's methods, in their order, by which this amount can be collected: its
 * mandate is active, in the currency and within the cap, its rail is connected and takes the
 * currency, it has not refused these invoices, and its budgets of the day are not used up. The
 * days of notice that a rail wants do not pass it over: they move the date.
 */
export function decideRoute(question: RouteQuestion, now: Temporal.Instant): Route {
  const passedOver: PassedOver[] = [];
  for (const mandate of inOrder(question.mandates)) {
    const code = whyNot(mandate, question, now);
    if (code === undefined) return { mandate, passedOver };
    passedOver.push({ mandateId: mandate.id, code });
  }
  return { passedOver };
}

function whyNot(
  mandate: Mandate,
  question: RouteQuestion,
  now: Temporal.Instant,
): PassedOver['code'] | undefined {
  const { amount } = question;
  const authority = checkAuthority(mandate, amount);
  if (!authority.ok) return authority.refusal.code;
  const capabilities = question.capabilitiesOf(mandate.rail);
  if (capabilities === undefined) return 'rail_not_connected';
  if (!capabilities.currencies.includes(amount.currency)) return 'mandate_currency';
  if (question.refusedBy?.includes(mandate.id) === true) return 'already_refused';
  const use = question.useOf?.(mandate.id) ?? UNUSED;
  const budgets = checkBudgets(use, { capabilities, amount }, now);
  return budgets.ok ? undefined : budgets.refusal.code;
}

/**
 * Whether another method can help after a refusal of this class. A technical failure or a wrong
 * date is cured by time, and our own fault by us: another method would only hide it.
 */
export function canOtherMethodHelp(refusal: RefusalClass): boolean {
  switch (refusal) {
    case 'funds':
    case 'limit':
    case 'account':
    case 'mandate':
    case 'risk':
      return true;
    case 'technical':
    case 'reschedule':
    case 'merchant_fault':
      return false;
    default:
      return unreachable(refusal);
  }
}

/** The move to the customer's next method that can collect this debit; undefined without one. */
export function decideNextMethod(
  facts: DebitFacts,
  context: ScheduleContext,
): RouteMove | undefined {
  const { debit, methods } = facts;
  const { capabilitiesOf } = context;
  if (methods === undefined || capabilitiesOf === undefined) return undefined;
  const refusedBy = [...(methods.refusedBy ?? []), debit.mandateId];
  const question = { ...methods, refusedBy, amount: debit.amount, capabilitiesOf };
  const { mandate } = decideRoute(question, context.now);
  return mandate === undefined ? undefined : decideMove(facts, mandate, context);
}

/** A debit that ends because another method collects its invoices, and that other debit. */
export type RouteMove = {
  /** The old debit, failed, and the new one: in this order, so that the invoices change hands. */
  readonly debits: readonly [Debit, Debit];
  /** Messages about the old debit that were not sent yet, stopped; the notice of the new one. */
  readonly notices: readonly DebitNotice[];
  readonly events: readonly NewEvent[];
};

/**
 * Moves what a debit collects to another mandate: a new debit with numbers and notices of its own,
 * so that the rule "one number at a time" stays a matter of one debit. Undefined while an attempt
 * is open or the money is here, when nothing may be sent by anyone (I3), and where the other rail
 * has no date for it. Who was told in time of what is owed gets a retry notice that names the new
 * date and its lead; who was not, a renewal notice with the days of the law and of the rail.
 */
export function decideMove(
  facts: DebitFacts,
  mandate: Mandate,
  context: ScheduleContext,
): RouteMove | undefined {
  const { debit } = facts;
  if (nextNumber(facts.attempts).kind !== 'send') return undefined;
  if (facts.invoices.some(({ state }) => state !== 'open')) return undefined;
  invariant(mandate.id !== debit.mandateId, 'a debit moves to another mandate');
  const capabilities = context.capabilitiesOf?.(mandate.rail);
  if (capabilities === undefined) return undefined;
  const there: ScheduleContext = { ...context, capabilities };
  const started: Debit = {
    id: context.ids('dbt', bucketOf(debit.id)),
    merchantId: debit.merchantId,
    customerId: debit.customerId,
    mandateId: mandate.id,
    rail: mandate.rail,
    state: 'scheduled',
    amount: debit.amount,
    invoiceIds: debit.invoiceIds,
    dueDate: debit.dueDate,
    collectAt: debit.collectAt,
    collectDate: debit.collectDate,
    attemptCount: 0,
    movedFrom: debit.movedFrom ?? debit.id,
    createdAt: context.now,
  };
  const earlier = [...(facts.earlier ?? []), ...facts.notices];
  const about = { customer: facts.customer, mandate, notices: [], earlier };
  const next = placeAgain(started, about, there);
  return next === undefined ? undefined : join(facts, next, context);
}

/** What comes of placing a debit once more; without a notice while the rail moves its plan. */
export type PlacedAgain = { readonly debit: Debit; readonly notice?: DebitNotice };

/**
 * A new date for a debit and the notice that names it, or the debit that waits for the rail to move
 * its planned date; undefined where the rail has no date for it.
 */
export function placeAgain(
  debit: Debit,
  about: Parameters<typeof decideReschedule>[1],
  context: ScheduleContext,
): PlacedAgain | undefined {
  const next = decideReschedule(debit, about, context);
  if (next.ok) return next.value;
  const today = businessDate(context.now, context.zone);
  const fit = fitToPlan(about.mandate, today, context.capabilities.plannedDate);
  if (fit.kind === 'too_early') {
    const later = decideReschedule(debit, { ...about, notBefore: fit.from }, context);
    if (later.ok) return later.value;
  }
  // A rail that refused to move its date is not asked again: a person moves it, or collects.
  const wasRefused = debit.blockedBy === debitRefusal('outside_planned_date').code;
  const isKept = about.mandate.plannedDate !== undefined;
  return isKept && !wasRefused ? { debit: awaitPlan(debit, context) } : undefined;
}

/**
 * The date that the rail should keep, so that the debit's next day and one more lie before it;
 * undefined where the rail keeps none.
 */
export function wantedPlan(
  debit: Debit,
  about: Parameters<typeof decideReschedule>[1],
  context: ScheduleContext,
): Temporal.PlainDate | undefined {
  const { plannedDate: rule, ...capabilities } = context.capabilities;
  if (rule === undefined) return undefined;
  const free = decideReschedule(debit, about, { ...context, capabilities });
  return free.ok ? plannedDateFor(free.value.debit.collectDate, rule) : undefined;
}

function join(facts: DebitFacts, next: PlacedAgain, context: ScheduleContext): RouteMove {
  const { debit } = facts;
  assertMove(DEBIT_MOVES, debit.state, 'failed');
  const { code } = debitRefusal('moved_to_other_mandate');
  const { announceAt: _announce, ...rest } = debit;
  const failed: Debit = { ...rest, state: 'failed', blockedBy: code };
  const stopped = facts.notices
    .filter(({ state }) => state === 'planned')
    .map((notice): DebitNotice => ({ ...notice, state: 'failed', failureCode: 'debit_moved' }));
  const { debit: started, notice } = next;
  return {
    debits: [failed, started],
    notices: notice === undefined ? stopped : [...stopped, notice],
    events: [
      debitEvent(failed, { type: 'debit.moved', reason: code }, context),
      debitEvent(started, { type: 'debit.scheduled' }, context),
    ],
  };
}

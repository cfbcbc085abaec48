import { addDays, isDateBefore, laterDate } from '../calendar/periods.ts';
import {
  type ArrearsHold,
  type ArrearsState,
  isServiceOff,
  type OverdueState,
  severity,
} from './arrears.ts';
import { type Observed, overdueState } from './overdue.ts';
import { type ArrearsPolicy, daysBetween, stopsOf } from './policy.ts';

/** Where a customer stands before a look. */
export type Standing = {
  readonly state: ArrearsState;
  readonly since: Temporal.PlainDate;
  readonly warnedOn?: Temporal.PlainDate;
};

/**
 * How far the warning of arrears has come. A date: the first day on which one was delivered, or on
 * which a person said that the customer was told. `under_way`: it is being sent, or its proof is
 * waited for. `person_asked`: no channel delivered it and a person has a task.
 */
export type WarningFact = 'under_way' | 'person_asked' | Temporal.PlainDate;

/** What holds a more severe state back, beside the policy's own days. */
export type Restraints = {
  /** Money whose end is not known (I3, rule (h)). */
  readonly moneyUnderWay?: 'attempt_unknown' | 'payment_waits';
  /** The first day on which a suspension that a person put off is possible again. */
  readonly postponedUntil?: Temporal.PlainDate;
  /** Absent: there is no warning, or none that anybody goes on with. */
  readonly warning?: WarningFact;
};

export type Target = {
  readonly state: ArrearsState;
  readonly heldBy?: ArrearsHold;
  /** The first day on which what holds it is over, where a date is known. */
  readonly notBefore?: Temporal.PlainDate;
};

/**
 * The state on `on`. Milder ones are entered at once, worse ones never while money is under way;
 * what stops the service is entered step by step, after the days that the policy promises between
 * two steps, and never while a person has put it off. The days to the first stop count from the
 * day on which a warning was delivered; sent is not delivered.
 */
export function targetOf(
  standing: Standing,
  facts: { readonly observed: Observed; readonly policy: ArrearsPolicy } & Restraints,
  on: Temporal.PlainDate,
): Target {
  const { observed, policy, postponedUntil } = facts;
  if (observed.unpaidInvoices === 0) return { state: 'clear' };
  const wanted = overdueState(policy.states, observed, on) ?? 'clear';
  const isWorse = severity(wanted) > severity(standing.state);
  const { moneyUnderWay } = facts;
  // Nobody is told that something is unpaid while it may just be paid.
  if (isWorse && moneyUnderWay !== undefined) {
    return { state: standing.state, heldBy: moneyUnderWay };
  }
  if (!isServiceOff(wanted)) return { state: wanted };
  if (postponedUntil !== undefined && isDateBefore(on, postponedUntil)) {
    return { state: 'warned', heldBy: 'postponed', notBefore: postponedUntil };
  }
  if (!isWorse) return { state: wanted };
  return climb(standing, { ...facts, wanted }, on);
}

/** One step towards `wanted`, when its time has come. */
function climb(
  standing: Standing,
  facts: { readonly wanted: ArrearsState; readonly policy: ArrearsPolicy } & Restraints,
  on: Temporal.PlainDate,
): Target {
  const { wanted, policy, warning } = facts;
  const { state } = standing;
  const next = nextStop(policy, state) ?? wanted;
  if (severity(state) < severity('warned')) {
    const notBefore = addDays(on, daysBetween(policy, 'warned', next));
    return { state: 'warned', heldBy: 'not_warned', notBefore };
  }
  const days = daysBetween(policy, state, next);
  const from = state === 'warned' ? warning : standing.since;
  if (from === undefined || from === 'under_way') {
    return { state, heldBy: 'not_warned', notBefore: addDays(on, days) };
  }
  if (from === 'person_asked') return { state, heldBy: 'not_warned' };
  const possible = addDays(from, days);
  if (isDateBefore(on, possible)) {
    return { state, heldBy: 'days_promised', notBefore: possible };
  }
  if (severity(next) >= severity(wanted)) return { state: next };
  const after = nextStop(policy, next) ?? wanted;
  const notBefore = addDays(on, daysBetween(policy, next, after));
  return { state: next, heldBy: 'days_promised', notBefore };
}

/** The mildest state above `state` in which the service is off. */
function nextStop(policy: ArrearsPolicy, state: ArrearsState): OverdueState | undefined {
  return stopsOf(policy).find((stop) => severity(stop) > severity(state));
}

/** Where a customer stands once it has entered `state` on `on`. */
export function standingAfter(
  before: Standing,
  state: ArrearsState,
  on: Temporal.PlainDate,
): Standing {
  const isWarned = severity(state) >= severity('warned');
  const warnedOn = isWarned ? (before.warnedOn ?? on) : undefined;
  return {
    state,
    since: state === before.state ? before.since : on,
    ...(warnedOn === undefined ? {} : { warnedOn }),
  };
}

/** Dates after `on` on which the state can change by age, by a promise or by a postponement. */
export function datesOfChange(
  standing: Standing,
  facts: { readonly observed: Observed; readonly policy: ArrearsPolicy } & Restraints,
  on: Temporal.PlainDate,
): readonly Temporal.PlainDate[] {
  const { observed, policy, postponedUntil, warning } = facts;
  const { earliestUnpaid } = observed;
  if (earliestUnpaid === undefined) return [];
  const byAge = policy.states.flatMap(({ when }) =>
    when.daysSinceEarliestUnpaid === undefined
      ? []
      : [addDays(earliestUnpaid, when.daysSinceEarliestUnpaid)],
  );
  const next = nextStop(policy, standing.state);
  const told = typeof warning === 'object' ? warning : on;
  const from = standing.state === 'warned' ? told : standing.since;
  const byPromise =
    next === undefined ? [] : [addDays(from, daysBetween(policy, standing.state, next))];
  const all = [...byAge, ...byPromise, ...(postponedUntil === undefined ? [] : [postponedUntil])];
  const tomorrow = addDays(on, 1);
  return all
    .map((date) => laterDate(date, tomorrow))
    .toSorted((left, right) => Temporal.PlainDate.compare(left, right));
}

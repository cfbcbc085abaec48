import { addDays, daysIn, isDateBefore } from '../calendar/periods.ts';
import { compare, type Money, money } from '../money/money.ts';

/** What is not paid on a day, and what else a condition can ask about. */
export type Observed = {
  /** The date from which the age counts: that of the earliest invoice that is not paid. */
  readonly earliestUnpaid?: Temporal.PlainDate;
  readonly unpaidInvoices: number;
  /** What is owed in all, by currency. */
  readonly unpaidBalances: readonly Money[];
  /** How the last try to collect was refused. */
  readonly lastFailure?: string;
  readonly tags: readonly string[];
};

/** When a state holds. Every part that is given must hold; thresholds are inclusive. */
export type OverdueCondition = {
  /** Days from the date of the earliest unpaid invoice, which is day 0. */
  readonly daysSinceEarliestUnpaid?: number;
  readonly unpaidInvoices?: number;
  /** Reached in any one of these currencies. */
  readonly unpaidBalance?: readonly Money[];
  readonly lastFailureIn?: readonly string[];
  readonly controlTag?: string;
};

export type StateCondition<State extends string> = {
  readonly state: State;
  readonly when: OverdueCondition;
};

/** The date on which an invoice is due: its date of issue and the days of its payment term. */
export function dueDateOf(issued: Temporal.PlainDate, termDays: number): Temporal.PlainDate {
  return addDays(issued, termDays);
}

/**
 * Whether an invoice is overdue on `on`: issued and not paid, not in dispute, its due date over.
 * The due date itself still belongs to the customer.
 */
export function isOverdue(
  invoice: {
    readonly state: 'draft' | 'open' | 'paid' | 'void';
    readonly dueDate: Temporal.PlainDate;
    readonly isDisputed: boolean;
  },
  on: Temporal.PlainDate,
): boolean {
  return invoice.state === 'open' && !invoice.isDisputed && isDateBefore(invoice.dueDate, on);
}

/** What is owed at one date, with what decides beside it. Invoices of a later date do not count. */
export function observe(
  unpaid: readonly { readonly date: Temporal.PlainDate; readonly balance: Money }[],
  on: Temporal.PlainDate,
  also: Pick<Observed, 'lastFailure' | 'tags'>,
): Observed {
  const counted = unpaid.filter(({ date }) => !isDateBefore(on, date));
  const totals = new Map<Money['currency'], bigint>();
  for (const { balance } of counted) {
    totals.set(balance.currency, (totals.get(balance.currency) ?? 0n) + balance.minor);
  }
  const earliest = counted
    .map(({ date }) => date)
    .reduce<Temporal.PlainDate | undefined>(
      (first, date) => (first === undefined || isDateBefore(date, first) ? date : first),
      undefined,
    );
  return {
    ...(earliest === undefined ? {} : { earliestUnpaid: earliest }),
    unpaidInvoices: counted.length,
    unpaidBalances: [...totals].map(([currency, minor]) => money(minor, currency)),
    ...also,
  };
}

/** Whether every part of the condition holds on `on`. */
export function conditionHolds(
  condition: OverdueCondition,
  observed: Observed,
  on: Temporal.PlainDate,
): boolean {
  const { daysSinceEarliestUnpaid: days, unpaidInvoices: count, unpaidBalance } = condition;
  const { lastFailureIn, controlTag } = condition;
  return (
    (days === undefined || daysUnpaid(observed, on) >= days) &&
    (count === undefined || observed.unpaidInvoices >= count) &&
    (unpaidBalance === undefined || unpaidBalance.some((least) => owesAtLeast(observed, least))) &&
    (lastFailureIn === undefined ||
      (observed.lastFailure !== undefined && lastFailureIn.includes(observed.lastFailure))) &&
    (controlTag === undefined || observed.tags.includes(controlTag))
  );
}

/** Days since the earliest unpaid invoice; below zero where nothing is unpaid. */
function daysUnpaid({ earliestUnpaid }: Observed, on: Temporal.PlainDate): number {
  return earliestUnpaid === undefined ? -1 : daysIn({ start: earliestUnpaid, end: on });
}

function owesAtLeast({ unpaidBalances }: Observed, least: Money): boolean {
  const owed = unpaidBalances.find(({ currency }) => currency === least.currency);
  return compare(owed ?? money(0n, least.currency), least) >= 0;
}

/**
 * The most severe state whose condition holds on `on`, also where a look comes late; undefined
 * where none does. `states` stand in order, the most severe first.
 */
export function overdueState<State extends string>(
  states: readonly StateCondition<State>[],
  observed: Observed,
  on: Temporal.PlainDate,
): State | undefined {
  return states.find(({ when }) => conditionHolds(when, observed, on))?.state;
}

/**
 * The date on which each state would be entered by age alone, if nothing is paid, the earliest
 * first. States without a number of days have none.
 */
export function transitionDates<State extends string>(
  states: readonly StateCondition<State>[],
  earliestUnpaid: Temporal.PlainDate,
): readonly { readonly state: State; readonly on: Temporal.PlainDate }[] {
  return states
    .flatMap(({ state, when }) => {
      const { daysSinceEarliestUnpaid: days } = when;
      return days === undefined ? [] : [{ state, on: addDays(earliestUnpaid, days) }];
    })
    .toSorted((left, right) => Temporal.PlainDate.compare(left.on, right.on));
}

import { businessDate } from '../calendar/business-time.ts';
import type { Money } from '../money/money.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Attempt } from './attempt.ts';
import type { RailCapabilities } from './capabilities.ts';
import { type BudgetRefusal, budgetRefusal } from './refusals.ts';

/** What a mandate has used of what its rail counts, on the rail's own day and calendar month. */
export type BudgetUse = {
  readonly triesToday: number;
  readonly successesToday: number;
  readonly successesThisCycle: number;
  readonly takenTodayMinor: bigint;
};

export const UNUSED: BudgetUse = {
  triesToday: 0,
  successesToday: 0,
  successesThisCycle: 0,
  takenTodayMinor: 0n,
};

/** What counting needs of one attempt by the mandate. */
export type CountedAttempt = Pick<Attempt, 'state' | 'amount' | 'submittedAt' | 'endedAt'>;

/**
 * Counts the attempts of one mandate, whichever debit they belong to. A try counts on the day it
 * left, whatever became of it, but for a number that the rail never saw. An open number counts as
 * a success too: the rail may have taken it, and too careful costs a day, not the customer's trust.
 */
export function countUse(
  attempts: readonly CountedAttempt[],
  now: Temporal.Instant,
  zone: string,
): BudgetUse {
  const today = businessDate(now, zone);
  let use = UNUSED;
  for (const { state, amount, submittedAt, endedAt } of attempts) {
    if (state === 'never_sent') continue;
    if (businessDate(submittedAt, zone).equals(today)) {
      use = { ...use, triesToday: use.triesToday + 1 };
    }
    if (state === 'refused' || state === 'closed') continue;
    const paidOn = businessDate(endedAt ?? submittedAt, zone);
    if (paidOn.year !== today.year || paidOn.month !== today.month) continue;
    use = { ...use, successesThisCycle: use.successesThisCycle + 1 };
    if (!paidOn.equals(today)) continue;
    use = {
      ...use,
      successesToday: use.successesToday + 1,
      takenTodayMinor: use.takenTodayMinor + amount.minor,
    };
  }
  return use;
}

/**
 * Whether one more try of `amount` stays inside what the rail counts. Refused with the first budget
 * that it would break and `nextDate`: the first day of the rail on which that one is free again.
 */
export function checkBudgets(
  use: BudgetUse,
  about: {
    readonly capabilities: Pick<RailCapabilities, 'budgets' | 'successesPerDay' | 'zone'>;
    readonly amount: Money;
  },
  now: Temporal.Instant,
): Result<true, BudgetRefusal> {
  const { budgets = {}, successesPerDay, zone } = about.capabilities;
  const today = businessDate(now, zone);
  const tomorrow = today.add({ days: 1 });
  const nextCycle = today.with({ day: 1 }).add({ months: 1 });
  if (isUsedUp(use.successesThisCycle, budgets.successesPerCycle)) {
    return refuse(budgetRefusal('budget_successes_cycle', nextCycle));
  }
  if (isUsedUp(use.triesToday, budgets.attemptsPerDay)) {
    return refuse(budgetRefusal('budget_tries_day', tomorrow));
  }
  if (isUsedUp(use.successesToday, successesPerDay)) {
    return refuse(budgetRefusal('budget_successes_day', tomorrow));
  }
  const { dailyCap } = budgets;
  const isCapped = dailyCap !== undefined && dailyCap.currency === about.amount.currency;
  if (isCapped && use.takenTodayMinor + about.amount.minor > dailyCap.minor) {
    return refuse(budgetRefusal('budget_daily_cap', tomorrow));
  }
  return ok(true);
}

function isUsedUp(used: number, allowed: number | undefined): boolean {
  return allowed !== undefined && used >= allowed;
}

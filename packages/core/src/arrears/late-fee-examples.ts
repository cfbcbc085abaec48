import { type Currency, type Money, money } from '../money/money.ts';
import { computeFeeOf } from './late-fee-figure.ts';
import type { LateFeePolicy } from './late-fee-policy.ts';

/** What somebody who owes `base` is asked for on a day overdue. */
export type LateFeeExample = {
  readonly daysOverdue: number;
  readonly base: Money;
  readonly amount: Money;
  readonly isCapped: boolean;
};

/** What the examples count from: 1,000.00 in a currency of two decimals. */
const EXAMPLE_MINOR = 100_000n;
/** Past this many days an example tells nobody anything. */
const LONGEST_EXAMPLE_DAYS = 3_650;

/**
 * The table that is shown with a policy: the last day of grace, the first day that counts, ten and
 * thirty of them, and the day on which the cap is reached.
 */
export function lateFeeExamples(
  policy: LateFeePolicy,
  currency: Currency = 'CNY',
): readonly LateFeeExample[] {
  const base = money(EXAMPLE_MINOR, currency);
  const counted = [0, 1, 10, 30, ...daysToCap(policy, base)];
  const since = Temporal.PlainDate.from('2026-01-01');
  return [...new Set(counted)]
    .toSorted((left, right) => left - right)
    .map((days) => {
      const daysOverdue = policy.graceDays + days;
      const owed = { principal: base, since, payments: [] };
      const figure = computeFeeOf(owed, policy, since.add({ days: daysOverdue }));
      return { daysOverdue, base, amount: figure.amount, isCapped: figure.isCapped };
    });
}

/** The first day that counts on which the cap is reached, found by halving; none far away. */
function daysToCap(policy: LateFeePolicy, base: Money): readonly number[] {
  const since = Temporal.PlainDate.from('2026-01-01');
  const isCapped = (days: number) => {
    const on = since.add({ days: policy.graceDays + days });
    return computeFeeOf({ principal: base, since, payments: [] }, policy, on).isCapped;
  };
  if (!isCapped(LONGEST_EXAMPLE_DAYS)) return [];
  let [before, at] = [0, LONGEST_EXAMPLE_DAYS];
  while (at - before > 1) {
    const middle = (before + at) >> 1;
    if (isCapped(middle)) at = middle;
    else before = middle;
  }
  return [at];
}

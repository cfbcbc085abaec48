import { daysIn, type Period } from '../calendar/periods.ts';
import type { Money } from '../money/money.ts';
import type { Parking, Subscription } from '../subscription/subscription.ts';
import type { SanityBounds } from './draft-facts.ts';

/** What a draft came to, as far as the bounds look at it. */
export type Measure = {
  readonly lines: number;
  readonly total: Money;
  readonly period: Period;
  readonly recentTotals: readonly Money[];
};

/**
 * Why a draft looks like billing that ran away, or nothing: too many lines for its days, or a total
 * far above what the customer was billed before or is committed to. Without a history and without
 * a contract there is nothing to compare with.
 */
export function checkBounds(
  subscription: Subscription,
  measure: Measure,
  bounds: SanityBounds,
): Omit<Parking, 'at'> | undefined {
  const days = Math.max(daysIn(measure.period), 1);
  if (measure.lines > bounds.linesPerDay * days) {
    const most = bounds.linesPerDay * days;
    return {
      reason: 'too_many_lines',
      sentence: `The invoice would have ${measure.lines} lines; ${days} days may have ${most}.`,
    };
  }
  const { total, recentTotals } = measure;
  if (total.minor <= bounds.floorMinor) return undefined;
  const recent = largestOf(recentTotals.filter(({ currency }) => currency === total.currency));
  if (recent > 0n) {
    return total.minor > recent * bounds.timesRecent
      ? beyond('amount_beyond_history', total, { minor: recent, times: bounds.timesRecent })
      : undefined;
  }
  const committed = subscription.contract?.minimumPerPeriod?.minor ?? 0n;
  return committed > 0n && total.minor > committed * bounds.timesRecent
    ? beyond('amount_beyond_contract', total, { minor: committed, times: bounds.timesRecent })
    : undefined;
}

function beyond(
  reason: 'amount_beyond_history' | 'amount_beyond_contract',
  total: Money,
  { minor, times }: { readonly minor: bigint; readonly times: bigint },
): Omit<Parking, 'at'> {
  const what = reason === 'amount_beyond_history' ? 'largest recent invoice' : 'contract’s minimum';
  return {
    reason,
    sentence: `The invoice would be ${total.minor} in the smallest unit of ${total.currency}, \
more than ${times} times the ${what} (${minor}).`,
  };
}

function largestOf(amounts: readonly Money[]): bigint {
  let largest = 0n;
  for (const { minor } of amounts) if (minor > largest) largest = minor;
  return largest;
}

import { addDays } from '../calendar/periods.ts';

/**
 * Days after the first failure on which a payment is tried again: each interval is counted from the
 * try before it, which failed as well; after the last one the payment is given up.
 */
export function retryDays(intervals: readonly number[]): readonly number[] {
  let day = 0;
  return intervals.map((interval) => {
    day += interval;
    return day;
  });
}

/** The same as dates; those after `until` are left out. */
export function retryDates(
  firstFailure: Temporal.PlainDate,
  intervals: readonly number[],
  until?: Temporal.PlainDate,
): readonly Temporal.PlainDate[] {
  const dates = retryDays(intervals).map((days) => addDays(firstFailure, days));
  return until === undefined
    ? dates
    : dates.filter((date) => Temporal.PlainDate.compare(date, until) <= 0);
}

/**
 * Tries in all, the first one included, and how it ends, where the retry number `succeedsOn` is the
 * first that succeeds (0: the first try itself; undefined: none does).
 */
export function countTries(
  intervals: readonly number[],
  succeedsOn: number | undefined,
): { readonly tries: number; readonly isPaid: boolean } {
  const isPaid = succeedsOn !== undefined && succeedsOn <= intervals.length;
  return { tries: (isPaid ? succeedsOn : intervals.length) + 1, isPaid };
}

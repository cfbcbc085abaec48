import { invariant } from '../result/invariant.ts';

/** How often a price recurs. `month` × 3 is a quarter. */
export type Interval = { readonly unit: 'week' | 'month' | 'year'; readonly count: number };

/** A half-open span of business dates: `start` belongs to it, `end` does not. */
export type Period = { readonly start: Temporal.PlainDate; readonly end: Temporal.PlainDate };

/**
 * The `index`-th boundary counted from `anchor`. Computed from the anchor each time and clamped to
 * the month's end, so that 31 January → 28 February → 31 March (DESIGN §8); adding month by month
 * would drift to the 28th.
 */
export function periodBoundary(
  anchor: Temporal.PlainDate,
  interval: Interval,
  index: number,
): Temporal.PlainDate {
  invariant(Number.isSafeInteger(index), 'a period index is a whole number');
  invariant(
    Number.isSafeInteger(interval.count) && interval.count >= 1,
    'an interval is one or more whole units, or its periods would be empty',
  );
  const steps = interval.count * index;
  switch (interval.unit) {
    case 'week':
      return anchor.add({ weeks: steps });
    case 'month':
      return anchor.add({ months: steps }, { overflow: 'constrain' });
    case 'year':
      return anchor.add({ years: steps }, { overflow: 'constrain' });
  }
}

/** The period with this index: period 0 starts on the anchor. */
export function periodAt(anchor: Temporal.PlainDate, interval: Interval, index: number): Period {
  return {
    start: periodBoundary(anchor, interval, index),
    end: periodBoundary(anchor, interval, index + 1),
  };
}

/** Calendar days in the period, its end not counted. */
export function daysIn(period: Period): number {
  return period.start.until(period.end, { largestUnit: 'day' }).days;
}

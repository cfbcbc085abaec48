import { invariant } from '../result/invariant.ts';
import { clampToBillingDay } from './billing-day.ts';
import { countsDays, type Interval, isDateBefore, type Period, periodBoundary } from './periods.ts';

/**
 * An unbroken line of periods in both directions; boundary 0 is `anchor`. With `billingDay` the
 * boundaries of month-based intervals fall on that day of their month, clamped to its end: an
 * anchor of 28 February with billing day 31 is followed by 31 March.
 */
export type Grid = {
  readonly anchor: Temporal.PlainDate;
  readonly interval: Interval;
  readonly billingDay?: number;
};

/** The `index`-th boundary, computed from the anchor, never from the boundary before it. */
export function gridBoundary(grid: Grid, index: number): Temporal.PlainDate {
  const boundary = periodBoundary(grid.anchor, grid.interval, index);
  return grid.billingDay === undefined || countsDays(grid.interval)
    ? boundary
    : clampToBillingDay(boundary, grid.billingDay);
}

/** The period between the boundaries `index` and `index` + 1. */
export function gridPeriod(grid: Grid, index: number): Period {
  return { start: gridBoundary(grid, index), end: gridBoundary(grid, index + 1) };
}

/**
 * The index of the period that holds `date`; negative before the anchor. A date on a boundary
 * belongs to the period that it opens. Constant time: months or days are counted and the guess is
 * corrected by at most one, however far away the date is.
 */
export function gridIndexOf(grid: Grid, date: Temporal.PlainDate): number {
  const guess = guessIndex(grid, date);
  const index = isDateBefore(date, gridBoundary(grid, guess)) ? guess - 1 : guess;
  invariant(
    !isDateBefore(date, gridBoundary(grid, index)) &&
      isDateBefore(date, gridBoundary(grid, index + 1)),
    'a date is inside the period that its index names',
  );
  return index;
}

/** The first boundary on or after `date`. */
export function gridBoundaryOnOrAfter(grid: Grid, date: Temporal.PlainDate): Temporal.PlainDate {
  const { start, end } = gridPeriod(grid, gridIndexOf(grid, date));
  return start.equals(date) ? start : end;
}

/** The period that holds `date`, with its index: period 0 starts on the anchor. */
export function periodContaining(
  anchor: Temporal.PlainDate,
  interval: Interval,
  date: Temporal.PlainDate,
): { readonly index: number; readonly period: Period } {
  const grid: Grid = { anchor, interval };
  const index = gridIndexOf(grid, date);
  return { index, period: gridPeriod(grid, index) };
}

/** How many whole periods fit between the dates, cut downwards; negative when `end` is earlier. */
export function wholePeriodsBetween(
  start: Temporal.PlainDate,
  end: Temporal.PlainDate,
  interval: Interval,
): number {
  return gridIndexOf({ anchor: start, interval }, end);
}

/** The next `count` boundaries after the anchor. */
export function boundariesAfterAnchor(grid: Grid, count: number): readonly Temporal.PlainDate[] {
  return Array.from({ length: count }, (_, index) => gridBoundary(grid, index + 1));
}

/**
 * `span` cut at the boundaries inside it. The parts follow each other without a gap and together
 * are the span; its first and last part may be shorter than a period.
 */
export function splitAtBoundaries(grid: Grid, span: Period): readonly Period[] {
  const parts: Period[] = [];
  let start = span.start;
  for (let index = gridIndexOf(grid, start) + 1; isDateBefore(start, span.end); index += 1) {
    const boundary = gridBoundary(grid, index);
    const end = isDateBefore(boundary, span.end) ? boundary : span.end;
    parts.push({ start, end });
    start = end;
  }
  return parts;
}

/** Never below the answer and at most one above it. */
function guessIndex({ anchor, interval }: Grid, date: Temporal.PlainDate): number {
  switch (interval.unit) {
    case 'day':
    case 'week': {
      const days = anchor.until(date, { largestUnit: 'day' }).days;
      return Math.floor(days / (interval.count * (interval.unit === 'week' ? 7 : 1)));
    }
    case 'month':
    case 'year': {
      const months = (date.year - anchor.year) * 12 + date.month - anchor.month;
      return Math.floor(months / (interval.count * (interval.unit === 'year' ? 12 : 1)));
    }
  }
}

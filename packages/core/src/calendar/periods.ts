import { invariant } from '../result/invariant.ts';

/** How often a price recurs. `month` × 3 is a quarter, `day` × 30 the thirty days of some plans. */
export type Interval = {
  readonly unit: 'day' | 'week' | 'month' | 'year';
  readonly count: number;
};

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
    case 'day':
      return addDays(anchor, steps);
    case 'week':
      return addDays(anchor, steps * 7);
    case 'month':
      return addMonths(anchor, steps);
    case 'year':
      return addMonths(anchor, steps * 12);
  }
}

// A billing run asks for the same few sums of dates for every subscription, and Temporal takes a
// microsecond for each. Dates never change, so whoever asks again may have the same one.
const REMEMBERED = 4_096;
const laterByDays = new Map<number, Temporal.PlainDate>();
const laterByMonths = new Map<number, Temporal.PlainDate>();

/** The date `days` later; earlier when negative. */
export function addDays(date: Temporal.PlainDate, days: number): Temporal.PlainDate {
  return remembered(laterByDays, stepKey(date, days), () => date.add({ days }));
}

/** The same day `months` later (earlier when negative), clamped to the end of its month. */
function addMonths(date: Temporal.PlainDate, months: number): Temporal.PlainDate {
  return remembered(laterByMonths, stepKey(date, months), () =>
    date.add({ months }, { overflow: 'constrain' }),
  );
}

/** A date in years of four digits and a step from it as one number; undefined where it has none. */
function stepKey(date: Temporal.PlainDate, step: number): number | undefined {
  const { year } = date;
  const isSmall = year >= 0 && year <= 9_999 && Math.abs(step) < STEPS;
  return isSmall ? dateOrder(date) * (2 * STEPS) + step + STEPS : undefined;
}

const STEPS = 1_048_576;

function remembered(
  known: Map<number, Temporal.PlainDate>,
  key: number | undefined,
  compute: () => Temporal.PlainDate,
): Temporal.PlainDate {
  if (key === undefined) return compute();
  const value = known.get(key);
  if (value !== undefined) return value;
  const computed = compute();
  if (known.size >= REMEMBERED) known.clear();
  known.set(key, computed);
  return computed;
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
  return dayNumber(period.end) - dayNumber(period.start);
}

/**
 * Days since 1 March of the year 0, by the Gregorian rule of leap years. Drafting counts days for
 * every line; asking Temporal for the difference costs twenty times as much.
 */
function dayNumber({ year, month, day }: Temporal.PlainDate): number {
  const marchYear = month > 2 ? year : year - 1;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const monthsSinceMarch = month > 2 ? month - 3 : month + 9;
  return marchYear * 365 + leapDays + Math.floor((monthsSinceMarch * 153 + 2) / 5) + day - 1;
}

/** The days that both periods have; undefined when they have none. */
export function overlapOf(left: Period, right: Period): Period | undefined {
  const start = laterDate(left.start, right.start);
  const end = earlierDate(left.end, right.end);
  return isDateBefore(start, end) ? { start, end } : undefined;
}

/** Whether intervals of this unit count days, so that a billing day of the month means nothing. */
export function countsDays(interval: Interval): boolean {
  return interval.unit === 'day' || interval.unit === 'week';
}

export function isDateBefore(left: Temporal.PlainDate, right: Temporal.PlainDate): boolean {
  return dateOrder(left) < dateOrder(right);
}

/** Orders ISO dates as numbers, ten times as fast as `Temporal.PlainDate.compare`. */
function dateOrder({ year, month, day }: Temporal.PlainDate): number {
  return (year * 16 + month) * 32 + day;
}

export function earlierDate(
  left: Temporal.PlainDate,
  right: Temporal.PlainDate,
): Temporal.PlainDate {
  return isDateBefore(right, left) ? right : left;
}

export function laterDate(left: Temporal.PlainDate, right: Temporal.PlainDate): Temporal.PlainDate {
  return isDateBefore(left, right) ? right : left;
}

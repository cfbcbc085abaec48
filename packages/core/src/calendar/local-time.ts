import { businessDate } from './business-time.ts';
import type { Interval, Period } from './periods.ts';

/** A half-open span of instants: `start` belongs to it, `end` does not. */
export type Span = { readonly start: Temporal.Instant; readonly end: Temporal.Instant };

export type FloorUnit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

/**
 * The start of the local minute, hour, day, ISO week (Monday), month, quarter or year that holds
 * `instant` in `zone`. An hour that occurs twice when clocks go back keeps its own instance. A day
 * whose midnight a clock change skips starts at its first existing time.
 */
export function floorTo(
  instant: Temporal.Instant,
  unit: FloorUnit,
  zone: string,
): Temporal.Instant {
  const local = instant.toZonedDateTimeISO(zone);
  if (unit === 'minute' || unit === 'hour') {
    return local.round({ smallestUnit: unit, roundingMode: 'floor' }).toInstant();
  }
  return startOfDay(firstDayOf(local.toPlainDate(), unit), zone);
}

/** The same local time `days` later: a day of 23 or 25 hours is still one day. */
export function addCalendarDays(
  instant: Temporal.Instant,
  days: number,
  zone: string,
): Temporal.Instant {
  return instant.toZonedDateTimeISO(zone).add({ days }).toInstant();
}

/** Local dates from `start` to `end` in `zone`, the end not counted; clock changes have no say. */
export function calendarDaysBetween(
  start: Temporal.Instant,
  end: Temporal.Instant,
  zone: string,
): number {
  return businessDate(start, zone).until(businessDate(end, zone), { largestUnit: 'day' }).days;
}

/** The first instant of a date in `zone`. */
export function startOfDay(date: Temporal.PlainDate, zone: string): Temporal.Instant {
  return date.toZonedDateTime(zone).toInstant();
}

/** A period of dates as instants, cut at local midnight in `zone`. */
export function spanOf(period: Period, zone: string): Span {
  return { start: startOfDay(period.start, zone), end: startOfDay(period.end, zone) };
}

/**
 * The offset of `zone` at `reference`, as a zone of its own (`+08:00`). Kill Bill keeps one for an
 * account, so that its dates ignore clock changes; ours never do.
 */
export function fixedOffsetAt(reference: Temporal.Instant, zone: string): string {
  return reference.toZonedDateTimeISO(zone).offset;
}

/**
 * The anchor that puts boundaries on the calendar's own: Monday, the first of the month, of the
 * quarter or of the half-year, the first of January.
 */
export function calendarAnchor(interval: Interval, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (interval.unit) {
    case 'day':
      return date;
    case 'week':
      return firstDayOf(date, 'week');
    case 'month':
    case 'year':
      return firstDayOf(date, 'year');
  }
}

function firstDayOf(
  date: Temporal.PlainDate,
  unit: Exclude<FloorUnit, 'minute' | 'hour'>,
): Temporal.PlainDate {
  switch (unit) {
    case 'day':
      return date;
    case 'week':
      return date.subtract({ days: date.dayOfWeek - 1 });
    case 'month':
      return date.with({ day: 1 });
    case 'quarter':
      return date.with({ day: 1, month: date.month - ((date.month - 1) % 3) });
    case 'year':
      return date.with({ day: 1, month: 1 });
  }
}

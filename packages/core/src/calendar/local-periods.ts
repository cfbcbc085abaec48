import { businessDate } from './business-time.ts';
import { type Grid, gridIndexOf, gridPeriod } from './grid.ts';
import { calendarAnchor, type Span, spanOf } from './local-time.ts';
import type { Interval, Period } from './periods.ts';

/**
 * Periods of a customer who started at `start`, cut at local midnight in `zone`: counted from the
 * local date of the start, or on the calendar's own boundaries (`calendarAnchor`).
 */
export type LocalSchedule = {
  readonly start: Temporal.Instant;
  readonly interval: Interval;
  readonly alignment: 'anniversary' | 'calendar';
  readonly zone: string;
};

/** A period of dates, the same as instants, and the periods completed since the start. */
export type LocalPeriod = {
  readonly period: Period;
  readonly span: Span;
  readonly elapsed: number;
};

/** The period of the local date of `at`: billed in advance, or at the end of the service. */
export function currentLocalPeriod(schedule: LocalSchedule, at: Temporal.Instant): LocalPeriod {
  return localPeriod(schedule, gridIndexOf(gridOf(schedule), businessDate(at, schedule.zone)));
}

/** The period before the current one: billed in arrears. */
export function lastCompletedLocalPeriod(
  schedule: LocalSchedule,
  at: Temporal.Instant,
): LocalPeriod {
  return localPeriod(schedule, gridIndexOf(gridOf(schedule), businessDate(at, schedule.zone)) - 1);
}

function localPeriod(schedule: LocalSchedule, index: number): LocalPeriod {
  const grid = gridOf(schedule);
  const period = gridPeriod(grid, index);
  const first = gridIndexOf(grid, businessDate(schedule.start, schedule.zone));
  return { period, span: spanOf(period, schedule.zone), elapsed: index - first };
}

function gridOf({ start, interval, alignment, zone }: LocalSchedule): Grid {
  const date = businessDate(start, zone);
  return { anchor: alignment === 'calendar' ? calendarAnchor(interval, date) : date, interval };
}

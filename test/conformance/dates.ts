import {
  addCalendarDays,
  addSeconds,
  arrearsPeriod,
  type BillingRun,
  type BillingSchedule,
  billedPeriods,
  billingWindow,
  boundariesAfterAnchor,
  businessDate,
  calendarDaysBetween,
  clampToBillingDay,
  countsDays,
  currentLocalPeriod,
  type FloorUnit,
  firstBillingDate,
  fixedOffsetAt,
  floorTo,
  type Grid,
  gridBoundaryOnOrAfter,
  type Interval,
  type LocalSchedule,
  lastCompletedLocalPeriod,
  nextBillingDayOnOrAfter,
  nextBoundaryAfter,
  type Period,
  periodBoundary,
  servicePeriodContaining,
  splitSpan,
  wholePeriodsBetween,
} from '../../packages/core/src/index.ts';
import {
  CaseNotUnderstood,
  dateAt,
  flagAt,
  type Given,
  has,
  instantAtKey,
  instantText,
  optional,
  textAt,
  wholeAt,
} from './kit.ts';
import type { Operation } from './run.ts';

const INTERVALS: Readonly<Record<string, Interval>> = {
  daily: { unit: 'day', count: 1 },
  weekly: { unit: 'week', count: 1 },
  biweekly: { unit: 'week', count: 2 },
  thirty_days: { unit: 'day', count: 30 },
  monthly: { unit: 'month', count: 1 },
  quarterly: { unit: 'month', count: 3 },
  semiannual: { unit: 'month', count: 6 },
  annual: { unit: 'year', count: 1 },
  yearly: { unit: 'year', count: 1 },
};

const FLOOR_UNITS: readonly FloorUnit[] = [
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
];
const MODES: readonly BillingRun['mode'][] = ['in_advance', 'in_arrears', 'in_arrears_greedy'];

/** Calendar arithmetic, periods and billing dates: the operations of dates.json. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  schedule,
  first_billing_date: (given) => ({
    date: dateText(
      firstBillingDate(dateAt(given, 'start'), intervalAt(given), wholeAt(given, 'billing_day')),
    ),
  }),
  next_billing_day_on_or_after: nextBillingDay,
  clamp_billing_day: (given) => ({
    date: dateText(clampToBillingDay(dateAt(given, 'date'), wholeAt(given, 'billing_day'))),
  }),
  billing_window: billingWindowAt,
  billed_periods: billedPeriodsAt,
  whole_periods_between: (given) => ({
    count: wholePeriodsBetween(dateAt(given, 'start'), dateAt(given, 'end'), intervalAt(given)),
  }),
  advance_periods: (given) => ({
    date: dateText(
      periodBoundary(dateAt(given, 'date'), intervalAt(given), wholeAt(given, 'count')),
    ),
  }),
  period_containing: periodAtDate,
  arrears_period: arrears,
  period_at_instant: periodAtInstant,
  next_boundary: nextBoundary,
  split_periods: splitPeriods,
  local_date: (given) => localDate(given, textAt(given, 'timezone')),
  local_date_fixed_offset: (given) => localDate(given, fixedZone(given)),
  floor_to: (given) => ({
    instant: instantText(
      floorTo(
        instantAtKey(given, 'instant'),
        oneOf(FLOOR_UNITS, given, 'unit'),
        textAt(given, 'timezone'),
      ),
    ),
  }),
  add_calendar_days: (given) => ({
    instant: instantText(
      addCalendarDays(
        instantAtKey(given, 'instant'),
        wholeAt(given, 'days'),
        textAt(given, 'timezone'),
      ),
    ),
  }),
  calendar_days_between: (given) => ({
    days: calendarDaysBetween(
      instantAtKey(given, 'start'),
      instantAtKey(given, 'end'),
      textAt(given, 'timezone'),
    ),
  }),
};

/** The interval that the cases name `monthly`, `thirty_days` and so on. */
export function intervalAt(given: Given, key = 'period'): Interval {
  const name = textAt(given, key);
  const interval = Object.hasOwn(INTERVALS, name) ? INTERVALS[name] : undefined;
  if (interval === undefined) throw new CaseNotUnderstood(`${name} is not a period that we know`);
  return interval;
}

export function scheduleAt(given: Given): BillingSchedule {
  return {
    start: dateAt(given, 'start'),
    interval: intervalAt(given),
    billingDay: wholeAt(given, 'billing_day'),
  };
}

export function billingRunAt(given: Given): BillingRun {
  const end = optional(given, 'end', dateAt);
  return {
    asOf: dateAt(given, 'as_of'),
    mode: oneOf(MODES, given, 'mode'),
    ...(end === undefined ? {} : { end }),
    refuseBeforeStart: flagAt(given, 'reject_before_start'),
  };
}

function schedule(given: Given) {
  const billingDay = optional(given, 'billing_day', wholeAt);
  const grid: Grid = {
    anchor: dateAt(given, 'anchor'),
    interval: intervalAt(given),
    ...(billingDay === undefined ? {} : { billingDay }),
  };
  return { dates: boundariesAfterAnchor(grid, wholeAt(given, 'count')).map(dateText) };
}

/** Periods of days step from their anchor; the others have a billing day of the month. */
function nextBillingDay(given: Given) {
  const date = dateAt(given, 'date');
  const interval = optional(given, 'period', intervalAt);
  if (interval !== undefined && countsDays(interval)) {
    const grid: Grid = { anchor: dateAt(given, 'anchor'), interval };
    return { date: dateText(gridBoundaryOnOrAfter(grid, date)) };
  }
  return { date: dateText(nextBillingDayOnOrAfter(date, wholeAt(given, 'billing_day'))) };
}

function billingWindowAt(given: Given) {
  const window = billingWindow(scheduleAt(given), billingRunAt(given));
  return {
    has_charge: window.hasBilling,
    first_billing_date: dateText(window.firstBillingDate),
    billed_through: dateOrNull(window.billedThrough),
    last_billing_date: dateOrNull(window.lastBillingDate),
    next_billing_date: dateText(window.nextBillingDate),
  };
}

function billedPeriodsAt(given: Given) {
  const billed = billedPeriods(scheduleAt(given), billingRunAt(given));
  if (!billed.ok) return { error: billed.refusal.code };
  return {
    periods: billed.value.map(({ service }) => [dateText(service.start), dateText(service.end)]),
  };
}

function periodAtDate(given: Given) {
  const { service, elapsed } = servicePeriodContaining(scheduleAt(given), dateAt(given, 'date'));
  return { ...periodText(service), elapsed_periods: elapsed };
}

function arrears(given: Given) {
  const billing = scheduleAt({ ...given, start: given['billing_start'] });
  return periodText(arrearsPeriod(billing, dateAt(given, 'invoice_date')));
}

function periodAtInstant(given: Given) {
  const schedule: LocalSchedule = {
    start: instantAtKey(given, 'anchor'),
    interval: intervalAt(given, 'interval'),
    alignment: oneOf(['calendar', 'anniversary'] as const, given, 'alignment'),
    zone: textAt(given, 'timezone'),
  };
  const which = oneOf(['current', 'last_completed'] as const, given, 'which');
  const periodAt = which === 'current' ? currentLocalPeriod : lastCompletedLocalPeriod;
  const { span, elapsed } = periodAt(schedule, instantAtKey(given, 'at'));
  return {
    from: instantText(span.start),
    to: instantText(span.end),
    to_inclusive_second: instantText(addSeconds(span.end, -1)),
    elapsed_periods: elapsed,
  };
}

function nextBoundary(given: Given) {
  const notAfter = optional(given, 'subscription_end', instantAtKey);
  const steps = optional(given, 'unit', wholeAt);
  const next = nextBoundaryAfter(zonedGridAt(given), instantAtKey(given, 'current_period_start'), {
    ...(steps === undefined ? {} : { steps }),
    ...(notAfter === undefined ? {} : { notAfter }),
  });
  return { next: instantText(next) };
}

function splitPeriods(given: Given) {
  const span = { start: instantAtKey(given, 'from'), end: instantAtKey(given, 'until') };
  const parts = splitSpan(zonedGridAt(given), span, optional(given, 'unit', wholeAt));
  return { periods: parts.map(({ start, end }) => [instantText(start), instantText(end)]) };
}

function zonedGridAt(given: Given) {
  return {
    anchor: instantAtKey(given, 'anchor'),
    interval: intervalAt(given),
    zone: optional(given, 'timezone', textAt) ?? 'UTC',
  };
}

function localDate(given: Given, zone: string) {
  const date = businessDate(instantAtKey(given, 'instant'), zone);
  return { date: dateText(date), day: date.day };
}

/** The offset itself (`-08:00`), or that of the zone at the account's reference instant. */
function fixedZone(given: Given): string {
  return has(given, 'offset')
    ? textAt(given, 'offset')
    : fixedOffsetAt(instantAtKey(given, 'reference'), textAt(given, 'timezone'));
}

function oneOf<T extends string>(values: readonly T[], given: Given, key: string): T {
  const text = textAt(given, key);
  const value = values.find((each) => each === text);
  if (value === undefined) throw new CaseNotUnderstood(`${text} is not a ${key} that we know`);
  return value;
}

function dateText(date: Temporal.PlainDate): string {
  return date.toString();
}

function dateOrNull(date: Temporal.PlainDate | undefined): string | null {
  return date === undefined ? null : dateText(date);
}

function periodText(period: Period | undefined) {
  return { from: dateOrNull(period?.start), to: dateOrNull(period?.end) };
}

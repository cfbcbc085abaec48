import { periodBoundary } from '../calendar/periods.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { RailCapabilities } from './capabilities.ts';

/** Monthly steps that are looked at to find the planned date of a debit: 50 years. */
const PLANNED_MONTHS_LIMIT = 600;

/**
 * Whether a rail that keeps a planned date for the mandate takes a debit on `date`: from
 * `earlyDays` before the planned date up to it (Alipay 周期扣款, rails.md §2.4). Where the mandate
 * does not say which date the rail keeps now, every month after the first planned date counts.
 */
export function isNearPlannedDate(
  mandate: Mandate,
  date: Temporal.PlainDate,
  rule: NonNullable<RailCapabilities['plannedDate']>,
): boolean {
  const { plannedDate } = mandate;
  if (plannedDate !== undefined)
    return isBetween(earliestFor(plannedDate, rule), date, plannedDate);
  if (mandate.firstPlannedDate === undefined) return true;
  const monthly = { unit: 'month', count: 1 } as const;
  for (let index = 0; index < PLANNED_MONTHS_LIMIT; index += 1) {
    const planned = periodBoundary(mandate.firstPlannedDate, monthly, index);
    if (Temporal.PlainDate.compare(date, planned) > 0) continue;
    return Temporal.PlainDate.compare(date, planned.subtract({ days: rule.earlyDays })) >= 0;
  }
  return false;
}

/**
 * The first planned date to tell a rail for debits due on `dueDate`: two days later, so that T lies
 * in the early window and a retry remains. Where the rail allows no such day of the month, the
 * first of the next month: at most five days after T, so T is still in the window, never moved.
 */
export function plannedDateFor(
  dueDate: Temporal.PlainDate,
  rule: NonNullable<RailCapabilities['plannedDate']>,
): Temporal.PlainDate {
  const planned = dueDate.add({ days: 2 });
  return planned.day > rule.latestDayOfMonth
    ? planned.with({ day: 1 }).add({ months: 1 })
    : planned;
}

/** The planned date that the rail keeps after a success: a month later than the one before. */
export function afterSuccess(plannedDate: Temporal.PlainDate): Temporal.PlainDate {
  return plannedDate.add({ months: 1 });
}

/**
 * Where a debit lies to the planned date that the rail keeps. `fits`: inside its days. `too_early`:
 * before them, so it waits until `from`. `too_late`: after them, as a period passed without a
 * success; the rail can be asked to move its date later, never earlier (rails.md §2.5).
 */
export type PlanFit =
  | { readonly kind: 'fits' }
  | { readonly kind: 'too_early'; readonly from: Temporal.PlainDate }
  | { readonly kind: 'too_late' };

export function fitToPlan(
  mandate: Mandate,
  date: Temporal.PlainDate,
  rule: RailCapabilities['plannedDate'],
): PlanFit {
  const { plannedDate } = mandate;
  if (rule === undefined || plannedDate === undefined) return { kind: 'fits' };
  const from = earliestFor(plannedDate, rule);
  if (Temporal.PlainDate.compare(date, from) < 0) return { kind: 'too_early', from };
  const isLate = Temporal.PlainDate.compare(date, plannedDate) > 0;
  return { kind: isLate ? 'too_late' : 'fits' };
}

function earliestFor(
  plannedDate: Temporal.PlainDate,
  rule: NonNullable<RailCapabilities['plannedDate']>,
): Temporal.PlainDate {
  return plannedDate.subtract({ days: rule.earlyDays });
}

function isBetween(
  from: Temporal.PlainDate,
  date: Temporal.PlainDate,
  until: Temporal.PlainDate,
): boolean {
  const { compare } = Temporal.PlainDate;
  return compare(from, date) <= 0 && compare(date, until) <= 0;
}

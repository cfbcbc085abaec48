import { periodBoundary } from '../calendar/periods.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { RailCapabilities } from './capabilities.ts';

/** Monthly steps that are looked at to find the planned date of a debit: 50 years. */
const PLANNED_MONTHS_LIMIT = 600;

/**
 * Whether a rail that keeps a planned date for the mandate takes a debit on `date`: from
 * `earlyDays` before the planned date up to it (Alipay 周期扣款, rails.md §2.4).
 */
export function isNearPlannedDate(
  mandate: Mandate,
  date: Temporal.PlainDate,
  rule: NonNullable<RailCapabilities['plannedDate']>,
): boolean {
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

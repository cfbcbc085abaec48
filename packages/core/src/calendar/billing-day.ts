import { invariant } from '../result/invariant.ts';
import { countsDays, type Interval, isDateBefore } from './periods.ts';

/** The billing day in the month of `date`; the month's last day where the month is shorter. */
export function clampToBillingDay(
  date: Temporal.PlainDate,
  billingDay: number,
): Temporal.PlainDate {
  invariant(
    Number.isSafeInteger(billingDay) && billingDay >= 1 && billingDay <= 31,
    'a billing day is a day of the month, 1 to 31',
  );
  return date.with({ day: billingDay }, { overflow: 'constrain' });
}

/**
 * The first date on or after `date` whose day is the billing day, clamped to the month's end. A
 * change of the billing day takes effect on it.
 */
export function nextBillingDayOnOrAfter(
  date: Temporal.PlainDate,
  billingDay: number,
): Temporal.PlainDate {
  const thisMonth = clampToBillingDay(date, billingDay);
  return isDateBefore(thisMonth, date)
    ? clampToBillingDay(date.add({ months: 1 }), billingDay)
    : thisMonth;
}

/**
 * The first billing date of a service that starts on `start`: the billing day of the start's
 * month when it is not past, else one whole interval later (also by the quarter and by the year,
 * so that the first period is never longer than a period). Intervals counted in days ignore the
 * billing day and start at once.
 */
export function firstBillingDate(
  start: Temporal.PlainDate,
  interval: Interval,
  billingDay: number,
): Temporal.PlainDate {
  if (countsDays(interval)) return start;
  const thisMonth = clampToBillingDay(start, billingDay);
  if (!isDateBefore(thisMonth, start)) return thisMonth;
  const months = interval.count * (interval.unit === 'year' ? 12 : 1);
  return clampToBillingDay(thisMonth.add({ months }), billingDay);
}

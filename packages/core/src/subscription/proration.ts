import type { ServicePeriod } from '../calendar/billed-periods.ts';
import { secondsBetween } from '../calendar/business-time.ts';
import type { Span } from '../calendar/local-time.ts';
import { daysIn, overlapOf, type Period } from '../calendar/periods.ts';
import { compare, type Money, zero } from '../money/money.ts';
import {
  fromMoney,
  multiplyRatio,
  type Ratio,
  ratio,
  roundRatio,
  toMoney,
} from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';

/** How days are counted where a merchant declares something but the actual calendar days. */
export type DayCount = {
  /** Every month has this many days (30: as bonds are counted; Kill Bill has it as an option). */
  readonly fixedMonthDays?: number;
  /** The first days of the service that are free. More than the service has leaves nothing. */
  readonly trialDays?: number;
};

/** Decimals of a number of cycles in reports; half up, each share before they are added. */
export const CYCLE_PLACES = 9;

/**
 * The share of a whole period that the service is: its calendar days by the actual days of
 * `full`, both without their ends (DESIGN §8). Above one when the service is longer. No clock
 * change has a say, and a customer can recheck it by hand.
 */
export function prorationShare(service: Period, full: Period, count: DayCount = {}): Ratio {
  const served = countDays(service, count) - (count.trialDays ?? 0);
  const whole = countDays(full, count);
  invariant(whole > 0, 'a whole period has days');
  return ratio(BigInt(Math.max(served, 0)), BigInt(whole));
}

/** `amount` for the days of the service, rounded half up away from zero once. */
export function prorate(amount: Money, service: Period, full: Period): Money {
  return prorateBy(amount, prorationShare(service, full));
}

/** `amount` × `share`, rounded half up away from zero once. */
export function prorateBy(amount: Money, share: Ratio): Money {
  return toMoney(prorateExactly(amount, share), amount.currency);
}

/** `amount` × `share` in major units, not rounded. */
export function prorateExactly(amount: Money, share: Ratio): Ratio {
  return multiplyRatio(fromMoney(amount), share);
}

/** The share by seconds, for what is sold by the second. Periods of dates never use it. */
export function secondsShare(service: Span, full: Span): Ratio {
  const whole = secondsBetween(full.start, full.end);
  invariant(whole > 0, 'a whole span has seconds');
  return ratio(BigInt(secondsBetween(service.start, service.end)), BigInt(whole));
}

/** How many cycles the periods are: each share rounded half up to `CYCLE_PLACES`, then added. */
export function cyclesOf(periods: readonly ServicePeriod[]): Ratio {
  const units = periods.reduce(
    (total, { service, full }) => total + roundRatio(prorationShare(service, full), CYCLE_PLACES),
    0n,
  );
  return ratio(units, 10n ** BigInt(CYCLE_PLACES));
}

/**
 * What is owed back for the days of `unused` that were billed, zero or more. Never above the
 * billed amount, nor above `maximum` (what was billed less what was already credited).
 */
export function creditForUnused({
  billed,
  unused,
  maximum = billed.amount,
}: {
  /** The whole period and amount of the line, as they were billed. */
  readonly billed: { readonly period: Period; readonly amount: Money };
  readonly unused: Period;
  readonly maximum?: Money;
}): Money {
  const days = overlapOf(unused, billed.period);
  if (days === undefined || maximum.minor <= 0n) return zero(billed.amount.currency);
  const credit = prorate(billed.amount, days, billed.period);
  return compare(credit, maximum) > 0 ? maximum : credit;
}

/**
 * The days of a period when every month has `daysInMonth` of them: 23 May to 15 June is 22 of 30.
 * The 31st counts as the 1st of the next month, so that whole months are always `daysInMonth`.
 */
export function fixedMonthDays({ start, end }: Period, daysInMonth: number): number {
  invariant(
    Number.isSafeInteger(daysInMonth) && daysInMonth >= 1 && daysInMonth <= 31,
    'a fixed month has 1 to 31 days',
  );
  const months = (end.year - start.year) * 12 + end.month - start.month;
  const dayOf = (date: Temporal.PlainDate) => Math.min(date.day - 1, daysInMonth);
  return months * daysInMonth + dayOf(end) - dayOf(start);
}

function countDays(period: Period, count: DayCount): number {
  return count.fixedMonthDays === undefined
    ? daysIn(period)
    : fixedMonthDays(period, count.fixedMonthDays);
}

import { businessDate, instantAt } from '../calendar/business-time.ts';
import { type DailyWindow, isInside } from '../calendar/windows.ts';

/** Fewer payments than this say nothing about a customer's hours. */
export const BEST_HOUR_LEAST = 3;

export type BestHour = {
  /** The local time at which a debit should leave. */
  readonly time: Temporal.PlainTime;
  /** The day of the month on which this customer's money comes, where the payments show one. */
  readonly payday?: number;
  /** How it was found: for people, and for the tests of this rule. */
  readonly why: 'too_little_history' | 'own_hours' | 'outside_rail_hours';
  /** Payments looked at, and how many of them fell into the chosen hour. */
  readonly looked: number;
  readonly inHour: number;
};

/**
 * The hour in which this customer's payments succeed most often, inside the hours of the campaign
 * and of the rail: of several equally good ones the earliest, because money is there in the morning
 * (rails.md §4.3). The payday is the day of the month that at least half of the payments, and three
 * of them, lie on or one day after. The same payments always give the same answer.
 */
export function computeBestHour(
  paidAt: readonly Temporal.Instant[],
  about: {
    readonly zone: string;
    readonly fallback: Temporal.PlainTime;
    readonly windows: readonly DailyWindow[];
  },
): BestHour {
  const looked = paidAt.length;
  const none = { time: about.fallback, looked, inHour: 0 };
  if (looked < BEST_HOUR_LEAST) return { ...none, why: 'too_little_history' };
  const payday = paydayOf(paidAt.map((at) => businessDate(at, about.zone).day));
  const found = payday === undefined ? {} : { payday };
  const counts = new Map<number, number>();
  for (const at of paidAt) {
    const { hour } = at.toZonedDateTimeISO(about.zone);
    if (isHourInside(at, hour, about)) counts.set(hour, (counts.get(hour) ?? 0) + 1);
  }
  const [best] = [...counts].toSorted(([a, times], [b, others]) => others - times || a - b);
  if (best === undefined) return { ...none, ...found, why: 'outside_rail_hours' };
  const [hour, inHour] = best;
  return { time: timeOf(hour), ...found, why: 'own_hours', looked, inHour };
}

function isHourInside(
  at: Temporal.Instant,
  hour: number,
  about: { readonly zone: string; readonly windows: readonly DailyWindow[] },
): boolean {
  const start = instantAt(businessDate(at, about.zone), timeOf(hour), about.zone);
  return about.windows.every((window) => isInside(window, start));
}

function timeOf(hour: number): Temporal.PlainTime {
  return Temporal.PlainTime.from({ hour });
}

function paydayOf(days: readonly number[]): number | undefined {
  const near = (payday: number) => days.filter((day) => day === payday || day === payday + 1);
  const [best] = [...new Set(days)]
    .map((payday) => ({ payday, count: near(payday).length }))
    .toSorted((a, b) => b.count - a.count || a.payday - b.payday);
  if (best === undefined || best.count < BEST_HOUR_LEAST) return undefined;
  return best.count * 2 >= days.length ? best.payday : undefined;
}

/**
 * The date to collect on, from `earliest` to `latest`: the payday in between where there is one,
 * clamped to the month's end, else the earliest.
 */
export function preferPayday(
  earliest: Temporal.PlainDate,
  latest: Temporal.PlainDate,
  payday: number | undefined,
): Temporal.PlainDate {
  if (payday === undefined) return earliest;
  for (const month of [earliest, earliest.add({ months: 1 })]) {
    const date = month.with({ day: payday });
    const isInRange =
      Temporal.PlainDate.compare(date, earliest) >= 0 &&
      Temporal.PlainDate.compare(date, latest) <= 0;
    if (isInRange) return date;
  }
  return earliest;
}

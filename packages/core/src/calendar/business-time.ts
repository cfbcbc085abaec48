/** The business date of an instant in `zone` (I11: decisions use business dates, not UTC dates). */
export function businessDate(instant: Temporal.Instant, zone: string): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(zone).toPlainDate();
}

/**
 * The instant of a local time on a business date. A time that a clock change skips moves forward,
 * one that occurs twice takes the earlier (`disambiguation: compatible`).
 */
export function instantAt(
  date: Temporal.PlainDate,
  time: Temporal.PlainTime,
  zone: string,
): Temporal.Instant {
  const known = instants.get(date)?.find((one) => one.time === time && one.zone === zone);
  if (known !== undefined) return known.instant;
  const instant = date.toZonedDateTime({ timeZone: zone, plainTime: time }).toInstant();
  const others = instants.get(date) ?? [];
  if (others.length < TIMES_OF_A_DATE) instants.set(date, [...others, { time, zone, instant }]);
  return instant;
}

// A billing run asks for the same hours of the same dates for every subscription, and none of
// these values ever changes. A date that nobody holds any more takes what is remembered with it.
const TIMES_OF_A_DATE = 8;
const instants = new WeakMap<
  Temporal.PlainDate,
  readonly {
    readonly time: Temporal.PlainTime;
    readonly zone: string;
    readonly instant: Temporal.Instant;
  }[]
>();

/** Whole seconds from `earlier` to `later`, cut towards zero; negative when `later` is before. */
export function secondsBetween(earlier: Temporal.Instant, later: Temporal.Instant): number {
  return later.since(earlier, { largestUnit: 'second' }).seconds;
}

export function isBefore(left: Temporal.Instant, right: Temporal.Instant): boolean {
  return Temporal.Instant.compare(left, right) < 0;
}

export function addSeconds(instant: Temporal.Instant, seconds: number): Temporal.Instant {
  return instant.add({ seconds });
}

/** The later of two instants. */
export function laterOf(left: Temporal.Instant, right: Temporal.Instant): Temporal.Instant {
  return isBefore(left, right) ? right : left;
}

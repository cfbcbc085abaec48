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
  return date.toZonedDateTime({ timeZone: zone, plainTime: time }).toInstant();
}

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

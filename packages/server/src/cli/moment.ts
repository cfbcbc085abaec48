import { type Job, nowOf } from '@daikou/engine';
import { CommandFailure, EXIT } from './failures.ts';

/** `3d`, `12h`, `30m`: so long before the merchant's present. */
const AGO = /^([1-9]\d{0,3})([dhm])$/;

/**
 * A moment as a person writes it: `2026-12-01T02:00:00Z`, a date (its first moment in the
 * merchant's zone), or how long ago by the merchant's clock (`3d`, `12h`, `30m`).
 */
export function readMoment(text: string, job: Job): Temporal.Instant {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    const amount = Number(count);
    // A day of an instant is 24 hours; days of a calendar would need a zone.
    const length = unit === 'm' ? { minutes: amount } : { hours: amount * (unit === 'd' ? 24 : 1) };
    return nowOf(job.engine, job.merchant).subtract(length);
  }
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
      return Temporal.PlainDate.from(text).toZonedDateTime(job.merchant.zone).toInstant();
    }
    return Temporal.Instant.from(text);
  } catch {
    throw new CommandFailure({
      code: 'time_not_valid',
      sentence: `“${text}” is no moment.`,
      next: 'Write 2026-12-01T02:00:00Z, 2026-12-01, or 3d for three days ago.',
      exitCode: EXIT.usage,
    });
  }
}

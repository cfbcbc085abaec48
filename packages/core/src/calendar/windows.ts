import { invariant } from '../result/invariant.ts';
import { businessDate, instantAt, isBefore } from './business-time.ts';

/** Hours of the day in which something may happen: `from` is inside, `until` is not. */
export type DailyWindow = {
  readonly from: Temporal.PlainTime;
  readonly until: Temporal.PlainTime;
  readonly zone: string;
};

/** A window that is empty or passes midnight would silently never open. */
function assertWindow(window: DailyWindow): void {
  invariant(
    Temporal.PlainTime.compare(window.from, window.until) < 0,
    'a daily window opens before it closes, on one day',
  );
}

/** Whether the local time of `instant` in the window's zone is inside the window. */
export function isInside(window: DailyWindow, instant: Temporal.Instant): boolean {
  assertWindow(window);
  const time = instant.toZonedDateTimeISO(window.zone).toPlainTime();
  return (
    Temporal.PlainTime.compare(time, window.from) >= 0 &&
    Temporal.PlainTime.compare(time, window.until) < 0
  );
}

/** The first instant at or after `instant` that is inside the window. */
export function nextInside(window: DailyWindow, instant: Temporal.Instant): Temporal.Instant {
  if (isInside(window, instant)) return instant;
  const date = businessDate(instant, window.zone);
  const opensToday = instantAt(date, window.from, window.zone);
  if (isBefore(instant, opensToday)) return opensToday;
  return instantAt(date.add({ days: 1 }), window.from, window.zone);
}

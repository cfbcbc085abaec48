import type { SepaSettings } from './config.ts';
import { addTargetDays, targetDayFrom } from './target-days.ts';

/**
 * The date to ask the payer's bank for (`ReqdColltnDt`): never before the date that the payer was
 * told, and as many TARGET days after today as the bank wants. Debits are submitted on the day that
 * the payer was told, so today is that day where one is given; after the bank's cut-off the file
 * counts for the next day.
 */
export function dueDateOf(
  settings: Pick<SepaSettings, 'zone' | 'cutOff' | 'leadDays'>,
  collectDate: Temporal.PlainDate | undefined,
  now: Temporal.Instant,
): Temporal.PlainDate {
  const local = now.toZonedDateTimeISO(settings.zone);
  const today = collectDate ?? local.toPlainDate();
  const opens = targetDayFrom(today);
  const isLate =
    opens.equals(local.toPlainDate()) &&
    Temporal.PlainTime.compare(local.toPlainTime(), settings.cutOff) > 0;
  return addTargetDays(isLate ? addTargetDays(opens, 1) : opens, settings.leadDays);
}

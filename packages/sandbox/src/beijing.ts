/**
 * Beijing dates and times as the rails write them.
 *
 * Beijing has been at UTC+8 without summer time since 1992, so an offset is exact for every date
 * that a
 * simulator can meet, and plain arithmetic is enough.
 */

const OFFSET_MS = 8 * 3_600_000;

/** One day in milliseconds; Beijing days always have 24 hours. */
export const DAY_MS = 86_400_000;

/** Returns `yyyy-MM-dd HH:mm:ss`, the form of Alipay and of WeChat's contract times. */
export function formatDashed(instantMs: number): string {
  return new Date(instantMs + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/** Returns `yyyyMMddHHmmss`, the form of WeChat's `time_end`. */
export function formatCompact(instantMs: number): string {
  return formatDashed(instantMs).replace(/[- :]/g, '');
}

/** Returns the Beijing calendar date `yyyy-MM-dd`. */
export function dateOf(instantMs: number): string {
  return formatDashed(instantMs).slice(0, 10);
}

/** Returns RFC 3339 with Beijing's offset, to the second. */
export function formatOffset(instantMs: number): string {
  return `${formatDashed(instantMs).replace(' ', 'T')}+08:00`;
}

/**
 * Returns the instant (ms) at which a Beijing date begins; NaN when `date` is not a real
 * `yyyy-MM-dd`.
 */
export function startOfDate(date: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return Number.NaN;
  const start = Date.parse(`${date}T00:00:00+08:00`);
  return Number.isNaN(start) || dateOf(start) !== date ? Number.NaN : start;
}

/** Returns the instant (ms) of `yyyy-MM-dd HH:mm:ss` in Beijing; NaN when it is not one. */
export function parseDashed(text: string): number {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return Number.NaN;
  return Date.parse(`${text.replace(' ', 'T')}+08:00`);
}

/** Returns the instant (ms) of `yyyyMMddHHmmss` in Beijing; NaN when it is not one. */
export function compactToMs(text: string): number {
  const [, date = '', time = ''] = /^(\d{8})(\d{6})$/.exec(text) ?? [];
  const dashed = `${date.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')} ${time.replace(
    /^(\d{2})(\d{2})(\d{2})$/,
    '$1:$2:$3',
  )}`;
  return parseDashed(dashed);
}

/** Returns the date `days` later (earlier when negative). */
export function addDays(date: string, days: number): string {
  return dateOf(startOfDate(date) + days * DAY_MS);
}

/** Returns the date `months` later. Only for days of month ≤ 28, which exist in every month. */
export function addMonths(date: string, months: number): string {
  const year = Number(date.slice(0, 4));
  const monthIndex = Number(date.slice(5, 7)) - 1 + months;
  const shifted = new Date(Date.UTC(year, monthIndex, 1)).toISOString().slice(0, 8);
  return `${shifted}${date.slice(8)}`;
}

/** Returns the minutes since Beijing midnight, 0–1439. */
export function minutesOfDay(instantMs: number): number {
  return Math.floor(((instantMs + OFFSET_MS) % DAY_MS) / 60_000);
}

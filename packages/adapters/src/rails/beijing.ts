/**
 * Beijing wall time, which every Chinese rail writes without an offset. All functions are exact:
 * the zone has had no clock change since 1991, and a text that is not a real time reads as
 * undefined.
 */

/** The zone of every time that a Chinese rail writes. */
export const BEIJING = 'Asia/Shanghai';

const DASHED = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.\d{1,3})?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/;

/** `yyyy-MM-dd HH:mm:ss` in Beijing, whole seconds. */
export function formatBeijing(instant: Temporal.Instant): string {
  const local = instant.toZonedDateTimeISO(BEIJING).toPlainDateTime();
  return local.toString({ smallestUnit: 'second' }).replace('T', ' ');
}

/**
 * Reads `yyyy-MM-dd HH:mm:ss` (Alipay, WeChat contracts, bills) or `yyyyMMddHHmmss` (WeChat orders)
 * as Beijing time; undefined when it is neither or names a time that does not exist.
 */
export function parseBeijing(text: string | undefined): Temporal.Instant | undefined {
  if (text === undefined) return undefined;
  const match = DASHED.exec(text) ?? COMPACT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  try {
    return Temporal.Instant.from(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`);
  } catch {
    return undefined;
  }
}

/** Reads RFC 3339 with an offset, as WeChat's V3 messages write it; undefined when it is not. */
export function parseOffsetTime(text: unknown): Temporal.Instant | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
}

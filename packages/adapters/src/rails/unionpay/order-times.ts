import { parseContractCode, parseOrderNumber, parseRefundNumber } from '@daikou/core';
import { BEIJING } from '../beijing.ts';

/**
 * UnionPay names an order by `orderId` and `txnTime` together, and a query needs both. After a
 * crash we know the number only, so the time must be found again from it: our numbers are ids, and
 * an id begins with the milliseconds at which it was made (UUID version 7). So one number always
 * has one such time, and sending it again meets the order that is there. Where the time of sending
 * is on record (`committedAt`), that one is taken instead.
 */
export function txnTimeOf(number: string): string | undefined {
  const id =
    parseOrderNumber(number)?.debitId ?? parseContractCode(number) ?? parseRefundNumber(number);
  if (id === undefined) return undefined;
  const milliseconds = Number.parseInt(id.slice(4, 16), 16);
  return formatTxnTime(Temporal.Instant.fromEpochMilliseconds(milliseconds));
}

/** `YYYYMMDDhhmmss` in Beijing. */
export function formatTxnTime(instant: Temporal.Instant): string {
  const local = instant.toZonedDateTimeISO(BEIJING).toPlainDateTime();
  return local.toString({ smallestUnit: 'second' }).replace(/[-:T]/g, '');
}

/** Reads `YYYYMMDDhhmmss` as Beijing time; undefined when it is none. */
export function parseTxnTime(text: string | undefined): Temporal.Instant | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  try {
    return Temporal.Instant.from(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`);
  } catch {
    return undefined;
  }
}

/**
 * Reads `MMDDhhmmss` (`traceTime`), which has no year: the year is taken that brings it closest to
 * `near`, so that 31 December and 1 January fall right. Undefined when it is no time.
 */
export function parseTraceTime(
  text: string | undefined,
  near: Temporal.Instant,
): Temporal.Instant | undefined {
  if (!/^\d{10}$/.test(text ?? '')) return undefined;
  const year = near.toZonedDateTimeISO(BEIJING).year;
  let best: Temporal.Instant | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of [year - 1, year, year + 1]) {
    const instant = parseTxnTime(`${candidate}${text}`);
    if (instant === undefined) continue;
    const distance = Math.abs(instant.epochMilliseconds - near.epochMilliseconds);
    if (distance < bestDistance) [best, bestDistance] = [instant, distance];
  }
  return best;
}

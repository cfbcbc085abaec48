import { type Money, money, parseAmount } from '@daikou/core';
import { BillUnreadable } from './bill-errors.ts';

/**
 * Reads yuan of a bill ("29.85", "-0.18", "0.06000") as 分; throws when it is not an exact 分 amount.
 */
export function billAmount(text: string | undefined, lineNumber?: number): bigint {
  const parsed = parseAmount(text ?? '', 'CNY');
  if (!parsed.ok) {
    throw new BillUnreadable('row_unreadable', parsed.refusal.sentence, lineNumber);
  }
  return parsed.value.minor;
}

/** `minor` 分 as money. */
export function yuan(minor: bigint): Money<'CNY'> {
  return money(minor, 'CNY');
}

export function absolute(minor: bigint): bigint {
  return minor < 0n ? -minor : minor;
}

/** Throws `totals_differ` naming the figure, unless the rows and the rail's own summary agree. */
export function requireTotal(name: string, rows: bigint, summary: bigint): void {
  if (rows === summary) return;
  throw new BillUnreadable(
    'totals_differ',
    `${name}: the rows add up to ${rows}, the rail's summary says ${summary}`,
  );
}

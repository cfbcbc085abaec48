import { isDateBefore } from '../calendar/periods.ts';
import type { InvoiceId } from '../ids/ids.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { type Money, money, negate, subtract } from '../money/money.ts';
import { divideRatio, fromMoney } from '../money/ratio.ts';
import { creditOfLine, type StoredLine } from './credit-arithmetic.ts';
import type { WaitingLine } from './invoice.ts';
import type { PendingLine } from './pending-line.ts';

/** A line below zero, and the row in which it waited. */
export type Credit = { readonly line: WaitingLine; readonly pending?: PendingLine };

export type AppliedCredits = {
  readonly lines: readonly WaitingLine[];
  /** Rows that were billed, and rows that wait for the next invoice with what did not fit. */
  readonly pendingLines: readonly PendingLine[];
};

/** Lines that may be billed by an invoice whose period starts on `day`, oldest first. */
export function readyLines(
  pendingLines: readonly PendingLine[],
  day: Temporal.PlainDate,
): readonly PendingLine[] {
  return pendingLines.filter(
    ({ state, notBefore }) => state === 'pending' && !isDateBefore(day, notBefore),
  );
}

/**
 * Takes credits off an invoice of `room`, in their order, and never below zero: one that does not
 * fit is split exactly, and its rest waits for the next invoice.
 */
export function applyCredits(
  credits: readonly Credit[],
  room: Money,
  context: {
    readonly invoiceId: InvoiceId;
    readonly waiting: Pick<PendingLine, 'merchantId' | 'customerId' | 'subscriptionId'>;
    readonly notBefore: Temporal.PlainDate;
    readonly now: Temporal.Instant;
    readonly ids: IdSource;
  },
): AppliedCredits {
  const lines: WaitingLine[] = [];
  const pendingLines: PendingLine[] = [];
  let left = room;
  for (const { line, pending } of credits) {
    const [taken, rest] = splitCredit(line, left);
    if (taken !== undefined) {
      lines.push(taken);
      left = subtract(left, negate(taken.amount));
      if (pending !== undefined) {
        const { invoiceId } = context;
        pendingLines.push({ ...pending, state: 'billed', line: taken, invoiceId });
      }
    }
    if (rest === undefined || (taken === undefined && pending !== undefined)) continue;
    pendingLines.push({
      ...context.waiting,
      id: context.ids('pli', bucketOf(context.invoiceId)),
      state: 'pending',
      notBefore: pending?.notBefore ?? context.notBefore,
      line: rest,
      createdAt: pending?.createdAt ?? context.now,
    });
  }
  return { lines, pendingLines };
}

/** The part of a credit that fits into `room`, and the rest; both add up to it, net and tax too. */
function splitCredit(
  line: WaitingLine,
  room: Money,
): readonly [taken: WaitingLine | undefined, rest: WaitingLine | undefined] {
  if (room.minor <= 0n) return [undefined, line];
  const owed = negate(line.amount);
  if (owed.minor <= room.minor) return [line, undefined];
  const stored: StoredLine = { amount: owed, net: negate(line.net), tax: negate(line.tax) };
  const nothing = money(0n, owed.currency);
  const share = divideRatio(fromMoney(room), fromMoney(owed));
  const part = creditOfLine(stored, share, { amount: nothing, net: nothing, tax: nothing });
  const taken = { amount: negate(part.total), net: negate(part.net), tax: negate(part.tax) };
  const rest = {
    amount: subtract(line.amount, taken.amount),
    net: subtract(line.net, taken.net),
    tax: subtract(line.tax, taken.tax),
  };
  // The days of a credit count once: with its rest, which may still change while it waits.
  return [{ ...withAmounts(line, taken), serviceDays: 0 }, withAmounts(line, rest)];
}

/** The same line at other amounts; its subtotal follows the basis that it had. */
function withAmounts(
  line: WaitingLine,
  amounts: Pick<WaitingLine, 'amount' | 'net' | 'tax'>,
): WaitingLine {
  const isNetBased = line.subtotal.minor === line.net.minor && line.tax.minor !== 0n;
  return { ...line, ...amounts, subtotal: isNetBased ? amounts.net : amounts.amount };
}

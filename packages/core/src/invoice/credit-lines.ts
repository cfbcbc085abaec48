import { add, type Currency, type Money, money, subtract, sum } from '../money/money.ts';
import {
  compareRatio,
  divideRatio,
  fromMoney,
  multiplyRatio,
  RATIO_ONE,
  RATIO_ZERO,
  type Ratio,
  toMoney,
} from '../money/ratio.ts';
import { invariant, unreachable } from '../result/invariant.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { creditOfLine, type StoredLine } from './credit-arithmetic.ts';
import type { CreditNote, CreditNoteLine } from './credit-note.ts';
import { type CreditRefusal, creditRefusal } from './credit-refusals.ts';
import type { Invoice, InvoiceLine, LineWhy } from './invoice.ts';

/** How much of a line: all that is left, an amount with tax, or some of its units. */
export type CreditTake =
  | { readonly type: 'whole' }
  | { readonly type: 'amount'; readonly amount: Money }
  /** At the line's average price: a tiered line has no other price of a single unit. */
  | { readonly type: 'units'; readonly units: Ratio };

export type CreditRequestLine = { readonly position: number; readonly take: CreditTake };

/**
 * What each line of a request takes back, in the request's order, with net and tax as they were
 * billed. Nothing beyond what is left of its line, or of the invoice, after the notes so far.
 */
export function computeCreditLines(
  invoice: Invoice,
  asked: readonly CreditRequestLine[],
  {
    notes,
    byChanges = [],
  }: {
    readonly notes: readonly CreditNote[];
    /** What changes took back of its lines; positive. */
    readonly byChanges?: readonly CreditNoteLine[];
  },
): Result<readonly CreditNoteLine[], CreditRefusal> {
  if (asked.length === 0) return refuse(creditRefusal('nothing_to_credit', 'lines'));
  const lines: CreditNoteLine[] = [];
  for (const [index, { position, take }] of asked.entries()) {
    const at = `lines[${index}]`;
    const line = invoice.lines.find((one) => one.position === position);
    if (line === undefined) return refuse(creditRefusal('line_unknown', `${at}.position`));
    if (lines.some((one) => one.position === position)) {
      return refuse(creditRefusal('line_named_twice', `${at}.position`));
    }
    if (line.amount.minor <= 0n) {
      return refuse(creditRefusal('line_not_creditable', `${at}.position`));
    }
    const before = [
      ...creditsOf(line, notes),
      ...byChanges.filter((one) => one.position === position),
    ];
    const share = shareToCredit(line, take, { at, before });
    if (!share.ok) return share;
    const already = storedSum(before, line.amount.currency);
    const { net, tax, total } = creditOfLine(line, share.value, already);
    if (total.minor <= 0n) {
      return refuse(creditRefusal('amount_not_positive', `${at}.${take.type}`));
    }
    lines.push({ position, amount: total, net, tax });
  }
  const { currency } = invoice.total;
  const said = [...lines.map(({ amount }) => amount), ...notes.map(({ total }) => total)];
  if (sum(said, currency).minor > invoice.total.minor) {
    return refuse(creditRefusal('more_than_invoice_has_left', 'lines'));
  }
  return ok(lines);
}

/** What is left of a line after these notes, net and tax apart. */
export function leftOfLine(line: InvoiceLine, notes: readonly CreditNote[]): StoredLine {
  const already = alreadyOf(line, notes);
  return {
    amount: subtract(line.amount, already.amount),
    net: subtract(line.net, already.net),
    tax: subtract(line.tax, already.tax),
  };
}

/** What credit notes took of one line. */
export function takenByNotes(
  ref: NonNullable<LineWhy['credits']>,
  notes: readonly CreditNote[],
  currency: Currency,
): StoredLine {
  const own = notes.filter(({ invoiceId }) => invoiceId === ref.invoiceId);
  return storedSum(
    own.flatMap(({ lines }) => lines.filter(({ position }) => position === ref.position)),
    currency,
  );
}

/**
 * Splits credit lines at `limit`: the first part comes to exactly the limit, or to all where that
 * is less. Both parts of a line add up to it, net and tax as well.
 */
export function splitCreditLines(
  lines: readonly CreditNoteLine[],
  limit: Money,
): readonly [within: readonly CreditNoteLine[], beyond: readonly CreditNoteLine[]] {
  const within: CreditNoteLine[] = [];
  const beyond: CreditNoteLine[] = [];
  let room = limit;
  for (const line of lines) {
    const [taken, rest] = splitCreditLine(line, room);
    if (taken !== undefined) {
      within.push(taken);
      room = subtract(room, taken.amount);
    }
    if (rest !== undefined) beyond.push(rest);
  }
  return [within, beyond];
}

function splitCreditLine(
  line: CreditNoteLine,
  room: Money,
): readonly [CreditNoteLine | undefined, CreditNoteLine | undefined] {
  if (room.minor <= 0n) return [undefined, line];
  if (line.amount.minor <= room.minor) return [line, undefined];
  const nothing = money(0n, room.currency);
  const share = divideRatio(fromMoney(room), fromMoney(line.amount));
  const part = creditOfLine(line, share, { amount: nothing, net: nothing, tax: nothing });
  const taken = { amount: part.total, net: part.net, tax: part.tax };
  const rest = {
    amount: subtract(line.amount, taken.amount),
    net: subtract(line.net, taken.net),
    tax: subtract(line.tax, taken.tax),
  };
  const { position } = line;
  return [
    { position, ...taken },
    { position, ...rest },
  ];
}

function creditsOf(
  { position }: InvoiceLine,
  notes: readonly CreditNote[],
): readonly CreditNoteLine[] {
  return notes.flatMap((note) => note.lines.filter((line) => line.position === position));
}

function alreadyOf(line: InvoiceLine, notes: readonly CreditNote[]): StoredLine {
  return storedSum(creditsOf(line, notes), line.amount.currency);
}

function storedSum(parts: readonly StoredLine[], currency: Currency): StoredLine {
  const nothing = money(0n, currency);
  return parts.reduce<StoredLine>(
    (all, one) => ({
      amount: add(all.amount, one.amount),
      net: add(all.net, one.net),
      tax: add(all.tax, one.tax),
    }),
    { amount: nothing, net: nothing, tax: nothing },
  );
}

/** The share of the line that the request asks for, or why it cannot be had. */
function shareToCredit(
  line: InvoiceLine,
  take: CreditTake,
  about: { readonly at: string; readonly before: readonly CreditNoteLine[] },
): Result<Ratio, CreditRefusal> {
  const { currency } = line.amount;
  const credited = sum(
    about.before.map(({ amount }) => amount),
    currency,
  );
  const left = subtract(line.amount, credited);
  invariant(left.minor >= 0n, 'a line is never credited beyond what it billed');
  const field = `${about.at}.${take.type}`;
  if (left.minor === 0n) return refuse(creditRefusal('more_than_line_has_left', field));
  switch (take.type) {
    case 'whole':
      return ok(RATIO_ONE);
    case 'amount': {
      const { amount } = take;
      if (amount.currency !== currency) return refuse(creditRefusal('currency_mix', field));
      if (amount.minor <= 0n) return refuse(creditRefusal('amount_not_positive', field));
      if (amount.minor > left.minor) return refuse(creditRefusal('more_than_line_has_left', field));
      return ok(divideRatio(fromMoney(amount), fromMoney(line.amount)));
    }
    case 'units': {
      const { units } = take;
      if (compareRatio(units, RATIO_ZERO) <= 0 || compareRatio(units, line.quantity) > 0) {
        return refuse(creditRefusal('units_beyond_line', field));
      }
      const share = divideRatio(units, line.quantity);
      const asked = toMoney(multiplyRatio(fromMoney(line.amount), share), currency);
      // Every earlier part was rounded by at most half a unit, and so is this one: within that, it
      // is the last part and takes what is left, so that all the units together are the line.
      const slack = BigInt(about.before.length);
      const beyond = asked.minor - left.minor;
      if (beyond > slack) return refuse(creditRefusal('more_than_line_has_left', field));
      return ok(slack > 0n && beyond >= -slack ? RATIO_ONE : share);
    }
    default:
      return unreachable(take);
  }
}

import {
  type Booked,
  type BookedAt,
  type Break,
  type BreakStep,
  CUT_OFF_DAYS,
  decideMatch,
  decideMissing,
  endByFiles,
  equals,
  feeDifference,
  type LineContext,
  type MissingMoney,
  type Money,
  money,
  NAMED_BESIDE_DAYS,
  park,
  parsePayLinkNumber,
  parseRefundNumber,
  type RailBill,
  type RailBillLine,
  type RailDate,
  type RailTerms,
  type RepeatedNumber,
  settlementRange,
  type Tx,
} from '@daikou/core';
import { applyReturnsWithin, type ReturnEvent } from '../debit/returns.ts';
import { type AttemptNews, settleWithin } from '../debit/settle.ts';
import { ALL_BUCKETS, type Job, railOf } from '../job.ts';
import { settlePaidLink } from '../payment/links.ts';
import { type RefundNews, settleRefundsWithin } from '../refund/settle.ts';
import { tookMoney } from './issued-again.ts';
import { settlesOn } from './pool.ts';
import {
  addSteps,
  type BreakAbout,
  lineReference,
  newBreak,
  saveSteps,
  stepContext,
} from './step.ts';

/** Lines that one transaction compares, and the most that are held in memory. */
export const BILL_BATCH_LINES = 5_000;

/** Missing money that one step writes; a look at the same range goes on until none is left. */
const MISSING_STEP = 1_000;

/** Rows of a bill beyond which its day is looked through by ranges of buckets. */
const LARGE_BILL_ROWS = 100_000;
const RANGES_OF_A_LARGE_BILL = 32;

export type BillToMatch = {
  readonly bill: RailBill;
  /** The bill of the same date that counts until this one does. */
  readonly former?: RailBill;
  readonly terms?: RailTerms;
};

/**
 * Compares every line of a loaded bill with our books, in ranges of lines, each in a transaction of
 * its own; then looks for money of ours that the bill lacks. Returns the dates of other days whose
 * breaks it ended. Doing it again changes nothing: a break and its journal are written once.
 */
export async function matchBill(job: Job, comparison: BillToMatch): Promise<readonly RailDate[]> {
  const { bill } = comparison;
  const { repeated, lastLine, besides } = await inTx(job, async (tx) => ({
    repeated: await tx.findRepeatedNumbers(bill.id),
    lastLine: (await tx.sumBill(bill.id)).lastLine,
    besides: await tx.findLinesBeside({ bill, nearDays: NAMED_BESIDE_DAYS }),
  }));
  const touched = new Map<string, RailDate>();
  const names = new Set(repeated.map(keyOfRepeated));
  for (let afterLine = 0; afterLine < lastLine; afterLine += BILL_BATCH_LINES) {
    const untilLine = afterLine + BILL_BATCH_LINES;
    const ended = await inTx(job, async (tx) => {
      const suspects = await tx.findSuspectLines({
        bill,
        afterLine,
        untilLine,
        ...(comparison.terms && { terms: comparison.terms }),
      });
      const seen = new Set(suspects.map(({ lineNumber }) => lineNumber));
      const again = besides.filter(
        ({ lineNumber }) =>
          lineNumber > afterLine && lineNumber <= untilLine && !seen.has(lineNumber),
      );
      const single = [...suspects, ...again].filter((line) => !names.has(keyOfLine(line)));
      return compareLines(tx, job, { ...comparison, lines: single.map((line) => ({ line })) });
    });
    for (const day of ended) touched.set(day.businessDate.toString(), day);
    job.progress.advance(Math.min(BILL_BATCH_LINES, lastLine - afterLine));
  }
  for (let from = 0; from < repeated.length; from += BILL_BATCH_LINES) {
    const some = repeated.slice(from, from + BILL_BATCH_LINES);
    const ended = await inTx(job, async (tx) =>
      compareLines(tx, job, { ...comparison, lines: await repeatedLines(tx, bill, some) }),
    );
    for (const day of ended) touched.set(day.businessDate.toString(), day);
  }
  await findShortages(job, comparison);
  return [...touched.values()];
}

function inTx<T>(job: Job, work: (tx: Tx) => Promise<T>): Promise<T> {
  return job.engine.store.transact(job.merchant.id, work);
}

export type LineToCompare = { readonly line: RailBillLine; readonly repeated?: RepeatedNumber };

/** The first line of each number that is named more than once stands for all of them. */
export async function repeatedLines(
  tx: Tx,
  bill: RailBill,
  repeated: readonly RepeatedNumber[],
): Promise<readonly LineToCompare[]> {
  const byLine = new Map(repeated.map((one) => [one.firstLine, one]));
  const lines = await tx.loadBillLines(bill.id, [...byLine.keys()]);
  return lines.map((line) => {
    const one = byLine.get(line.lineNumber);
    return one === undefined ? { line } : { line, repeated: one };
  });
}

export const numberOf = (line: RailBillLine) => line.refundNumber ?? line.orderNumber;
export const keyOfLine = (line: RailBillLine) => `${line.kind} ${numberOf(line)}`;
const keyOfRepeated = (one: RepeatedNumber) => `${one.kind} ${one.number}`;

/** Compares some lines; returns the dates of other bills' breaks that they ended. */
export async function compareLines(
  tx: Tx,
  job: Job,
  work: BillToMatch & { readonly lines: readonly LineToCompare[] },
): Promise<readonly RailDate[]> {
  const { bill, lines } = work;
  if (lines.length === 0) return [];
  const named = lines.map(({ line }) => line);
  const booked = await settleAndLook(tx, job, { bill, lines });
  const elsewhere = await inOtherBills(tx, { bill, lines: named, booked });
  const orderNumbers = [...new Set(lines.map(({ line }) => line.orderNumber))];
  const waiting = await tx.lockBreaksOfOrders({ rail: bill.rail, orderNumbers });
  const shortages = new Map(
    waiting
      .filter((one) => one.class === 'shortage' && !one.businessDate.equals(bill.businessDate))
      .map((one) => [moneyOf(one), one]),
  );
  const found: Break[] = [];
  const ended: BreakStep[] = [];
  for (const { line, repeated } of lines) {
    const known = shortages.get(moneyOf(line));
    const shortage = known?.state === 'resolved' ? undefined : known;
    const breaks = breaksOfLine(job, work, {
      line,
      booked: booked.get(keyOfLine(line)),
      hasShortage: shortage !== undefined,
      context: {
        businessDate: bill.businessDate,
        settlesOn: settlesOn(job, bill.rail),
        isInAnotherBill: elsewhere.has(keyOfLine(line)),
        isTakenOut: known !== undefined && tookMoney(known),
        ...(repeated && {
          repeated: {
            times: repeated.times,
            total: money(repeated.totalMinor, line.amount.currency),
          },
        }),
      },
    });
    found.push(...breaks);
    if (shortage !== undefined) ended.push(endShortage(job, shortage, { bill, line }));
  }
  await saveSteps(tx, ended);
  await addNewBreaks(tx, job, { ...work, found });
  return ended.map((step) => ({ rail: bill.rail, businessDate: step.found.businessDate }));
}

/** What names the money of a line or break: of a refund its number, of a payment its order. */
function moneyOf(one: { readonly orderNumber: string; readonly refundNumber?: string }): string {
  return `${one.orderNumber} ${one.refundNumber ?? ''}`;
}

function endShortage(
  job: Job,
  shortage: Break,
  by: { readonly bill: RailBill; readonly line: RailBillLine },
): BreakStep {
  const reference = lineReference(by.bill.id, by.line.lineNumber);
  const end = { how: 'matched_later', evidence: { kind: 'bill_line', reference } } as const;
  return endByFiles(shortage, end, stepContext(job, shortage));
}

/** The break of a line's money, and that of its fee where its money is right. */
function breaksOfLine(
  job: Job,
  { bill, terms }: BillToMatch,
  about: {
    readonly line: RailBillLine;
    readonly booked: Booked | undefined;
    readonly hasShortage: boolean;
    readonly context: LineContext;
  },
): readonly Break[] {
  const { line, booked, context } = about;
  const named: BreakAbout = {
    rail: bill.rail,
    businessDate: bill.businessDate,
    billId: bill.id,
    orderNumber: line.orderNumber,
    lineNumber: line.lineNumber,
    ...(line.refundNumber === undefined ? {} : { refundNumber: line.refundNumber }),
    ...(booked?.attempt === undefined ? {} : { attemptId: booked.attempt.id }),
  };
  const decision = decideMatch(line, booked, context);
  const isDated = decision.kind === 'break' && decision.found.rootCause === 'dated_on_another_day';
  if (decision.kind === 'break' && !isDated) return [newBreak(job, named, decision.found)];
  // The shortage of the other day becomes the cut-off break: one difference is one break.
  const breaks =
    decision.kind === 'break' && !about.hasShortage ? [newBreak(job, named, decision.found)] : [];
  const extra = terms === undefined ? undefined : feeDifference(line, terms);
  if (extra === undefined) return breaks;
  const fee = newBreak(job, named, {
    class: 'fee_mismatch',
    rootCause: 'fee_differs_from_contract',
    suggestedAction: 'claim_fee',
    state: 'open',
    railAmount: line.fee,
    ourAmount: money(line.fee.minor - extra.minor, extra.currency),
    difference: extra,
  });
  return [...breaks, fee];
}

/**
 * Writes the breaks of this bill. One that the former bill of the date had as well, in the same
 * amounts, goes over to this bill with its owner, age and postings: nothing is posted twice.
 */
async function addNewBreaks(
  tx: Tx,
  job: Job,
  work: BillToMatch & { readonly found: readonly Break[] },
): Promise<number> {
  const { bill, former, found } = work;
  if (found.length === 0) return 0;
  const known =
    former === undefined
      ? []
      : await tx.lockBreaksOfOrders({
          rail: bill.rail,
          orderNumbers: [...new Set(found.map(({ orderNumber }) => orderNumber))],
          bill: former.id,
        });
  const carried: Break[] = [];
  const added: BreakStep[] = [];
  for (const one of found) {
    const same = known.find((old) => old.end?.how !== 'superseded' && isSameDifference(old, one));
    if (same === undefined) added.push(park(one, stepContext(job, one)));
    else carried.push({ ...same, billId: bill.id, ...lineOf(one) });
  }
  await tx.saveBreaks(carried);
  return carried.length + (await addSteps(tx, added));
}

function lineOf({ lineNumber }: Break): Pick<Partial<Break>, 'lineNumber'> {
  return lineNumber === undefined ? {} : { lineNumber };
}

function isSameDifference(left: Break, right: Break): boolean {
  const isSame = (one: Money | undefined, other: Money | undefined) =>
    one === undefined || other === undefined ? one === other : equals(one, other);
  return (
    left.class === right.class &&
    left.orderNumber === right.orderNumber &&
    left.refundNumber === right.refundNumber &&
    isSame(left.difference, right.difference) &&
    isSame(left.railAmount, right.railAmount)
  );
}

/** What our books hold for the lines, once what was still open has been settled from them. */
async function settleAndLook(
  tx: Tx,
  job: Job,
  { bill, lines }: { readonly bill: RailBill; readonly lines: readonly LineToCompare[] },
): Promise<ReadonlyMap<string, Booked>> {
  const at = { rail: bill.rail, zone: job.merchant.zone };
  const payments = lines.filter(({ line }) => line.kind === 'payment');
  const refunds = lines.filter(({ line }) => line.kind === 'refund');
  const numbers = payments.map(({ line }) => numberOf(line));
  let orders = await tx.findBookedOrders(at, numbers);
  const open = payments.flatMap((told) => {
    const ours = orders.get(told.line.orderNumber);
    return ours !== undefined && ours.amount === undefined ? [wholeOf(told, ours)] : [];
  });
  if (open.length > 0) {
    await settleMoneyIn(tx, job, open);
    orders = await tx.findBookedOrders(at, numbers);
  }
  const returned = await settleRefunds(tx, job, { at, refunds });
  return new Map([
    ...[...orders].map(([number, one]) => [`payment ${number}`, one] as const),
    ...[...returned].map(([number, one]) => [`refund ${number}`, one] as const),
  ]);
}

/** The line with the sum of its number, where the lines are parts that make up what was asked. */
function wholeOf({ line, repeated }: LineToCompare, { asked }: Booked): RailBillLine {
  if (repeated === undefined || asked === undefined || equals(line.amount, asked)) return line;
  const total = money(repeated.totalMinor, line.amount.currency);
  return equals(total, asked) ? { ...line, amount: total } : line;
}

/** Money that the bill is the first to tell: of debits, of pay links, and of refunds sent back. */
async function settleMoneyIn(tx: Tx, job: Job, lines: readonly RailBillLine[]): Promise<void> {
  const debited: AttemptNews[] = [];
  const sentBack: RefundNews[] = [];
  for (const line of lines) {
    const { orderNumber, railReference, amount: paid, at } = line;
    const outcome = { kind: 'succeeded', railReference, paid, paidAt: at } as const;
    const linkId = parsePayLinkNumber(orderNumber);
    if (linkId !== undefined) {
      // What cannot be booked (in another currency) stays a break of the line.
      const [link] = await tx.loadPayLinks([linkId]);
      if (link?.amount.currency !== paid.currency) continue;
      await settlePaidLink(tx, job, { id: linkId, outcome });
    } else if (parseRefundNumber(orderNumber) !== undefined) {
      const failed = { kind: 'failed', code: 'SENT_BACK', message: railReference, at } as const;
      sentBack.push({ refundNumber: orderNumber, outcome: failed });
    } else {
      debited.push({ orderNumber, isProof: true, outcome });
    }
  }
  if (debited.length > 0) await settleWithin(tx, job, debited);
  if (sentBack.length > 0) await settleRefundsWithin(tx, job, sentBack);
}

/** What our books hold for refunds, once those that were still open have ended by their lines. */
async function settleRefunds(
  tx: Tx,
  job: Job,
  { at, refunds }: { readonly at: BookedAt; readonly refunds: readonly LineToCompare[] },
): Promise<ReadonlyMap<string, Booked>> {
  const lines = refunds.map(({ line }) => line);
  const names = lines.map((line) => ({ number: numberOf(line), orderNumber: line.orderNumber }));
  const known = await tx.findBookedRefunds(at, names);
  const open = refunds.flatMap((told) => {
    const ours = known.get(numberOf(told.line));
    if (ours === undefined || ours.amount !== undefined || told.line.isPending === true) return [];
    const line = wholeOf(told, ours);
    // Of parts that make up another amount none is believed: a person compares them.
    const { asked = line.amount } = ours;
    return told.repeated !== undefined && !equals(line.amount, asked) ? [] : [line];
  });
  const returned = lines.filter(
    (line) => !known.has(numberOf(line)) && isReturn(job, at.rail, line),
  );
  if (open.length + returned.length === 0) return known;
  await applyReturnsWithin(tx, job, returned.map(toReturn));
  await settleRefundsWithin(
    tx,
    job,
    open.map((line) => ({
      refundNumber: numberOf(line),
      orderNumber: line.orderNumber,
      isProof: true,
      outcome: {
        kind: 'succeeded',
        railReference: line.railReference,
        refunded: line.amount,
        refundedAt: line.at,
      },
    })),
  );
  return tx.findBookedRefunds(at, names);
}

/** What a bank took back stands under the bank's number, on rails where banks may do that. */
function isReturn(job: Job, rail: string, line: RailBillLine): boolean {
  const { returnsWithinDays } = railOf(job.engine, rail).capabilities;
  return returnsWithinDays !== undefined && line.refundNumber === line.railReference;
}

/** A bill does not say why; the bank's own message does, and may come later. */
function toReturn(line: RailBillLine): ReturnEvent {
  const { orderNumber, railReference, amount, at } = line;
  const told = { code: 'NOT_TOLD', message: '', mandateGone: false };
  return { kind: 'return', orderNumber, railReference, amount, at, ...told };
}

/** Lines that another bill names as well, where that one has the money of our books. */
async function inOtherBills(
  tx: Tx,
  about: {
    readonly bill: RailBill;
    readonly lines: readonly RailBillLine[];
    readonly booked: ReadonlyMap<string, Booked>;
  },
): Promise<ReadonlySet<string>> {
  const { bill, lines, booked } = about;
  const named = new Set<string>();
  for (const kind of ['payment', 'refund'] as const) {
    const numbers = lines
      .filter((line) => line.kind === kind && booked.get(keyOfLine(line))?.amount !== undefined)
      .map(numberOf);
    for (const one of await tx.findNamings({ rail: bill.rail, kind, numbers })) {
      const isElsewhere = !one.businessDate.equals(bill.businessDate);
      if (isElsewhere && !one.isDuplicate) named.add(`${kind} ${one.number}`);
    }
  }
  return named;
}

/** Money of ours that neither the bill nor one beside it names: it waits in the pool. */
async function findShortages(job: Job, comparison: BillToMatch): Promise<void> {
  const { bill } = comparison;
  const near = settlementRange(bill.businessDate, CUT_OFF_DAYS, settlesOn(job, bill.rail));
  for (const buckets of rangesOf(bill.rowCount)) {
    let isMore = true;
    while (isMore) {
      const missing = await inTx(job, async (tx) => {
        const found = await tx.findMissingMoney({
          bill,
          near,
          buckets,
          zone: job.merchant.zone,
          limit: MISSING_STEP,
        });
        const written = await addNewBreaks(tx, job, {
          ...comparison,
          found: found.map((one) => toShortage(job, bill, one)),
        });
        return { found: found.length, written };
      });
      isMore = missing.found >= MISSING_STEP && missing.written > 0;
    }
  }
}

function rangesOf(rows: number) {
  const ranges = rows > LARGE_BILL_ROWS ? RANGES_OF_A_LARGE_BILL : 1;
  const size = ALL_BUCKETS.until / ranges;
  return Array.from({ length: ranges }, (_, index) => ({
    from: index * size,
    until: (index + 1) * size,
  }));
}

export function toShortage(job: Job, bill: RailBill, missing: MissingMoney): Break {
  const { kind, orderNumber, refundNumber, attemptId, amount } = missing;
  const about: BreakAbout = {
    rail: bill.rail,
    businessDate: bill.businessDate,
    billId: bill.id,
    orderNumber,
    ...(refundNumber === undefined ? {} : { refundNumber }),
    ...(attemptId === undefined ? {} : { attemptId }),
  };
  return newBreak(job, about, decideMissing(kind, amount));
}

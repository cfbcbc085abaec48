import { BEIJING } from '../beijing.ts';
import type { Pieces } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { parseTraceTime } from './order-times.ts';

/**
 * Widths of a ZM line in bytes, one blank between fields (finance.md §3.1). Texts are GBK, where a
 * character takes two bytes, so a line is cut as bytes and never as characters.
 */
const ZM_WIDTHS = [
  3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15,
  1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
] as const;

/** Places of the fields that we read. All of them are letters and digits. */
const ZM = {
  traceTime: 4,
  amount: 6,
  queryId: 9,
  orderId: 11,
  fee: 15,
  txnType: 19,
  merId: 27,
  net: 32,
  reserved: 34,
  originalOrderId: 40,
} as const;

/** Widths of a ZME line. The documents name the widths; what is read of it follows ZM's order. */
const ZME_WIDTHS = [
  3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135,
] as const;

const ZME = { kind: 0, trace: 3, traceTime: 4, net: 15 } as const;

/** One trade of a settlement day. Amounts in 分. */
export type TradeRow = {
  readonly lineNumber: number;
  readonly kind: 'payment' | 'refund';
  readonly queryId: string;
  readonly orderId: string;
  /** The order that a refund returns. */
  readonly originalOrderId: string;
  /** The merchant's own text, as it was given with the order; empty: none. */
  readonly reserved: string;
  /** More than zero. */
  readonly amount: bigint;
  /** What the rail keeps; less than zero when it gives some back. */
  readonly fee: bigint;
  /** What the merchant's settlement account gets by this row; less than zero for refunds. */
  readonly net: bigint;
  readonly at: Temporal.Instant;
};

/** One correction: money that the rail moved by itself. */
export type CorrectionRow = {
  readonly lineNumber: number;
  readonly kind: string;
  readonly trace: string;
  readonly net: bigint;
  readonly at: Temporal.Instant;
};

/** Whose file it is, and of which day. */
export type FileOf = { readonly merId: string; readonly date: Temporal.PlainDate };

/** A trade stands in the file of its day or of a neighbour; more days apart is another file. */
const DAYS_APART = 2;

/** Kinds of trades that a file may hold: debit; refund and same-day undo both return money. */
const KINDS: Readonly<Record<string, TradeRow['kind']>> = {
  '01': 'payment',
  '04': 'refund',
  '31': 'refund',
};

/** Streams the trades; throws {@link BillUnreadable} at the first line that is not one. */
export async function* readTradeRows(pieces: Pieces, file: FileOf): AsyncGenerator<TradeRow> {
  const timeOf = timeReader(file);
  for await (const [index, line] of linesOf(pieces)) {
    yield readTrade(cut(line, ZM_WIDTHS, index), index, { merId: file.merId, timeOf });
  }
}

/** Streams the corrections in the same way. */
export async function* readCorrectionRows(
  pieces: Pieces,
  file: FileOf,
): AsyncGenerator<CorrectionRow> {
  const timeOf = timeReader(file);
  for await (const [index, line] of linesOf(pieces)) {
    const fields = cut(line, ZME_WIDTHS, index);
    yield {
      lineNumber: index,
      kind: fields[ZME.kind] ?? '',
      trace: fields[ZME.trace] ?? '',
      net: signedAmount(fields[ZME.net], index),
      at: timeOf(fields[ZME.traceTime], index),
    };
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Lines that are not empty, with their number from 1. No second byte of GBK is a line feed. */
async function* linesOf(pieces: Pieces): AsyncGenerator<readonly [number, Uint8Array]> {
  let rest: Uint8Array = new Uint8Array();
  let number = 0;
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (let feed = bytes.indexOf(LINE_FEED); feed >= 0; feed = bytes.indexOf(LINE_FEED, start)) {
      number += 1;
      const line = withoutReturn(bytes.subarray(start, feed));
      if (line.length > 0) yield [number, line];
      start = feed + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > LONGEST_LINE_BYTES) {
      throw new BillUnreadable('file_damaged', 'the row has no end', number + 1);
    }
  }
  if (rest.length > 0) yield [number + 1, withoutReturn(rest)];
}

/** Far more than a row has: what is longer is no file of rows, and is not gathered in memory. */
const LONGEST_LINE_BYTES = 64 * 1024;

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}

/** The fields of a line, blanks around them removed; throws when the line has another length. */
function cut(line: Uint8Array, widths: readonly number[], lineNumber: number): readonly string[] {
  const expected = widths.reduce((sum, width) => sum + width + 1, -1);
  if (line.length !== expected) {
    const words = `the row has ${line.length} bytes where ${expected} are written`;
    throw new BillUnreadable('file_damaged', words, lineNumber);
  }
  const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1');
  let start = 0;
  return widths.map((width) => {
    const field = text.slice(start, start + width);
    start += width + 1;
    return field.trim();
  });
}

function readTrade(
  fields: readonly string[],
  lineNumber: number,
  file: { readonly merId: string; readonly timeOf: TimeReader },
): TradeRow {
  const field = (name: keyof typeof ZM): string => fields[ZM[name]] ?? '';
  if (field('merId') !== file.merId) {
    throw new BillUnreadable('row_unreadable', 'the row is of another merchant', lineNumber);
  }
  const type = field('txnType');
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind === undefined) {
    throw new BillUnreadable('row_unreadable', 'an unlisted kind of trade', lineNumber);
  }
  const amount = field('amount');
  if (!/^\d{12}$/.test(amount)) {
    throw new BillUnreadable('row_unreadable', 'the amount is no 12 digits', lineNumber);
  }
  const row: TradeRow = {
    lineNumber,
    kind,
    queryId: field('queryId'),
    orderId: field('orderId'),
    originalOrderId: field('originalOrderId'),
    reserved: field('reserved'),
    amount: BigInt(amount),
    // A debit (D) is what the merchant pays, a credit (C) what it gets.
    fee: -signedAmount(field('fee'), lineNumber),
    net: signedAmount(field('net'), lineNumber),
    at: file.timeOf(field('traceTime'), lineNumber),
  };
  requireNames(row);
  requireNet(row);
  return row;
}

function requireNames(row: TradeRow): void {
  const order = row.kind === 'payment' ? row.orderId : row.originalOrderId;
  if (row.queryId !== '' && row.orderId !== '' && order !== '') return;
  throw new BillUnreadable('row_unreadable', 'a number of the trade is missing', row.lineNumber);
}

/** The net is the amount with its sign, less the fee unless fees are collected apart. */
function requireNet(row: TradeRow): void {
  const gross = row.kind === 'payment' ? row.amount : -row.amount;
  if (row.net === gross || row.net === gross - row.fee) return;
  const words = `amount ${gross}, fee ${row.fee} and net ${row.net} contradict each other`;
  throw new BillUnreadable('totals_differ', words, row.lineNumber);
}

/** `C` and 12 digits: for the merchant; `D`: against it. Blank is nothing. */
function signedAmount(text: string | undefined, lineNumber: number): bigint {
  if (text === undefined || text === '') return 0n;
  const match = /^([CD])(\d{12})$/.exec(text);
  if (match === null) {
    throw new BillUnreadable('row_unreadable', 'an amount is no C or D and 12 digits', lineNumber);
  }
  const minor = BigInt(match[2] ?? '0');
  return match[1] === 'C' ? minor : -minor;
}

/** Reads the time of a row, or throws. */
type TimeReader = (text: string | undefined, lineNumber: number) => Temporal.Instant;

/**
 * Reads `MMDDhhmmss` with the year that the day of the file gives it. A file has few days and many
 * rows, so each day is judged once.
 */
function timeReader(file: FileOf): TimeReader {
  const noon = file.date.toZonedDateTime({ timeZone: BEIJING, plainTime: '12:00' }).toInstant();
  const starts = new Map<string, number>();
  return (text = '', lineNumber) => {
    const [, day = '', hour = '', minute = '', second = ''] = TRACE_TIME.exec(text) ?? [];
    let start = starts.get(day);
    if (start === undefined) {
      start = startOfDay(day, { near: noon, date: file.date, lineNumber });
      starts.set(day, start);
    }
    const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
    return Temporal.Instant.fromEpochMilliseconds(start + seconds * 1000);
  };
}

const TRACE_TIME = /^(\d{4})([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/;

/** The epoch milliseconds at which `MMDD` begins in Beijing; it must be near the file's day. */
function startOfDay(
  monthDay: string,
  of: {
    readonly near: Temporal.Instant;
    readonly date: Temporal.PlainDate;
    readonly lineNumber: number;
  },
): number {
  const start = parseTraceTime(`${monthDay}000000`, of.near);
  if (start === undefined) {
    throw new BillUnreadable('row_unreadable', 'the time of the trade', of.lineNumber);
  }
  const day = start.toZonedDateTimeISO(BEIJING).toPlainDate();
  if (Math.abs(day.since(of.date, { largestUnit: 'day' }).days) > DAYS_APART) {
    throw new BillUnreadable('row_unreadable', `the trade is of ${day}`, of.lineNumber);
  }
  return start.epochMilliseconds;
}

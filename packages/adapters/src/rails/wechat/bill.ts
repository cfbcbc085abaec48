import { createHash } from 'node:crypto';
import {
  type BillDownload,
  parseContractCode,
  parseOrderNumber,
  parsePayLinkNumber,
  type RailBillLine,
} from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { absolute, billAmount, requireTotal, yuan } from '../bill-amounts.ts';
import { type BillBytes, bytesAt } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { DateCheck } from './bill-date.ts';
import { isPacked, textLines, unpackBill } from './bill-text.ts';
import { parseFlatXml } from './xml.ts';

/** The longest message that says why there is no bill; what is longer is no message. */
const MESSAGE_LIMIT_BYTES = 64 * 1024;

/** Whose bill it must be, and of which date. */
export type BillWanted = { readonly mchid: string; readonly date: Temporal.PlainDate };

/** Header names of one column in the classic and in the current layout (rails.md §1.13). */
const COLUMNS = {
  time: ['交易时间'],
  merchant: ['商户号'],
  type: ['交易类型'],
  state: ['交易状态'],
  reference: ['微信订单号'],
  order: ['商户订单号'],
  amount: ['应结订单金额', '总金额'],
  refundReference: ['微信退款单号'],
  refundNumber: ['商户退款单号'],
  refundState: ['退款状态'],
  refund: ['退款金额'],
  fee: ['手续费'],
  attach: ['商户数据包'],
} as const;

/** Bills of the type SUCCESS have no refund columns; the merchant's own text is an extra. */
const OPTIONAL_COLUMNS: ReadonlySet<string> = new Set([
  'refund',
  'refundReference',
  'refundNumber',
  'refundState',
  'attach',
]);

/** Summary figures by their names in both layouts; a bill need not have all of them. */
const SUMMARY = {
  count: ['总交易单数'],
  amount: ['应结订单总金额', '总交易额'],
  refund: ['退款总金额', '总退款金额'],
  fee: ['手续费总金额'],
} as const;

/** The trade type of 委托代扣. */
const DEDUCTION_TYPE = 'PAP';

/**
 * Whether a row is ours: a deduction, or an order by hand under a number of our own form (pay links
 * and first payments). Rows of the merchant's other products are counted, not handed out.
 */
function isOurs(type: string, orderNumber: string): boolean {
  if (type === DEDUCTION_TYPE) return true;
  return (
    parseOrderNumber(orderNumber) !== undefined || parsePayLinkNumber(orderNumber) !== undefined
  );
}

/**
 * What `/pay/downloadbill` answered: a bill, or an XML message that says why there is none. The
 * hash is of the unpacked text, because a packed file carries the time of its packing. It is taken
 * from the whole file, so a file that is cut or grows without end is refused before its first row.
 */
export async function fromBillReply(file: BillBytes, wanted: BillWanted): Promise<BillDownload> {
  const isPlain = !(await isPacked(file));
  if (isPlain && file.size <= MESSAGE_LIMIT_BYTES) {
    const message = parseFlatXml(await bytesAt(file, 0, file.size));
    if (message !== undefined) return billMessage(message['return_msg'] ?? '');
  }
  try {
    const contentHash = await hashOf(file);
    return { kind: 'ready', contentHash, lines: readWechatBill(file, wanted) };
  } catch (error) {
    const isKnown = error instanceof BillUnreadable;
    return { kind: 'unknown', detail: isKnown ? error.message : 'the bill is damaged' };
  }
}

/** The words beside error 20002 are all that tells "no trade" from "not made yet". */
function billMessage(message: string): BillDownload {
  if (/no bill exist/i.test(message)) return { kind: 'empty' };
  if (/bill creating/i.test(message)) return { kind: 'not_ready', message };
  return { kind: 'unknown', detail: message };
}

async function hashOf(file: BillBytes): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of unpackBill(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** Values begin with a backtick each, so that a comma inside one does not end it. */
export function valuesOf(line: string): readonly string[] {
  return line.slice(1).split(',`');
}

/** Where one of the known names of a column stands; -1 when none does. */
export function placeOf(names: readonly string[], known: readonly string[]): number {
  return names.findIndex((name) => known.includes(name));
}

type Columns = Readonly<Record<keyof typeof COLUMNS, number>>;

function columnsOf(header: string): Columns {
  const names = header.split(',').map((name) => name.trim());
  const places = Object.entries(COLUMNS).map(([key, known]) => {
    const place = placeOf(names, known);
    if (place < 0 && !OPTIONAL_COLUMNS.has(key)) {
      throw new BillUnreadable('header_unknown', `the header has no column ${known[0]}`);
    }
    return [key, place] as const;
  });
  return Object.fromEntries(places) as Columns;
}

type Totals = { count: bigint; amount: bigint; refund: bigint; fee: bigint };

/**
 * Streams the deductions and their refunds of a bill, plain or packed, with or without byte order
 * mark, in either layout. After the last row the sums are compared with WeChat's own summary; a
 * difference or a missing summary throws `BillUnreadable`, so that half a bill never passes for a
 * whole one. So does a row of another merchant, and a bill whose payments are all of other dates:
 * no word of the file itself says whose it is or of when.
 */
export async function* readWechatBill(
  file: BillBytes,
  wanted: BillWanted,
): AsyncGenerator<RailBillLine> {
  let columns: Columns | undefined;
  let summaryHeader: string | undefined;
  let isComplete = false;
  const totals: Totals = { count: 0n, amount: 0n, refund: 0n, fee: 0n };
  const dates = new DateCheck(wanted.date);
  for await (const line of textLines(file)) {
    if (line.trim() === '') continue;
    if (columns === undefined) {
      columns = columnsOf(line);
    } else if (!line.startsWith('`')) {
      summaryHeader = line;
    } else if (summaryHeader === undefined) {
      totals.count += 1n;
      const row = fromRow(valuesOf(line), columns, { wanted, lineNumber: Number(totals.count) });
      totals.amount += row.amount;
      totals.refund += row.refund;
      totals.fee += row.fee;
      if (row.line === undefined) continue;
      if (row.line.kind === 'payment') dates.see(row.line.at);
      yield row.line;
    } else {
      compareTotals(totals, summaryHeader, line);
      isComplete = true;
    }
  }
  if (!isComplete) throw new BillUnreadable('file_damaged', 'the bill ends before its summary');
  dates.require();
}

type Row = {
  readonly amount: bigint;
  readonly refund: bigint;
  readonly fee: bigint;
  readonly line?: RailBillLine;
};

function fromRow(
  values: readonly string[],
  columns: Columns,
  of: { readonly wanted: BillWanted; readonly lineNumber: number },
): Row {
  const { wanted, lineNumber } = of;
  const text = (column: keyof Columns): string => values[columns[column]] ?? '';
  if (text('merchant') !== wanted.mchid) {
    throw new BillUnreadable('other_bill', 'the row is of another merchant', lineNumber);
  }
  const amount = billAmount(text('amount'), lineNumber);
  const refund = text('refund') === '' ? 0n : billAmount(text('refund'), lineNumber);
  const fee = billAmount(text('fee'), lineNumber);
  const sums = { amount, refund, fee };
  const state = text('state');
  const orderNumber = text('order');
  if (!isOurs(text('type'), orderNumber) || state === 'REVOKED') return sums;
  if (state !== 'SUCCESS' && state !== 'REFUND') {
    throw new BillUnreadable('row_unreadable', `unlisted state ${state}`, lineNumber);
  }
  const at = parseBeijing(text('time'));
  if (at === undefined || orderNumber === '') {
    throw new BillUnreadable('row_unreadable', 'the time or the order number', lineNumber);
  }
  const contractCode = text('attach');
  const contract = parseContractCode(contractCode) === undefined ? {} : { contractCode };
  const common = { lineNumber, orderNumber, at, ...contract };
  const line: RailBillLine =
    state === 'SUCCESS'
      ? {
          ...common,
          kind: 'payment',
          railReference: text('reference'),
          amount: yuan(amount),
          fee: yuan(fee),
        }
      : {
          ...common,
          kind: 'refund',
          railReference: text('refundReference') || text('reference'),
          // A row without a number of the merchant holds 0.
          ...(/^0?$/.test(text('refundNumber')) ? {} : { refundNumber: text('refundNumber') }),
          // PROCESSING, FAIL and CHANGE are never updated on a bill; only the query knows the end.
          ...(text('refundState') === 'SUCCESS' ? {} : { isPending: true }),
          amount: yuan(absolute(refund)),
          fee: yuan(-absolute(fee)),
        };
  return { ...sums, line };
}

function compareTotals(totals: Totals, header: string, line: string): void {
  const names = header.split(',').map((name) => name.trim());
  const values = valuesOf(line);
  for (const [key, known] of Object.entries(SUMMARY)) {
    const place = placeOf(names, known);
    if (place < 0) {
      if (key !== 'count') continue;
      throw new BillUnreadable('header_unknown', 'the summary has no number of rows');
    }
    const text = values[place];
    const isCount = key === 'count' && /^\d{1,12}(\.0+)?$/.test(text ?? '');
    const figure = isCount ? BigInt((text ?? '').split('.')[0] ?? '') : billAmount(text);
    requireTotal(known[0], totals[key as keyof Totals], figure);
  }
}

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BillDownload, RailBillLine } from '@daikou/core';
import { parse } from 'csv-parse';
import iconv from 'iconv-lite';
import { parseBeijing } from '../beijing.ts';
import { absolute, billAmount, requireTotal, yuan } from '../bill-amounts.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { unzipBill } from './bill-archive.ts';

/**
 * Header names of 业务明细 (rails.md §2.10). Full-width brackets in some exports, plain ones in others.
 */
const COLUMNS = {
  reference: '支付宝交易号',
  order: '商户订单号',
  kind: '业务类型',
  finished: '完成时间',
  amount: '订单金额(元)',
  fee: '服务费(元)',
} as const;

/** Header names of 业务明细(汇总); its last row is the total (合计). */
const SUMMARY = {
  payments: '交易订单总笔数',
  refunds: '退款订单总笔数',
  amount: '订单金额(元)',
  fee: '服务费(元)',
} as const;

const TOTAL_ROW = '合计';

type Row = Readonly<Record<string, string>>;
type Totals = { payments: bigint; refunds: bigint; amount: bigint; fee: bigint };

/**
 * What the downloaded archive holds. The hash leaves the comment lines out: Alipay writes the time
 * of the export into them, and the same bill must have the same hash tomorrow.
 */
export function fromBillArchive(archive: Uint8Array): BillDownload {
  const files = unzipBill(archive);
  if (files === undefined) return { kind: 'unknown', detail: 'the bill archive is damaged' };
  return { kind: 'ready', contentHash: hashOf(files.details), lines: readAlipayBill(files) };
}

const LINE_FEED = 0x0a;
const HASH_SIGN = 0x23;

/** Works on bytes: no byte of a GBK character can be a line feed, nor begin a line with `#`. */
function hashOf(details: Uint8Array): string {
  const hash = createHash('sha256');
  let start = 0;
  while (start < details.length) {
    const feed = details.indexOf(LINE_FEED, start);
    const end = feed < 0 ? details.length : feed + 1;
    if (details[start] !== HASH_SIGN) hash.update(details.subarray(start, end));
    start = end;
  }
  return hash.digest('hex');
}

/** Bytes are decoded and parsed in pieces of this size. */
const PIECE_BYTES = 64 * 1024;

function* decoded(bytes: Uint8Array): Generator<string> {
  const decoder = iconv.getDecoder('gbk');
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield decoder.write(Buffer.from(bytes.subarray(start, start + PIECE_BYTES)));
  }
  const rest = decoder.end();
  if (rest !== undefined && rest !== '') yield rest;
}

/** Columns are found by name; brackets and surrounding tabs and spaces do not matter. */
function columnName(name: string): string {
  return name.replaceAll('（', '(').replaceAll('）', ')').trim();
}

/**
 * Rows of one CSV file by header name, `#` lines left out, tabs and spaces around values removed.
 */
async function* rowsOf(bytes: Uint8Array): AsyncGenerator<Row> {
  const parser = parse({
    columns: (header: readonly string[]) => header.map(columnName),
    comment: '#',
    comment_no_infix: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
  });
  const rows: AsyncIterable<Row> = Readable.from(decoded(bytes)).pipe(parser);
  try {
    for await (const row of rows) {
      if (Object.values(row).some((value) => value.includes('\ufffd'))) {
        throw new BillUnreadable('file_damaged', 'the bill is not GBK');
      }
      yield row;
    }
  } catch (error) {
    if (error instanceof BillUnreadable) throw error;
    throw new BillUnreadable('file_damaged', 'the bill is not CSV');
  }
}

/**
 * Streams the payments and refunds of a bill. After the last row the sums are compared with
 * Alipay's own summary file; a difference, or a summary without a total row, throws
 * `BillUnreadable`.
 */
export async function* readAlipayBill(files: {
  readonly details: Uint8Array;
  readonly summary: Uint8Array;
}): AsyncGenerator<RailBillLine> {
  const totals: Totals = { payments: 0n, refunds: 0n, amount: 0n, fee: 0n };
  let lineNumber = 0;
  for await (const row of rowsOf(files.details)) {
    lineNumber += 1;
    const line = fromRow(row, lineNumber);
    totals[line.kind === 'payment' ? 'payments' : 'refunds'] += 1n;
    totals.amount += billAmount(row[COLUMNS.amount], lineNumber);
    totals.fee += billAmount(row[COLUMNS.fee], lineNumber);
    yield line;
  }
  await compareTotals(totals, files.summary);
}

function fromRow(row: Row, lineNumber: number): RailBillLine {
  for (const name of Object.values(COLUMNS)) {
    if (row[name] === undefined) {
      throw new BillUnreadable('header_unknown', `there is no column ${name}`, lineNumber);
    }
  }
  const at = parseBeijing(row[COLUMNS.finished]);
  const orderNumber = row[COLUMNS.order] ?? '';
  if (at === undefined || orderNumber === '') {
    throw new BillUnreadable('row_unreadable', 'the time or the order number', lineNumber);
  }
  const amount = yuan(absolute(billAmount(row[COLUMNS.amount], lineNumber)));
  const fee = absolute(billAmount(row[COLUMNS.fee], lineNumber));
  const railReference = row[COLUMNS.reference] ?? '';
  const common = { lineNumber, orderNumber, railReference, amount, at };
  // Whatever sign the file gives the fee: a payment costs one, a refund gives it back.
  switch (row[COLUMNS.kind]) {
    case '交易':
      return { ...common, kind: 'payment', fee: yuan(fee) };
    case '退款':
      return { ...common, kind: 'refund', fee: yuan(-fee) };
    default:
      throw new BillUnreadable('row_unreadable', 'unlisted 业务类型', lineNumber);
  }
}

async function compareTotals(totals: Totals, summary: Uint8Array): Promise<void> {
  let total: Row | undefined;
  for await (const row of rowsOf(summary)) {
    if (Object.values(row).includes(TOTAL_ROW)) total = row;
  }
  if (total === undefined) {
    throw new BillUnreadable('file_damaged', 'the summary has no total row');
  }
  for (const key of ['payments', 'refunds', 'amount', 'fee'] as const) {
    const name = SUMMARY[key];
    const text = total[name];
    if (text === undefined) {
      throw new BillUnreadable('header_unknown', `the summary has no column ${name}`);
    }
    const isCount = key === 'payments' || key === 'refunds';
    requireTotal(name, totals[key], isCount ? countOf(text) : billAmount(text));
  }
}

function countOf(text: string): bigint {
  if (/^\d{1,12}$/.test(text)) return BigInt(text);
  throw new BillUnreadable('row_unreadable', 'a number of trades in the summary');
}

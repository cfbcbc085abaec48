import { type BillDownload, parseContractCode, type RailBillLine } from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { absolute, billAmount, requireTotal, yuan } from '../bill-amounts.ts';
import type { BillBytes } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import type { BillMember } from './bill-archive.ts';
import {
  type BillWanted,
  countOf,
  openBill,
  type Row,
  requireColumns,
  rowsOf,
} from './bill-file.ts';

/**
 * Header names of 业务明细 (rails.md §2.10). Full-width brackets in some exports, plain ones in others.
 */
const COLUMNS = {
  reference: '支付宝交易号',
  order: '商户订单号',
  kind: '业务类型',
  finished: '完成时间',
  amount: '订单金额(元)',
  refund: '退款批次号/请求号',
  fee: '服务费(元)',
} as const;

/** Holds the merchant's own text of the trade; a file without it is whole. */
const REMARK = '备注';

/** Header names of 业务明细(汇总); its last row is the total (合计). */
const SUMMARY = {
  payments: '交易订单总笔数',
  refunds: '退款订单总笔数',
  amount: '订单金额(元)',
  fee: '服务费(元)',
} as const;

const TOTAL_ROW = '合计';

/** `written`: added up with the signs of the file. `net`: with the signs that they mean. */
type Sum = { written: bigint; net: bigint };
type Totals = { payments: bigint; refunds: bigint; amount: Sum; fee: Sum };

/** What a downloaded archive holds; `unknown` with the reason when it is not the wanted bill. */
export async function fromBillArchive(
  archive: BillBytes,
  wanted: BillWanted,
): Promise<BillDownload> {
  const bill = await openBill(archive, '业务明细', wanted);
  if (bill.kind === 'unknown') return bill;
  return { kind: 'ready', contentHash: bill.contentHash, lines: readAlipayBill(bill) };
}

/**
 * Streams the payments and refunds of a bill. After the last row the sums are compared with
 * Alipay's own summary file; a difference, or a summary without a total row, throws
 * `BillUnreadable`.
 */
export async function* readAlipayBill(files: {
  readonly details: BillMember;
  readonly summary: BillMember;
}): AsyncGenerator<RailBillLine> {
  const totals: Totals = {
    payments: 0n,
    refunds: 0n,
    amount: { written: 0n, net: 0n },
    fee: { written: 0n, net: 0n },
  };
  let lineNumber = 0;
  for await (const row of rowsOf(files.details)) {
    lineNumber += 1;
    const line = fromRow(row, lineNumber);
    const isPayment = line.kind === 'payment';
    totals[isPayment ? 'payments' : 'refunds'] += 1n;
    totals.amount.written += billAmount(row[COLUMNS.amount], lineNumber);
    totals.amount.net += isPayment ? line.amount.minor : -line.amount.minor;
    totals.fee.written += billAmount(row[COLUMNS.fee], lineNumber);
    totals.fee.net += line.fee.minor;
    yield line;
  }
  await compareTotals(totals, files.summary);
}

function fromRow(row: Row, lineNumber: number): RailBillLine {
  if (lineNumber === 1) requireColumns(row, Object.values(COLUMNS), lineNumber);
  const at = parseBeijing(row[COLUMNS.finished]);
  const orderNumber = row[COLUMNS.order] ?? '';
  if (at === undefined || orderNumber === '') {
    throw new BillUnreadable('row_unreadable', 'the time or the order number', lineNumber);
  }
  const amount = yuan(absolute(billAmount(row[COLUMNS.amount], lineNumber)));
  const fee = absolute(billAmount(row[COLUMNS.fee], lineNumber));
  const railReference = row[COLUMNS.reference] ?? '';
  const contractCode = row[REMARK] ?? '';
  const contract = parseContractCode(contractCode) === undefined ? {} : { contractCode };
  const common = { lineNumber, orderNumber, railReference, amount, at, ...contract };
  // Whatever sign the file gives: 业务类型 says which way the money went. A payment costs its fee, and
  // a refund gives its part of it back.
  switch (row[COLUMNS.kind]) {
    case '交易':
      return { ...common, kind: 'payment', fee: yuan(fee) };
    case '退款': {
      const refundNumber = row[COLUMNS.refund] ?? '';
      const named = refundNumber === '' ? {} : { refundNumber };
      return { ...common, kind: 'refund', ...named, fee: yuan(-fee) };
    }
    default:
      throw new BillUnreadable('row_unreadable', 'unlisted 业务类型', lineNumber);
  }
}

/**
 * Compares the counts and sums. Files differ in the signs of refunds and fees, and so may their
 * summaries: a sum must be that of the rows as written, or that of what they mean.
 */
async function compareTotals(totals: Totals, summary: BillMember): Promise<void> {
  let total: Row | undefined;
  for await (const row of rowsOf(summary)) {
    if (Object.values(row).includes(TOTAL_ROW)) total = row;
  }
  if (total === undefined) {
    throw new BillUnreadable('file_damaged', 'the summary has no total row');
  }
  requireColumns(total, Object.values(SUMMARY));
  const told = (key: keyof typeof SUMMARY): string => total[SUMMARY[key]] ?? '';
  requireTotal(SUMMARY.payments, totals.payments, countOf(told('payments')));
  requireTotal(SUMMARY.refunds, totals.refunds, countOf(told('refunds')));
  requireSum(SUMMARY.amount, totals.amount, billAmount(told('amount')));
  requireSum(SUMMARY.fee, totals.fee, billAmount(told('fee')));
}

function requireSum(name: string, rows: Sum, summary: bigint): void {
  if (absolute(rows.net) === absolute(summary)) return;
  requireTotal(name, rows.written, summary);
}

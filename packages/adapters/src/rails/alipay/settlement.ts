import type { SettlementDownload, SettlementLine } from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { absolute, billAmount, requireTotal, yuan } from '../bill-amounts.ts';
import type { BillBytes } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { listed } from '../tables.ts';
import {
  type BillWanted,
  countOf,
  type OpenBill,
  openBill,
  type Row,
  requireColumns,
  rowsOf,
} from './bill-file.ts';

/**
 * Header names of 账务明细 that both layouts have: the one of 2012 (12 columns) and the present one,
 * which adds 业务基础订单号, 业务订单号, 业务账单来源 and 业务描述 in another order (finance.md §3.1).
 */
const COLUMNS = {
  row: '账务流水号',
  reference: '业务流水号',
  order: '商户订单号',
  at: '发生时间',
  income: '收入金额(+元)',
  outgo: '支出金额(-元)',
  kind: '业务类型',
} as const;

/** A column that some exports leave out. */
const BALANCE = '账户余额(元)';

/** Header names of 账务明细(汇总); one of its rows is the total (合计). */
const SUMMARY = {
  incomes: '收入笔数',
  income: '收入金额(+元)',
  outgoes: '支出笔数',
  outgo: '支出金额(-元)',
} as const;

const TOTAL_ROW = '合计';

/** Words of 业务类型 that are told apart; every other one is `other`, kept in its own words. */
const KINDS: Readonly<Record<string, SettlementLine['kind']>> = {
  交易: 'payment',
  交易付款: 'payment',
  在线支付: 'payment',
  退款: 'refund',
  交易退款: 'refund',
  收费: 'fee',
  服务费: 'fee',
  退费: 'fee',
  提现: 'payout',
};

type Totals = { incomes: bigint; income: bigint; outgoes: bigint; outgo: bigint };

/**
 * What a downloaded archive holds; `unknown` with the reason when it is not the wanted
 * statement.
 */
export async function fromSettlementArchive(
  archive: BillBytes,
  wanted: BillWanted,
): Promise<SettlementDownload> {
  const bill = await openBill(archive, '账务明细', wanted);
  if (bill.kind === 'unknown') return bill;
  return { kind: 'ready', contentHash: bill.contentHash, lines: readAlipaySettlement(bill) };
}

/**
 * Streams the changes of the balance with Alipay. After the last row the counts and sums are
 * compared with the lines at the end of the file (where it has them) and with the summary file; a
 * difference throws `BillUnreadable`. Balances are handed on as told: Alipay does not promise that
 * one follows from the one before it.
 */
export async function* readAlipaySettlement(
  files: Pick<OpenBill, 'details' | 'summary' | 'comments'>,
): AsyncGenerator<SettlementLine> {
  const totals: Totals = { incomes: 0n, income: 0n, outgoes: 0n, outgo: 0n };
  let lineNumber = 0;
  for await (const row of rowsOf(files.details)) {
    lineNumber += 1;
    const line = fromRow(row, lineNumber);
    const { minor } = line.change;
    if (minor > 0n) {
      totals.incomes += 1n;
      totals.income += minor;
    } else {
      totals.outgoes += 1n;
      totals.outgo -= minor;
    }
    yield line;
  }
  compareFooter(totals, files.comments);
  await compareSummary(totals, files);
}

/** An amount of the file; a blank cell is nothing. Its sign is told by its column. */
function amountAt(row: Row, name: string, lineNumber?: number): bigint {
  const text = (row[name] ?? '').replaceAll(',', '');
  return text === '' ? 0n : absolute(billAmount(text, lineNumber));
}

function fromRow(row: Row, lineNumber: number): SettlementLine {
  if (lineNumber === 1) requireColumns(row, Object.values(COLUMNS), lineNumber);
  const at = parseBeijing(row[COLUMNS.at]);
  const railReference = row[COLUMNS.reference] || row[COLUMNS.row] || '';
  if (at === undefined || railReference === '') {
    throw new BillUnreadable('row_unreadable', 'the time or the number', lineNumber);
  }
  const income = amountAt(row, COLUMNS.income, lineNumber);
  const outgo = amountAt(row, COLUMNS.outgo, lineNumber);
  if (income > 0n && outgo > 0n) {
    throw new BillUnreadable('row_unreadable', 'both money in and money out', lineNumber);
  }
  const wording = row[COLUMNS.kind] ?? '';
  const orderNumber = row[COLUMNS.order] ?? '';
  const balance = row[BALANCE] ?? '';
  return {
    lineNumber,
    kind: listed(KINDS, wording) ?? 'other',
    change: yuan(income - outgo),
    ...(balance === '' ? {} : { balance: yuan(billAmount(balance, lineNumber)) }),
    ...(orderNumber === '' ? {} : { orderNumber }),
    railReference,
    at,
    wording,
  };
}

/** `#收入合计：18笔，共14989.00元` and the same of 支出, which most files have after their rows. */
function compareFooter(totals: Totals, comments: readonly string[]): void {
  for (const [word, count, sum] of [
    ['收入合计', totals.incomes, totals.income],
    ['支出合计', totals.outgoes, totals.outgo],
  ] as const) {
    const line = comments.find((one) => one.startsWith(`#${word}`));
    const told = /[：:]\s*([\d,]+)笔，共([-+]?[\d,]+\.\d{2})元/.exec(line ?? '');
    if (told === null) continue;
    requireTotal(`${word} (笔数)`, count, countOf(told[1] ?? ''));
    const amount = billAmount((told[2] ?? '').replaceAll(',', '').replace('+', ''));
    requireTotal(word, sum, absolute(amount));
  }
}

async function compareSummary(totals: Totals, files: Pick<OpenBill, 'summary'>): Promise<void> {
  let total: Row | undefined;
  for await (const row of rowsOf(files.summary)) {
    if (Object.values(row).includes(TOTAL_ROW)) total = row;
  }
  if (total === undefined) {
    throw new BillUnreadable('file_damaged', 'the summary has no total row');
  }
  requireColumns(total, Object.values(SUMMARY));
  requireTotal(SUMMARY.incomes, totals.incomes, countOf(total[SUMMARY.incomes] ?? ''));
  requireTotal(SUMMARY.outgoes, totals.outgoes, countOf(total[SUMMARY.outgoes] ?? ''));
  requireTotal(SUMMARY.income, totals.income, amountAt(total, SUMMARY.income));
  requireTotal(SUMMARY.outgo, totals.outgo, amountAt(total, SUMMARY.outgo));
}

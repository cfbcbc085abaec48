import type { SettlementLine } from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { absolute, billAmount, requireTotal, yuan } from '../bill-amounts.ts';
import type { BillBytes } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { listed } from '../tables.ts';
import { placeOf, valuesOf } from './bill.ts';
import { DateCheck } from './bill-date.ts';
import { textLines } from './bill-text.ts';

/** Header names of the fund flow bill's columns that we read (finance.md §3.1). */
const COLUMNS = {
  time: ['记账时间'],
  reference: ['微信支付业务单号'],
  flow: ['资金流水单号'],
  name: ['业务名称'],
  type: ['业务类型'],
  direction: ['收支类型'],
  amount: ['收支金额(元)', '收支金额（元）'],
  balance: ['账户结余(元)', '账户结余（元）'],
} as const;

/** Figures of the summary. Parentheses have been seen in both widths. */
const SUMMARY = {
  rows: ['资金流水总笔数'],
  incomeRows: ['收入笔数'],
  income: ['收入金额', '收入金额(元)', '收入金额（元）'],
  outgoRows: ['支出笔数'],
  outgo: ['支出金额', '支出金额(元)', '支出金额（元）'],
} as const;

/**
 * 业务类型 → what the row is in our books. A type that is not listed is `other` with its own words:
 * the sum of a day's rows stays right, and a person reads the words.
 */
const KINDS: Readonly<Record<string, SettlementLine['kind']>> = {
  交易: 'payment',
  退款: 'refund',
  交易手续费: 'fee',
  扣除交易手续费: 'fee',
  手续费: 'fee',
  退还交易手续费: 'fee',
  提现: 'payout',
  自动提现: 'payout',
};

type Columns = Readonly<Record<keyof typeof COLUMNS, number>>;
type Sums = { rows: bigint; incomeRows: bigint; income: bigint; outgoRows: bigint; outgo: bigint };

/**
 * Streams the rows of a fund flow bill (资金账单), plain or packed. After the last row the sums are
 * compared with WeChat's own summary; a difference or a missing summary throws `BillUnreadable`,
 * so that half a statement never passes for a whole one. So does a statement with no row of `date`.
 */
export async function* readFundBill(
  file: BillBytes,
  date: Temporal.PlainDate,
): AsyncGenerator<SettlementLine> {
  const dates = new DateCheck(date);
  let columns: Columns | undefined;
  let summary: readonly string[] | undefined;
  let isComplete = false;
  const sums: Sums = { rows: 0n, incomeRows: 0n, income: 0n, outgoRows: 0n, outgo: 0n };
  for await (const line of textLines(file)) {
    if (line.trim() === '') continue;
    if (columns === undefined) {
      columns = columnsOf(namesOf(line));
    } else if (!line.startsWith('`')) {
      summary = namesOf(line);
    } else if (summary === undefined) {
      sums.rows += 1n;
      const row = fromRow(valuesOf(line), columns, Number(sums.rows));
      count(sums, row.change.minor);
      dates.see(row.at);
      yield row;
    } else {
      compare(sums, summary, valuesOf(line));
      isComplete = true;
    }
  }
  if (!isComplete) {
    throw new BillUnreadable('file_damaged', 'the statement ends before its summary');
  }
  dates.require();
}

function namesOf(header: string): readonly string[] {
  return header.split(',').map((name) => name.replace(/^\uFEFF/, '').trim());
}

function columnsOf(names: readonly string[]): Columns {
  const places = Object.entries(COLUMNS).map(([key, known]) => {
    const place = placeOf(names, known);
    if (place < 0) {
      throw new BillUnreadable('header_unknown', `the header has no column ${known[0]}`);
    }
    return [key, place] as const;
  });
  return Object.fromEntries(places) as Columns;
}

function fromRow(values: readonly string[], columns: Columns, lineNumber: number): SettlementLine {
  const text = (column: keyof Columns): string => (values[columns[column]] ?? '').trim();
  const at = parseBeijing(text('time').replace(/\.\d+$/, ''));
  const railReference = text('reference') || text('flow');
  if (at === undefined || railReference === '') {
    throw new BillUnreadable('row_unreadable', 'the time or the number', lineNumber);
  }
  const amount = absolute(billAmount(text('amount'), lineNumber));
  const change = signOf(text('direction'), lineNumber) * amount;
  return {
    lineNumber,
    kind: listed(KINDS, text('type')) ?? 'other',
    change: yuan(change),
    balance: yuan(billAmount(text('balance'), lineNumber)),
    railReference,
    at,
    wording: [text('name'), text('type')].filter((word) => word !== '').join(' · '),
  };
}

function signOf(direction: string, lineNumber: number): bigint {
  if (direction === '收入') return 1n;
  if (direction === '支出') return -1n;
  throw new BillUnreadable('row_unreadable', `unlisted 收支类型 ${direction}`, lineNumber);
}

function count(sums: Sums, change: bigint): void {
  if (change >= 0n) {
    sums.incomeRows += 1n;
    sums.income += change;
  } else {
    sums.outgoRows += 1n;
    sums.outgo -= change;
  }
}

/** The number of rows must be there; the other figures are compared where the summary has them. */
function compare(sums: Sums, names: readonly string[], values: readonly string[]): void {
  for (const [key, known] of Object.entries(SUMMARY)) {
    const place = placeOf(names, known);
    if (place < 0) {
      if (key !== 'rows') continue;
      throw new BillUnreadable('header_unknown', 'the summary has no number of rows');
    }
    const text = (values[place] ?? '').trim();
    const isNumber = key.toLowerCase().endsWith('rows') && /^\d{1,12}(\.0+)?$/.test(text);
    const figure = isNumber ? BigInt(text.split('.')[0] ?? '') : billAmount(text);
    requireTotal(known[0], sums[key as keyof Sums], figure);
  }
}

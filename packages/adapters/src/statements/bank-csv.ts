import {
  add,
  type BankStatement,
  type Currency,
  equals,
  type Money,
  negate,
  type StatementFile,
  type StatementReader,
  type StatementReading,
  subtract,
} from '@daikou/core';
import { parse } from 'csv-parse/sync';
import {
  amountOf,
  currencyOf,
  dateOf,
  nameOnly,
  numberLines,
  type RawLine,
  reading,
  STATEMENT_MAX_BYTES,
  StatementDamaged,
  sha256,
  textOf,
  wordsOf,
} from './reading.ts';

/** The columns that we want, and what Chinese banks call them. Compared without spaces. */
const COLUMNS = {
  date: ['记账日期', '交易日期', '交易日', '入账日期', '日期', '记账时间', '交易时间'],
  value: ['起息日', '起息日期'],
  income: ['贷方金额', '贷方发生额', '收入金额', '收入', '记账金额(收入)', '收款金额', '存入金额'],
  outgo: ['借方金额', '借方发生额', '支出金额', '支出', '记账金额(支出)', '付款金额', '支取金额'],
  amount: ['交易金额', '金额', '发生额', '交易金额(元)'],
  side: ['借贷', '借贷标志', '借贷方向', '收支方向'],
  balance: ['余额', '账户余额', '联机余额', '本次余额', '交易后余额', '账户余额(元)'],
  currency: ['币种', '货币', '币别', '记账币种', '交易币种'],
  counterparty: ['对方户名', '对方账户名', '对方账户名称', '对方名称', '对手信息', '收(付)方名称'],
  type: ['交易类型', '交易名称'],
  summary: ['摘要', '交易摘要'],
  purpose: ['用途', '附言', '交易附言', '备注', '客户摘要', '交易附言(备注)'],
  reference: ['流水号', '交易流水号', '凭证号', '日志号', '账户明细编号-交易流水号', '交易序号'],
} as const;

type Column = keyof typeof COLUMNS;
type Header = { readonly row: number; readonly at: ReadonlyMap<Column, number> };

/** Rows above the table in which a header is looked for. */
const HEADER_WITHIN_ROWS = 60;

/**
 * The CSV exports of Chinese banks: any encoding, title lines above the header, guarded numbers,
 * totals below; columns are found by their names. What money did is told by an income and an outgo
 * column, by a signed amount, or by an amount and 借/贷. The file's running balance says in which
 * order it stands, and proves that it was read right.
 */
export const bankCsvReader: StatementReader = {
  id: 'csv-cn',
  format: 'csv',
  read: (file) => reading(() => readCsv(file)),
};

function readCsv(file: StatementFile): StatementReading {
  if (file.bytes.length > STATEMENT_MAX_BYTES) throw new StatementDamaged('The file is too large.');
  const text = textOf(file.bytes);
  if (text === undefined) return { kind: 'other_format' };
  const rows = rowsOf(text);
  const header = rows === undefined ? undefined : findHeader(rows);
  if (rows === undefined || header === undefined) return { kind: 'other_format' };
  const table = rows.slice(header.row + 1);
  const lines = table.flatMap((row, index) => readRow(row, header, index + header.row + 2));
  if (lines.length === 0) throw new StatementDamaged('The table has no line of money.');
  return { kind: 'ready', statements: [toStatement(file, inOrder(lines))] };
}

/** Cells without guards: ="…", tabs and spaces around a number, non-breaking spaces. */
function rowsOf(text: string): readonly (readonly string[])[] | undefined {
  const delimiter = text.includes('\t') && !text.includes(',') ? '\t' : ',';
  try {
    const rows = parse(text, { delimiter, relaxQuotes: true, relaxColumnCount: true });
    return rows.map((row) => row.map(toCell));
  } catch {
    return undefined;
  }
}

function toCell(cell: string): string {
  return cell
    .replaceAll('\u{a0}', ' ')
    .trim()
    .replace(/^="(.*)"$/, '$1')
    .replace(/^'/, '')
    .trim();
}

function findHeader(rows: readonly (readonly string[])[]): Header | undefined {
  for (const [row, cells] of rows.slice(0, HEADER_WITHIN_ROWS).entries()) {
    const names = cells.map((cell) =>
      cell.replaceAll(/\s/g, '').replaceAll('（', '(').replaceAll('）', ')'),
    );
    const at = new Map<Column, number>();
    for (const column of Object.keys(COLUMNS) as Column[]) {
      const index = COLUMNS[column].map((name) => names.indexOf(name)).find((place) => place >= 0);
      if (index !== undefined) at.set(column, index);
    }
    const hasMoney = at.has('amount') || (at.has('income') && at.has('outgo'));
    if (at.has('date') && hasMoney) return { row, at };
  }
  return undefined;
}

/** No line for rows without a date (totals, empty rows) and for rows that move no money. */
function readRow(cells: readonly string[], { at }: Header, rowNumber: number): readonly RawLine[] {
  const cell = (column: Column) => cells[at.get(column) ?? -1] ?? '';
  if (!/^\d{4}/.test(cell('date'))) return [];
  const place = `Row ${rowNumber}`;
  if (isDate(cell('date')) && cells.length <= lastOf(at)) {
    throw new StatementDamaged(`${place} ends before its amounts: the file is cut.`);
  }
  const currency: Currency = at.has('currency') ? currencyOf(cell('currency'), place) : 'CNY';
  const amount = readChange(cell, { at, currency, place });
  if (amount.minor === 0n) return [];
  const balance = cell('balance');
  const counterparty = nameOnly(cell('counterparty'));
  const remittance = wordsOf(cell('type'), cell('summary'), cell('purpose'));
  const reference = cell('reference');
  const value = cell('value');
  return [
    {
      bookedOn: dateOf(cell('date'), place),
      ...(value === '' ? {} : { valueOn: dateOf(value, place) }),
      amount,
      ...(balance === '' ? {} : { balanceAfter: amountOf(balance, currency, place) }),
      ...(counterparty === undefined ? {} : { counterparty }),
      ...(remittance === undefined ? {} : { remittance }),
      // A bank writes zeros where it has no number.
      ...(/[1-9A-Za-z]/.test(reference) ? { bankReference: reference } : {}),
      rawHash: sha256(cells.join('\u{1f}')),
    },
  ];
}

/** A whole date, and not words that begin with a year. */
function isDate(text: string): boolean {
  return /^\d{4}\D?\d{1,2}\D?\d{1,2}\D?$/.test(text);
}

/** The place of the last column of money; a row of money has at least so many cells. */
function lastOf(at: Header['at']): number {
  const places = (['amount', 'income', 'outgo', 'balance'] as const).map((name) => at.get(name));
  return Math.max(...places.map((place) => place ?? -1));
}

/** More than zero: money came in. */
function readChange(
  cell: (column: Column) => string,
  about: {
    readonly at: Header['at'];
    readonly currency: Currency;
    readonly place: string;
  },
): Money {
  const { at, currency, place } = about;
  const amountIn = (text: string) =>
    /^-*$/.test(text) ? { minor: 0n, currency } : amountOf(text, currency, place);
  if (at.has('income') && at.has('outgo')) {
    return subtract(amountIn(cell('income')), amountIn(cell('outgo')));
  }
  const amount = amountOf(cell('amount'), currency, place);
  if (!at.has('side')) return amount;
  const side = cell('side');
  const isCredit = /贷|收|Cr|C$/i.test(side);
  if (isCredit === /借|支|付|Dr|D$/i.test(side)) {
    throw new StatementDamaged(`${place}: “${side}” says neither in nor out.`);
  }
  return isCredit ? amount : negate(amount);
}

/**
 * The lines, oldest first. The running balance decides; a file without one goes by its dates, and
 * one day in one file stands as it is.
 */
function inOrder(lines: readonly RawLine[]): readonly RawLine[] {
  const newestFirst = [...lines].reverse();
  if (runs(lines)) return lines;
  if (runs(newestFirst)) return newestFirst;
  const [first, last] = [lines.at(0), lines.at(-1)];
  const isFalling =
    first !== undefined &&
    last !== undefined &&
    Temporal.PlainDate.compare(first.bookedOn, last.bookedOn) > 0;
  return isFalling ? newestFirst : lines;
}

function runs(lines: readonly RawLine[]): boolean {
  return lines.every((line, index) => {
    const before = lines[index - 1]?.balanceAfter;
    if (index === 0) return true;
    if (before === undefined || line.balanceAfter === undefined) return false;
    return equals(add(before, line.amount), line.balanceAfter);
  });
}

function toStatement(file: StatementFile, lines: readonly RawLine[]): BankStatement {
  const dates = lines.map(({ bookedOn }) => bookedOn).sort(Temporal.PlainDate.compare);
  const [from, until] = [dates.at(0), dates.at(-1)];
  const [first, last] = [lines.at(0), lines.at(-1)];
  if (from === undefined || until === undefined || first === undefined) {
    throw new StatementDamaged('The table has no line of money.');
  }
  return {
    account: file.account,
    format: 'csv',
    currency: first.amount.currency,
    from,
    until,
    ...(first.balanceAfter === undefined
      ? {}
      : { opening: subtract(first.balanceAfter, first.amount) }),
    ...(last?.balanceAfter === undefined ? {} : { closing: last.balanceAfter }),
    contentHash: file.contentHash,
    lines: numberLines(lines),
  };
}

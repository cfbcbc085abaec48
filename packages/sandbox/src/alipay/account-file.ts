import { formatDashed } from '../beijing.ts';
import { formatYuan, sumOf } from '../money.ts';
import type { Movement } from './account.ts';
import { framed, gbk, type Span } from './bill-frame.ts';
import { packGbk } from './zip.ts';

type Column = readonly [header: string, value: (movement: Movement) => string];

const ROW: Column = ['账务流水号', (one) => `${one.rowNumber}\t`];
const BUSINESS: Column = ['业务流水号', (one) => `${one.businessNumber}\t`];
const ORDER: Column = ['商户订单号', (one) => `${one.orderNumber}\t`];
const TITLE: Column = ['商品名称', (one) => `${one.title}\t`];
const AT: Column = ['发生时间', (one) => formatDashed(one.at)];
const WHO: Column = ['对方账号', (one) => `${one.counterparty}\t`];
const BALANCE: Column = ['账户余额（元）', (one) => formatYuan(one.balance)];
const CHANNEL: Column = ['交易渠道', () => '支付宝'];
const KIND: Column = ['业务类型', (one) => one.wording];
const REMARK: Column = ['备注', (one) => one.remark];

/** The 12 columns of 2012: a cell without money holds 0.00, and money out has no sign. */
const CLASSIC: readonly Column[] = [
  ROW,
  BUSINESS,
  ORDER,
  TITLE,
  AT,
  WHO,
  ['收入金额（+元）', (one) => formatYuan(one.amount > 0n ? one.amount : 0n)],
  ['支出金额（-元）', (one) => formatYuan(one.amount < 0n ? -one.amount : 0n)],
  BALANCE,
  CHANNEL,
  KIND,
  REMARK,
];

/** The present 16 columns: a cell without money is empty, and money out has a minus. */
const CURRENT: readonly Column[] = [
  ROW,
  BUSINESS,
  TITLE,
  AT,
  ['收入金额（+元）', (one) => (one.amount > 0n ? formatYuan(one.amount) : '')],
  ['支出金额（-元）', (one) => (one.amount < 0n ? formatYuan(one.amount) : '')],
  BALANCE,
  CHANNEL,
  KIND,
  REMARK,
  ORDER,
  WHO,
  ['业务基础订单号', (one) => `${one.businessNumber}\t`],
  ['业务订单号', (one) => (one.remark === '' ? '' : `O{${one.remark}}`)],
  ['业务账单来源', () => '商家中心'],
  ['业务描述', (one) => `${one.wording}-${one.wording}`],
];

/** Packs the account statement of a span: 账务明细 with its lines of totals, and 账务明细(汇总). */
export function accountZip(file: {
  readonly stem: string;
  readonly frame: Span;
  readonly movements: readonly Movement[];
  readonly layout: 'current' | 'classic';
}): Buffer {
  const { stem, frame, movements } = file;
  const columns = file.layout === 'classic' ? CLASSIC : CURRENT;
  const rows = [
    columns.map(([header]) => header),
    ...movements.map((one) => columns.map(([, value]) => value(one))),
  ];
  const details = framed({ ...frame, name: '账务明细' }, rows, totalsOf(movements));
  const summary = framed({ ...frame, name: '账务汇总' }, summaryOf(movements), []);
  return packGbk({
    [`${stem}账务明细.csv`]: gbk(details),
    [`${stem}账务明细(汇总).csv`]: gbk(summary),
  });
}

interface Totals {
  readonly incomes: readonly Movement[];
  readonly outgoes: readonly Movement[];
}

function split(movements: readonly Movement[]): Totals {
  return {
    incomes: movements.filter((one) => one.amount > 0n),
    outgoes: movements.filter((one) => one.amount < 0n),
  };
}

const sum = (movements: readonly Movement[]): string =>
  formatYuan(sumOf(movements.map((one) => one.amount)));

function totalsOf(movements: readonly Movement[]): string[] {
  const { incomes, outgoes } = split(movements);
  return [
    `#支出合计：${outgoes.length}笔，共${sum(outgoes)}元`,
    `#收入合计：${incomes.length}笔，共${sum(incomes)}元`,
  ];
}

/** One row for each 业务类型, and the row of all. */
function summaryOf(movements: readonly Movement[]): string[][] {
  const row = (name: string, chosen: readonly Movement[]): string[] => {
    const { incomes, outgoes } = split(chosen);
    const [income, outgo] = [sum(incomes), sum(outgoes)];
    return [name, String(incomes.length), income, String(outgoes.length), outgo, sum(chosen)];
  };
  const kinds = [...new Set(movements.map((one) => one.wording))];
  return [
    ['类型', '收入笔数', '收入金额（+元）', '支出笔数', '支出金额（-元）', '总金额（元）'],
    ...kinds.map((kind) =>
      row(
        kind,
        movements.filter((one) => one.wording === kind),
      ),
    ),
    row('合计', movements),
  ];
}

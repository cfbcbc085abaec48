import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import { addDays, dateOf, formatDashed, startOfDate } from '../beijing.ts';
import { type Reply, textReply } from '../http.ts';
import { feeOf, formatYuan, sumOf } from '../money.ts';
import type { World } from '../world.ts';
import { transportFailure, xmlReply } from './messages.ts';
import type { Order, Refund, WechatBooks } from './records.ts';
import type { Params } from './signature.ts';

/** The fee rate of the sandbox merchant: 0.60 %, a usual one. */
export const RATE_BASIS_POINTS = 60n;
const RATE_TEXT = '0.60%';
/** The bill of a day is made by 09:00 of the next day (rails.md §1.13). */
const READY_AFTER_MS = 9 * 3_600_000;
/** Bills of the last three months can be fetched. */
const OLDEST_DAYS = 93;

/** One line of the bill: a payment, or a refund of one. */
interface Line {
  readonly at: number;
  readonly order: Order;
  readonly refund?: Refund;
}

type Column = readonly [header: string, value: (line: Line) => string];

const BEFORE_AMOUNT: readonly Column[] = [
  ['交易时间', (line) => formatDashed(line.at)],
  ['公众账号ID', () => ''],
  ['商户号', () => ''],
  ['特约商户号', () => '0'],
  ['设备号', () => ''],
  ['微信订单号', (line) => line.order.transactionId],
  ['商户订单号', (line) => line.order.outTradeNo],
  ['用户标识', (line) => line.order.openid],
  ['交易类型', (line) => line.order.tradeType ?? 'PAP'],
  ['交易状态', (line) => (line.refund === undefined ? 'SUCCESS' : 'REFUND')],
  ['付款银行', () => 'OTHERS'],
  ['货币种类', () => 'CNY'],
];

const AMOUNT: readonly Column[] = [
  [
    '应结订单金额',
    (line) => (line.refund === undefined ? formatYuan(line.order.totalFee) : '0.00'),
  ],
  ['代金券金额', () => '0.00'],
];

const REFUNDED: readonly Column[] = [
  ['微信退款单号', (line) => line.refund?.refundId ?? '0'],
  ['商户退款单号', (line) => line.refund?.outRefundNo ?? '0'],
  ['退款金额', (line) => formatYuan(line.refund?.refundFee ?? 0)],
  ['充值券退款金额', () => '0.00'],
  ['退款类型', (line) => (line.refund === undefined ? '' : 'ORIGINAL')],
  ['退款状态', (line) => (line.refund === undefined ? '' : (line.refund.state ?? 'SUCCESS'))],
];

const AFTER_AMOUNT: readonly Column[] = [
  ['商品名称', (line) => line.order.body],
  ['商户数据包', (line) => line.order.attach],
  ['手续费', (line) => formatYuan(feeOfLine(line))],
  ['费率', () => RATE_TEXT],
];

const CURRENT_TAIL: readonly Column[] = [
  ['订单金额', (line) => (line.refund === undefined ? formatYuan(line.order.totalFee) : '0.00')],
  ['申请退款金额', (line) => formatYuan(line.refund?.refundFee ?? 0)],
  ['费率备注', () => ''],
];

const REFUND_TIMES: readonly Column[] = [
  ['退款申请时间', (line) => formatDashed(line.refund?.acceptedAt ?? line.at)],
  ['退款成功时间', (line) => formatDashed(line.refund?.acceptedAt ?? line.at)],
];

/** The names that the classic layout has for the columns that the current one renamed. */
const CLASSIC_NAMES: Readonly<Record<string, string>> = {
  特约商户号: '子商户号',
  应结订单金额: '总金额',
  代金券金额: '代金券或立减优惠金额',
  充值券退款金额: '代金券或立减优惠退款金额',
};

/** `POST /pay/downloadbill`: the bill of a Beijing day as text or gzip, or an error in XML. */
export function downloadBill(world: World, books: WechatBooks, params: Params): Reply {
  const compact = params['bill_date'] ?? '';
  const date = `${compact.slice(0, 4)}-${compact.slice(4, 6)}-${compact.slice(6)}`;
  const type = params['bill_type'] || 'ALL';
  const known = ['ALL', 'SUCCESS', 'REFUND', 'RECHARGE_REFUND'].includes(type);
  if (!/^\d{8}$/.test(compact) || Number.isNaN(startOfDate(date)) || !known) {
    return transportFailure('参数错误: bill_date 或 bill_type');
  }
  const now = world.clock.now();
  const readyAt = startOfDate(addDays(date, 1)) + READY_AFTER_MS;
  if (now < readyAt) return noBill('Bill Creating');
  if (startOfDate(date) < now - OLDEST_DAYS * 86_400_000) return noBill('No Bill Exist');
  const lines = linesOf(books, date).filter((line) => belongs(type, line));
  if (lines.length === 0) return noBill('No Bill Exist');
  const text = writeBill(world, type, lines);
  if (params['tar_type'] !== 'GZIP') return textReply(200, text);
  return { status: 200, headers: { 'content-type': 'application/x-gzip' }, body: gzipSync(text) };
}

/** Returns the trade bill of a date as V3 gives it; undefined when there was no trade. */
export function billText(world: World, books: WechatBooks, date: string): string | undefined {
  const lines = linesOf(books, date);
  return lines.length === 0 ? undefined : writeBill(world, 'ALL', lines);
}

function noBill(returnMsg: string): Reply {
  return xmlReply({ return_code: 'FAIL', return_msg: returnMsg, error_code: '20002' });
}

function linesOf(books: WechatBooks, date: string): Line[] {
  const lines: Line[] = [];
  for (const order of books.ordersByState('SUCCESS')) {
    const at = order.finishedAt ?? 0;
    if (dateOf(at) === date) lines.push({ at, order });
  }
  for (const refund of books.refunds.values()) {
    // A closed refund moved nothing; one that came back from the bank is the merchant's again.
    if (refund.state === 'REFUNDCLOSE' || refund.state === 'CHANGE') continue;
    if (dateOf(refund.acceptedAt) !== date) continue;
    lines.push({ at: refund.acceptedAt, order: books.orders.require(refund.outTradeNo), refund });
  }
  return lines.sort((a, b) => a.at - b.at || (a.order.outTradeNo < b.order.outTradeNo ? -1 : 1));
}

function belongs(type: string, line: Line): boolean {
  if (type === 'RECHARGE_REFUND') return false;
  return type === 'ALL' || (type === 'REFUND') === (line.refund !== undefined);
}

/** A refund returns the fee of its part, so the sign is negative. */
function feeOfLine(line: Line): bigint {
  if (line.refund === undefined) return feeOf(line.order.totalFee, RATE_BASIS_POINTS);
  return -feeOf(line.refund.refundFee, RATE_BASIS_POINTS);
}

function columnsOf(type: string, classic: boolean): readonly Column[] {
  const tail = classic ? [] : CURRENT_TAIL;
  if (type === 'SUCCESS') return [...BEFORE_AMOUNT, ...AMOUNT, ...AFTER_AMOUNT, ...tail];
  const times = type === 'REFUND' ? REFUND_TIMES : [];
  return [...BEFORE_AMOUNT, ...AMOUNT, ...times, ...REFUNDED, ...AFTER_AMOUNT, ...tail];
}

/** Writes the file: header, values behind backticks, and two lines of summary. */
function writeBill(world: World, type: string, lines: readonly Line[]): string {
  const { layout, billBom } = world.settings.current.wechat;
  const classic = layout === 'classic';
  const { mchid, appid } = world.credentials.wechat;
  const own: Readonly<Record<string, string>> = { 公众账号ID: appid, 商户号: mchid };
  const columns = columnsOf(type, classic);
  const rows = lines.map((line) =>
    columns.map(([header, value]) => `\`${clean(own[header] ?? value(line))}`),
  );
  const header = columns.map(([name]) => (classic ? (CLASSIC_NAMES[name] ?? name) : name));
  const [summaryHeader, summary] = summarise(lines, classic);
  // Values never hold a comma or a quote after `clean`, so the writer leaves them bare like the
  // rail does.
  const options = { record_delimiter: '\r\n', quote: false } as const;
  const text = stringify([header, ...rows, summaryHeader, summary], options);
  return `${billBom ? '\ufeff' : ''}${text}`;
}

/** Commas, backticks and line ends would break the file's plain columns. */
function clean(value: string): string {
  return value.replace(/[,`\r\n"]/g, ' ');
}

function summarise(lines: readonly Line[], classic: boolean): [string[], string[]] {
  const paid = sumOf(lines.map((line) => (line.refund === undefined ? line.order.totalFee : 0)));
  const refunded = sumOf(lines.map((line) => line.refund?.refundFee ?? 0));
  const fees = sumOf(lines.map(feeOfLine));
  const names = classic
    ? ['总交易单数', '总交易额', '总退款金额', '总代金券或立减优惠退款金额', '手续费总金额']
    : ['总交易单数', '应结订单总金额', '退款总金额', '充值券退款总金额', '手续费总金额'];
  const values = [String(lines.length), ...[paid, refunded, 0n, fees].map(formatYuan)];
  if (!classic) {
    names.push('订单总金额', '申请退款总金额');
    values.push(formatYuan(paid), formatYuan(refunded));
  }
  return [names, values.map((value) => `\`${value}`)];
}

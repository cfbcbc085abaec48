import { addDays, dateOf, startOfDate } from '../beijing.ts';
import { digitsFrom } from '../chance.ts';
import { feeOf } from '../money.ts';
import type { World } from '../world.ts';
import { type AlipayBooks, maskedLogonId, type Refund, type Trade } from './records.ts';

/** The fee rate of the sandbox merchant: 0.60 %. */
const RATE_BASIS_POINTS = 60n;

/** The balance goes to the merchant's bank at 23:30 of every day on which there is one. */
const PAYOUT_AFTER_MS = (23 * 60 + 30) * 60_000;

/** A payment, or a refund of one. */
export interface Line {
  readonly at: number;
  readonly trade: Trade;
  readonly refund?: Refund;
}

/** One change of the merchant's balance with Alipay. Amounts in 分, less than zero for money out. */
export interface Movement {
  readonly at: number;
  readonly wording: string;
  readonly amount: bigint;
  readonly balance: bigint;
  /** The number of the row (账务流水号) and of the business behind it (业务流水号). */
  readonly rowNumber: string;
  readonly businessNumber: string;
  readonly orderNumber: string;
  readonly title: string;
  readonly counterparty: string;
  readonly remark: string;
}

/** Money sent on to the merchant's bank (提现). */
export interface Payout {
  readonly rail: 'alipay';
  readonly date: string;
  readonly amountMinor: number;
  readonly reference: string;
}

type Change = Omit<Movement, 'balance'>;

/** All payments and refunds, in the order of time. */
export function linesOf(books: AlipayBooks): Line[] {
  const lines: Line[] = [];
  for (const trade of books.trades.values()) {
    if (trade.paidAt !== undefined) lines.push({ at: trade.paidAt, trade });
  }
  for (const refund of books.refunds.values()) {
    if (refund.status !== 'done') continue;
    lines.push({ at: refund.acceptedAt, trade: books.trades.require(refund.outTradeNo), refund });
  }
  return lines.sort((a, b) => a.at - b.at || (a.trade.outTradeNo < b.trade.outTradeNo ? -1 : 1));
}

/** What a line moves: a refund's amount is less than zero. */
export function amountOf(line: Line): bigint {
  return line.refund === undefined
    ? BigInt(line.trade.totalAmount)
    : -BigInt(line.refund.refundAmount);
}

/** The fee as a change of the balance: less than zero for a payment, given back with a refund. */
export function costOf(line: Line): bigint {
  const amount = amountOf(line);
  return amount < 0n ? feeOf(-amount, RATE_BASIS_POINTS) : -feeOf(amount, RATE_BASIS_POINTS);
}

/** Every change of the balance up to now, payouts included. */
export function movementsOf(world: World, books: AlipayBooks): readonly Movement[] {
  const movements: Movement[] = [];
  let balance = 0n;
  const add = (change: Change): void => {
    balance += change.amount;
    movements.push({ ...change, balance });
  };
  const now = world.clock.now();
  let payoutAt = Number.POSITIVE_INFINITY;
  const payOut = (): void => {
    if (balance > 0n) add(payoutOf(world, payoutAt, balance));
    payoutAt = Number.POSITIVE_INFINITY;
  };
  for (const line of linesOf(books)) {
    if (line.at >= payoutAt) payOut();
    for (const change of changesOf(line)) add(change);
    payoutAt = Math.min(payoutAt, nextPayout(line.at));
  }
  if (now >= payoutAt) payOut();
  return movements;
}

/** The first time of payout after an instant. */
function nextPayout(at: number): number {
  const date = dateOf(at);
  const today = startOfDate(date) + PAYOUT_AFTER_MS;
  return at < today ? today : startOfDate(addDays(date, 1)) + PAYOUT_AFTER_MS;
}

function payoutOf(world: World, at: number, balance: bigint): Change {
  const date = dateOf(at);
  const number = payoutNumber(world, date);
  return {
    at,
    wording: '提现',
    amount: -balance,
    rowNumber: `${number}1`,
    businessNumber: number,
    orderNumber: '',
    title: '',
    counterparty: '',
    remark: '余额自动提现',
  };
}

function payoutNumber(world: World, date: string): string {
  const { appId } = world.credentials.alipay;
  return `${date.replaceAll('-', '')}${digitsFrom(16, appId, 'payout', date)}`;
}

/** The row of the money and, where there is one, the row of its fee. */
function changesOf(line: Line): readonly Change[] {
  const { trade, refund } = line;
  const isRefund = refund !== undefined;
  const mark = refund?.outRequestNo ?? '';
  const common = {
    at: line.at,
    businessNumber: trade.tradeNo,
    orderNumber: trade.outTradeNo,
    title: trade.subject,
    counterparty: maskedLogonId(trade.userId),
    remark: mark,
  };
  const money: Change = {
    ...common,
    wording: isRefund ? '交易退款' : '在线支付',
    amount: amountOf(line),
    rowNumber: `${trade.tradeNo}1${mark}`,
  };
  const cost = costOf(line);
  if (cost === 0n) return [money];
  const wording = isRefund ? '退费' : '收费';
  return [money, { ...common, wording, amount: cost, rowNumber: `${trade.tradeNo}2${mark}` }];
}

/** What was sent to the merchant's bank up to now, in the order of time. */
export function payoutsOf(world: World, books: AlipayBooks): readonly Payout[] {
  return movementsOf(world, books)
    .filter((movement) => movement.wording === '提现')
    .map((movement) => ({
      rail: 'alipay' as const,
      date: dateOf(movement.at),
      amountMinor: Number(-movement.amount),
      reference: movement.businessNumber,
    }));
}

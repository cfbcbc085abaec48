import { formatDashed } from '../beijing.ts';
import { formatYuan, parseYuan, sumOf } from '../money.ts';
import type { World } from '../world.ts';
import type { BizContent } from './agreements.ts';
import { notifyTrade } from './notifications.ts';
import { type AlipayBooks, maskedLogonId, type Refund, type Trade } from './records.ts';
import { type Content, failure, success } from './replies.ts';
import { describeTrade } from './trades.ts';

/** Refunds are possible for twelve months (rails.md §2.8). */
const REFUND_PERIOD_MS = 365 * 86_400_000;

/** Finds a trade by the merchant's or by Alipay's number. */
export function findTrade(books: AlipayBooks, content: BizContent): Trade | undefined {
  const number = content['out_trade_no'];
  if (typeof number === 'string' && number !== '') return books.trades.get(number);
  return books.tradesByTradeNo(String(content['trade_no'] ?? ''))[0];
}

function notFound(): Content {
  return failure('ACQ.TRADE_NOT_EXIST', '交易不存在');
}

/** `alipay.trade.query`. */
export function queryTrade(books: AlipayBooks, content: BizContent): Content {
  const trade = findTrade(books, content);
  if (trade === undefined) return notFound();
  return success({ ...describeTrade(trade), trade_status: trade.status });
}

/** `alipay.trade.close`: ends a trade that is not paid. */
export function closeTrade(world: World, books: AlipayBooks, content: BizContent): Content {
  const trade = findTrade(books, content);
  if (trade === undefined) return notFound();
  if (trade.status !== 'WAIT_BUYER_PAY') {
    return failure('ACQ.TRADE_STATUS_ERROR', '交易状态不合法');
  }
  books.trades.put(trade.outTradeNo, closed(world, trade));
  return success({ out_trade_no: trade.outTradeNo, trade_no: trade.tradeNo });
}

/** `alipay.trade.cancel`: closes what is not paid and refunds what is. */
export function cancelTrade(world: World, books: AlipayBooks, content: BizContent): Content {
  const trade = findTrade(books, content);
  if (trade === undefined) return notFound();
  const names = { out_trade_no: trade.outTradeNo, trade_no: trade.tradeNo, retry_flag: 'N' };
  if (trade.status === 'TRADE_CLOSED') return success({ ...names, action: 'close' });
  if (trade.status === 'WAIT_BUYER_PAY') {
    books.trades.put(trade.outTradeNo, closed(world, trade));
    return success({ ...names, action: 'close' });
  }
  const left = leftToRefund(books, trade);
  bookRefund(world, books, { trade, outRequestNo: 'cancel', amount: left });
  return success({ ...names, action: 'refund' });
}

function closed(world: World, trade: Trade): Trade {
  return { ...trade, status: 'TRADE_CLOSED', closedAt: world.clock.now() };
}

/** `alipay.trade.refund`; a repeat of the same request number moves no money (`fund_change` N). */
export function refundTrade(world: World, books: AlipayBooks, content: BizContent): Content {
  const trade = findTrade(books, content);
  if (trade === undefined) return notFound();
  const amount = parseYuan(content['refund_amount']);
  if (amount === undefined) return failure('ACQ.INVALID_PARAMETER', 'refund_amount 错误');
  // Without a request number the whole trade is refunded under its own number (rails.md §2.8).
  const outRequestNo = String(content['out_request_no'] ?? trade.outTradeNo);
  const known = books.refunds.get(refundKey(trade.outTradeNo, outRequestNo));
  if (known !== undefined) {
    if (BigInt(known.refundAmount) !== amount) {
      return failure('ACQ.REASON_TRADE_REFUND_FEE_ERR', '退款金额与原请求不一致');
    }
    return success(describeRefund(books, trade, 'N'));
  }
  if (trade.paidAt === undefined) return failure('ACQ.TRADE_STATUS_ERROR', '交易未支付');
  if (world.clock.now() - trade.paidAt > REFUND_PERIOD_MS) {
    return failure('ACQ.TRADE_HAS_FINISHED', '交易已完结，不可退款');
  }
  if (amount > leftToRefund(books, trade)) {
    return failure('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', '退款金额超限');
  }
  const after = bookRefund(world, books, { trade, outRequestNo, amount });
  return success(describeRefund(books, after, 'Y'));
}

function refundKey(outTradeNo: string, outRequestNo: string): string {
  return `${outTradeNo}|${outRequestNo}`;
}

function leftToRefund(books: AlipayBooks, trade: Trade): bigint {
  const refunds = books.refundsByTrade(trade.outTradeNo);
  return BigInt(trade.totalAmount) - sumOf(refunds.map((refund) => refund.refundAmount));
}

function bookRefund(
  world: World,
  books: AlipayBooks,
  ask: { readonly trade: Trade; readonly outRequestNo: string; readonly amount: bigint },
): Trade {
  const { trade, outRequestNo, amount } = ask;
  const refund: Refund = {
    outTradeNo: trade.outTradeNo,
    outRequestNo,
    refundAmount: Number(amount),
    acceptedAt: world.clock.now(),
  };
  books.refunds.put(refundKey(trade.outTradeNo, outRequestNo), refund);
  const after = leftToRefund(books, trade) === 0n ? closed(world, trade) : trade;
  books.trades.put(after.outTradeNo, after);
  notifyTrade(world, after, refund);
  return after;
}

function describeRefund(books: AlipayBooks, trade: Trade, fundChange: 'Y' | 'N'): Content {
  const refunds = books.refundsByTrade(trade.outTradeNo);
  return {
    out_trade_no: trade.outTradeNo,
    trade_no: trade.tradeNo,
    buyer_logon_id: maskedLogonId(trade.userId),
    fund_change: fundChange,
    refund_fee: formatYuan(sumOf(refunds.map((refund) => refund.refundAmount))),
    gmt_refund_pay: formatDashed(refunds.at(-1)?.acceptedAt ?? 0),
  };
}

/** `alipay.trade.fastpay.refund.query`: `refund_status` is absent unless the refund succeeded. */
export function queryRefund(books: AlipayBooks, content: BizContent): Content {
  const trade = findTrade(books, content);
  if (trade === undefined) return notFound();
  const outRequestNo = String(content['out_request_no'] ?? '');
  const names = { out_trade_no: trade.outTradeNo, trade_no: trade.tradeNo };
  const refund = books.refunds.get(refundKey(trade.outTradeNo, outRequestNo));
  if (refund === undefined) return success(names);
  return success({
    ...names,
    out_request_no: outRequestNo,
    refund_status: 'REFUND_SUCCESS',
    total_amount: formatYuan(trade.totalAmount),
    refund_amount: formatYuan(refund.refundAmount),
  });
}

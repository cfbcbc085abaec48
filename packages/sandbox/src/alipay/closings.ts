import type { World } from '../world.ts';
import type { BizContent } from './agreements.ts';
import { findTrade } from './find-trade.ts';
import type { AlipayBooks, Trade } from './records.ts';
import { bookRefund, leftToRefund } from './refunds.ts';
import { type Content, failure, success } from './replies.ts';
import { describeTrade } from './trades.ts';

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

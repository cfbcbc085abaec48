import type { BizContent } from './agreements.ts';
import type { AlipayBooks, Trade } from './records.ts';

/** Finds a trade by the merchant's or by Alipay's number. */
export function findTrade(books: AlipayBooks, content: BizContent): Trade | undefined {
  const number = content['out_trade_no'];
  if (typeof number === 'string' && number !== '') return books.trades.get(number);
  return books.tradesByTradeNo(String(content['trade_no'] ?? ''))[0];
}

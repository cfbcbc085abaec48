import type { World } from '../world.ts';
import { type Finding, found, refuse } from './messages.ts';
import { paidFields } from './notifications.ts';
import type { Order, WechatBooks } from './records.ts';
import type { Params } from './signature.ts';

/** An order can be closed five minutes after it was made at the earliest (rails.md §1.10). */
const CLOSE_AFTER_MS = 5 * 60_000;

/** Finds an order by the merchant's or by WeChat's number. */
export function findOrder(books: WechatBooks, params: Params): Order | undefined {
  const number = params['out_trade_no'];
  if (number !== undefined && number !== '') return books.orders.get(number);
  const transactionId = params['transaction_id'];
  for (const order of books.orders.values()) {
    if (order.transactionId === transactionId) return order;
  }
  return undefined;
}

/** `POST /pay/paporderquery`: as `orderquery`, but blind to closed orders (rails.md §1.10). */
export function queryDeduction(books: WechatBooks, params: Params): Finding {
  const order = findOrder(books, params);
  const isByHand = (order?.tradeType ?? 'PAP') !== 'PAP';
  if (order?.state === 'CLOSED' || isByHand)
    return refuse('INVALID_REQUEST', '订单不是委托代扣场景的订单');
  return queryOrder(books, params);
}

/** `POST /pay/orderquery`. */
export function queryOrder(books: WechatBooks, params: Params): Finding {
  const order = findOrder(books, params);
  if (order === undefined) return refuse('ORDERNOTEXIST', '订单不存在');
  if (order.state === 'SUCCESS') {
    const refunded = books
      .refundsByOrder(order.outTradeNo)
      .some((refund) => refund.state !== 'REFUNDCLOSE');
    return found({
      out_trade_no: order.outTradeNo,
      ...paidFields(order),
      ...(refunded && { trade_state: 'REFUND' }),
      trade_state_desc: refunded ? '转入退款' : '支付成功',
    });
  }
  return found({
    out_trade_no: order.outTradeNo,
    ...(order.openid !== '' && { openid: order.openid }),
    trade_type: order.tradeType ?? 'PAP',
    trade_state: order.state,
    trade_state_desc: WAITING_TEXTS[order.state] ?? closedText(order),
    total_fee: String(order.totalFee),
    fee_type: 'CNY',
    ...(order.attach !== '' && { attach: order.attach }),
    ...(order.refusal && { err_code: order.refusal.code, err_code_des: order.refusal.text }),
  });
}

const WAITING_TEXTS: Readonly<Record<string, string>> = {
  ACCEPT: '已接收，等待扣款',
  NOTPAY: '订单未支付',
};

function closedText(order: Order): string {
  return order.refusal === undefined ? '订单已关闭' : `订单已关闭: ${order.refusal.text}`;
}

/** `POST /pay/closeorder`: ends an order that has not been charged; it never will be. */
export function closeOrder(world: World, books: WechatBooks, params: Params): Finding {
  const order = books.orders.get(params['out_trade_no'] ?? '');
  if (order === undefined) return refuse('ORDERNOTEXIST', '订单不存在');
  if (order.state === 'SUCCESS') return refuse('ORDERPAID', '订单已支付，不能关闭');
  if (order.state === 'CLOSED') return refuse('ORDERCLOSED', '订单已关闭');
  const now = world.clock.now();
  if (now - order.acceptedAt < CLOSE_AFTER_MS) {
    return refuse('INVALID_REQUEST', '订单生成后5分钟内不能关闭');
  }
  books.orders.put(order.outTradeNo, { ...order, state: 'CLOSED', finishedAt: now });
  return found({});
}

import { formatDashed } from '../beijing.ts';
import { digitsFrom } from '../chance.ts';
import { parseMinor, sumOf } from '../money.ts';
import type { World } from '../world.ts';
import { type Finding, found, refuse } from './messages.ts';
import { notifyRefund } from './notifications.ts';
import { findOrder } from './queries.ts';
import type { Order, Refund, WechatBooks } from './records.ts';
import type { Params } from './signature.ts';

/** Refunds are possible for one year, at most 50 for one order (rails.md §1.12). */
const REFUND_PERIOD_MS = 365 * 86_400_000;
const REFUNDS_PER_ORDER = 50;

/**
 * `POST /secapi/pay/refund`. `out_refund_no` is the idempotency key: a repeat is told the same
 * refund.
 */
export function refundOrder(world: World, books: WechatBooks, params: Params): Finding {
  const outRefundNo = params['out_refund_no'] ?? '';
  const fee = parseMinor(params['refund_fee']);
  if (!/^[0-9A-Za-z_\-|*@]{1,64}$/.test(outRefundNo)) {
    return refuse('PARAM_ERROR', '参数错误: out_refund_no');
  }
  const order = findOrder(books, params);
  if (order?.state !== 'SUCCESS') return refuse('INVALID_TRANSACTIONID', '无效的支付订单');
  if (params['total_fee'] !== String(order.totalFee) || fee === undefined) {
    return refuse('REFUND_FEE_MISMATCH', '订单金额或退款金额与原订单不一致');
  }
  const known = books.refunds.get(outRefundNo);
  if (known !== undefined) {
    const same = known.outTradeNo === order.outTradeNo && BigInt(known.refundFee) === fee;
    return same ? found(describe(order, known)) : refuse('REFUND_FEE_MISMATCH', '退款单号已使用');
  }
  const now = world.clock.now();
  if (now - (order.finishedAt ?? 0) > REFUND_PERIOD_MS) {
    return refuse('TRADE_OVERDUE', '订单已超过退款期限');
  }
  const earlier = books.refundsByOrder(order.outTradeNo);
  const refunded = sumOf(earlier.map((refund) => refund.refundFee));
  if (refunded + fee > BigInt(order.totalFee) || earlier.length >= REFUNDS_PER_ORDER) {
    return refuse('REFUND_FEE_MISMATCH', '累计退款金额或次数超过限制');
  }
  const refund: Refund = {
    outRefundNo,
    refundId: `50${digitsFrom(26, world.credentials.wechat.mchid, 'refund', outRefundNo)}`,
    outTradeNo: order.outTradeNo,
    refundFee: Number(fee),
    acceptedAt: now,
  };
  books.refunds.put(outRefundNo, refund);
  notifyRefund(world, refund, { order, url: params['notify_url'] ?? '' });
  return found(describe(order, refund));
}

function describe(order: Order, refund: Refund): Params {
  return {
    transaction_id: order.transactionId,
    out_trade_no: order.outTradeNo,
    out_refund_no: refund.outRefundNo,
    refund_id: refund.refundId,
    refund_fee: String(refund.refundFee),
    settlement_refund_fee: String(refund.refundFee),
    total_fee: String(order.totalFee),
    cash_fee: String(order.totalFee),
    cash_refund_fee: String(refund.refundFee),
  };
}

/** `POST /pay/refundquery`, by any of the four numbers; all refunds of the order, ten a page. */
export function queryRefunds(books: WechatBooks, params: Params): Finding {
  const named = findNamed(books, params);
  const order = named === undefined ? findOrder(books, params) : books.orders.get(named.outTradeNo);
  const all = order === undefined ? [] : books.refundsByOrder(order.outTradeNo);
  const chosen = named === undefined ? all : [named];
  if (order === undefined || chosen.length === 0) return refuse('REFUNDNOTEXIST', '退款单不存在');
  const offset = Number(params['offset'] || '0');
  const fields: Record<string, string> = {
    transaction_id: order.transactionId,
    out_trade_no: order.outTradeNo,
    total_fee: String(order.totalFee),
    cash_fee: String(order.totalFee),
    total_refund_count: String(all.length),
  };
  const page = chosen.slice(offset, offset + 10);
  for (const [n, refund] of page.entries()) {
    fields[`out_refund_no_${n}`] = refund.outRefundNo;
    fields[`refund_id_${n}`] = refund.refundId;
    fields[`refund_channel_${n}`] = 'ORIGINAL';
    fields[`refund_fee_${n}`] = String(refund.refundFee);
    fields[`refund_status_${n}`] = 'SUCCESS';
    fields[`refund_recv_accout_${n}`] = '支付用户零钱';
    fields[`refund_success_time_${n}`] = formatDashed(refund.acceptedAt);
  }
  return found({ ...fields, refund_count: String(page.length) });
}

function findNamed(books: WechatBooks, params: Params): Refund | undefined {
  const number = params['out_refund_no'];
  if (number !== undefined && number !== '') return books.refunds.get(number);
  const id = params['refund_id'];
  if (id === undefined || id === '') return undefined;
  for (const refund of books.refunds.values()) if (refund.refundId === id) return refund;
  return undefined;
}

import { formatDashed } from '../beijing.ts';
import { digitsFrom } from '../chance.ts';
import type { Occasion } from '../faults.ts';
import { parseMinor, sumOf } from '../money.ts';
import { REFUND_OUTCOMES } from '../outcomes.ts';
import type { World } from '../world.ts';
import { type Finding, found, type Refusal, refusal, refuse } from './messages.ts';
import { notifyRefund } from './notifications.ts';
import { findOrder } from './queries.ts';
import type { Order, Refund, WechatBooks } from './records.ts';
import type { Params } from './signature.ts';

/** Refunds are possible for one year, at most 50 for one order (rails.md §1.12). */
const REFUND_PERIOD_MS = 365 * 86_400_000;
const REFUNDS_PER_ORDER = 50;
/** Between two refunds of one order, in milliseconds. */
const REFUND_PAUSE_MS = 60_000;

const WECHAT_REFUND_OUTCOMES = REFUND_OUTCOMES['wechat'] ?? new Set<string>();

/** Outcomes that refuse the request at once, with what the merchant is told. */
const REFUSALS: Readonly<Record<string, string>> = {
  NOTENOUGH: '基本账户余额不足，请充值后重新发起',
  USER_ACCOUNT_ABNORMAL: '用户账户异常或已注销',
  ORDER_NOT_READY: '订单处理中，暂时无法退款',
  FREQUENCY_LIMITED: '请求过于频繁',
  TRADE_OVERDUE: '订单已超过退款期限',
  CERT_ERROR: '证书校验错误',
  BIZERR_NEED_RETRY: '退款业务流程错误，需要商户触发重试来解决',
  REFUND_SYSTEMERROR_NOT_DONE: '系统超时',
};

/** What a refund request leads to: a finding to be told, or silence. */
export type Refunded =
  | { readonly kind: 'told'; readonly finding: Finding }
  | { readonly kind: 'silent' };

/**
 * `POST /secapi/pay/refund`. `out_refund_no` is the idempotency key: a repeat is told the same
 * refund. Success means accepted; the money arrives later.
 */
export function refundOrder(world: World, books: WechatBooks, params: Params): Refunded {
  const outRefundNo = params['out_refund_no'] ?? '';
  const fee = parseMinor(params['refund_fee']);
  if (!/^[0-9A-Za-z_\-|*@]{1,64}$/.test(outRefundNo)) {
    return told(refuse('PARAM_ERROR', '参数错误: out_refund_no'));
  }
  const order = findOrder(books, params);
  if (order?.state !== 'SUCCESS') return told(refuse('INVALID_TRANSACTIONID', '无效的支付订单'));
  if (params['total_fee'] !== String(order.totalFee) || fee === undefined) {
    return told(refuse('REFUND_FEE_MISMATCH', '订单金额或退款金额与原订单不一致'));
  }
  const known = books.refunds.get(outRefundNo);
  if (known !== undefined) {
    const same = known.outTradeNo === order.outTradeNo && BigInt(known.refundFee) === fee;
    return told(
      same ? found(describe(order, known)) : refuse('REFUND_FEE_MISMATCH', '退款单号已使用'),
    );
  }
  const problem = findRefundProblem(world, books, { order, fee });
  if (problem !== undefined) return told({ ok: false, refusal: problem });
  return accept(world, books, { order, params });
}

function told(finding: Finding): Refunded {
  return { kind: 'told', finding };
}

function findRefundProblem(
  world: World,
  books: WechatBooks,
  ask: { readonly order: Order; readonly fee: bigint },
): Refusal | undefined {
  const { order, fee } = ask;
  const now = world.clock.now();
  if (now - (order.finishedAt ?? 0) > REFUND_PERIOD_MS) {
    return refusal('TRADE_OVERDUE', '订单已超过退款期限');
  }
  const earlier = books
    .refundsByOrder(order.outTradeNo)
    .filter((refund) => refund.state !== 'REFUNDCLOSE');
  const refunded = sumOf(earlier.map((refund) => refund.refundFee));
  if (refunded + fee > BigInt(order.totalFee) || earlier.length >= REFUNDS_PER_ORDER) {
    return refusal('REFUND_FEE_MISMATCH', '累计退款金额或次数超过限制');
  }
  const isTooSoon = earlier.some((refund) => now - refund.acceptedAt < REFUND_PAUSE_MS);
  return isTooSoon ? refusal('FREQUENCY_LIMITED', '同一笔订单两次退款需间隔1分钟') : undefined;
}

function accept(
  world: World,
  books: WechatBooks,
  ask: { readonly order: Order; readonly params: Params },
): Refunded {
  const { order, params } = ask;
  const outRefundNo = params['out_refund_no'] ?? '';
  const outcome = world.faults.take(occasionOf(order), WECHAT_REFUND_OUTCOMES)?.fault ?? 'SUCCESS';
  const refused = REFUSALS[outcome];
  if (outcome === 'REFUND_TIMEOUT_NOT_RECEIVED') return { kind: 'silent' };
  if (refused !== undefined) {
    const code = outcome === 'REFUND_SYSTEMERROR_NOT_DONE' ? 'SYSTEMERROR' : outcome;
    return told(refuse(code, refused));
  }
  const refund: Refund = {
    outRefundNo,
    refundId: `50${digitsFrom(26, world.credentials.wechat.mchid, 'refund', outRefundNo)}`,
    outTradeNo: order.outTradeNo,
    refundFee: Number(params['refund_fee']),
    acceptedAt: world.clock.now(),
    state: 'PROCESSING',
    outcome,
    notifyUrl: params['notify_url'] ?? '',
  };
  books.refunds.put(outRefundNo, refund);
  planRefund(world, books, refund);
  if (outcome === 'REFUND_TIMEOUT_THEN_DONE') return { kind: 'silent' };
  if (outcome === 'REFUND_SYSTEMERROR_THEN_DONE') return told(refuse('SYSTEMERROR', '系统超时'));
  return told(found(describe(order, refund)));
}

function occasionOf(order: Order): Occasion {
  return { rail: 'wechat', operations: ['refund'], orderNumber: order.outTradeNo };
}

/** Plans the end of an accepted refund. */
export function planRefund(world: World, books: WechatBooks, refund: Refund): void {
  world.later.after(world.settings.current.wechat.processingMs, () => {
    finishRefund(world, books, refund.outRefundNo);
  });
}

/** Ends a refund once: the money is with the user, or back with the merchant, or never left. */
function finishRefund(world: World, books: WechatBooks, outRefundNo: string): void {
  const refund = books.refunds.require(outRefundNo);
  if (refund.state !== 'PROCESSING') return;
  const { outcome } = refund;
  const state = outcome === 'CHANGE' || outcome === 'REFUNDCLOSE' ? outcome : 'SUCCESS';
  const finished: Refund = { ...refund, state, finishedAt: world.clock.now() };
  books.refunds.put(outRefundNo, finished);
  if (outcome === 'REFUND_LOST_CALLBACK') return;
  const order = books.orders.require(refund.outTradeNo);
  notifyRefund(world, finished, { order, url: refund.notifyUrl ?? '' });
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
  const byNumber = Boolean(params['out_refund_no'] || params['refund_id']);
  if (byNumber && named === undefined) return refuse('REFUNDNOTEXIST', '退款单不存在');
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
    total_refund_count: String(chosen.length),
  };
  const page = chosen.slice(offset, offset + 10);
  for (const [n, refund] of page.entries()) {
    const state = refund.state ?? 'SUCCESS';
    fields[`out_refund_no_${n}`] = refund.outRefundNo;
    fields[`refund_id_${n}`] = refund.refundId;
    fields[`refund_channel_${n}`] = 'ORIGINAL';
    fields[`refund_fee_${n}`] = String(refund.refundFee);
    fields[`refund_status_${n}`] = state;
    fields[`refund_recv_accout_${n}`] = '支付用户零钱';
    if (state !== 'SUCCESS') continue;
    fields[`refund_success_time_${n}`] = formatDashed(refund.finishedAt ?? refund.acceptedAt);
  }
  return found({ ...fields, refund_count: String(page.length) });
}

/** The refund of a request, for scripts that name the order that it belongs to. */
export function findNamed(books: WechatBooks, params: Params): Refund | undefined {
  const number = params['out_refund_no'];
  if (number !== undefined && number !== '') return books.refunds.get(number);
  const id = params['refund_id'];
  if (id === undefined || id === '') return undefined;
  for (const refund of books.refunds.values()) if (refund.refundId === id) return refund;
  return undefined;
}

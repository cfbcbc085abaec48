import type { World } from '../world.ts';
import { findLimit } from './limits.ts';
import { type Refusal, refusal } from './messages.ts';
import { notifyOrder } from './notifications.ts';

import type { Order, WechatBooks } from './records.ts';

/** What the user would be told, by callback refusal (rails.md §1.9). */
const REFUSAL_TEXTS: Readonly<Record<string, string>> = {
  NOTENOUGH: '用户账户余额不足',
  BANKERROR: '银行系统异常',
  RULELIMIT: '用户支付额度达到上限，建议更换支付方式',
  ACCOUNTERROR: '用户账户异常',
  USER_ACCOUNT_ABNORMAL: '用户账户已注销或异常',
  USER_NOT_EXIST: '用户不存在',
  TRADE_ERROR: '交易错误',
};

/**
 * Plans the processing of an accepted order: in a moment, or when the business clock reaches its
 * time.
 */
export function planSettlement(world: World, books: WechatBooks, order: Order): void {
  if (order.dueAt > world.clock.now()) return;
  world.later.after(world.settings.current.wechat.processingMs, () => {
    settle(world, books, order.outTradeNo);
  });
}

/** Processes every accepted order whose time has come, in the order of their times. */
export function settleDue(world: World, books: WechatBooks): void {
  const now = world.clock.now();
  const due = books.ordersByState('ACCEPT').filter((order) => order.dueAt <= now);
  for (const order of due.toSorted((a, b) => a.dueAt - b.dueAt)) {
    settle(world, books, order.outTradeNo);
  }
}

/** Processes one order at its due time; one that is no longer waiting stays as it is. */
function settle(world: World, books: WechatBooks, outTradeNo: string): void {
  const order = books.orders.require(outTradeNo);
  if (order.state !== 'ACCEPT') return;
  const contract = books.contracts.require(order.contractId);
  const finishedAt = order.dueAt;
  const problem = findSettlementProblem(world, books, order);
  const settled: Order =
    problem === undefined
      ? { ...order, state: 'SUCCESS', finishedAt }
      : { ...order, state: 'CLOSED', finishedAt, refusal: problem };
  books.orders.put(outTradeNo, settled);
  if (settled.state === 'SUCCESS') closeCycle(books, settled);
  const silent = order.outcome === 'LOST_CALLBACK' || order.outcome === 'SYSTEMERROR_THEN_CLOSED';
  if (!silent) notifyOrder(world, settled, contract);
}

/**
 * Rules are checked again in the moment of the debit: the world may have moved since the request.
 */
function findSettlementProblem(
  world: World,
  books: WechatBooks,
  order: Order,
): Refusal | undefined {
  const contract = books.contracts.require(order.contractId);
  const endedAt = contract.terminatedAt;
  if (endedAt !== undefined && endedAt <= order.dueAt) {
    return refusal('CONTRACT_NOT_EXIST', '用户已解约');
  }
  const limit = findLimit(world, books, {
    contract,
    now: order.dueAt,
    except: order.outTradeNo,
  });
  if (limit?.code === 'RULELIMIT') return limit;
  const closedBy = order.noticeId && books.notices.get(order.noticeId)?.closedBy;
  if (closedBy) return refusal('RULELIMIT', '本周期已扣费成功');
  if (order.outcome === 'SYSTEMERROR_THEN_CLOSED') return refusal('SYSTEMERROR', '系统错误');
  const text = REFUSAL_TEXTS[order.outcome];
  return text === undefined ? undefined : refusal(order.outcome, text);
}

/**
 * The first success closes the notice's window: the next deduction needs a new notice (rails.md
 * §1.7).
 */
function closeCycle(books: WechatBooks, order: Order): void {
  if (order.noticeId === undefined) return;
  const notice = books.notices.require(order.noticeId);
  books.notices.put(notice.noticeId, { ...notice, closedBy: order.outTradeNo });
}

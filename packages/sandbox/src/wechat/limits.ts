import { dateOf } from '../beijing.ts';
import type { World } from '../world.ts';
import { type Refusal, refusal } from './messages.ts';
import type { Contract, WechatBooks } from './records.ts';

/** At most this many deductions a day and contract, failures included (rails.md §1.1). */
const TRIES_PER_DAY = 150;

/** The limits that hold for every mode: one success a day, a number a cycle, tries a day. */
export function findLimit(
  world: World,
  books: WechatBooks,
  ask: { readonly contract: Contract; readonly now: number; readonly except?: string },
): Refusal | undefined {
  const today = dateOf(ask.now);
  const orders = books
    .ordersByContract(ask.contract.contractId)
    .filter((order) => order.outTradeNo !== ask.except);
  const tries = orders.filter((order) => dateOf(order.acceptedAt) === today).length;
  if (tries >= TRIES_PER_DAY) return refusal('FREQUENCY_LIMITED', '当日扣费次数超过限制');
  const paidDates = orders
    .filter((order) => order.state === 'SUCCESS')
    .map((order) => dateOf(order.finishedAt ?? 0));
  if (paidDates.includes(today))
    return refusal('RULELIMIT', '当日已扣费成功，超过每日扣费次数限制');
  const month = today.slice(0, 7);
  const inCycle = paidDates.filter((date) => date.startsWith(month)).length;
  const most = world.settings.current.wechat.successesPerCycle;
  if (inCycle >= most) return refusal('RULELIMIT', '本周期扣费成功次数超过限制');
  return undefined;
}

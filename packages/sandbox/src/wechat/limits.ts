import { dateOf } from '../beijing.ts';
import { sumOf } from '../money.ts';
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

/** What one user may be charged a day over all contracts (rails.md §1.1: 2,500 yuan at first). */
export function findDailyCap(
  world: World,
  books: WechatBooks,
  ask: { readonly openid: string; readonly amount: bigint; readonly now: number },
): Refusal | undefined {
  const { dailyCapMinor } = world.settings.current.wechat;
  if (dailyCapMinor === 0) return undefined;
  const today = dateOf(ask.now);
  const paid = books
    .ordersByUser(ask.openid)
    .filter((order) => (order.tradeType ?? 'PAP') === 'PAP' && order.state === 'SUCCESS')
    .filter((order) => dateOf(order.finishedAt ?? 0) === today);
  const total = sumOf(paid.map((order) => order.totalFee)) + ask.amount;
  return total > BigInt(dailyCapMinor) ? refusal('RULELIMIT', '超过用户单日扣费限额') : undefined;
}

/** Counts calls by wall-clock second; nothing of it outlives the process. */
const calls = new WeakMap<World, Map<string, { readonly second: number; count: number }>>();

/** Says whether this call of an operation is one too many in its second. */
export function isTooFast(world: World, operation: string): boolean {
  const { callsPerSecond } = world.settings.current.wechat;
  if (callsPerSecond === 0) return false;
  const counters = calls.get(world) ?? new Map();
  calls.set(world, counters);
  const second = Math.floor(Date.now() / 1000);
  const known = counters.get(operation);
  const counter = known?.second === second ? known : { second, count: 0 };
  counters.set(operation, counter);
  counter.count += 1;
  return counter.count > callsPerSecond;
}

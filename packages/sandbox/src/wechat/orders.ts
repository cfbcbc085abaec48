import { DAY_MS } from '../beijing.ts';
import { parseMinor } from '../money.ts';
import { OUTCOMES } from '../outcomes.ts';
import type { World } from '../world.ts';
import { findDailyCap, findLimit, isTooFast } from './limits.ts';
import { type Finding, found, type Refusal, refusal } from './messages.ts';
import { isOpenHour } from './notices.ts';
import {
  type Contract,
  type Notice,
  type Order,
  type Template,
  templateOf,
  transactionIdFor,
  type WechatBooks,
} from './records.ts';
import { planSettlement } from './settlement.ts';
import type { Params } from './signature.ts';

/** Within 12 hours of the signing a deduction runs at once, without notice (rails.md §1.7). */
const EXEMPTION_MS = 12 * 3_600_000;

/**
 * What `pappayapply` leads to: a finding to be told, or silence because the request or its reply
 * is lost.
 */
export type Applied =
  | { readonly kind: 'told'; readonly finding: Finding }
  | { readonly kind: 'silent' };

/** `POST /pay/pappayapply`: takes an order. Success means accepted; the result comes later. */
export function applyDeduction(world: World, books: WechatBooks, params: Params): Applied {
  if (isTooFast(world, 'pappayapply')) return told(refusal('FREQUENCY_LIMITED', '调用过于频繁'));
  const wrong = findWrongField(params);
  if (wrong !== undefined) return told(refusal('PARAM_ERROR', `参数错误: ${wrong}`));
  const existing = books.orders.get(params['out_trade_no'] ?? '');
  if (existing !== undefined) return told(describeRepeat(existing, params));
  const contract = books.contracts.get(params['contract_id'] ?? '');
  const permit = findPermit(world, books, { contract, params });
  if ('code' in permit) return told(permit);
  return accept(world, books, { params, permit });
}

const FIELD_RULES: Readonly<Record<string, (value: string) => boolean>> = {
  out_trade_no: (value) => /^[0-9A-Za-z_\-|*@]{1,32}$/.test(value),
  nonce_str: (value) => value.length >= 1 && value.length <= 32,
  body: (value) => value.length >= 1 && value.length <= 128,
  total_fee: (value) => parseMinor(value) !== undefined,
  spbill_create_ip: (value) => /^[0-9a-fA-F.:]{2,45}$/.test(value),
  notify_url: (value) => value.length <= 256 && /^https?:\/\/[^?#]+$/.test(value),
  trade_type: (value) => value === 'PAP',
  contract_id: (value) => value !== '',
};

function findWrongField(params: Params): string | undefined {
  if ((params['attach'] ?? '').length > 127) return 'attach';
  if ((params['fee_type'] ?? 'CNY') !== 'CNY') return 'fee_type';
  return Object.keys(FIELD_RULES).find((name) => FIELD_RULES[name]?.(params[name] ?? '') !== true);
}

function told(problem: Refusal): Applied {
  return { kind: 'told', finding: { ok: false, refusal: problem } };
}

/**
 * The number is the idempotency key: the same order is told how it stands, another one is
 * refused.
 */
function describeRepeat(order: Order, params: Params): Refusal {
  const same =
    order.contractId === params['contract_id'] && String(order.totalFee) === params['total_fee'];
  if (!same) return refusal('OUT_TRADE_NO_USED', '商户订单号重复，且请求参数与原订单不一致');
  if (order.state === 'SUCCESS') return refusal('ORDERPAID', '该订单已支付');
  if (order.state === 'CLOSED') return refusal('ORDERCLOSED', '该订单已关闭');
  return refusal('ORDER_ACCEPTED', '订单已受理，请勿重复提交');
}

/** Why a deduction may run, and when. */
interface Permit {
  readonly contract: Contract;
  readonly dueAt: number;
  readonly notice?: Notice;
}

function findPermit(
  world: World,
  books: WechatBooks,
  ask: { readonly contract: Contract | undefined; readonly params: Params },
): Permit | Refusal {
  const { contract, params } = ask;
  const now = world.clock.now();
  if (contract === undefined || contract.state === 'terminated') {
    return refusal('CONTRACT_NOT_EXIST', '签约协议不存在或已解约');
  }
  if (contract.expiresAt <= now) return refusal('CONTRACTERROR', '签约协议已过期');
  const template = templateOf(contract.planId);
  if (template === undefined) return refusal('CONTRACTERROR', '签约模板不存在');
  const amount = parseMinor(params['total_fee']) ?? 0n;
  if (amount > BigInt(template.ceilingMinor)) return refusal('RULELIMIT', '扣费金额超过模板限额');
  const limit = findLimit(world, books, { contract, now });
  if (limit !== undefined) return limit;
  const { openid } = contract;
  const cap = findDailyCap(world, books, { openid, amount, now });
  if (cap !== undefined) return cap;
  if (isExempt(books, contract, now)) return { contract, dueAt: now };
  return permitByMode(books, { contract, template, amount, now });
}

function isExempt(books: WechatBooks, contract: Contract, now: number): boolean {
  if (now - contract.signedAt >= EXEMPTION_MS) return false;
  return !books
    .noticesByContract(contract.contractId)
    .some((notice) => notice.sentAt >= contract.signedAt);
}

function permitByMode(
  books: WechatBooks,
  ask: {
    readonly contract: Contract;
    readonly template: Template;
    readonly amount: bigint;
    readonly now: number;
  },
): Permit | Refusal {
  const { contract, template, amount, now } = ask;
  if (template.mode === 'delay_24h') {
    const open = books
      .ordersByContract(contract.contractId)
      .some((order) => order.state === 'ACCEPT');
    if (open) return refusal('INVALID_REQUEST', '该协议有待扣费的订单，请勿重复提交');
    return { contract, dueAt: now + DAY_MS };
  }
  if (!isOpenHour(now)) return refusal('INVALID_REQUEST', '请在07:00至22:00之间发起扣费');
  const notice = books
    .noticesByContract(contract.contractId)
    .find((one) => one.closedBy === undefined && one.windowFrom <= now && now < one.windowTo);
  if (notice === undefined) {
    return refusal('INVALID_REQUEST', '未发送预扣费通知，或不在可扣费时间窗口内');
  }
  if (amount > BigInt(notice.amountMinor)) {
    return refusal('INVALID_REQUEST', '扣费金额超过预扣费通知中的预计金额');
  }
  return { contract, dueAt: now, notice };
}

function accept(
  world: World,
  books: WechatBooks,
  ask: { readonly params: Params; readonly permit: Permit },
): Applied {
  const { params, permit } = ask;
  const { contract, dueAt, notice } = permit;
  const outTradeNo = params['out_trade_no'] ?? '';
  const { contractCode, displayAccount, contractId, openid } = contract;
  const occasion = {
    rail: 'wechat',
    operations: ['pappayapply'],
    contractCode,
    orderNumber: outTradeNo,
  } as const;
  const outcome = world.outcomes.decide({
    rail: 'wechat',
    orderNumber: outTradeNo,
    account: displayAccount,
    scripted: () => world.faults.take(occasion, OUTCOMES.wechat)?.fault,
  });
  if (outcome === 'TIMEOUT_NOT_RECEIVED') return { kind: 'silent' };
  if (outcome === 'ARRIVES_LATE' && !world.arrivedLate.has(outTradeNo)) {
    arriveLate(world, books, params);
    return { kind: 'silent' };
  }
  const order: Order = {
    outTradeNo,
    contractId,
    displayAccount,
    openid,
    totalFee: Number(params['total_fee']),
    body: params['body'] ?? '',
    attach: params['attach'] ?? '',
    notifyUrl: params['notify_url'] ?? '',
    outcome,
    acceptedAt: world.clock.now(),
    dueAt,
    state: 'ACCEPT',
    tradeType: 'PAP',
    transactionId: transactionIdFor(world.credentials.wechat.mchid, outTradeNo),
    ...(notice && { noticeId: notice.noticeId }),
  };
  books.orders.put(outTradeNo, order);
  planSettlement(world, books, order);
  if (outcome === 'TIMEOUT_THEN_PAID') return { kind: 'silent' };
  if (outcome.startsWith('SYSTEMERROR'))
    return told(refusal('SYSTEMERROR', '系统繁忙，请稍后再试'));
  return { kind: 'told', finding: found({}) };
}

/**
 * The request is on the way for a while: a query in the meantime does not know the number. When it
 * arrives the rules are asked again, and an order that came before it under the number stays.
 */
function arriveLate(world: World, books: WechatBooks, params: Params): void {
  world.later.after(world.settings.current.wechat.lateMs, () => {
    world.arrivedLate.add(params['out_trade_no'] ?? '');
    applyDeduction(world, books, params);
  });
}

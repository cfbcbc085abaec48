import { compactToMs } from '../beijing.ts';
import { CONTRACT_FAULTS } from '../faults.ts';
import { parseMinor } from '../money.ts';
import type { World } from '../world.ts';
import { type Finding, found, type Refusal, refusal, refuse } from './messages.ts';
import { notifyOrder } from './notifications.ts';
import {
  type Order,
  type Signing,
  type TradeType,
  templateOf,
  transactionIdFor,
  userKey,
  type WechatBooks,
} from './records.ts';
import type { WechatService } from './service.ts';
import type { Params } from './signature.ts';
import {
  beginSigning,
  decideSigning,
  findSigningProblem,
  freshToken,
  openidFor,
} from './signing.ts';

/** Where the pages of payments by hand live on this server. */
export const PAY_PATH = '/wallet/pay/';

/** An unpaid order can be paid for two hours unless it says otherwise. */
const PAGE_LIFE_MS = 2 * 3_600_000;

const TRADE_TYPES: ReadonlySet<string> = new Set(['JSAPI', 'NATIVE', 'APP', 'MWEB']);

const FIELD_RULES: Readonly<Record<string, (params: Params) => boolean>> = {
  out_trade_no: ({ out_trade_no }) => /^[0-9A-Za-z_\-|*@]{1,32}$/.test(out_trade_no ?? ''),
  body: ({ body = '' }) => body.length >= 1 && body.length <= 128,
  total_fee: ({ total_fee }) => parseMinor(total_fee) !== undefined,
  fee_type: ({ fee_type = 'CNY' }) => fee_type === 'CNY',
  spbill_create_ip: ({ spbill_create_ip }) => /^[0-9a-fA-F.:]{2,45}$/.test(spbill_create_ip ?? ''),
  notify_url: ({ notify_url = '' }) => /^https?:\/\/[^?#]+$/.test(notify_url),
  trade_type: ({ trade_type }) => TRADE_TYPES.has(trade_type ?? ''),
  product_id: ({ trade_type, product_id }) => trade_type !== 'NATIVE' || Boolean(product_id),
  openid: ({ trade_type, openid }) => trade_type !== 'JSAPI' || Boolean(openid),
  time_expire: ({ time_expire }) =>
    time_expire === undefined || !Number.isNaN(compactToMs(time_expire)),
};

function findOrderProblem(books: WechatBooks, params: Params): Refusal | undefined {
  const wrong = Object.keys(FIELD_RULES).find((name) => FIELD_RULES[name]?.(params) !== true);
  if (wrong !== undefined) return refusal('PARAM_ERROR', `参数错误: ${wrong}`);
  const known = books.orders.get(params['out_trade_no'] ?? '');
  if (known === undefined) return undefined;
  if (known.state === 'SUCCESS') return refusal('ORDERPAID', '该订单已支付');
  if (known.state === 'CLOSED') return refusal('ORDERCLOSED', '该订单已关闭');
  const isSame = known.payToken !== undefined && String(known.totalFee) === params['total_fee'];
  return isSame ? undefined : refusal('OUT_TRADE_NO_USED', '商户订单号重复');
}

/** `POST /pay/unifiedorder`: an order that the user pays by hand. */
export function unifiedOrder(service: WechatService, params: Params): Finding {
  const problem = findOrderProblem(service.books, params);
  if (problem !== undefined) return { ok: false, refusal: problem };
  return found(pageFields(service, putOrder(service, params)));
}

/**
 * `POST /pay/contractorder`: the payment and the contract are two things. A contract that cannot
 * be signed is told in `contract_result_code`, and the payment goes on.
 */
export function contractOrder(service: WechatService, params: Params): Finding {
  const { world, books } = service;
  const { mchid, appid } = world.credentials.wechat;
  if (params['contract_mchid'] !== mchid || params['contract_appid'] !== appid) {
    return refuse('PARAM_ERROR', '参数错误: contract_mchid 或 contract_appid');
  }
  const problem = findOrderProblem(books, params);
  if (problem !== undefined) return { ok: false, refusal: problem };
  const contract: Params = { ...params, notify_url: params['contract_notify_url'] ?? '' };
  const refused = findContractProblem(world, books, contract);
  const signing =
    refused === undefined
      ? beginSigning(world, books, { token: freshToken(), params: contract })
      : undefined;
  const order = putOrder(service, params, signing);
  return found({
    ...pageFields(service, order),
    plan_id: params['plan_id'] ?? '',
    contract_code: params['contract_code'] ?? '',
    request_serial: params['request_serial'] ?? '',
    contract_result_code: refused === undefined ? 'SUCCESS' : 'FAIL',
    ...(refused && { contract_err_code: refused.code, contract_err_code_des: refused.text }),
  });
}

function findContractProblem(
  world: World,
  books: WechatBooks,
  params: Params,
): Refusal | undefined {
  const occasion = {
    rail: 'wechat',
    operations: ['contractorder'],
    contractCode: params['contract_code'],
    orderNumber: params['out_trade_no'],
  } as const;
  if (world.faults.take(occasion, CONTRACT_FAULTS) !== undefined) {
    return refusal('CONTRACT_EXISTED', '已签约');
  }
  // The signing has its version and its time of its own; a payment carries neither.
  const whole = { ...params, version: '1.0', timestamp: String(Math.floor(Date.now() / 1000)) };
  const problem = findSigningProblem(books, whole);
  if (problem !== undefined) return problem;
  const user = userKey(params['plan_id'] ?? '', params['openid'] ?? '');
  const isSigned = books.contractsByUser(user).some((contract) => contract.state === 'active');
  return isSigned ? refusal('CONTRACT_EXISTED', '已签约') : undefined;
}

function putOrder(service: WechatService, params: Params, signing?: Signing): Order {
  const { world, books } = service;
  const outTradeNo = params['out_trade_no'] ?? '';
  const known = books.orders.get(outTradeNo);
  if (known !== undefined) return known;
  const now = world.clock.now();
  const expiresAt = params['time_expire'];
  const order: Order = {
    outTradeNo,
    contractId: '',
    displayAccount: params['contract_display_account'] ?? '',
    openid: params['openid'] ?? '',
    totalFee: Number(params['total_fee']),
    body: params['body'] ?? '',
    attach: params['attach'] ?? '',
    notifyUrl: params['notify_url'] ?? '',
    outcome: 'SUCCESS',
    acceptedAt: now,
    dueAt: now,
    state: 'NOTPAY',
    transactionId: transactionIdFor(world.credentials.wechat.mchid, outTradeNo),
    tradeType: (params['trade_type'] ?? 'MWEB') as TradeType,
    payToken: freshToken(),
    expiresAt: expiresAt === undefined ? now + PAGE_LIFE_MS : compactToMs(expiresAt),
    ...(signing && { signingToken: signing.token }),
  };
  books.orders.put(outTradeNo, order);
  return order;
}

function pageFields(service: WechatService, order: Order): Params {
  const token = order.payToken ?? '';
  const type = order.tradeType ?? 'MWEB';
  return {
    trade_type: type,
    prepay_id: `wx${token}`,
    ...(type === 'NATIVE' && { code_url: `weixin://wxpay/bizpayurl?pr=${token}` }),
    ...(type === 'MWEB' && { mweb_url: `${service.baseUrl()}${PAY_PATH}${token}` }),
  };
}

/** Finds the order of a page, by the token of its address or by its `prepay_id`. */
export function findPage(books: WechatBooks, name: string): Order | undefined {
  return books.ordersByToken(name.startsWith('wx') ? name.slice(2) : name)[0];
}

/** What a hand on the pay page led to. */
export interface Paid {
  readonly status: number;
  readonly sentence: string;
  readonly result: Readonly<Record<string, string | null>>;
}

/**
 * Carries out the user's decision, once: `agree` pays (and signs, where a contract goes with it),
 * `pay_only` pays and signs nothing, `refuse` does nothing.
 */
export function decidePayment(
  service: WechatService,
  choice: { readonly order: Order; readonly decision: string; readonly user?: string | undefined },
): Paid {
  const { world, books } = service;
  const { order, decision } = choice;
  if (order.state === 'CLOSED') return told(410, '订单已关闭', order);
  if (order.state === 'SUCCESS') return told(200, '订单已支付', order);
  if ((order.expiresAt ?? 0) < world.clock.now()) return told(410, '订单已过期', order);
  if (decision === 'refuse') return told(200, '您已取消支付', order);
  if (decision !== 'agree' && decision !== 'pay_only') {
    return told(400, 'decision 必须是 agree、pay_only 或 refuse', order);
  }
  const openid = order.openid || choice.user || openidFor(order.displayAccount || order.outTradeNo);
  const paid: Order = { ...order, openid, state: 'SUCCESS', finishedAt: world.clock.now() };
  books.orders.put(order.outTradeNo, paid);
  notifyOrder(world, paid);
  if (decision === 'agree' && order.signingToken !== undefined) {
    decideSigning(world, books, { token: order.signingToken, decision: 'agree', user: openid });
  }
  return told(200, '支付成功', paid);
}

function told(status: number, sentence: string, order: Order): Paid {
  return {
    status,
    sentence,
    result: { out_trade_no: order.outTradeNo, state: order.state, sentence },
  };
}

/** Returns the lines of the pay page. */
export function describePayment(books: WechatBooks, order: Order): readonly string[] {
  const signing = order.signingToken && books.signings.get(order.signingToken);
  const plan = signing ? templateOf(signing.planId)?.name : undefined;
  return [order.body, ...(plan === undefined ? [] : [`支付并开通：${plan}`])];
}

import { randomBytes } from 'node:crypto';
import { formatCompact, formatDashed } from '../beijing.ts';
import type { Version } from '../callbacks.ts';
import { SWAP_FAULTS } from '../faults.ts';
import type { World } from '../world.ts';
import { forgeXml } from './messages.ts';
import { describeV3, notifyV3 } from './notifications-v3.ts';
import type { Contract, Order, Refund } from './records.ts';
import { encryptEcb, type Params, refundNoticeKey, signV2 } from './signature.ts';
import { buildXml } from './xml.ts';

/** Seconds between the tries of a deduction result (rails.md §1.11). */
const PAYMENT_RETRY_SECONDS = [15, 15, 30, 180, 1800, 1800, 1800, 1800, 3600];
/** Seconds between the tries of a sign or terminate notice: 30 tries in all (rails.md §1.6). */
const CONTRACT_RETRY_SECONDS = [10, 10, 10, 30, 30, 30, ...Array<number>(23).fill(300)];
/** Seconds between the tries of a refund notice (rails.md §1.12). */
const REFUND_RETRY_SECONDS = [
  15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
];

/** Enters the notice that a contract was signed (ADD) or ended (DELETE). */
export function notifyContract(
  world: World,
  contract: Contract,
  change: { readonly type: 'ADD' | 'DELETE'; readonly url: string },
): void {
  const deleted = change.type === 'DELETE';
  if (world.settings.current.wechat.contractCallbacks === 'v3') {
    const type = deleted ? 'ENTRUST.TERMINATE' : 'ENTRUST.SIGN';
    notifyV3(world, contract, { type, url: change.url, content: describeV3(world, contract) });
    return;
  }
  const message: Params = {
    return_code: 'SUCCESS',
    return_msg: 'OK',
    result_code: 'SUCCESS',
    mch_id: world.credentials.wechat.mchid,
    contract_code: contract.contractCode,
    plan_id: contract.planId,
    openid: contract.openid,
    change_type: change.type,
    operate_time: formatDashed(deleted ? (contract.terminatedAt ?? 0) : contract.signedAt),
    contract_id: contract.contractId,
    contract_expired_time: formatDashed(contract.expiresAt),
    request_serial: contract.requestSerial,
    ...(deleted && { contract_termination_mode: contract.terminationMode ?? '2' }),
  };
  const name = deleted ? 'terminate_callback' : 'sign_callback';
  world.callbacks.enter({
    occasion: {
      rail: 'wechat',
      operations: ['callback', name],
      contractCode: contract.contractCode,
    },
    kind: name,
    subject: contract.contractCode,
    url: change.url,
    contentType: 'text/xml',
    bodyOf: (version) => signedVersion(world, message, version),
    swappable: new Set(['swapped_order']),
    retrySeconds: CONTRACT_RETRY_SECONDS,
    timeScale: world.settings.current.wechat.callbackTimeScale,
    acknowledgement: 'wechat_xml',
  });
}

/** Enters the result of a deduction, paid or refused. */
export function notifyOrder(world: World, order: Order, contract?: Contract): void {
  const { mchid, appid } = world.credentials.wechat;
  const head = { return_code: 'SUCCESS', return_msg: 'OK', appid, mch_id: mchid };
  const nonce_str = randomBytes(16).toString('hex');
  const names = {
    out_trade_no: order.outTradeNo,
    // A payment by hand belongs to no contract, also when one was signed with it.
    ...(contract && { contract_id: contract.contractId }),
  };
  const message: Params =
    order.state === 'SUCCESS'
      ? { ...head, nonce_str, result_code: 'SUCCESS', ...paidFields(order), ...names }
      : {
          ...head,
          nonce_str,
          result_code: 'FAIL',
          err_code: order.refusal?.code ?? 'SYSTEMERROR',
          err_code_des: order.refusal?.text ?? '系统错误',
          ...names,
        };
  world.callbacks.enter({
    occasion: {
      rail: 'wechat',
      operations: ['callback', 'pay_callback', 'pappayapply'],
      contractCode: contract?.contractCode,
      orderNumber: order.outTradeNo,
    },
    kind: 'pay_callback',
    subject: order.outTradeNo,
    url: order.notifyUrl,
    contentType: 'text/xml',
    bodyOf: (version) => signedVersion(world, message, version),
    swappable: order.state === 'SUCCESS' ? SWAP_FAULTS : new Set(['swapped_order']),
    retrySeconds: PAYMENT_RETRY_SECONDS,
    timeScale: world.settings.current.wechat.callbackTimeScale,
    acknowledgement: 'wechat_xml',
  });
}

/** The payment fields that callbacks and queries share. */
export function paidFields(order: Order): Params {
  return {
    openid: order.openid,
    is_subscribe: 'N',
    trade_type: order.tradeType ?? 'PAP',
    trade_state: 'SUCCESS',
    bank_type: 'OTHERS',
    total_fee: String(order.totalFee),
    fee_type: 'CNY',
    cash_fee: String(order.totalFee),
    cash_fee_type: 'CNY',
    transaction_id: order.transactionId,
    time_end: formatCompact(order.finishedAt ?? order.dueAt),
    ...(order.attach !== '' && { attach: order.attach }),
  };
}

/** Enters the notice of a refund: no signature, its content encrypted (rails.md §1.12). */
export function notifyRefund(world: World, refund: Refund, options: RefundNotice): void {
  const { mchid, appid, apiV2Key } = world.credentials.wechat;
  const { order, url } = options;
  const secret = buildXml(
    {
      transaction_id: order.transactionId,
      out_trade_no: order.outTradeNo,
      refund_id: refund.refundId,
      out_refund_no: refund.outRefundNo,
      total_fee: String(order.totalFee),
      settlement_total_fee: String(order.totalFee),
      refund_fee: String(refund.refundFee),
      settlement_refund_fee: String(refund.refundFee),
      refund_status: refund.state ?? 'SUCCESS',
      success_time: formatDashed(refund.finishedAt ?? refund.acceptedAt),
      refund_recv_accout: '支付用户零钱',
      refund_account: 'REFUND_SOURCE_UNSETTLED_FUNDS',
      refund_request_source: 'API',
    },
    'root',
  );
  const body = buildXml({
    return_code: 'SUCCESS',
    appid,
    mch_id: mchid,
    nonce_str: randomBytes(16).toString('hex'),
    req_info: encryptEcb(secret, refundNoticeKey(apiV2Key)),
  });
  world.callbacks.enter({
    occasion: {
      rail: 'wechat',
      operations: ['callback', 'refund_callback'],
      orderNumber: order.outTradeNo,
    },
    kind: 'refund_callback',
    subject: refund.outRefundNo,
    url,
    contentType: 'text/xml',
    bodyOf: () => body,
    swappable: new Set(),
    retrySeconds: REFUND_RETRY_SECONDS,
    timeScale: world.settings.current.wechat.callbackTimeScale,
    acknowledgement: 'wechat_xml',
  });
}

/** Which order was refunded and where the merchant wants to hear of it. */
export interface RefundNotice {
  readonly order: Order;
  readonly url: string;
}

function signedVersion(world: World, message: Params, version: Version): string {
  const { apiV2Key } = world.credentials.wechat;
  const told = falsify(message, version);
  if (version === 'probe') {
    const probe = `WECHATPAY/SIGNTEST/${randomBytes(8).toString('hex')}`;
    return buildXml({ ...told, sign: probe });
  }
  const xml = buildXml({ ...told, sign: signV2(told, apiV2Key) });
  return version === 'wrong_signature' ? forgeXml(xml) : xml;
}

/**
 * Names another amount or another order than the true one; correctly signed, so only a comparison
 * finds it.
 */
export function falsify(message: Params, version: Version): Params {
  if (version === 'swapped_amount' && message['total_fee'] !== undefined) {
    const other = String(BigInt(message['total_fee']) + 100n);
    return { ...message, total_fee: other, cash_fee: other };
  }
  if (version === 'swapped_order') {
    const key = message['out_trade_no'] === undefined ? 'contract_code' : 'out_trade_no';
    return { ...message, [key]: `${message[key] ?? ''}X` };
  }
  return message;
}

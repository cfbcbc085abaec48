import { randomBytes } from 'node:crypto';
import type { FirstPayment, PayLinkRequest, SigningRequest } from '@daikou/core';
import { formatBeijing } from '../beijing.ts';
import { toRailText } from '../rail-text.ts';
import type { V2Request } from './client.ts';
import type { WechatSettings } from './config.ts';
import { toDisplayAccount } from './contract-wire.ts';
import { signV2 } from './signature.ts';
import { account, TEXT } from './wire.ts';

/** How the payer comes to a payment by hand. */
export type PayPage = 'MWEB' | 'NATIVE' | 'JSAPI';

/** `yyyyMMddHHmmss` in Beijing. */
function compact(instant: Temporal.Instant): string {
  return formatBeijing(instant).replace(/[- :]/g, '');
}

/** What `/pay/unifiedorder` and `/pay/contractorder` have in common. */
function orderFields(
  settings: WechatSettings,
  order: Pick<FirstPayment, 'orderNumber' | 'amount' | 'description' | 'payerReference'>,
  page: { readonly kind: PayPage; readonly clientIp: string },
): Readonly<Record<string, string>> {
  return {
    ...account(settings),
    body: toRailText(order.description, TEXT),
    out_trade_no: order.orderNumber,
    total_fee: order.amount.minor.toString(),
    spbill_create_ip: page.clientIp,
    notify_url: settings.notifyUrl,
    trade_type: page.kind,
    ...(page.kind === 'NATIVE' && { product_id: order.orderNumber }),
    ...(page.kind === 'JSAPI' && { openid: order.payerReference ?? '' }),
  };
}

/** 统一下单: an order that the payer pays by hand until `expiresAt`. */
export function toUnifiedOrder(settings: WechatSettings, request: PayLinkRequest): V2Request {
  const page = { kind: settings.payPage, clientIp: request.clientIp };
  return {
    path: 'pay/unifiedorder',
    fields: {
      ...orderFields(settings, request, page),
      time_start: compact(settings.now()),
      time_expire: compact(request.expiresAt),
    },
  };
}

/** 支付中签约 V2: the order fields, and the contract that the payer signs with the payment. */
export function toContractOrder(
  settings: WechatSettings,
  request: SigningRequest,
  first: FirstPayment,
): V2Request {
  const kind = first.payerReference === undefined ? settings.payPage : 'JSAPI';
  return {
    path: 'pay/contractorder',
    fields: {
      ...orderFields(settings, first, { kind, clientIp: request.clientIp }),
      contract_mchid: settings.mchid,
      contract_appid: settings.appid,
      plan_id: settings.planId,
      contract_code: request.contractCode,
      request_serial: request.requestSerial,
      contract_display_account: toDisplayAccount(request.displayAccount),
      contract_notify_url: settings.contractNotifyUrl,
    },
  };
}

/** What a page inside WeChat hands to `WeixinJSBridge`, signed with MD5. */
export function toBridge(
  settings: WechatSettings,
  prepayId: string,
): Readonly<Record<string, string>> {
  const fields = {
    appId: settings.appid,
    timeStamp: String(Math.floor(settings.now().epochMilliseconds / 1000)),
    nonceStr: randomBytes(16).toString('hex'),
    package: `prepay_id=${prepayId}`,
    signType: 'MD5',
  };
  return { ...fields, paySign: signV2(fields, settings.apiV2Key, 'MD5') };
}

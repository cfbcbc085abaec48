import type {
  AttemptOutcome,
  DebitRequest,
  MandateHandle,
  MandateReport,
  Money,
  SigningRequest,
} from '@daikou/core';
import { money } from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { outcomeOfCode, unknownOutcome } from '../outcomes.ts';
import { toDetail, toRailText } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { V2Request } from './client.ts';
import type { WechatSettings } from './config.ts';
import { signV2 } from './signature.ts';
import { CONTRACT_STATES, DEDUCTION_CODES, enderOf, TRADE_STATES } from './statuses.ts';
import type { Fields } from './xml.ts';

/**
 * Free text: at most 40 characters, because `body` holds 128 bytes and a Chinese character takes
 * three. The end of a CDATA section would end the field in which it stands.
 */
const TEXT = { maxLength: 40, without: /\]\]>/g } as const;

/** Longest display account, in characters. */
const DISPLAY_LENGTH = 32;

/** Without spaces: in an address they may be written in two ways, and the signature is over one. */
function toDisplayAccount(text: string): string {
  const plain = toRailText(text, { maxLength: text.length, without: /\]\]>/g });
  return plain.replaceAll(' ', '').slice(0, DISPLAY_LENGTH);
}

function account(settings: WechatSettings): { readonly appid: string; readonly mch_id: string } {
  return { appid: settings.appid, mch_id: settings.mchid };
}

/** The common fields of a signing (rails.md §1.5), unsigned. */
function signingFields(
  settings: WechatSettings,
  request: SigningRequest,
): Readonly<Record<string, string>> {
  const seconds = Math.floor(settings.now().epochMilliseconds / 1000);
  return {
    ...account(settings),
    plan_id: settings.planId,
    contract_code: request.contractCode,
    request_serial: request.requestSerial,
    contract_display_account: toDisplayAccount(request.displayAccount),
    notify_url: settings.contractNotifyUrl,
    version: '1.0',
    timestamp: String(seconds),
  };
}

/** H5 纯签约: the server asks for an address that the payer's browser opens. Always HMAC-SHA256. */
export function toH5Signing(settings: WechatSettings, request: SigningRequest): V2Request {
  return {
    path: 'papay/h5entrustweb',
    fields: { ...signingFields(settings, request), clientip: request.clientIp },
    withoutNonce: true,
    algorithm: 'HMAC-SHA256',
  };
}

/**
 * 公众号纯签约: the signed address that a page inside WeChat opens by itself. MD5 only. Every value is
 * encoded exactly once with upper-case escapes; the signature is over the raw values (points 7 and
 * 8).
 */
export function toEntrustUrl(settings: WechatSettings, request: SigningRequest): string {
  const fields = signingFields(settings, request);
  const query = Object.entries(fields)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const sign = signV2(fields, settings.apiV2Key, 'MD5');
  return `${settings.baseUrl}papay/entrustweb?${query}&sign=${sign}`;
}

/** Names a contract by WeChat's number where we have it, else by our code under the template. */
function contractFields(
  settings: WechatSettings,
  mandate: MandateHandle,
): Readonly<Record<string, string>> {
  return mandate.railReference === undefined
    ? { plan_id: settings.planId, contract_code: mandate.contractCode }
    : { contract_id: mandate.railReference };
}

export function toContractQuery(settings: WechatSettings, mandate: MandateHandle): V2Request {
  return {
    path: 'papay/querycontract',
    fields: { ...account(settings), ...contractFields(settings, mandate), version: '1.0' },
    withoutNonce: true,
  };
}

export function toContractEnd(
  settings: WechatSettings,
  mandate: MandateHandle,
  remark: string,
): V2Request {
  return {
    path: 'papay/deletecontract',
    fields: {
      ...account(settings),
      ...contractFields(settings, mandate),
      contract_termination_remark: toRailText(remark, TEXT) || '-',
      version: '1.0',
    },
    withoutNonce: true,
  };
}

/** 申请扣款. `total_fee` is whole 分. */
export function toDeduction(settings: WechatSettings, request: DebitRequest): V2Request {
  return {
    path: 'pay/pappayapply',
    fields: {
      ...account(settings),
      body: toRailText(request.description, TEXT),
      out_trade_no: request.orderNumber,
      total_fee: request.amount.minor.toString(),
      fee_type: 'CNY',
      spbill_create_ip: settings.serverIp,
      notify_url: settings.notifyUrl,
      trade_type: 'PAP',
      contract_id: request.railReference,
    },
  };
}

/** One order by our number, at one of the three endpoints that take just that. */
export function toOrderRequest(
  settings: WechatSettings,
  endpoint: 'paporderquery' | 'orderquery' | 'closeorder',
  orderNumber: string,
): V2Request {
  return {
    path: `pay/${endpoint}`,
    fields: { ...account(settings), out_trade_no: orderNumber },
  };
}

export function toBillRequest(settings: WechatSettings, date: Temporal.PlainDate): V2Request {
  return {
    path: 'pay/downloadbill',
    fields: {
      ...account(settings),
      bill_date: date.toString().replaceAll('-', ''),
      bill_type: 'ALL',
      tar_type: 'GZIP',
    },
  };
}

/** 预扣费通知: path and JSON body. `windowDays` is always sent: without it the documents disagree. */
export function toNotice(
  settings: WechatSettings,
  notice: { readonly railReference: string; readonly amount: Money; readonly windowDays: number },
): { readonly path: string; readonly body: object } {
  return {
    path: `v3/papay/contracts/${encodeURIComponent(notice.railReference)}/notify`,
    body: {
      mchid: settings.mchid,
      appid: settings.appid,
      deduct_duration: { count: notice.windowDays, unit: 'DAY' },
      estimated_amount: { amount: Number(notice.amount.minor), currency: 'CNY' },
    },
  };
}

/** Whole 分 of a reply; undefined when it is not a plain integer. */
function feeOf(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? BigInt(text) : undefined;
}

/**
 * A paid order as WeChat names it in a callback or query. A message without number, amount or time
 * is `unknown`: we could not book it.
 */
export function fromPaidOrder(fields: Fields): AttemptOutcome {
  const paid = feeOf(fields['total_fee']);
  const paidAt = parseBeijing(fields['time_end']);
  const railReference = fields['transaction_id'];
  const currency = fields['fee_type'] ?? 'CNY';
  if (paid === undefined || paidAt === undefined || !railReference || currency !== 'CNY') {
    return unknownOutcome('paid, but the message lacks the number, the amount or the time');
  }
  return { kind: 'succeeded', railReference, paid: money(paid, 'CNY'), paidAt };
}

/** The state of an order in a query's reply, which has already been proved to be ours. */
export function fromOrder(fields: Fields): AttemptOutcome {
  const name = fields['trade_state'];
  const state = listed(TRADE_STATES, name);
  switch (state) {
    case undefined:
      return unknownOutcome(`unlisted trade_state ${name}`);
    case 'paid':
      return fromPaidOrder(fields);
    case 'open':
      return { kind: 'accepted' };
    case 'ended':
      return fromEndedOrder(fields);
  }
}

/**
 * An order that ended without money: refused when WeChat names a listed reason, else just closed.
 */
function fromEndedOrder(fields: Fields): AttemptOutcome {
  const code = fields['err_code'];
  if (code === undefined || listed(DEDUCTION_CODES, code) === undefined) return { kind: 'closed' };
  const message = fields['err_code_des'] ?? fields['trade_state_desc'] ?? '';
  const outcome = outcomeOfCode(DEDUCTION_CODES, { code, message });
  return outcome.kind === 'refused' ? outcome : { kind: 'closed' };
}

/**
 * What `/papay/querycontract` says of a contract that has been proved to be the one asked about.
 */
export function fromContract(fields: Fields, contractCode: string): MandateReport {
  const state = listed(CONTRACT_STATES, fields['contract_state']);
  const railReference = fields['contract_id'];
  switch (state) {
    case undefined:
      return { kind: 'unknown', detail: 'unlisted contract_state' };
    case 'signing':
      return { kind: 'signing', contractCode };
    case 'active': {
      const at = parseBeijing(fields['contract_signed_time']);
      if (at === undefined || !railReference) {
        return { kind: 'unknown', detail: 'active, but without number or time' };
      }
      const openid = fields['openid'];
      const payer = openid ? { payerReference: openid } : {};
      return { kind: 'active', contractCode, railReference, ...payer, at };
    }
    case 'not_active': {
      const at = parseBeijing(fields['contract_terminated_time']);
      if (at === undefined) return { kind: 'not_found', contractCode };
      const endedBy = enderOf(fields['contract_termination_mode']);
      const reference = railReference ? { railReference } : {};
      return { kind: 'ended', contractCode, ...reference, endedBy, at };
    }
  }
}

/** WeChat's code and words of a business failure. */
export function codeOf(fields: Fields): { readonly code: string; readonly message: string } {
  return {
    code: fields['err_code'] ?? '',
    message: toDetail(fields['err_code_des'] ?? fields['return_msg']),
  };
}

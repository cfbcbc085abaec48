import type { MandateHandle, MandateReport, SigningRequest } from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { toRailText } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { V2Request } from './client.ts';
import type { WechatSettings } from './config.ts';
import { signV2 } from './signature.ts';
import { CONTRACT_STATES, enderOf } from './statuses.ts';
import { account, TEXT } from './wire.ts';
import type { Fields } from './xml.ts';

/** Longest display account, in characters. */
const DISPLAY_LENGTH = 32;

/** Without spaces: in an address they may be written in two ways, and the signature is over one. */
export function toDisplayAccount(text: string): string {
  const plain = toRailText(text, { maxLength: text.length, without: /\]\]>/g });
  return plain.replaceAll(' ', '').slice(0, DISPLAY_LENGTH);
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

/** APP 纯签约: WeChat keeps the request and gives its number, and where the mini program is. */
export function toAppSigning(settings: WechatSettings, request: SigningRequest): V2Request {
  return {
    path: 'papay/preentrustweb',
    fields: { ...signingFields(settings, request), return_app: 'Y' },
    withoutNonce: true,
  };
}

/** The mini program of WeChat Pay in which a payer signs (WXDOC 4011987274). */
const SIGNING_PROGRAM = { appId: 'wxbd687630cd02ce1d', path: 'pages/index/index' } as const;

/**
 * 小程序纯签约: what the seller's mini program hands to `wx.navigateToMiniProgram`. `extraData` is a
 * JSON object as text: the common fields without `version`, signed with MD5.
 */
export function toMiniProgram(
  settings: WechatSettings,
  request: SigningRequest,
): Readonly<Record<string, string>> {
  const { version: _, ...fields } = signingFields(settings, request);
  const sign = signV2(fields, settings.apiV2Key, 'MD5');
  return { ...SIGNING_PROGRAM, extraData: JSON.stringify({ ...fields, sign }) };
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

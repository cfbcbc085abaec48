import { verify } from 'node:crypto';
import type { CallbackReading, CallbackRefusal, RailEvent, RawCallback } from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { CALLBACK_LIMIT_BYTES, refuseCallback, utf8Of } from '../callback.ts';
import type { AlipaySettings } from './config.ts';
import { fromTrade } from './wire.ts';

/** The fields of a notice, URL-decoded. Created without a prototype. */
export type Notice = Readonly<Record<string, string | undefined>>;

/** The answer that stops Alipay's retries: these seven letters and nothing else. */
const TAKEN = { status: 200, contentType: 'text/plain', body: 'success' } as const;

/** Reads a notice: size, signature over the decoded values, whose it is, then what it says. */
export function readAlipayCallback(settings: AlipaySettings, raw: RawCallback): CallbackReading {
  if (raw.body.length > CALLBACK_LIMIT_BYTES) return refuseCallback('too_large', answer);
  const read = readNotice(settings, raw.body);
  if (typeof read === 'string') return refuseCallback(read, answer);
  return { kind: 'verified', events: [read], answer: TAKEN };
}

function answer(reason: CallbackRefusal): { contentType: string; body: string } {
  return { contentType: 'text/plain', body: reason };
}

function readNotice(settings: AlipaySettings, body: Uint8Array): RailEvent | CallbackRefusal {
  const notice = parseNotice(body);
  if (notice === undefined) return 'malformed';
  if (!isSignedNotice(notice, settings)) return 'bad_signature';
  const { app_id: appId, auth_app_id: authAppId, charset } = notice;
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') return 'malformed';
  if ((appId ?? authAppId) !== settings.appId) return 'not_for_us';
  switch (notice['notify_type']) {
    case 'trade_status_sync':
      return tradeEvent(settings, notice);
    case 'dut_user_sign':
      return signedEvent(notice);
    case 'dut_user_unsign':
      return endedEvent(notice);
    default:
      return 'unsupported';
  }
}

/** Decodes a form body; undefined when it is not UTF-8, or names a field twice. */
export function parseNotice(body: Uint8Array): Notice | undefined {
  const text = utf8Of(body);
  if (text === undefined) return undefined;
  const notice: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    if (notice[name] !== undefined) return undefined;
    notice[name] = value;
  }
  return notice;
}

/**
 * Whether Alipay signed the notice (RSA2 over the sorted, decoded fields). Payment notices are
 * signed without `sign_type`, some agreement notices with it; so one is tried and then the other.
 */
export function isSignedNotice(
  notice: Notice,
  trust: Pick<AlipaySettings, 'publicKeyObject'>,
): boolean {
  const { sign, sign_type: type } = notice;
  if (!sign || (type !== undefined && type !== 'RSA2')) return false;
  const signature = Buffer.from(sign, 'base64');
  return [['sign', 'sign_type'], ['sign']].some((without) =>
    verify('sha256', Buffer.from(signedText(notice, without)), trust.publicKeyObject, signature),
  );
}

function signedText(notice: Notice, without: readonly string[]): string {
  return Object.keys(notice)
    .filter((name) => !without.includes(name) && notice[name] !== '')
    .sort()
    .map((name) => `${name}=${notice[name]}`)
    .join('&');
}

function tradeEvent(settings: AlipaySettings, notice: Notice): RailEvent | CallbackRefusal {
  if (notice['seller_id'] !== settings.sellerId) return 'not_for_us';
  const orderNumber = notice['out_trade_no'];
  if (!orderNumber) return 'malformed';
  return { kind: 'attempt', orderNumber, outcome: fromTrade(notice) };
}

function signedEvent(notice: Notice): RailEvent | CallbackRefusal {
  const { external_agreement_no: contractCode, agreement_no: railReference } = notice;
  const at = parseBeijing(notice['sign_time'] ?? notice['valid_time']);
  if (!contractCode || !railReference || at === undefined) return 'malformed';
  if (notice['status'] !== 'NORMAL') return 'unsupported';
  const payer = notice['alipay_user_id'] || notice['alipay_open_id'];
  const reference = payer ? { payerReference: payer } : {};
  const report = { kind: 'active', contractCode, railReference, ...reference, at } as const;
  return { kind: 'mandate', report };
}

function endedEvent(notice: Notice): RailEvent | CallbackRefusal {
  const { external_agreement_no: contractCode, agreement_no: railReference } = notice;
  const at = parseBeijing(notice['unsign_time']);
  if (!contractCode || at === undefined) return 'malformed';
  if (notice['status'] !== 'UNSIGN') return 'unsupported';
  const reference = railReference ? { railReference } : {};
  // The notice does not say who ended it; we know when we did.
  const report = { kind: 'ended', contractCode, ...reference, endedBy: 'unknown', at } as const;
  return { kind: 'mandate', report };
}

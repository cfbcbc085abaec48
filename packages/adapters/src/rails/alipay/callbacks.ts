import { verify } from 'node:crypto';
import type {
  CallbackReading,
  CallbackRefusal,
  MandateEnder,
  RailEvent,
  RawCallback,
} from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { CALLBACK_LIMIT_BYTES, refuseCallback, utf8Of } from '../callback.ts';
import type { AlipaySettings } from './config.ts';
import { ENDED_BY, fromTrade } from './wire.ts';

/** The fields of a notice, URL-decoded. Created without a prototype. */
export type Notice = Readonly<Record<string, string | undefined>>;

/** The answer that stops Alipay's retries: these seven letters and nothing else. */
const TAKEN = { status: 200, contentType: 'text/plain', body: 'success' } as const;

/** Reads a notice: size, signature over the decoded values, whose it is, then what it says. */
export function readAlipayCallback(settings: AlipaySettings, raw: RawCallback): CallbackReading {
  if (raw.body.length > CALLBACK_LIMIT_BYTES) return refuseCallback('too_large', answer);
  const read = readNotice(settings, raw);
  if (typeof read === 'string') return refuseCallback(read, answer);
  return { kind: 'verified', events: read, answer: TAKEN };
}

function answer(reason: CallbackRefusal): { contentType: string; body: string } {
  return { contentType: 'text/plain', body: reason };
}

type Told = readonly RailEvent[] | CallbackRefusal;

/**
 * A message (not a notice) that a card took a refund or did not. Either way the money is with the
 * payer, as Alipay pays it into the balance instead; so it is taken and changes nothing.
 */
const CARD_REFUND_MESSAGE = 'alipay.trade.refund.depositback.completed';

function readNotice(settings: AlipaySettings, raw: RawCallback): Told {
  const notice = parseNotice(raw.body);
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
      return endedEvent(notice, raw.target);
    default:
      return notice['msg_method'] === CARD_REFUND_MESSAGE ? [] : 'unsupported';
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
  trust: Pick<AlipaySettings, 'publicKeyObjects'>,
): boolean {
  const { sign, sign_type: type } = notice;
  if (!sign || (type !== undefined && type !== 'RSA2')) return false;
  const signature = Buffer.from(sign, 'base64');
  return [['sign', 'sign_type'], ['sign']].some((without) => {
    const text = Buffer.from(signedText(notice, without));
    return trust.publicKeyObjects.some((key) => verify('sha256', text, key, signature));
  });
}

function signedText(notice: Notice, without: readonly string[]): string {
  return Object.keys(notice)
    .filter((name) => !without.includes(name) && notice[name] !== '')
    .sort()
    .map((name) => `${name}=${notice[name]}`)
    .join('&');
}

/**
 * A payment, or a refund of one: then the notice names the refund's number too. `refund_fee` adds
 * up all refunds of the order, so what the notice says of the one refund is only that it is known.
 */
function tradeEvent(settings: AlipaySettings, notice: Notice): Told {
  if (notice['seller_id'] !== settings.sellerId) return 'not_for_us';
  const { out_trade_no: orderNumber, out_biz_no: refundNumber, gmt_refund: refundAt } = notice;
  if (!orderNumber) return 'malformed';
  const attempt = { kind: 'attempt', orderNumber, outcome: fromTrade(notice) } as const;
  if (!refundNumber || !refundAt) return [attempt];
  return [attempt, { kind: 'refund', refundNumber, orderNumber, outcome: { kind: 'accepted' } }];
}

function signedEvent(notice: Notice): Told {
  const { external_agreement_no: contractCode, agreement_no: railReference } = notice;
  const at = parseBeijing(notice['sign_time'] ?? notice['valid_time']);
  if (!contractCode || !railReference || at === undefined) return 'malformed';
  if (notice['status'] !== 'NORMAL') return 'unsupported';
  const payer = notice['alipay_user_id'] || notice['alipay_open_id'];
  const reference = payer ? { payerReference: payer } : {};
  const report = { kind: 'active', contractCode, railReference, ...reference, at } as const;
  return [{ kind: 'mandate', report }];
}

function endedEvent(notice: Notice, target: string | undefined): Told {
  const { external_agreement_no: contractCode, agreement_no: railReference } = notice;
  const at = parseBeijing(notice['unsign_time']);
  if (!contractCode || at === undefined) return 'malformed';
  if (notice['status'] !== 'UNSIGN') return 'unsupported';
  const reference = railReference ? { railReference } : {};
  const endedBy = enderOf(target);
  const report = { kind: 'ended', contractCode, ...reference, endedBy, at } as const;
  return [{ kind: 'mandate', report }];
}

/**
 * Who ended it, by the address that the notice came to: ours names us, and only a payer's own end
 * goes to the app's gateway address. Unknown where nobody tells the address.
 */
function enderOf(target: string | undefined): MandateEnder {
  if (target === undefined) return 'unknown';
  const [, query = ''] = target.split('?');
  return new URLSearchParams(query).get(ENDED_BY.name) === ENDED_BY.merchant
    ? 'merchant'
    : 'customer';
}

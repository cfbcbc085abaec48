import type {
  AttemptOutcome,
  CallbackReading,
  CallbackRefusal,
  MandateReport,
  RailEvent,
  RawCallback,
} from '@daikou/core';
import { money } from '@daikou/core';
import { parseBeijing, parseOffsetTime } from '../beijing.ts';
import { CALLBACK_LIMIT_BYTES, headerOf, refuseCallback, utf8Of } from '../callback.ts';
import { outcomeOfCode, unknownOutcome } from '../outcomes.ts';
import { listed } from '../tables.ts';
import type { WechatSettings } from './config.ts';
import { v3Signed } from './replies.ts';
import { checkV3, decryptResource, verifyV2 } from './signature.ts';
import { DEDUCTION_CODES, enderOf, TRADE_STATES } from './statuses.ts';
import { fromPaidOrder } from './wire.ts';
import { answerXml, type Fields, parseFlatXml } from './xml.ts';

/**
 * Reads a callback of either generation: sign, terminate and deduction notices may all come to one
 * address, so the message itself says what it is. A message that has a `Wechatpay-Signature` header
 * is V3.
 */
export function readWechatCallback(settings: WechatSettings, raw: RawCallback): CallbackReading {
  const isV3 = headerOf(raw.headers, 'wechatpay-signature') !== undefined;
  const answer = isV3 ? answerV3 : answerV2;
  if (raw.body.length > CALLBACK_LIMIT_BYTES) return refuseCallback('too_large', answer);
  const read = isV3 ? readV3(settings, raw) : readV2(settings, raw);
  if (typeof read === 'string') return refuseCallback(read, answer);
  return {
    kind: 'verified',
    events: [read],
    answer: isV3
      ? { status: 204, contentType: 'application/json', body: '' }
      : { status: 200, contentType: 'text/xml', body: answerXml('SUCCESS', 'OK') },
  };
}

function answerV2(reason: CallbackRefusal): { contentType: string; body: string } {
  return { contentType: 'text/xml', body: answerXml('FAIL', reason) };
}

function answerV3(reason: CallbackRefusal): { contentType: string; body: string } {
  return {
    contentType: 'application/json',
    body: JSON.stringify({ code: 'FAIL', message: reason }),
  };
}

/** V2: the XML is read without entities, and nothing of it is used before its signature holds. */
function readV2(settings: WechatSettings, raw: RawCallback): RailEvent | CallbackRefusal {
  const fields = parseFlatXml(raw.body);
  if (fields === undefined) return 'malformed';
  // A refund notice has no signature; refunds are not part of this rail yet, so it is not taken.
  if (fields['req_info'] !== undefined) return 'unsupported';
  if (!verifyV2(fields, settings.apiV2Key)) return 'bad_signature';
  if (fields['mch_id'] !== settings.mchid) return 'not_for_us';
  // Contract notices carry no appid; where there is one it must be ours.
  if (fields['appid'] !== undefined && fields['appid'] !== settings.appid) return 'not_for_us';
  return fields['change_type'] === undefined ? deductionEvent(fields) : contractEvent(fields);
}

function contractEvent(fields: Fields): RailEvent | CallbackRefusal {
  const { contract_code: contractCode, contract_id: railReference, openid } = fields;
  const at = parseBeijing(fields['operate_time']);
  if (!contractCode || at === undefined) return 'malformed';
  switch (fields['change_type']) {
    case 'ADD': {
      if (!railReference) return 'malformed';
      const payer = openid ? { payerReference: openid } : {};
      return mandateEvent({ kind: 'active', contractCode, railReference, ...payer, at });
    }
    case 'DELETE': {
      const endedBy = enderOf(fields['contract_termination_mode']);
      const reference = railReference ? { railReference } : {};
      return mandateEvent({ kind: 'ended', contractCode, ...reference, endedBy, at });
    }
    default:
      return 'unsupported';
  }
}

function mandateEvent(report: MandateReport): RailEvent {
  return { kind: 'mandate', report };
}

function deductionEvent(fields: Fields): RailEvent | CallbackRefusal {
  const { out_trade_no: orderNumber, contract_id: railReference } = fields;
  if (!orderNumber) return 'malformed';
  const contract = railReference ? { railReference } : {};
  return { kind: 'attempt', orderNumber, outcome: deductionOutcome(fields), ...contract };
}

function deductionOutcome(fields: Fields): AttemptOutcome {
  if (fields['return_code'] !== 'SUCCESS') return unknownOutcome('return_code is not SUCCESS');
  switch (fields['result_code']) {
    case 'SUCCESS': {
      const state = fields['trade_state'];
      if (state !== undefined && listed(TRADE_STATES, state) !== 'paid') {
        return unknownOutcome(`result_code SUCCESS with trade_state ${state}`);
      }
      return fromPaidOrder(fields);
    }
    case 'FAIL':
      return outcomeOfCode(DEDUCTION_CODES, {
        code: fields['err_code'] ?? '',
        message: fields['err_code_des'] ?? '',
      });
    default:
      return unknownOutcome('unlisted result_code');
  }
}

/**
 * V3: headers and raw bytes are verified first, then the envelope is read, then the resource
 * decrypted.
 */
function readV3(settings: WechatSettings, raw: RawCallback): RailEvent | CallbackRefusal {
  const signed = v3Signed((name) => headerOf(raw.headers, name));
  if (signed === undefined) return 'bad_signature';
  const trust = { keys: settings.platformKeyObjects, now: raw.receivedAt };
  const check = checkV3(signed, raw.body, trust);
  if (check !== 'ok') return check;
  const envelope = jsonObject(utf8Of(raw.body));
  const resource = envelope === undefined ? undefined : objectAt(envelope, 'resource');
  if (envelope === undefined || resource === undefined) return 'malformed';
  if (textAt(resource, 'algorithm') !== 'AEAD_AES_256_GCM') return 'malformed';
  const plaintext = decryptResource(
    {
      ciphertext: textAt(resource, 'ciphertext') ?? '',
      nonce: textAt(resource, 'nonce') ?? '',
      associatedData: textAt(resource, 'associated_data') ?? '',
    },
    settings.apiV3Key,
  );
  const content = jsonObject(plaintext);
  if (content === undefined) return 'malformed';
  if (textAt(content, 'mchid') !== settings.mchid) return 'not_for_us';
  const appid = textAt(content, 'appid');
  if (appid !== undefined && appid !== settings.appid) return 'not_for_us';
  return v3Event(textAt(envelope, 'event_type'), content);
}

type Json = Readonly<Record<string, unknown>>;

function v3Event(type: string | undefined, content: Json): RailEvent | CallbackRefusal {
  switch (type) {
    case 'ENTRUST.SIGN':
    case 'ENTRUST.TERMINATE':
      return v3ContractEvent(content);
    case 'TRANSACTION.SUCCESS':
    case 'TRANSACTION.FAIL':
      return v3DeductionEvent(content);
    default:
      return 'unsupported';
  }
}

function v3ContractEvent(content: Json): RailEvent | CallbackRefusal {
  const contractCode = textAt(content, 'out_contract_code');
  const railReference = textAt(content, 'contract_id');
  if (!contractCode || !railReference) return 'malformed';
  switch (textAt(content, 'contract_state')) {
    case 'SIGNED': {
      const at = parseOffsetTime(content['contract_signed_time']);
      if (at === undefined) return 'malformed';
      const openid = textAt(content, 'openid');
      const payer = openid ? { payerReference: openid } : {};
      return mandateEvent({ kind: 'active', contractCode, railReference, ...payer, at });
    }
    case 'TERMINATED': {
      const info = objectAt(content, 'contract_terminate_info') ?? {};
      const at = parseOffsetTime(info['contract_terminated_time']);
      if (at === undefined) return 'malformed';
      const endedBy = enderOf(textAt(info, 'contract_termination_mode'));
      return mandateEvent({ kind: 'ended', contractCode, railReference, endedBy, at });
    }
    default:
      return 'unsupported';
  }
}

function v3DeductionEvent(content: Json): RailEvent | CallbackRefusal {
  const orderNumber = textAt(content, 'out_trade_no');
  if (!orderNumber) return 'malformed';
  return { kind: 'attempt', orderNumber, outcome: v3DeductionOutcome(content) };
}

function v3DeductionOutcome(content: Json): AttemptOutcome {
  const name = textAt(content, 'trade_state') ?? '';
  switch (listed(TRADE_STATES, name)) {
    case undefined:
      return unknownOutcome(`unlisted trade_state ${name}`);
    case 'open':
      return { kind: 'accepted' };
    case 'ended':
      return { kind: 'closed' };
    case 'paid': {
      const total: unknown = objectAt(content, 'amount')?.['total'];
      const paidAt = parseOffsetTime(content['success_time']);
      const railReference = textAt(content, 'transaction_id');
      if (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 0) {
        return unknownOutcome('paid, but without a whole amount');
      }
      if (paidAt === undefined || !railReference) {
        return unknownOutcome('paid, but the message lacks the number or the time');
      }
      return { kind: 'succeeded', railReference, paid: money(BigInt(total), 'CNY'), paidAt };
    }
  }
}

function jsonObject(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectAt(value: Json, name: string): Json | undefined {
  const inner = value[name];
  return isObject(inner) ? inner : undefined;
}

function textAt(value: Json, name: string): string | undefined {
  const text = value[name];
  return typeof text === 'string' ? text : undefined;
}

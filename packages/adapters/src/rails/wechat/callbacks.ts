import type {
  AttemptOutcome,
  CallbackReading,
  CallbackRefusal,
  MandateReport,
  RailEvent,
  RawCallback,
} from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { CALLBACK_LIMIT_BYTES, headerOf, refuseCallback } from '../callback.ts';
import { outcomeOfCode, unknownOutcome } from '../outcomes.ts';
import { listed } from '../tables.ts';
import { type CallbackContent, readV3 } from './callbacks-v3.ts';
import type { WechatSettings } from './config.ts';
import { fromRefundState } from './refund-wire.ts';
import { decryptRefundInfo, refundNoticeKey, verifyV2 } from './signature.ts';
import { DEDUCTION_CODES, enderOf, TRADE_STATES } from './statuses.ts';
import { feeOf, fromPaidOrder } from './wire.ts';
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
    events: read,
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
function readV2(settings: WechatSettings, raw: RawCallback): CallbackContent {
  const fields = parseFlatXml(raw.body);
  if (fields === undefined) return 'malformed';
  if (fields['req_info'] !== undefined) return readRefundNotice(settings, fields);
  if (!verifyV2(fields, settings.apiV2Key)) return 'bad_signature';
  if (fields['mch_id'] !== settings.mchid) return 'not_for_us';
  // Contract notices carry no appid; where there is one it must be ours.
  if (fields['appid'] !== undefined && fields['appid'] !== settings.appid) return 'not_for_us';
  const event =
    fields['change_type'] === undefined ? deductionEvent(fields) : contractEvent(fields);
  return typeof event === 'string' ? event : [event];
}

/**
 * A refund notice has no signature: what decrypts with our key was written by who has it. Whose it
 * is and which refund, order and amount it names are compared all the same, here and in the books.
 */
function readRefundNotice(settings: WechatSettings, outer: Fields): CallbackContent {
  const key = refundNoticeKey(settings.apiV2Key);
  const secret = decryptRefundInfo(outer['req_info'] ?? '', key);
  if (secret === undefined) return 'bad_signature';
  if (outer['mch_id'] !== settings.mchid) return 'not_for_us';
  if (outer['appid'] !== undefined && outer['appid'] !== settings.appid) return 'not_for_us';
  const fields = parseFlatXml(Buffer.from(secret), 'root');
  const refundNumber = fields?.['out_refund_no'];
  const orderNumber = fields?.['out_trade_no'];
  if (fields === undefined || !refundNumber || !orderNumber) return 'malformed';
  const outcome = fromRefundState({
    state: fields['refund_status'],
    railReference: fields['refund_id'],
    returned: feeOf(fields['refund_fee']),
    at: fields['success_time'],
  });
  return [{ kind: 'refund', refundNumber, orderNumber, outcome }];
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

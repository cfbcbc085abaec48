import type { CallbackReading, CallbackRefusal, RailEvent, RawCallback } from '@daikou/core';
import { CALLBACK_LIMIT_BYTES, refuseCallback } from '../callback.ts';
import type { UnionpaySettings } from './config.ts';
import { type Fields, fieldOf, parseForm } from './fields.ts';
import { fromOpening } from './mandates.ts';
import { isSignedBy } from './signature.ts';
import { fromRefund, fromTrade } from './wire.ts';

/** The answer that stops the retries: HTTP 200. The body is not documented; `ok` is customary. */
const TAKEN = { status: 200, contentType: 'text/plain', body: 'ok' } as const;

/** Reads a notice: size, certificate, signature over the values, whose it is, what it says. */
export function readUnionpayCallback(
  settings: UnionpaySettings,
  raw: RawCallback,
): CallbackReading {
  if (raw.body.length > CALLBACK_LIMIT_BYTES) return refuseCallback('too_large', answer);
  const read = readNotice(settings, raw);
  if (typeof read === 'string') return refuseCallback(read, answer);
  return { kind: 'verified', events: [read], answer: TAKEN };
}

function answer(reason: CallbackRefusal): { contentType: string; body: string } {
  return { contentType: 'text/plain', body: reason };
}

function readNotice(settings: UnionpaySettings, raw: RawCallback): RailEvent | CallbackRefusal {
  const fields = parseForm(raw.body);
  if (fields === undefined) return 'malformed';
  if (fields['version'] !== '5.1.0' || fields['signMethod'] !== '01') return 'malformed';
  if ((fields['encoding'] ?? '').toLowerCase() !== 'utf-8') return 'malformed';
  const verdict = settings.judgeSigner(fields['signPubKeyCert'] ?? '', raw.receivedAt);
  if (verdict.kind === 'refused') return 'bad_signature';
  if (!isSignedBy(fields, verdict.certificate.publicKey)) return 'bad_signature';
  if (fields['merId'] !== settings.merId) return 'not_for_us';
  return eventOf(settings, fields);
}

function eventOf(settings: UnionpaySettings, fields: Fields): RailEvent | CallbackRefusal {
  const number = fieldOf(fields, 'orderId');
  if (number === undefined) return 'malformed';
  switch (`${fields['txnType']}/${fields['txnSubType']}`) {
    case '01/01':
      return { kind: 'attempt', orderNumber: number, outcome: fromTrade(fields, 'respCode') };
    case '04/00':
      return refundEvent(fields, number);
    case '79/00':
      return openingEvent(settings, fields, number);
    default:
      return 'unsupported';
  }
}

/** A refund carries the number of the paid order in the field that we gave it. */
function refundEvent(fields: Fields, refundNumber: string): RailEvent {
  const outcome = fromRefund(fields, 'respCode');
  const orderNumber = fieldOf(fields, 'reqReserved');
  const order = orderNumber === undefined ? {} : { orderNumber };
  return { kind: 'refund', refundNumber, ...order, outcome };
}

/** Only an opening that succeeded is news: the payer may try another card under the same number. */
function openingEvent(
  settings: UnionpaySettings,
  fields: Fields,
  contractCode: string,
): RailEvent | CallbackRefusal {
  if (fields['respCode'] !== '00') return 'unsupported';
  const report = fromOpening(settings, fields, { contractCode });
  return report.kind === 'unknown' ? 'malformed' : { kind: 'mandate', report };
}

import type { AttemptOutcome, CallbackRefusal, RailEvent, RawCallback } from '@daikou/core';
import { money } from '@daikou/core';
import { parseOffsetTime } from '../beijing.ts';
import { headerOf, utf8Of } from '../callback.ts';
import { unknownOutcome } from '../outcomes.ts';
import { listed } from '../tables.ts';
import type { WechatSettings } from './config.ts';
import { fromV3Contract } from './contract-wire-v3.ts';
import { type Json, jsonObject, objectAt, textAt } from './json.ts';
import { v3Signed } from './replies.ts';
import { checkV3, decryptResource } from './signature.ts';
import { TRADE_STATES, V3_CONTRACT_STATES } from './statuses.ts';

/** What a verified message holds: its events, of which there may be none; or why it is refused. */
export type CallbackContent = readonly RailEvent[] | CallbackRefusal;

/**
 * V3: headers and raw bytes are verified first, then the envelope is read, then the resource
 * decrypted.
 */
export function readV3(settings: WechatSettings, raw: RawCallback): CallbackContent {
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

function v3Event(type: string | undefined, content: Json): CallbackContent {
  switch (type) {
    case 'ENTRUST.SIGN':
    case 'ENTRUST.TERMINATE':
      return v3ContractEvent(content);
    case 'TRANSACTION.SUCCESS':
    case 'TRANSACTION.FAIL':
      return v3DeductionEvent(content);
    // 解约挽留: WeChat asks for words that may keep the payer. Taken, and nothing follows from it.
    case 'ENTRUST.TERMINATE_INQUIRY':
    case 'ENTRUST.TERMINATE_RETENTION':
      return [];
    default:
      return 'unsupported';
  }
}

/** A contract event says the same as the query of it; what a query leaves open is no event. */
function v3ContractEvent(content: Json): CallbackContent {
  const contractCode = textAt(content, 'out_contract_code');
  if (!contractCode || !textAt(content, 'contract_id')) return 'malformed';
  if (listed(V3_CONTRACT_STATES, textAt(content, 'contract_state')) === undefined) {
    return 'unsupported';
  }
  const report = fromV3Contract(content, contractCode);
  if (report.kind === 'unknown') return 'malformed';
  return report.kind === 'active' || report.kind === 'ended' ? [{ kind: 'mandate', report }] : [];
}

function v3DeductionEvent(content: Json): CallbackContent {
  const orderNumber = textAt(content, 'out_trade_no');
  if (!orderNumber) return 'malformed';
  return [{ kind: 'attempt', orderNumber, outcome: v3DeductionOutcome(content) }];
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

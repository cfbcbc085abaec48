import { utf8Of } from '../callback.ts';
import { toDetail } from '../rail-text.ts';
import type { WechatReply } from './client.ts';
import type { WechatSettings } from './config.ts';
import { type Json, jsonObject, textAt } from './json.ts';
import { checkV3, type V3Signed, verifyV2 } from './signature.ts';
import { type Fields, parseFlatXml } from './xml.ts';

/** A reply that may be believed, or the reason why it says nothing. */
export type SignedReply =
  | { readonly kind: 'signed'; readonly fields: Fields }
  | { readonly kind: 'unknown'; readonly detail: string; readonly neverSent: boolean };

function saysNothing(detail: string): SignedReply {
  return { kind: 'unknown', detail: toDetail(detail), neverSent: false };
}

/**
 * Reads a V2 reply in the documented order: HTTP status, XML, `return_code`, signature, then whose
 * reply it is. `return_code=FAIL` is a failure of transport and never signed, so it proves nothing
 * about the order. Everything that is not signed by WeChat for this merchant and app is `unknown`.
 */
export function readV2Reply(reply: WechatReply, settings: WechatSettings): SignedReply {
  if (reply.kind === 'failure') return { ...reply, kind: 'unknown' };
  if (reply.status !== 200) return saysNothing(`HTTP ${reply.status}`);
  const fields = parseFlatXml(reply.body);
  if (fields === undefined) return saysNothing('the reply is not a V2 message');
  if (fields['return_code'] !== 'SUCCESS') {
    return saysNothing(`return_code ${fields['return_code']}: ${fields['return_msg'] ?? ''}`);
  }
  if (!verifyV2(fields, settings.apiV2Key)) return saysNothing('the reply is not signed by WeChat');
  const { mch_id: mchid, appid } = fields;
  if (mchid !== undefined && mchid !== settings.mchid) return saysNothing('another mch_id');
  if (appid !== undefined && appid !== settings.appid) return saysNothing('another appid');
  return { kind: 'signed', fields };
}

/** What a V3 call answered: its status, and the code and words of an error body. */
export type V3Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly code: string;
      readonly message: string;
      /** The JSON object of a 2xx that has one. */
      readonly content?: Json;
    }
  | { readonly kind: 'unknown'; readonly detail: string; readonly neverSent: boolean };

/** The four signed headers of a V3 message, or undefined when one is missing. */
export function v3Signed(header: (name: string) => string | undefined): V3Signed | undefined {
  const timestamp = header('wechatpay-timestamp');
  const nonce = header('wechatpay-nonce');
  const serial = header('wechatpay-serial');
  const signature = header('wechatpay-signature');
  if (timestamp === undefined || nonce === undefined) return undefined;
  if (serial === undefined || signature === undefined) return undefined;
  return { timestamp, nonce, serial, signature };
}

/**
 * Reads a V3 reply. A 2xx must be signed (quality list point 1); an error may come unsigned,
 * because WeChat cannot sign for a caller that it does not recognise, but a signature that is there
 * must hold.
 */
export function readV3Reply(reply: WechatReply, settings: WechatSettings): V3Answer {
  if (reply.kind === 'failure') return { ...reply, kind: 'unknown' };
  const { status, body } = reply;
  const signed = v3Signed(reply.header);
  const isSuccess = status >= 200 && status < 300;
  if (signed === undefined && isSuccess) return v3SaysNothing(`HTTP ${status} without signature`);
  if (signed !== undefined) {
    const trust = { keys: settings.platformKeyObjects, now: settings.now() };
    const check = checkV3(signed, body, trust);
    if (check !== 'ok') return v3SaysNothing(`HTTP ${status}: ${check}`);
  }
  if (isSuccess) {
    const content = jsonObject(utf8Of(body));
    const found = content === undefined ? {} : { content };
    return { kind: 'answer', status, code: '', message: '', ...found };
  }
  return { kind: 'answer', status, ...errorOf(body) };
}

function v3SaysNothing(detail: string): V3Answer {
  return { kind: 'unknown', detail, neverSent: false };
}

function errorOf(body: Uint8Array): { readonly code: string; readonly message: string } {
  const error = jsonObject(utf8Of(body)) ?? {};
  return {
    code: textAt(error, 'code') ?? '',
    message: toDetail(textAt(error, 'message')),
  };
}

import { utf8Of } from '../callback.ts';
import { toDetail } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { AlipayClient, HttpReply } from './client.ts';
import { GATEWAY_CODES } from './statuses.ts';

/** The inner object of a reply: Alipay's field → value. */
export type Inner = Readonly<Record<string, unknown>>;

/**
 * A reply that may be believed, sorted by the gateway's `code`, or the reason why it says nothing.
 */
export type SignedReply =
  | { readonly kind: 'done'; readonly inner: Inner }
  | { readonly kind: 'open'; readonly inner: Inner }
  | {
      readonly kind: 'refused';
      readonly by: 'gateway' | 'business';
      readonly code: string;
      readonly message: string;
      readonly inner: Inner;
    }
  | { readonly kind: 'unknown'; readonly detail: string; readonly neverSent: boolean };

function saysNothing(detail: string): SignedReply {
  return { kind: 'unknown', detail: toDetail(detail), neverSent: false };
}

/**
 * Reads a reply in order: HTTP status, JSON, the signature over the exact inner text, the gateway's
 * code. A gateway error comes under `error_response`. Nothing unsigned is believed.
 */
export function readReply(reply: HttpReply, method: string, client: AlipayClient): SignedReply {
  if (reply.kind === 'failure') return { ...reply, kind: 'unknown' };
  if (reply.status !== 200) return saysNothing(`HTTP ${reply.status}`);
  const text = utf8Of(reply.body);
  const outer = text === undefined ? undefined : parseObject(text);
  if (text === undefined || outer === undefined) return saysNothing('the reply is not JSON');
  const ordinary = `${method.replaceAll('.', '_')}_response`;
  const key = Object.hasOwn(outer, ordinary) ? ordinary : 'error_response';
  const inner = outer[key];
  const sign = outer['sign'];
  if (!isObject(inner)) return saysNothing('the reply has no response object');
  if (typeof sign !== 'string' || !client.isSigned(text, key, sign)) {
    return saysNothing('the reply is not signed by Alipay');
  }
  return sorted(inner);
}

function sorted(inner: Inner): SignedReply {
  const code = textAt(inner, 'code') ?? '';
  const subCode = textAt(inner, 'sub_code') ?? '';
  const message = toDetail(textAt(inner, 'sub_msg') ?? textAt(inner, 'msg'));
  const meaning = listed(GATEWAY_CODES, code);
  switch (meaning) {
    case undefined:
      return saysNothing(`unlisted code ${code} ${subCode}`);
    case 'ask':
      return saysNothing(`${code} ${subCode} ${message}`);
    case 'limited':
      // As if it had never been sent: the same number goes again, and no attempt is burnt.
      return { kind: 'unknown', detail: toDetail(`${code} ${subCode}`), neverSent: true };
    case 'done':
    case 'open':
      return { kind: meaning, inner };
    case 'merchant_fault':
      return { kind: 'refused', by: 'gateway', code: subCode || code, message, inner };
    case 'by_sub_code':
      return { kind: 'refused', by: 'business', code: subCode, message, inner };
  }
}

function parseObject(text: string): Inner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Inner {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The reply names another value than ours. Absent where Alipay leaves it out of a refusal. */
export function namesAnother(inner: Inner, name: string, ours: string): boolean {
  const named = textAt(inner, name);
  return named !== undefined && named !== ours;
}

/** A text field of a reply; undefined when it is absent, empty or something else. */
export function textAt(inner: Inner, name: string): string | undefined {
  const value = inner[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

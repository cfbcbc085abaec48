import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RawCallback } from '@daikou/core';
import type { AlipayConfig } from './config.ts';

/** Test fixture: a made-up merchant with the test-only keys. */

const pem = (name: string): string =>
  readFileSync(new URL(`./golden/test-only-${name}.pem`, import.meta.url), 'utf8');

export const alipayPrivateKey = createPrivateKey(pem('alipay'));
export const merchantPublicKey = createPublicKey(pem('merchant'));

export const FIXED_NOW = Temporal.Instant.from('2026-12-01T01:00:00Z');

export const CONFIG: AlipayConfig = {
  appId: '2021000000000001',
  sellerId: '2088000000000009',
  merchantPrivateKey: pem('merchant'),
  alipayPublicKey: createPublicKey(alipayPrivateKey)
    .export({ type: 'spki', format: 'pem' })
    .toString(),
  notifyUrl: 'https://daikou.example.test/alipay/payments',
  agreementNotifyUrl: 'https://daikou.example.test/alipay/agreements',
  now: () => FIXED_NOW,
};

export type Fields = Readonly<Record<string, string>>;

/** The fields of a recorded reply or notice. */
export function golden<T = Fields>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** A reply to `method` as Alipay writes it: signed over the exact inner text. */
export function signedReply(
  method: string,
  content: unknown,
  key: KeyObject = alipayPrivateKey,
): string {
  const inner = JSON.stringify(content);
  const signature = sign('sha256', Buffer.from(inner), key).toString('base64');
  return `{"${method.replaceAll('.', '_')}_response":${inner},"sign":"${signature}"}`;
}

/** A notice as it is posted, signed over its sorted fields without `sign_type`. */
export function signedNotice(
  fields: Fields,
  change: { readonly key?: KeyObject; readonly target?: string } = {},
): RawCallback {
  const text = Object.keys(fields)
    .filter((name) => fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
  const signature = sign('sha256', Buffer.from(text), change.key ?? alipayPrivateKey);
  const form = new URLSearchParams({
    ...fields,
    sign_type: 'RSA2',
    sign: signature.toString('base64'),
  });
  const { target } = change;
  const body = Buffer.from(form.toString());
  return { headers: {}, body, receivedAt: FIXED_NOW, ...(target === undefined ? {} : { target }) };
}

import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
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

import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { WechatConfig } from './config.ts';

/** Test fixture: a made-up merchant with the test-only keys. */

const pem = (name: string): string =>
  readFileSync(new URL(`./golden/test-only-${name}.pem`, import.meta.url), 'utf8');

export const PLATFORM_KEY_ID = 'PUB_KEY_ID_0000000000000000000000000000001';
export const platformPrivateKey = createPrivateKey(pem('platform'));
export const merchantPublicKey = createPublicKey(pem('merchant'));

export const FIXED_NOW = Temporal.Instant.from('2026-12-01T01:00:00Z');

export const CONFIG: WechatConfig = {
  mchid: '1900000109',
  appid: 'wx0000000000000001',
  apiV2Key: 'test-only-v2-key-of-32-characters'.slice(0, 32),
  apiV3Key: 'test-only-v3-key-of-32-characters'.slice(0, 32),
  merchantSerial: '0123456789ABCDEF0123456789ABCDEF01234567',
  merchantPrivateKey: pem('merchant'),
  platformKeys: {
    [PLATFORM_KEY_ID]: createPublicKey(platformPrivateKey)
      .export({ type: 'spki', format: 'pem' })
      .toString(),
  },
  planId: '12535',
  notifyUrl: 'https://daikou.example.test/wechat/deductions',
  contractNotifyUrl: 'https://daikou.example.test/wechat/contracts',
  serverIp: '192.0.2.1',
  now: () => FIXED_NOW,
};

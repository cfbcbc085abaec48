import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeConfig as describeAlipay, openAlipayConfig } from './alipay/config.ts';
import { CONFIG as ALIPAY } from './alipay/fixture.ts';
import { describeConfig as describeWechat, openWechatConfig } from './wechat/config.ts';
import { CONFIG as WECHAT } from './wechat/fixture.ts';

/** Lines of a PEM that would give it away. */
function keyLines(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'));
}

describe('a described configuration', () => {
  test('of WeChat Pay names the merchant and shows no key', () => {
    const text = JSON.stringify(describeWechat(WECHAT));
    assert.ok(text.includes(WECHAT.mchid));
    const secrets = [WECHAT.apiV2Key, WECHAT.apiV3Key, ...keyLines(WECHAT.merchantPrivateKey)];
    for (const secret of secrets) assert.ok(!text.includes(secret));
  });

  test('of Alipay names the app and shows no key', () => {
    const text = JSON.stringify(describeAlipay(ALIPAY));
    assert.ok(text.includes(ALIPAY.appId) && text.includes('https://openapi.alipay.com/'));
    for (const line of keyLines(ALIPAY.merchantPrivateKey)) assert.ok(!text.includes(line));
  });
});

describe('an unusable key stops the start with a sentence that does not show it', () => {
  const CASES: readonly (readonly [string, () => unknown])[] = [
    ['a short APIv2 key', () => openWechatConfig({ ...WECHAT, apiV2Key: 'secret-but-short' })],
    ['a short APIv3 key', () => openWechatConfig({ ...WECHAT, apiV3Key: 'secret-but-short' })],
    ['no platform key', () => openWechatConfig({ ...WECHAT, platformKeys: {} })],
    ['a broken PEM', () => openWechatConfig({ ...WECHAT, merchantPrivateKey: 'secret' })],
    ['a broken platform PEM', () => openWechatConfig({ ...WECHAT, platformKeys: { x: 'secret' } })],
    ['a broken Alipay key', () => openAlipayConfig({ ...ALIPAY, merchantPrivateKey: 'secret' })],
    [
      'a broken Alipay public key',
      () => openAlipayConfig({ ...ALIPAY, alipayPublicKey: 'secret' }),
    ],
  ];
  for (const [name, open] of CASES) {
    test(name, () => {
      assert.throws(open, (error) => error instanceof Error && !error.message.includes('secret'));
    });
  }
});

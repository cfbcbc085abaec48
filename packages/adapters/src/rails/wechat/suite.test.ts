import type { RawCallback } from '@daikou/core';
import { testRail } from '../suite/rail-suite.ts';
import type { RailChange, RailFacts, RailWorld } from '../suite/subject.ts';
import { WECHAT_CAPABILITIES } from './capabilities.ts';
import type { WechatConfig } from './config.ts';
import { makeWechatRail } from './rail.ts';

/** What the sandbox gives a merchant of WeChat Pay. */
type Credentials = Pick<
  WechatConfig,
  'mchid' | 'appid' | 'apiV2Key' | 'apiV3Key' | 'merchantSerial' | 'merchantPrivateKey'
> & {
  readonly platformKeyId: string;
  readonly platformPublicKey: string;
  readonly templates: readonly { readonly planId: string; readonly mode: string }[];
};

/** The configuration of the sandbox's WeChat Pay. */
function sandboxConfig(world: RailWorld, change: RailChange = {}): WechatConfig {
  const wechat = world.sandbox.credentials<Credentials>('wechat');
  const planId = wechat.templates.find((one) => one.mode === 'pre_notice')?.planId ?? '';
  return {
    baseUrl: change.origin ?? world.sandbox.endpoint<string>('wechat'),
    mchid: change.stranger === true ? '1900000001' : wechat.mchid,
    appid: wechat.appid,
    apiV2Key: wechat.apiV2Key,
    apiV3Key: wechat.apiV3Key,
    merchantSerial: wechat.merchantSerial,
    merchantPrivateKey: wechat.merchantPrivateKey,
    platformKeys: { [wechat.platformKeyId]: wechat.platformPublicKey },
    planId,
    notifyUrl: `${world.inbox.origin}/deductions`,
    contractNotifyUrl: `${world.inbox.origin}/contracts`,
    serverIp: '192.0.2.1',
    now: () => Temporal.Now.instant(),
    timeoutMilliseconds: 1_000,
  };
}

function withBody(one: RawCallback, change: (text: string) => string): RawCallback {
  return { ...one, body: Buffer.from(change(Buffer.from(one.body).toString('utf8'))) };
}

const facts: RailFacts = {
  railName: 'WeChat Pay 委托代扣',
  capabilities: WECHAT_CAPABILITIES,
  open: (world, change) => makeWechatRail(sandboxConfig(world, change)),
  configure: (inbox) => ({ wechat: { terminationUrl: `${inbox}/ends`, callbackTimeScale: 0.001 } }),
  operations: { submit: 'pappayapply', ask: 'paporderquery' },
  refusals: [
    ['NOTENOUGH', 'funds'],
    ['BANKERROR', 'technical'],
    ['RULELIMIT', 'limit'],
    ['ACCOUNTERROR', 'account'],
    ['USER_ACCOUNT_ABNORMAL', 'account'],
    ['USER_NOT_EXIST', 'account'],
    ['TRADE_ERROR', 'technical'],
  ],
  attacks: [
    {
      name: 'no signature',
      change: (one) => withBody(one, (text) => text.replace(/<sign>.*?<\/sign>/s, '')),
    },
    {
      name: 'an empty signature',
      change: (one) => withBody(one, (text) => text.replace(/<sign>.*?<\/sign>/s, '<sign></sign>')),
    },
    {
      name: 'an added field',
      change: (one) => withBody(one, (text) => text.replace('</xml>', '<extra>1</extra></xml>')),
    },
    {
      name: 'a V3 probe (SIGNTEST)',
      change: (one) => ({
        ...one,
        headers: {
          'wechatpay-signature': 'WECHATPAY/SIGNTEST/AAAA',
          'wechatpay-timestamp': String(Math.floor(one.receivedAt.epochMilliseconds / 1000)),
          'wechatpay-nonce': 'nonce',
          'wechatpay-serial': 'PUB_KEY_ID_0',
        },
      }),
    },
  ],
  endInWallet: (contractId) => ({ rail: 'wechat', contractId }),
};

testRail(facts);

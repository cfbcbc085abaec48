import type { RawCallback, SigningStarted } from '@daikou/core';
import { decideOnPage } from '../../kit/wallet.ts';
import type { FlowFacts, RailFacts, RailWorld } from '../suite/subject.ts';
import { wechatCapabilities } from './capabilities.ts';
import type { WechatConfig } from './config.ts';
import { makeWechatRail } from './rail.ts';
import { sandboxConfig } from './sandbox-config.ts';

function withBody(one: RawCallback, change: (text: string) => string): RawCallback {
  return { ...one, body: Buffer.from(change(Buffer.from(one.body).toString('utf8'))) };
}

function launched(started: SigningStarted, name: string): string {
  const value = started.kind === 'launch' ? started.parameters[name] : undefined;
  if (value === undefined) throw new Error(`the app was given no ${name}`);
  return value;
}

/** What the seller's app does with `path`: the wallet opens its page, and the user agrees. */
const finishInApp: NonNullable<FlowFacts['finish']> = async (started, { world }) => {
  await decideOnPage(`${origin(world)}${launched(started, 'path')}`, 'agree');
};

/** What WeChat does with what the seller's mini program hands over. */
const finishInMiniProgram: NonNullable<FlowFacts['finish']> = async (started, { world }) => {
  const response = await fetch(`${origin(world)}/wallet/mini-program`, {
    method: 'POST',
    body: JSON.stringify({
      appId: launched(started, 'appId'),
      path: launched(started, 'path'),
      extraData: JSON.parse(launched(started, 'extraData')),
    }),
  });
  const { page } = (await response.json()) as { readonly page: string };
  await decideOnPage(page, 'agree');
};

function origin(world: RailWorld): string {
  return world.sandbox.endpoint<string>('wechat');
}

/**
 * Test kit: what the family suite is told about WeChat Pay on the sandbox. `api` is the generation
 * that signs, queries and ends contracts, and that tells of them.
 */
export function wechatFacts(api: NonNullable<WechatConfig['signingApi']>): RailFacts {
  return {
    railName: `WeChat Pay 委托代扣, contracts by ${api}`,
    capabilities: wechatCapabilities({ clientCertificate: { certificate: '', key: '' } }),
    open: (world, change) => makeWechatRail({ ...sandboxConfig(world, change), signingApi: api }),
    configure: (inbox) => ({
      wechat: { terminationUrl: `${inbox}/ends`, callbackTimeScale: 0.001, contractCallbacks: api },
    }),
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
        change: (one) =>
          withBody(one, (text) => text.replace(/<sign>.*?<\/sign>/s, '<sign></sign>')),
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
    flows: {
      app: { finish: finishInApp },
      mini_program: { finish: finishInMiniProgram },
    },
    refunds: {
      operations: { refund: 'refund', ask: 'refundquery' },
      refusals: [
        ['CHANGE', 'failed'],
        ['REFUNDCLOSE', 'technical'],
        ['NOTENOUGH', 'merchant_balance'],
        ['USER_ACCOUNT_ABNORMAL', 'payer_account'],
        ['ORDER_NOT_READY', 'technical'],
        ['FREQUENCY_LIMITED', 'technical'],
        ['TRADE_OVERDUE', 'limit'],
        ['CERT_ERROR', 'merchant_fault'],
      ],
      hasCallback: true,
    },
    payLinks: { pay: (url) => decideOnPage(url, 'agree') },
    settlements: { feeRows: true, hasPayout: true },
  };
}

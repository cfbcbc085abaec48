import type { RawCallback } from '@daikou/core';
import { decideOnPage } from '../../kit/wallet.ts';
import { testRail } from '../suite/rail-suite.ts';
import type { RailChange, RailFacts, RailWorld } from '../suite/subject.ts';
import { ALIPAY_CAPABILITIES } from './capabilities.ts';
import type { AlipayConfig } from './config.ts';
import { makeAlipayRail } from './rail.ts';

/** What the sandbox gives a merchant of Alipay. */
type Credentials = Pick<
  AlipayConfig,
  'appId' | 'sellerId' | 'merchantPrivateKey' | 'alipayPublicKey'
>;

/** The configuration of the sandbox's Alipay. */
function sandboxConfig(world: RailWorld, change: RailChange = {}): AlipayConfig {
  const alipay = world.sandbox.credentials<Credentials>('alipay');
  const gateway = world.sandbox.endpoint<string>('alipay');
  return {
    gateway: change.origin === undefined ? gateway : `${change.origin}/gateway.do`,
    appId: alipay.appId,
    sellerId: change.stranger === true ? '2088000000000001' : alipay.sellerId,
    merchantPrivateKey: alipay.merchantPrivateKey,
    alipayPublicKey: alipay.alipayPublicKey,
    notifyUrl: `${world.inbox.origin}/payments`,
    agreementNotifyUrl: `${world.inbox.origin}/agreements`,
    now: () => Temporal.Now.instant(),
    timeoutMilliseconds: 1_000,
    billOrigin: new URL(gateway).origin,
  };
}

function withForm(one: RawCallback, change: (form: URLSearchParams) => void): RawCallback {
  const form = new URLSearchParams(Buffer.from(one.body).toString('utf8'));
  change(form);
  return { ...one, body: Buffer.from(form.toString()) };
}

const facts: RailFacts = {
  railName: 'Alipay 周期扣款',
  capabilities: ALIPAY_CAPABILITIES,
  open: (world, change) => makeAlipayRail(sandboxConfig(world, change)),
  configure: (inbox) => ({
    alipay: { appGatewayUrl: `${inbox}/gateway`, callbackTimeScale: 0.001 },
  }),
  operations: { submit: 'alipay.trade.pay', ask: 'alipay.trade.query' },
  refusals: [
    ['ACQ.BUYER_BALANCE_NOT_ENOUGH', 'funds'],
    ['ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH', 'funds'],
    ['ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE', 'funds'],
    ['ACQ.ERROR_BALANCE_PAYMENT_DISABLE', 'account'],
    ['ACQ.MOBILE_PAYMENT_SWITCH_OFF', 'account'],
    ['ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR', 'limit'],
    ['ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR', 'limit'],
    ['ACQ.BUYER_ENABLE_STATUS_FORBID', 'account'],
    ['ACQ.BUYER_NOT_EXIST', 'account'],
    ['ACQ.NOT_CERTIFIED_USER', 'account'],
    ['ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT', 'account'],
    ['ACQ.BUYER_NOT_MAINLAND_CERT', 'account'],
    ['ACQ.PAYMENT_REQUEST_HAS_RISK', 'risk'],
    ['ACQ.PAYMENT_FAIL', 'technical'],
  ],
  attacks: [
    { name: 'no signature', change: (one) => withForm(one, (form) => form.delete('sign')) },
    { name: 'an empty signature', change: (one) => withForm(one, (form) => form.set('sign', '')) },
    { name: 'an added field', change: (one) => withForm(one, (form) => form.set('extra', '1')) },
    {
      name: 'a field given twice',
      reason: 'malformed',
      change: (one) => withForm(one, (form) => form.append('total_amount', '0.01')),
    },
    {
      name: 'another signature algorithm',
      change: (one) => withForm(one, (form) => form.set('sign_type', 'RSA')),
    },
  ],
  endInWallet: (agreementNo) => ({ rail: 'alipay', agreementNo }),
  flows: {
    app: {
      // The seller's app hands the signed text to Alipay's app, which opens the same page.
      finish: async (started, { world }) => {
        if (started.kind !== 'launch') throw new Error(`app: ${started.kind}`);
        const gateway = world.sandbox.endpoint<string>('alipay');
        await decideOnPage(`${gateway}?${started.parameters['signParams']}`, 'agree');
      },
    },
  },
  refunds: {
    operations: { refund: 'alipay.trade.refund', ask: 'alipay.trade.fastpay.refund.query' },
    refusals: [
      ['ACQ.SELLER_BALANCE_NOT_ENOUGH', 'merchant_balance'],
      ['ACQ.TRADE_NOT_ALLOW_REFUND', 'limit'],
      ['ACQ.TRADE_HAS_FINISHED', 'limit'],
      ['ACQ.REASON_TRADE_BEEN_FREEZEN', 'technical'],
      ['ACQ.CUSTOMER_VALIDATE_ERROR', 'payer_account'],
      ['ACQ.BUYER_NOT_EXIST', 'payer_account'],
      ['ACQ.BUYER_ERROR', 'payer_account'],
      ['REFUND_FAIL', 'failed'],
    ],
    // The notice adds up all refunds of an order, so it only says that ours is known.
    hasCallback: false,
  },
  payLinks: { pay: (url) => decideOnPage(url, 'agree'), madeWhenOpened: true },
  settlements: { feeRows: true, hasPayout: true },
};

testRail(facts);

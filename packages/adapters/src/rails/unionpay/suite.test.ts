import type { RawCallback } from '@daikou/core';
import { testRail } from '../suite/rail-suite.ts';
import type { RailChange, RailFacts, RailWorld } from '../suite/subject.ts';
import { UNIONPAY_CAPABILITIES } from './capabilities.ts';
import { madeUpCard } from './card-fixture.ts';
import type { UnionpayConfig } from './config.ts';
import { makeUnionpayRail } from './rail.ts';

/** What the sandbox gives a merchant of UnionPay. */
type Credentials = Omit<UnionpayConfig, 'now' | 'notifyUrl'>;

/** The configuration of the sandbox's UnionPay. */
function sandboxConfig(world: RailWorld, change: RailChange = {}): UnionpayConfig {
  const credentials = world.sandbox.credentials<Credentials>('unionpay');
  const gateway = change.origin ?? world.sandbox.endpoint<string>('unionpay');
  return {
    ...credentials,
    merId: change.stranger === true ? '777000000000000' : credentials.merId,
    gateway,
    fileGateway: gateway,
    notifyUrl: `${world.inbox.origin}/results`,
    now: () => Temporal.Now.instant(),
    timeoutMilliseconds: 1_000,
  };
}

function withForm(one: RawCallback, change: (form: URLSearchParams) => void): RawCallback {
  const form = new URLSearchParams(Buffer.from(one.body).toString('utf8'));
  change(form);
  return { ...one, body: Buffer.from(form.toString()) };
}

const changed = (name: string, value: string) => (one: RawCallback) =>
  withForm(one, (form) => form.set(name, value));

const facts: RailFacts = {
  railName: 'UnionPay 全渠道 token',
  capabilities: UNIONPAY_CAPABILITIES,
  open: (world, change) => makeUnionpayRail(sandboxConfig(world, change)),
  configure: () => ({ unionpay: { callbackTimeScale: 0.001 } }),
  operations: { submit: 'consume', ask: 'query' },
  refusals: [
    ['01', 'technical'],
    ['02', 'technical'],
    ['06', 'technical'],
    ['30', 'risk'],
    ['33', 'merchant_fault'],
    ['38', 'risk'],
    ['39', 'technical'],
    ['40', 'mandate'],
    ['44', 'account'],
    ['60', 'technical'],
    ['61', 'account'],
    ['62', 'account'],
    ['63', 'account'],
    ['64', 'funds'],
    ['66', 'mandate'],
    ['67', 'limit'],
    ['73', 'account'],
    ['80', 'mandate'],
    ['81', 'limit'],
    ['90', 'funds'],
    ['99', 'technical'],
  ],
  attacks: [
    { name: 'no signature', change: (one) => withForm(one, (form) => form.delete('signature')) },
    {
      name: 'no certificate',
      change: (one) => withForm(one, (form) => form.delete('signPubKeyCert')),
    },
    { name: 'a certificate that is none', change: changed('signPubKeyCert', 'PEM') },
    { name: 'the old version', reason: 'malformed', change: changed('version', '5.0.0') },
    { name: 'another signature method', reason: 'malformed', change: changed('signMethod', '11') },
    { name: 'another encoding', reason: 'malformed', change: changed('encoding', 'GBK') },
    { name: 'an added field', reason: 'bad_signature', change: changed('extra', '1') },
    { name: 'another amount', reason: 'bad_signature', change: changed('txnAmt', '1') },
    {
      name: 'a field given twice',
      reason: 'malformed',
      change: (one) => withForm(one, (form) => form.append('txnAmt', '1')),
    },
  ],
  endInWallet: (token) => ({ rail: 'unionpay', token }),
  endsSilently: true,
  flows: {
    message_code: {
      request: () => ({ account: madeUpCard() }),
      finish: async (_, { rail, request: { contractCode, account } }) => {
        const code = '111111';
        const confirmation = { contractCode, code, ...(account === undefined ? {} : { account }) };
        const report = await rail.confirmSigning?.(confirmation);
        if (report?.kind !== 'active') throw new Error(`the code: ${report?.kind}`);
      },
    },
  },
  refunds: {
    operations: { refund: 'refund', ask: 'refund_query' },
    refusals: [
      ['02', 'technical'],
      ['31', 'merchant_fault'],
      ['39', 'technical'],
      ['64', 'merchant_balance'],
      ['90', 'merchant_balance'],
      ['61', 'failed'],
      ['63', 'failed'],
    ],
    hasCallback: true,
  },
  settlements: { feeRows: true, hasPayout: true },
};

testRail(facts);

import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { money, type Rail, type SigningRequest } from '@daikou/core';
import { expectGolden } from '../../kit/golden.ts';
import { type Listener, listen, type Received } from '../../kit/listener.ts';
import { startSandbox } from '../../kit/sandbox.ts';
import type { ClientCertificate, WechatConfig } from './config.ts';
import { CONFIG, merchantPublicKey } from './fixture.ts';
import { makeWechatRail, toEntrustUrl } from './rail.ts';
import type { Credentials } from './sandbox-config.ts';
import { verifyV2 } from './signature.ts';
import { type Fields, parseFlatXml } from './xml.ts';

const MANDATE = { contractCode: 'C0000000000000000000000001', railReference: '202612010000000001' };
const SIGNING: SigningRequest = {
  contractCode: MANDATE.contractCode,
  displayAccount: '客户 10023 😀',
  singleCap: money(50_000n, 'CNY'),
  requestSerial: '1000001',
  clientIp: '192.0.2.10',
};
const AMOUNT = money(2_985n, 'CNY');

/** Each call of the rail and the requests that it sends when nothing is answered. */
const CALLS: readonly (readonly [name: string, call: (rail: Rail) => Promise<unknown>])[] = [
  ['begin-signing', (rail) => rail.beginSigning(SIGNING)],
  ['query-mandate', (rail) => rail.queryMandate(MANDATE)],
  ['query-mandate-by-code', (rail) => rail.queryMandate({ contractCode: MANDATE.contractCode })],
  ['end-mandate', (rail) => rail.endMandate(MANDATE, '客户关闭自动续费')],
  [
    'announce',
    async (rail) => rail.announce?.({ railReference: MANDATE.railReference, amount: AMOUNT }),
  ],
  [
    'submit',
    (rail) =>
      rail.submit({
        orderNumber: 'D0000000000000000000000001N1',
        railReference: MANDATE.railReference,
        amount: AMOUNT,
        description: '专业版 <12 月> & 席位 😀',
      }),
  ],
  ['ask', (rail) => rail.ask('D0000000000000000000000001N1')],
  ['close', (rail) => rail.close('D0000000000000000000000001N1')],
  ['fetch-bill', (rail) => rail.fetchBill(Temporal.PlainDate.from('2026-12-01'))],
];

const REFUND = {
  refundNumber: 'R0000000000000000000000001',
  orderNumber: 'D0000000000000000000000001N1',
  paymentReference: '4200000000000000000000000001',
  paid: AMOUNT,
  paidAt: Temporal.Instant.from('2026-11-30T23:30:00Z'),
  amount: money(1_000n, 'CNY'),
  reason: '未使用天数 <退回> 😀',
};
const FIRST_PAYMENT = {
  orderNumber: 'D0000000000000000000000001N1',
  amount: AMOUNT,
  description: '专业版 首期',
};
const DATE = Temporal.PlainDate.from('2026-12-01');

/** Calls under another configuration. */
const OTHER_CALLS: readonly (readonly [
  name: string,
  change: Partial<WechatConfig>,
  call: (rail: Rail) => Promise<unknown>,
])[] = [
  ['begin-signing-app', {}, (rail) => rail.beginSigning({ ...SIGNING, flow: 'app' })],
  [
    'pay-and-sign',
    {},
    (rail) => rail.beginSigning({ ...SIGNING, flow: 'pay_and_sign', firstPayment: FIRST_PAYMENT }),
  ],
  [
    'pay-and-sign-in-wechat',
    {},
    (rail) =>
      rail.beginSigning({
        ...SIGNING,
        flow: 'pay_and_sign',
        firstPayment: { ...FIRST_PAYMENT, payerReference: 'payer-1' },
      }),
  ],
  [
    'pay-link',
    { payPage: 'NATIVE' },
    async (rail) =>
      rail.beginPayment?.({
        orderNumber: 'P0000000000000000000000001',
        amount: AMOUNT,
        description: '专业版 12 月',
        expiresAt: Temporal.Instant.from('2026-12-02T01:00:00Z'),
        clientIp: '192.0.2.10',
      }),
  ],
  ['refund', {}, async (rail) => rail.refund?.(REFUND)],
  ['ask-refund', {}, async (rail) => rail.askRefund?.(REFUND)],
  ['fetch-settlement', {}, async (rail) => rail.fetchSettlement?.(DATE)],
  ['fetch-bill-v3', { billApi: 'v3' }, (rail) => rail.fetchBill(DATE)],
  ['v3-begin-signing-browser', { signingApi: 'v3' }, (rail) => rail.beginSigning(SIGNING)],
  [
    'v3-begin-signing-app',
    { signingApi: 'v3' },
    (rail) => rail.beginSigning({ ...SIGNING, flow: 'app' }),
  ],
  ['v3-query-mandate', { signingApi: 'v3' }, (rail) => rail.queryMandate(MANDATE)],
  ['v3-end-mandate', { signingApi: 'v3' }, (rail) => rail.endMandate(MANDATE, '客户关闭自动续费')],
];

describe('the requests to WeChat Pay are those that were reviewed', () => {
  let listener: Listener;
  let clientCertificate: ClientCertificate;
  before(async () => {
    listener = await listen(() => ({ status: 503 }));
    const sandbox = await startSandbox();
    ({ clientCertificate } = sandbox.credentials<Credentials>('wechat'));
    await sandbox.stop();
  });
  after(() => listener.close());

  for (const [name, call] of CALLS) {
    test(name, async () => {
      const rail = makeWechatRail({ ...CONFIG, baseUrl: listener.origin });
      const start = listener.received.length;
      await call(rail);
      const requests = listener.received.slice(start).map(describeRequest);
      expectGolden(new URL(`./golden/${name}.http`, import.meta.url), requests.join('\n'));
    });
  }

  for (const [name, change, call] of OTHER_CALLS) {
    test(name, async () => {
      const config = { ...CONFIG, ...change, clientCertificate, baseUrl: listener.origin };
      const start = listener.received.length;
      await call(makeWechatRail(config));
      const requests = listener.received.slice(start).map(describeRequest);
      assert.ok(requests.length > 0);
      expectGolden(new URL(`./golden/${name}.http`, import.meta.url), requests.join('\n'));
    });
  }

  test('what a mini program is given (小程序纯签约)', async () => {
    const rail = makeWechatRail(CONFIG);
    const started = await rail.beginSigning({ ...SIGNING, flow: 'mini_program' });
    assert.equal(started.kind, 'launch');
    if (started.kind !== 'launch') return;
    const { extraData = '' } = started.parameters;
    const fields = JSON.parse(extraData) as Fields;
    assert.ok(verifyV2(fields, CONFIG.apiV2Key));
    assert.equal(fields['version'], undefined);
    const text = JSON.stringify(started.parameters, null, 2);
    expectGolden(new URL('./golden/mini-program.json', import.meta.url), `${text}\n`);
  });

  test('the address of 公众号纯签约', () => {
    const url = toEntrustUrl(CONFIG, SIGNING);
    expectGolden(new URL('./golden/entrust-url.txt', import.meta.url), `${url}\n`);
    const { searchParams } = new URL(url);
    const fields = Object.fromEntries(searchParams);
    assert.ok(verifyV2(fields, CONFIG.apiV2Key));
    assert.equal(fields['notify_url'], CONFIG.contractNotifyUrl);
    // Encoded exactly once, escapes in upper case (quality list point 7).
    assert.ok(url.includes('notify_url=https%3A%2F%2Fdaikou.example.test%2Fwechat%2Fcontracts&'));
  });
});

function describeRequest(request: Received): string {
  const body = Buffer.from(request.body).toString('utf8');
  const isV3 = request.headers['authorization'] !== undefined;
  const head = [`${request.method} ${request.target}`];
  if (isV3) head.push(`Authorization: ${checkedAuthorization(request, body)}`);
  for (const name of ['accept', 'content-type', 'wechatpay-serial']) {
    const value = request.headers[name];
    if (value !== undefined) head.push(`${name}: ${value}`);
  }
  const shown = isV3 || body === '' ? body : checkedXml(request.body, body);
  return `${head.join('\n')}\n\n${shown}\n`;
}

/** The V3 header with its drawn parts named, once its signature has been checked. */
function checkedAuthorization(request: Received, body: string): string {
  const header = request.headers['authorization'] ?? '';
  const part = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? '';
  const { method, target } = request;
  const signed = [method, target, part('timestamp'), part('nonce_str'), body, ''].join('\n');
  const signature = Buffer.from(part('signature'), 'base64');
  assert.ok(verify('sha256', Buffer.from(signed), merchantPublicKey, signature));
  return ['timestamp', 'nonce_str', 'signature'].reduce(
    (text, name) => text.replace(`${name}="${part(name)}"`, `${name}="{${name}}"`),
    header,
  );
}

/** The XML with its drawn parts named, once its signature has been checked. */
function checkedXml(bytes: Uint8Array, text: string): string {
  const fields: Fields = parseFlatXml(bytes) ?? {};
  assert.ok(verifyV2(fields, CONFIG.apiV2Key), 'the request is signed');
  const { nonce_str: nonce, sign } = fields;
  if (nonce === undefined) return text;
  assert.match(nonce, /^[0-9A-Za-z]{32}$/);
  return text.replace(nonce, '{nonce_str}').replace(sign ?? '', '{sign}');
}

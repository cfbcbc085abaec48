import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  makeId,
  money,
  type Rail,
  toContractCode,
  toOrderNumber,
  toRefundNumber,
} from '@daikou/core';
import { expectGolden } from '../../kit/golden.ts';
import { type Listener, listen, type Received } from '../../kit/listener.ts';
import type { Card } from './card-data.ts';
import { parseForm } from './fields.ts';
import { type Fixture, NOTIFY_URL, openFixture } from './fixture.ts';
import { makeUnionpayRail } from './rail.ts';
import { isSignedBy } from './signature.ts';

const PARTS = {
  epochMilliseconds: Date.parse('2026-11-30T23:30:05Z'),
  random: new Uint8Array(10),
  bucket: 1,
};
const MANDATE = {
  contractCode: toContractCode(makeId('man', PARTS)),
  railReference: '6235240000020757577',
};
const ORDER = toOrderNumber(makeId('dbt', PARTS), 1);
const CARD: Card = {
  kind: 'card',
  number: '6216260000000000001',
  holderName: '测试持卡人',
  identityNumber: '00000000000000001X',
  phone: '+1 907 555 0134',
};
const REFUND = {
  refundNumber: toRefundNumber(makeId('rfd', PARTS)),
  orderNumber: ORDER,
  paymentReference: '202611309999999999999',
  paid: money(2_985n, 'CNY'),
  paidAt: Temporal.Instant.from('2026-11-30T23:30:05Z'),
  amount: money(985n, 'CNY'),
  reason: '未使用天数退回',
};

/** Each call of the rail and the requests that it sends when nothing is answered. */
const CALLS: readonly (readonly [name: string, call: (rail: Rail) => Promise<unknown>])[] = [
  [
    'begin-signing',
    (rail) =>
      rail.beginSigning({
        flow: 'message_code',
        account: CARD,
        contractCode: MANDATE.contractCode,
        displayAccount: '客户 10023',
        singleCap: money(50_000n, 'CNY'),
        requestSerial: '1',
        clientIp: '192.0.2.10',
      }),
  ],
  [
    'confirm-signing',
    async (rail) =>
      rail.confirmSigning?.({ contractCode: MANDATE.contractCode, account: CARD, code: '111111' }),
  ],
  ['query-mandate', (rail) => rail.queryMandate(MANDATE)],
  ['end-mandate', (rail) => rail.endMandate(MANDATE, '客户关闭自动续费')],
  [
    'submit',
    (rail) =>
      rail.submit({
        orderNumber: ORDER,
        railReference: MANDATE.railReference,
        amount: money(2_985n, 'CNY'),
        description: '专业版 12/2026',
      }),
  ],
  ['ask', (rail) => rail.ask(ORDER)],
  ['refund', async (rail) => rail.refund?.(REFUND)],
  ['ask-refund', async (rail) => rail.askRefund?.(REFUND)],
  ['fetch-bill', (rail) => rail.fetchBill(Temporal.PlainDate.from('2026-12-01'))],
];

describe('the requests to UnionPay are those that were reviewed', () => {
  let fixture: Fixture;
  let listener: Listener;
  before(async () => {
    fixture = await openFixture();
    listener = await listen(() => ({ status: 503 }));
  });
  after(() => Promise.all([fixture.stop(), listener.close()]));

  const railOf = () =>
    makeUnionpayRail({
      ...fixture.config,
      gateway: listener.origin,
      fileGateway: listener.origin,
      now: () => Temporal.Instant.from('2026-12-01T01:00:00Z'),
    });

  for (const [name, call] of CALLS) {
    test(name, async () => {
      const start = listener.received.length;
      await call(railOf());
      const requests = listener.received.slice(start).map((one) => describeRequest(fixture, one));
      expectGolden(new URL(`./golden/${name}.txt`, import.meta.url), requests.join('\n'));
    });
  }

  test('the opening page', async () => {
    const started = await railOf().beginSigning({
      flow: 'browser_page',
      contractCode: MANDATE.contractCode,
      displayAccount: '客户 10023',
      singleCap: money(50_000n, 'CNY'),
      requestSerial: '1',
      clientIp: '192.0.2.10',
    });
    assert.ok(started.kind === 'open_url');
    const url = new URL(started.url);
    const target = `${url.pathname}${url.search}`;
    const page = { method: 'GET', target, headers: {}, body: new Uint8Array() };
    expectGolden(new URL('./golden/page.txt', import.meta.url), describeRequest(fixture, page));
  });
});

/** The fields of a request in signing order; what was made for this run is checked and named. */
function describeRequest(fixture: Fixture, request: Received): string {
  const [path = '', search = ''] = request.target.split('?');
  const isPost = request.method === 'POST';
  const fields = parseForm(isPost ? request.body : Buffer.from(search));
  assert.ok(fields !== undefined);
  const own = new X509Certificate(fixture.config.signingCertificate);
  assert.ok(isSignedBy(fields, own.publicKey), 'the signature holds');
  assert.equal(fields['certId'], BigInt(`0x${own.serialNumber}`).toString());
  const made: Readonly<Record<string, string>> = {
    [fixture.config.merId]: '<merId>',
    [fields['certId'] ?? '']: '<certId>',
    [fields['encryptCertId'] ?? '']: '<encryptCertId>',
    [fields['signature'] ?? '']: '<signature>',
    [NOTIFY_URL]: '<notifyUrl>',
  };
  const lines = Object.keys(fields)
    .sort()
    .map((name) => `${name}=${made[fields[name] ?? ''] ?? shown(name, fields[name] ?? '')}`)
    .map((text) => text.replace(fixture.config.trId, '<trId>'));
  const type = isPost ? `\ncontent-type: ${request.headers['content-type']}` : '';
  return `${request.method} ${path}${type}\n\n${lines.join('\n')}\n`;
}

/** Encrypted values change with every call, as RSA padding is random. */
function shown(name: string, value: string): string {
  if (name === 'accNo') return '<encrypted>';
  if (name !== 'customerInfo') return value;
  const text = Buffer.from(value, 'base64').toString('utf8');
  return `<base64>${text.replace(/encryptedInfo=[^}&]+/, 'encryptedInfo=<encrypted>')}`;
}

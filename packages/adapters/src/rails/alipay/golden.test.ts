import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { money, type Rail, type RefundRequest, type SigningRequest } from '@daikou/core';
import { expectGolden } from '../../kit/golden.ts';
import { type Listener, listen, type Received } from '../../kit/listener.ts';
import type { AlipayConfig } from './config.ts';
import { CONFIG, FIXED_NOW, merchantPublicKey } from './fixture.ts';
import { makeAlipayRail } from './rail.ts';

const MANDATE = {
  contractCode: 'C0000000000000000000000001',
  railReference: '20265101000000000001',
};
const SIGNING: SigningRequest = {
  contractCode: MANDATE.contractCode,
  displayAccount: '客户 10023 😀',
  singleCap: money(50_000n, 'CNY'),
  firstPlannedDate: Temporal.PlainDate.from('2026-12-28'),
  requestSerial: '1000001',
  clientIp: '192.0.2.10',
};

const DAY = Temporal.PlainDate.from('2026-12-01');
const REFUND: RefundRequest = {
  refundNumber: 'R0000000000000000000000001',
  orderNumber: 'D0000000000000000000000001N1',
  paymentReference: '2026120122001000000000000001',
  paid: money(2_985n, 'CNY'),
  paidAt: Temporal.Instant.from('2026-11-30T23:30:00Z'),
  amount: money(1_000n, 'CNY'),
  reason: '未使用天数退回 😀',
};

/** Each call of the rail and the requests that it sends when nothing is answered. */
const CALLS: readonly (readonly [name: string, call: (rail: Rail) => Promise<unknown>])[] = [
  ['query-mandate', (rail) => rail.queryMandate(MANDATE)],
  ['query-mandate-by-code', (rail) => rail.queryMandate({ contractCode: MANDATE.contractCode })],
  ['end-mandate', (rail) => rail.endMandate(MANDATE, '客户关闭自动续费')],
  [
    'submit',
    (rail) =>
      rail.submit({
        orderNumber: 'D0000000000000000000000001N1',
        railReference: MANDATE.railReference,
        amount: money(2_985n, 'CNY'),
        description: '专业版 12/2026 & 席位=3 😀',
      }),
  ],
  ['ask', (rail) => rail.ask('D0000000000000000000000001N1')],
  ['close', (rail) => rail.close('D0000000000000000000000001N1')],
  ['fetch-bill', (rail) => rail.fetchBill(Temporal.PlainDate.from('2026-12-01'))],
  ['fetch-settlement', (rail) => calls(rail).fetchSettlement(DAY)],
  ['refund', (rail) => calls(rail).refund(REFUND)],
  ['refund-query', (rail) => calls(rail).askRefund(REFUND)],
  [
    'move-planned-date',
    (rail) =>
      calls(rail).movePlannedDate({
        railReference: MANDATE.railReference,
        plannedDate: Temporal.PlainDate.from('2027-01-20'),
        reason: '客户申请延期 😀',
      }),
  ],
];

/** The calls that a rail may lack; Alipay's periodic product has all of them. */
function calls(rail: Rail) {
  const { fetchSettlement, refund, askRefund, movePlannedDate, beginPayment } = rail;
  assert.ok(fetchSettlement && refund && askRefund && movePlannedDate && beginPayment);
  return { fetchSettlement, refund, askRefund, movePlannedDate, beginPayment };
}

/** The addresses and texts that a payer's browser or app opens: no call is made for them. */
type Opened = readonly [name: string, change: Partial<AlipayConfig>, SigningRequest];
const FIRST_PAYMENT = {
  orderNumber: 'D0000000000000000000000001N1',
  amount: money(2_985n, 'CNY'),
  description: '专业版 首期 & 优惠',
} as const;
const PAY_AND_SIGN: SigningRequest = {
  ...SIGNING,
  flow: 'pay_and_sign',
  firstPayment: FIRST_PAYMENT,
};
const CAPS = { totalAmountMinor: 600_000, totalPayments: 12 } as const;
const OPENED: readonly Opened[] = [
  ['sign-page-capped', CAPS, SIGNING],
  ['sign-page-general', { productCode: 'GENERAL_WITHHOLDING' }, SIGNING],
  ['sign-app', {}, { ...SIGNING, flow: 'app' }],
  ['pay-and-sign-wap', {}, PAY_AND_SIGN],
  ['pay-and-sign-page', { firstPaymentBy: 'page' }, PAY_AND_SIGN],
  ['pay-and-sign-app', { firstPaymentBy: 'app' }, PAY_AND_SIGN],
  [
    'pay-and-sign-general',
    { productCode: 'GENERAL_WITHHOLDING', personalProductCode: 'CYCLE_PAY_AUTH_P' },
    PAY_AND_SIGN,
  ],
];

describe('the requests to Alipay are those that were reviewed', () => {
  let listener: Listener;
  before(async () => {
    listener = await listen(() => ({ status: 503 }));
  });
  after(() => listener.close());

  for (const [name, call] of CALLS) {
    test(name, async () => {
      const rail = makeAlipayRail({ ...CONFIG, gateway: `${listener.origin}/gateway.do` });
      const start = listener.received.length;
      await call(rail);
      const requests = listener.received.slice(start).map(describeRequest);
      expectGolden(new URL(`./golden/${name}.http`, import.meta.url), requests.join('\n'));
    });
  }

  for (const [name, change, request] of OPENED) {
    test(name, async () => {
      const started = await makeAlipayRail({ ...CONFIG, ...change }).beginSigning(request);
      const texts =
        started.kind === 'open_url'
          ? [started.url]
          : started.kind === 'launch'
            ? Object.values(started.parameters)
            : assert.fail(started.kind);
      for (const text of texts.filter((one) => !one.startsWith('alipays:'))) {
        requireSigned(new URLSearchParams(text.replace(/^[^?]*\?/, '')));
      }
      expectGolden(new URL(`./golden/${name}.txt`, import.meta.url), `${texts.join('\n')}\n`);
    });
  }

  test('the scheme that opens the app holds the signed text, encoded once', async () => {
    const started = await makeAlipayRail(CONFIG).beginSigning({ ...SIGNING, flow: 'app' });
    assert.equal(started.kind, 'launch');
    if (started.kind !== 'launch') return;
    const { scheme = '', signParams } = started.parameters;
    assert.equal(new URL(scheme).searchParams.get('sign_params'), signParams);
  });

  for (const payLinkBy of ['wap', 'precreate'] as const) {
    test(`the pay link by ${payLinkBy}`, async () => {
      const config = { ...CONFIG, payLinkBy, gateway: `${listener.origin}/gateway.do` };
      const start = listener.received.length;
      const started = await calls(makeAlipayRail(config)).beginPayment({
        orderNumber: 'P0000000000000000000000001',
        amount: money(12_345n, 'CNY'),
        description: '专业版 12 月',
        expiresAt: FIXED_NOW.add({ hours: 30 }),
        clientIp: '192.0.2.10',
      });
      const requests = listener.received.slice(start).map(describeRequest);
      const url = started.kind === 'open_url' ? started.url.replace(listener.origin, '') : '';
      const file = new URL(`./golden/pay-link-${payLinkBy}.http`, import.meta.url);
      expectGolden(file, `${[url, ...requests].join('\n')}\n`);
    });
  }

  test('the sign page', async () => {
    const started = await makeAlipayRail(CONFIG).beginSigning(SIGNING);
    assert.equal(started.kind, 'open_url');
    if (started.kind !== 'open_url') return;
    const url = new URL(started.url);
    assert.equal(url.origin + url.pathname, 'https://openapi.alipay.com/gateway.do');
    requireSigned(url.searchParams);
    expectGolden(new URL('./golden/sign-page-url.txt', import.meta.url), `${started.url}\n`);
  });

  test('paying and signing is refused without a first order, and in another currency', async () => {
    const rail = makeAlipayRail(CONFIG);
    const { firstPayment: _, ...unpaid } = PAY_AND_SIGN;
    assert.equal((await rail.beginSigning(unpaid)).kind, 'refused');
    const firstPayment = { ...FIRST_PAYMENT, amount: money(2_985n, 'EUR') };
    assert.equal((await rail.beginSigning({ ...PAY_AND_SIGN, firstPayment })).kind, 'refused');
  });

  test('signing is refused without a planned date, and after the 28th', async () => {
    const rail = makeAlipayRail(CONFIG);
    const { firstPlannedDate: _, ...undated } = SIGNING;
    assert.equal((await rail.beginSigning(undated)).kind, 'refused');
    const late = { ...SIGNING, firstPlannedDate: Temporal.PlainDate.from('2026-12-29') };
    assert.equal((await rail.beginSigning(late)).kind, 'refused');
  });
});

function describeRequest(request: Received): string {
  const body = Buffer.from(request.body).toString('utf8');
  const url = new URL(request.target, 'http://host.example.test');
  requireSigned(new URLSearchParams([...url.searchParams, ...new URLSearchParams(body)]));
  const head = [`${request.method} ${request.target}`];
  for (const name of ['accept', 'content-type']) head.push(`${name}: ${request.headers[name]}`);
  return `${head.join('\n')}\n\n${body}\n`;
}

/**
 * The RSA2 signature over the sorted parameters holds; written here a second time, by the
 * documents.
 */
function requireSigned(parameters: URLSearchParams): void {
  const text = [...parameters]
    .filter(([name]) => name !== 'sign')
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const signature = Buffer.from(parameters.get('sign') ?? '', 'base64');
  assert.ok(verify('sha256', Buffer.from(text), merchantPublicKey, signature));
}

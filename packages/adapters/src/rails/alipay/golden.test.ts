import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { money, type Rail, type SigningRequest } from '@daikou/core';
import { expectGolden } from '../../kit/golden.ts';
import { type Listener, listen, type Received } from '../../kit/listener.ts';
import { CONFIG, merchantPublicKey } from './fixture.ts';
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

  test('the sign page', async () => {
    const started = await makeAlipayRail(CONFIG).beginSigning(SIGNING);
    assert.equal(started.kind, 'open_url');
    if (started.kind !== 'open_url') return;
    const url = new URL(started.url);
    assert.equal(url.origin + url.pathname, 'https://openapi.alipay.com/gateway.do');
    requireSigned(url.searchParams);
    expectGolden(new URL('./golden/sign-page-url.txt', import.meta.url), `${started.url}\n`);
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

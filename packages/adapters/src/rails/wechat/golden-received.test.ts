import assert from 'node:assert/strict';
import { createCipheriv, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type MandateReport, money, type Rail } from '@daikou/core';
import { type Answer, listen } from '../../kit/listener.ts';
import { CONFIG, FIXED_NOW, PLATFORM_KEY_ID, platformPrivateKey } from './fixture.ts';
import { makeWechatRail } from './rail.ts';
import { fromRefundPage } from './refund-wire.ts';
import { refundNoticeKey, signV2 } from './signature.ts';

/** Messages that WeChat Pay sends, recorded in golden/received, and what each must mean. */

type Fields = Readonly<Record<string, string>>;

function golden(name: string): Fields {
  const file = new URL(`./golden/received/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Fields;
}

function xml(fields: Fields, root = 'xml'): string {
  const children = Object.entries(fields).map(([k, value]) => `<${k}><![CDATA[${value}]]></${k}>`);
  return `<${root}>${children.join('')}</${root}>`;
}

const signedV2 = (fields: Fields): Answer => ({
  status: 200,
  body: xml({ ...fields, sign: signV2(fields, CONFIG.apiV2Key, 'MD5') }),
});

/** The headers with which WeChat signs this body. */
function v3Headers(body: string): Fields {
  const timestamp = String(Math.floor(FIXED_NOW.epochMilliseconds / 1000));
  const message = Buffer.from(`${timestamp}\nnonce\n${body}\n`);
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': 'nonce',
    'wechatpay-serial': PLATFORM_KEY_ID,
    'wechatpay-signature': sign('sha256', message, platformPrivateKey).toString('base64'),
  };
}

async function answered<T>(answer: Answer, work: (rail: Rail) => Promise<T>): Promise<T> {
  const server = await listen(() => answer);
  try {
    return await work(makeWechatRail({ ...CONFIG, baseUrl: server.origin, signingApi: 'v3' }));
  } finally {
    await server.close();
  }
}

const REFUND = {
  refundNumber: 'R0000000000000000000000001',
  orderNumber: 'D0000000000000000000000001N1',
  paymentReference: '4200000000000000000000000001',
  paid: money(2_985n, 'CNY'),
  amount: money(1_000n, 'CNY'),
};
const RETURNED = {
  kind: 'succeeded',
  railReference: '50000000000000000000000000001',
  refunded: money(1_000n, 'CNY'),
  refundedAt: Temporal.Instant.from('2026-11-30T23:30:00Z'),
} as const;
const CODE = 'C0000000000000000000000001';
const ENDED: MandateReport = {
  kind: 'ended',
  contractCode: CODE,
  railReference: '202612010000000001',
  endedBy: 'customer',
  at: Temporal.Instant.from('2026-12-01T23:30:00Z'),
};

describe('what WeChat Pay sends is read as the documents say', () => {
  test('contractorder: the payment goes on, the contract is refused', async () => {
    const started = await answered(signedV2(golden('contractorder')), (rail) =>
      rail.beginSigning({
        flow: 'pay_and_sign',
        contractCode: CODE,
        displayAccount: '10023',
        singleCap: REFUND.paid,
        requestSerial: '1000001',
        clientIp: '192.0.2.10',
        firstPayment: { orderNumber: REFUND.orderNumber, amount: REFUND.paid, description: 'x' },
      }),
    );
    assert.deepEqual(started, {
      kind: 'open_url',
      url: golden('contractorder')['mweb_url'],
      contractRefused: { code: 'CONTRACT_EXISTED', message: '已签约' },
    });
  });

  test('refundquery: our refund is found among those of the order', () => {
    const found = fromRefundPage(golden('refundquery'), REFUND, 0);
    assert.deepEqual(found, { kind: 'found', outcome: RETURNED });
    const other = { ...REFUND, refundNumber: 'R0000000000000000000000002' };
    const open = fromRefundPage(golden('refundquery'), { ...other, amount: money(500n, 'CNY') }, 0);
    const railReference = '50000000000000000000000000002';
    assert.deepEqual(open, { kind: 'found', outcome: { kind: 'accepted', railReference } });
  });

  test('the refund notice says what the query says', () => {
    const key = Buffer.from(refundNoticeKey(CONFIG.apiV2Key));
    const cipher = createCipheriv('aes-256-ecb', key, null);
    const head = cipher.update(xml(golden('refund-notice'), 'root'), 'utf8');
    const secret = Buffer.concat([head, cipher.final()]).toString('base64');
    const frame = { return_code: 'SUCCESS', appid: CONFIG.appid, mch_id: CONFIG.mchid };
    const body = Buffer.from(xml({ ...frame, nonce_str: 'n', req_info: secret }));
    const reading = makeWechatRail(CONFIG).readCallback({
      headers: {},
      body,
      receivedAt: FIXED_NOW,
    });
    const { refundNumber, orderNumber } = REFUND;
    assert.deepEqual(reading.kind === 'verified' && reading.events, [
      { kind: 'refund', refundNumber, orderNumber, outcome: RETURNED },
    ]);
  });

  test('a V3 contract is told the same by query and by event', async () => {
    const text = JSON.stringify(golden('v3-contract'));
    const reply = { status: 200, headers: v3Headers(text), body: text };
    const queried = await answered(reply, (rail) => rail.queryMandate({ contractCode: CODE }));
    assert.deepEqual(queried, ENDED);
    const nonce = randomBytes(6).toString('hex');
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(CONFIG.apiV3Key), Buffer.from(nonce));
    cipher.setAAD(Buffer.from('entrust'));
    const bytes = [cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    const resource = {
      original_type: 'entrust',
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: Buffer.concat(bytes).toString('base64'),
      associated_data: 'entrust',
      nonce,
    };
    const body = JSON.stringify({ id: 'e1', event_type: 'ENTRUST.TERMINATE', resource });
    const reading = makeWechatRail(CONFIG).readCallback({
      headers: v3Headers(body),
      body: Buffer.from(body),
      receivedAt: FIXED_NOW,
    });
    assert.deepEqual(reading.kind === 'verified' && reading.events, [
      { kind: 'mandate', report: ENDED },
    ]);
  });

  test('a V3 contract without signature, or of another merchant, says nothing', async () => {
    const text = JSON.stringify(golden('v3-contract'));
    const strange = text.replace('1900000109', '1900000001');
    const answers: readonly Answer[] = [
      { status: 200, body: text },
      { status: 200, headers: v3Headers('{}'), body: text },
      { status: 200, headers: v3Headers(strange), body: strange },
      { status: 200, headers: { ...v3Headers(text), 'wechatpay-serial': 'F00D' }, body: text },
    ];
    for (const answer of answers) {
      const report = await answered(answer, (rail) => rail.queryMandate({ contractCode: CODE }));
      assert.equal(report.kind, 'unknown');
    }
  });
});

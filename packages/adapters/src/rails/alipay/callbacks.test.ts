import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { CallbackReading, RawCallback } from '@daikou/core';
import { money } from '@daikou/core';
import { isSignedNotice, parseNotice, readAlipayCallback } from './callbacks.ts';
import { makeAlipayClient } from './client.ts';
import { type AlipayConfig, openAlipayConfig } from './config.ts';
import {
  alipayPrivateKey,
  CONFIG,
  FIXED_NOW,
  type Fields,
  golden,
  signedNotice,
  signedReply,
} from './fixture.ts';

const settings = openAlipayConfig(CONFIG);

const vector = (name: string): string =>
  readFileSync(new URL(`./golden/vector-a6-${name}`, import.meta.url), 'utf8');

describe('A.6 a payment notice of the official SDK’s tests', () => {
  const fields = Object.fromEntries(
    vector('string.txt')
      .split('&')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  const publicKeyObjects = [createPublicKey(vector('public-key.pem'))];
  const notice = { ...fields, sign: vector('signature.txt').trim(), sign_type: 'RSA2' };

  test('verifies without sign_type in the string', () => {
    assert.ok(isSignedNotice(notice, { publicKeyObjects }));
  });

  test('survives being sent as a form', () => {
    const parsed = parseNotice(Buffer.from(new URLSearchParams(notice).toString()));
    assert.ok(parsed !== undefined && isSignedNotice(parsed, { publicKeyObjects }));
  });

  test('any other amount, another key and a missing signature fail', () => {
    const cheaper = { ...notice, total_amount: '0.01' };
    assert.ok(!isSignedNotice(cheaper, { publicKeyObjects }));
    assert.ok(!isSignedNotice(notice, settings));
    assert.ok(!isSignedNotice({ ...notice, sign: '' }, { publicKeyObjects }));
    assert.ok(!isSignedNotice({ ...notice, sign_type: 'RSA' }, { publicKeyObjects }));
  });
});

function notice(fields: Fields, withType = false): RawCallback {
  const signedFields: Fields = withType ? { ...fields, sign_type: 'RSA2' } : fields;
  const text = Object.keys(signedFields)
    .sort()
    .filter((name) => signedFields[name] !== '')
    .map((name) => `${name}=${signedFields[name]}`)
    .join('&');
  const signature = sign('sha256', Buffer.from(text), alipayPrivateKey).toString('base64');
  const form = new URLSearchParams({ ...fields, sign_type: 'RSA2', sign: signature });
  return { headers: {}, body: Buffer.from(form.toString()), receivedAt: FIXED_NOW };
}

const read = (raw: RawCallback): CallbackReading => readAlipayCallback(settings, raw);

function onlyEvent(reading: CallbackReading) {
  assert.equal(reading.kind, 'verified');
  return reading.kind === 'verified' ? reading.events[0] : undefined;
}

const AT = Temporal.Instant.from('2026-11-30T23:30:00Z');

const PAID: Fields = {
  notify_type: 'trade_status_sync',
  charset: 'utf-8',
  version: '1.0',
  app_id: CONFIG.appId,
  seller_id: CONFIG.sellerId,
  out_trade_no: 'D1N1',
  trade_no: '2026120122001',
  trade_status: 'TRADE_SUCCESS',
  total_amount: '29.85',
  gmt_payment: '2026-12-01 07:30:00',
  subject: '专业版 100%',
};

const SIGNED: Fields = {
  notify_type: 'dut_user_sign',
  charset: 'UTF-8',
  app_id: CONFIG.appId,
  status: 'NORMAL',
  agreement_no: '20265101',
  external_agreement_no: 'C1',
  alipay_user_id: '2088000000000123',
  sign_time: '2026-12-01 07:30:00',
};

describe('payment notices', () => {
  test('a trade that was paid, answered with exactly seven letters', () => {
    const reading = read(notice(PAID));
    assert.deepEqual(onlyEvent(reading), {
      kind: 'attempt',
      orderNumber: 'D1N1',
      outcome: {
        kind: 'succeeded',
        railReference: '2026120122001',
        paid: money(2_985n, 'CNY'),
        paidAt: AT,
      },
    });
    assert.deepEqual(reading.answer, { status: 200, contentType: 'text/plain', body: 'success' });
  });

  const CHANGES: readonly (readonly [string, Fields, string])[] = [
    ['finished', { trade_status: 'TRADE_FINISHED' }, 'succeeded'],
    ['waiting', { trade_status: 'WAIT_BUYER_PAY' }, 'accepted'],
    ['closed unpaid', { trade_status: 'TRADE_CLOSED', gmt_payment: '' }, 'closed'],
    ['closed by a whole refund: it was paid', { trade_status: 'TRADE_CLOSED' }, 'succeeded'],
    ['an unlisted status', { trade_status: 'TRADE_NEW' }, 'unknown'],
    ['paid without an amount', { total_amount: '' }, 'unknown'],
    ['an amount finer than 分', { total_amount: '29.855' }, 'unknown'],
    ['an amount in digits of another kind', { total_amount: '2.985e1' }, 'unknown'],
  ];
  for (const [name, change, expected] of CHANGES) {
    test(`${name}: ${expected}`, () => {
      const event = onlyEvent(read(notice({ ...PAID, ...change })));
      assert.equal(event?.kind === 'attempt' && event.outcome.kind, expected);
    });
  }
});

describe('agreement notices', () => {
  const expected = {
    kind: 'mandate',
    report: {
      kind: 'active',
      contractCode: 'C1',
      railReference: '20265101',
      payerReference: '2088000000000123',
      at: AT,
    },
  };

  test('signed, with sign_type outside or inside the signed text', () => {
    assert.deepEqual(onlyEvent(read(notice(SIGNED))), expected);
    assert.deepEqual(onlyEvent(read(notice(SIGNED, true))), expected);
  });

  for (const [endedBy, target] of [
    ['merchant', '/callbacks?ended_by=merchant'],
    ['customer', '/callbacks'],
    ['customer', '/callbacks?ended_by=somebody'],
    ['unknown', undefined],
  ] as const) {
    test(`ended, told at ${target ?? 'an unknown address'}: by ${endedBy}`, () => {
      const raw = signedNotice(golden('notice-unsign'), target === undefined ? {} : { target });
      assert.deepEqual(onlyEvent(read(raw)), {
        kind: 'mandate',
        report: {
          kind: 'ended',
          contractCode: 'C1',
          railReference: '20265101',
          endedBy,
          at: AT,
        },
      });
    });
  }
});

describe('refund notices', () => {
  test('the order stays paid, and the refund is only known: its sum is that of all refunds', () => {
    const reading = read(signedNotice(golden('notice-refund')));
    assert.equal(reading.kind, 'verified');
    if (reading.kind !== 'verified') return;
    const [attempt, refund, ...others] = reading.events;
    assert.deepEqual(others, []);
    assert.equal(attempt?.kind === 'attempt' && attempt.outcome.kind, 'succeeded');
    const outcome = { kind: 'accepted' };
    assert.deepEqual(refund, { kind: 'refund', refundNumber: 'R2', orderNumber: 'D1N1', outcome });
  });

  test('a card that refused it changes nothing: the money is in the payer’s balance', () => {
    const reading = read(signedNotice(golden('notice-card-refused')));
    assert.equal(reading.kind, 'verified');
    if (reading.kind === 'verified') assert.deepEqual(reading.events, []);
  });

  test('a message of another kind is refused', () => {
    const other = { ...golden('notice-card-refused'), msg_method: 'alipay.new.message' };
    const reading = read(signedNotice(other));
    assert.equal(reading.kind === 'refused' && reading.reason, 'unsupported');
  });
});

describe('while Alipay changes its key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const present = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const former = CONFIG.alipayPublicKey;
  const byOld = signedNotice(golden('notice-refund'));
  const byNew = signedNotice(golden('notice-refund'), { key: privateKey });
  const kindsWith = (change: Partial<AlipayConfig>): readonly string[] =>
    [byOld, byNew].map(
      (raw) => readAlipayCallback(openAlipayConfig({ ...CONFIG, ...change }), raw).kind,
    );

  test('both keys are believed, and each alone believes its own messages only', () => {
    assert.deepEqual(kindsWith({}), ['verified', 'refused']);
    assert.deepEqual(kindsWith({ alipayPublicKeys: [present] }), ['verified', 'verified']);
    const turned = { alipayPublicKey: present, alipayPublicKeys: [former] };
    assert.deepEqual(kindsWith(turned), ['verified', 'verified']);
    assert.deepEqual(kindsWith({ alipayPublicKey: present }), ['refused', 'verified']);
  });

  test('replies are believed by the same keys', () => {
    const text = signedReply('alipay.trade.pay', { code: '10000' }, privateKey);
    const sign = /"sign":"([^"]+)"/.exec(text)?.[1] ?? '';
    const isSigned = (change: Partial<AlipayConfig>): boolean =>
      makeAlipayClient(openAlipayConfig({ ...CONFIG, ...change })).isSigned(
        text,
        'alipay_trade_pay_response',
        sign,
      );
    assert.equal(isSigned({}), false);
    assert.equal(isSigned({ alipayPublicKeys: [present] }), true);
    assert.equal(isSigned({ alipayPublicKey: present }), true);
  });

  test('a further key that is none stops the start', () => {
    assert.throws(() => openAlipayConfig({ ...CONFIG, alipayPublicKeys: ['x'] }), /Keys/);
  });
});

describe('notices that are refused', () => {
  const REFUSED: readonly (readonly [string, Fields, string])[] = [
    ['another app', { ...PAID, app_id: '2021000000000002' }, 'not_for_us'],
    ['no app', { ...PAID, app_id: '' }, 'not_for_us'],
    ['another seller', { ...PAID, seller_id: '2088000000000001' }, 'not_for_us'],
    ['no order number', { ...PAID, out_trade_no: '' }, 'malformed'],
    ['another charset', { ...PAID, charset: 'GBK' }, 'malformed'],
    ['an unlisted kind', { ...PAID, notify_type: 'new_kind' }, 'unsupported'],
    ['an agreement without number', { ...SIGNED, agreement_no: '' }, 'malformed'],
    ['an agreement in another state', { ...SIGNED, status: 'TEMP' }, 'unsupported'],
  ];
  for (const [name, fields, reason] of REFUSED) {
    test(`${name}: ${reason}`, () => {
      const reading = read(notice(fields));
      assert.equal(reading.kind === 'refused' && reading.reason, reason);
      assert.ok(reading.answer.status >= 400);
      assert.notEqual(reading.answer.body, 'success');
    });
  }
});

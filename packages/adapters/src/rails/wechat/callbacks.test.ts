import assert from 'node:assert/strict';
import { createCipheriv, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import type { CallbackReading, RawCallback } from '@daikou/core';
import { money } from '@daikou/core';
import { readWechatCallback } from './callbacks.ts';
import { openWechatConfig } from './config.ts';
import { CONFIG, FIXED_NOW, PLATFORM_KEY_ID, platformPrivateKey } from './fixture.ts';
import { decryptRefundInfo, refundNoticeKey, signV2 } from './signature.ts';

const settings = openWechatConfig(CONFIG);

function v2(fields: Readonly<Record<string, string>>): RawCallback {
  const signed = { ...fields, sign: signV2(fields, CONFIG.apiV2Key, 'MD5') };
  const children = Object.entries(signed)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('');
  return { headers: {}, body: Buffer.from(`<xml>${children}</xml>`), receivedAt: FIXED_NOW };
}

/** A V3 message as WeChat makes it: encrypted, then signed. */
function v3(type: string, content: unknown, change: { seconds?: number } = {}): RawCallback {
  const nonce = 'nonce0123456';
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(CONFIG.apiV3Key), Buffer.from(nonce));
  cipher.setAAD(Buffer.from('entrust'));
  const head = cipher.update(JSON.stringify(content), 'utf8');
  const ciphertext = Buffer.concat([head, cipher.final(), cipher.getAuthTag()]).toString('base64');
  const resource = {
    original_type: 'entrust',
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext,
    associated_data: 'entrust',
    nonce,
  };
  const body = JSON.stringify({ id: 'event-1', event_type: type, resource });
  const seconds = Math.floor(FIXED_NOW.epochMilliseconds / 1000) + (change.seconds ?? 0);
  const message = Buffer.from(`${seconds}\nrandom\n${body}\n`);
  return {
    headers: {
      'Wechatpay-Timestamp': String(seconds),
      'Wechatpay-Nonce': 'random',
      'Wechatpay-Serial': PLATFORM_KEY_ID,
      'Wechatpay-Signature': sign('sha256', message, platformPrivateKey).toString('base64'),
    },
    body: Buffer.from(body),
    receivedAt: FIXED_NOW,
  };
}

const read = (raw: RawCallback): CallbackReading => readWechatCallback(settings, raw);

function onlyEvent(reading: CallbackReading) {
  assert.equal(reading.kind, 'verified');
  return reading.kind === 'verified' ? reading.events[0] : undefined;
}

const PAID = {
  return_code: 'SUCCESS',
  result_code: 'SUCCESS',
  mch_id: CONFIG.mchid,
  appid: CONFIG.appid,
  trade_state: 'SUCCESS',
  total_fee: '2985',
  fee_type: 'CNY',
  transaction_id: '4200000001',
  out_trade_no: 'D1N1',
  time_end: '20261201073000',
  contract_id: '202612010001',
};

const CONTRACT = {
  return_code: 'SUCCESS',
  result_code: 'SUCCESS',
  mch_id: CONFIG.mchid,
  contract_code: 'C1',
  plan_id: CONFIG.planId,
  openid: 'payer-1',
  change_type: 'ADD',
  operate_time: '2026-12-01 07:30:00',
  contract_id: '202612010001',
};

const AT = Temporal.Instant.from('2026-11-30T23:30:00Z');

describe('V2 callbacks on one address reach their own meaning (quality list point 11)', () => {
  test('a deduction that succeeded', () => {
    const reading = read(v2(PAID));
    assert.deepEqual(onlyEvent(reading), {
      kind: 'attempt',
      orderNumber: 'D1N1',
      railReference: '202612010001',
      outcome: {
        kind: 'succeeded',
        railReference: '4200000001',
        paid: money(2_985n, 'CNY'),
        paidAt: AT,
      },
    });
    assert.equal(reading.answer.status, 200);
    assert.match(reading.answer.body, /<return_code><!\[CDATA\[SUCCESS]]>/);
  });

  const DEDUCTIONS: readonly (readonly [string, Record<string, string>, string])[] = [
    ['balance too low', { result_code: 'FAIL', err_code: 'NOTENOUGH' }, 'refused'],
    ['a system error', { result_code: 'FAIL', err_code: 'SYSTEMERROR' }, 'unknown'],
    ['an unlisted error', { result_code: 'FAIL', err_code: 'NEW_ONE' }, 'unknown'],
    ['no error code', { result_code: 'FAIL' }, 'unknown'],
    ['an unlisted result', { result_code: 'MAYBE' }, 'unknown'],
    ['success that contradicts itself', { trade_state: 'CLOSED' }, 'unknown'],
    ['success without an amount', { total_fee: '' }, 'unknown'],
    ['an amount that is not whole', { total_fee: '29.85' }, 'unknown'],
    ['another currency', { fee_type: 'USD' }, 'unknown'],
    ['success without a time', { time_end: 'soon' }, 'unknown'],
  ];
  for (const [name, change, expected] of DEDUCTIONS) {
    test(`${name}: ${expected}`, () => {
      const event = onlyEvent(read(v2({ ...PAID, ...change })));
      assert.equal(event?.kind === 'attempt' && event.outcome.kind, expected);
    });
  }

  test('a contract that was signed: the payer is the one of the callback (point 12)', () => {
    assert.deepEqual(onlyEvent(read(v2(CONTRACT))), {
      kind: 'mandate',
      report: {
        kind: 'active',
        contractCode: 'C1',
        railReference: '202612010001',
        payerReference: 'payer-1',
        at: AT,
      },
    });
  });

  test('a contract that the payer ended', () => {
    const ended = { ...CONTRACT, change_type: 'DELETE', contract_termination_mode: '2' };
    const event = onlyEvent(read(v2(ended)));
    assert.equal(event?.kind, 'mandate');
    if (event?.kind !== 'mandate') return;
    assert.equal(event.report.kind === 'ended' && event.report.endedBy, 'customer');
  });

  const REFUSED: readonly (readonly [string, RawCallback, string])[] = [
    ['another merchant', v2({ ...PAID, mch_id: '1' }), 'not_for_us'],
    ['another app', v2({ ...PAID, appid: 'wx1' }), 'not_for_us'],
    ['no merchant', v2({ ...PAID, mch_id: '' }), 'not_for_us'],
    ['no order number', v2({ ...PAID, out_trade_no: '' }), 'malformed'],
    ['an unlisted change', v2({ ...CONTRACT, change_type: 'MOVE' }), 'unsupported'],
    ['a contract without time', v2({ ...CONTRACT, operate_time: '' }), 'malformed'],
  ];
  for (const [name, raw, reason] of REFUSED) {
    test(`${name}: ${reason}`, () => {
      const reading = read(raw);
      assert.equal(reading.kind === 'refused' && reading.reason, reason);
      assert.ok(reading.answer.status >= 400);
    });
  }
});

const V2_MODES: readonly (readonly [string, string])[] = [
  ['1', 'expired'],
  ['2', 'customer'],
  ['3', 'merchant'],
  ['4', 'merchant'],
  ['5', 'rail'],
  ['7', 'rail'],
  ['6', 'unknown'],
];
for (const [mode, ender] of V2_MODES) {
  test(`a contract ended by mode ${mode} was ended by ${ender}`, () => {
    const ended = { ...CONTRACT, change_type: 'DELETE', contract_termination_mode: mode };
    const event = onlyEvent(read(v2(ended)));
    const report = event?.kind === 'mandate' ? event.report : undefined;
    assert.equal(report?.kind === 'ended' && report.endedBy, ender);
  });
}

/** A refund notice as WeChat makes it: an unsigned frame around what only our key opens. */
function refundNotice(
  change: Readonly<Record<string, string>>,
  frame: Readonly<Record<string, string>> = {},
  key = refundNoticeKey(CONFIG.apiV2Key),
): RawCallback {
  const fields: Readonly<Record<string, string>> = {
    transaction_id: '4200000001',
    out_trade_no: 'D1N1',
    refund_id: '5000000001',
    out_refund_no: 'R1',
    total_fee: '2985',
    refund_fee: '1000',
    refund_status: 'SUCCESS',
    success_time: '2026-12-01 07:30:00',
    refund_recv_accout: '支付用户零钱',
    ...change,
  };
  const xml = (root: string, all: Readonly<Record<string, string>>): string =>
    `<${root}>${Object.entries(all)
      .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
      .join('')}</${root}>`;
  const cipher = createCipheriv('aes-256-ecb', Buffer.from(key), null);
  const head = cipher.update(xml('root', fields), 'utf8');
  const secret = Buffer.concat([head, cipher.final()]).toString('base64');
  const outer = { return_code: 'SUCCESS', appid: CONFIG.appid, mch_id: CONFIG.mchid };
  const body = xml('xml', { ...outer, nonce_str: 'n', req_info: secret, ...frame });
  return { headers: {}, body: Buffer.from(body), receivedAt: FIXED_NOW };
}

describe('refund notices', () => {
  const OUTCOMES: readonly (readonly [string, Record<string, string>, string])[] = [
    ['the money arrived', {}, 'succeeded'],
    ['the bank did not take it', { refund_status: 'CHANGE' }, 'failed'],
    ['closed', { refund_status: 'REFUNDCLOSE' }, 'refused'],
    ['still under way', { refund_status: 'PROCESSING' }, 'accepted'],
    ['an unlisted state', { refund_status: 'NEW_ONE' }, 'unknown'],
    ['a success without time', { success_time: '' }, 'unknown'],
    ['an amount that is not whole', { refund_fee: '10.00' }, 'unknown'],
  ];
  for (const [name, change, expected] of OUTCOMES) {
    test(`${name}: ${expected}`, () => {
      const event = onlyEvent(read(refundNotice(change)));
      assert.equal(event?.kind, 'refund');
      if (event?.kind !== 'refund') return;
      assert.equal(event.outcome.kind, expected);
      assert.deepEqual([event.refundNumber, event.orderNumber], ['R1', 'D1N1']);
    });
  }

  test('a success names number, amount and time', () => {
    const event = onlyEvent(read(refundNotice({})));
    assert.deepEqual(event?.kind === 'refund' && event.outcome, {
      kind: 'succeeded',
      railReference: '5000000001',
      refunded: money(1_000n, 'CNY'),
      refundedAt: AT,
    });
  });

  const REFUSED: readonly (readonly [string, RawCallback, string])[] = [
    ['made with another key', refundNotice({}, {}, 'a'.repeat(32)), 'bad_signature'],
    ['nothing that decrypts', refundNotice({}, { req_info: 'AAAA' }), 'bad_signature'],
    ['another merchant', refundNotice({}, { mch_id: '1' }), 'not_for_us'],
    ['another app', refundNotice({}, { appid: 'wx1' }), 'not_for_us'],
    ['no refund number', refundNotice({ out_refund_no: '' }), 'malformed'],
    ['no order number', refundNotice({ out_trade_no: '' }), 'malformed'],
  ];
  for (const [name, raw, reason] of REFUSED) {
    test(`${name}: ${reason}`, () => {
      const reading = read(raw);
      assert.equal(reading.kind === 'refused' && reading.reason, reason);
      assert.ok(reading.answer.status >= 400);
    });
  }

  test('what was published as a vector decrypts (AesEcbTest)', () => {
    const key = '0123456789abcdef0123456789abcdef';
    assert.equal(decryptRefundInfo('pZwJZBLuy3mDACEQT4YTBw==', key), 'hello');
  });
});

const V3_CONTRACT = {
  mchid: CONFIG.mchid,
  appid: CONFIG.appid,
  contract_id: '202612010001',
  out_contract_code: 'C1',
  contract_state: 'SIGNED',
  contract_signed_time: '2026-12-01T07:30:00+08:00',
  openid: 'payer-1',
};

const V3_PAID = {
  mchid: CONFIG.mchid,
  appid: CONFIG.appid,
  out_trade_no: 'D1N1',
  transaction_id: '4200000001',
  trade_type: 'PAP',
  trade_state: 'SUCCESS',
  success_time: '2026-12-01T07:30:00+08:00',
  amount: { total: 2985, currency: 'CNY' },
};

describe('V3 callbacks', () => {
  test('ENTRUST.SIGN says the same as the V2 notice', () => {
    const reading = read(v3('ENTRUST.SIGN', V3_CONTRACT));
    assert.deepEqual(onlyEvent(reading), onlyEvent(read(v2(CONTRACT))));
    assert.equal(reading.answer.status, 204);
  });

  test('ENTRUST.TERMINATE', () => {
    const ended = {
      ...V3_CONTRACT,
      contract_state: 'TERMINATED',
      contract_terminate_info: {
        contract_termination_mode: 'USER_TERMINATE',
        contract_terminated_time: '2026-12-01T07:30:00+08:00',
      },
    };
    assert.deepEqual(onlyEvent(read(v3('ENTRUST.TERMINATE', ended))), {
      kind: 'mandate',
      report: {
        kind: 'ended',
        contractCode: 'C1',
        railReference: '202612010001',
        endedBy: 'customer',
        at: AT,
      },
    });
  });

  test('TRANSACTION.SUCCESS and TRANSACTION.FAIL', () => {
    const paid = onlyEvent(read(v3('TRANSACTION.SUCCESS', V3_PAID)));
    assert.deepEqual(paid?.kind === 'attempt' && paid.outcome, {
      kind: 'succeeded',
      railReference: '4200000001',
      paid: money(2_985n, 'CNY'),
      paidAt: AT,
    });
    const closed = onlyEvent(read(v3('TRANSACTION.FAIL', { ...V3_PAID, trade_state: 'CLOSED' })));
    assert.equal(closed?.kind === 'attempt' && closed.outcome.kind, 'closed');
    const fraction = onlyEvent(
      read(v3('TRANSACTION.SUCCESS', { ...V3_PAID, amount: { total: 29.85 } })),
    );
    assert.equal(fraction?.kind === 'attempt' && fraction.outcome.kind, 'unknown');
  });

  const MODES: readonly (readonly [string, string])[] = [
    ['USER_TERMINATE', 'customer'],
    ['MCH_API_TERMINATE', 'merchant'],
    ['WEPAY_WEB_TERMINATE', 'merchant'],
    ['CUSTOMER_SERVICE_TERMINATE', 'rail'],
    ['SYSTEM_TERMINATE', 'rail'],
    ['NEW_TERMINATE', 'unknown'],
  ];
  for (const [mode, ender] of MODES) {
    test(`a contract ended by ${mode} was ended by ${ender}`, () => {
      const info = {
        contract_termination_mode: mode,
        contract_terminated_time: '2026-12-01T07:30:00+08:00',
      };
      const content = {
        ...V3_CONTRACT,
        contract_state: 'TERMINATED',
        contract_terminate_info: info,
      };
      const event = onlyEvent(read(v3('ENTRUST.TERMINATE', content)));
      const report = event?.kind === 'mandate' ? event.report : undefined;
      assert.equal(report?.kind === 'ended' && report.endedBy, ender);
    });
  }

  for (const type of ['ENTRUST.TERMINATE_INQUIRY', 'ENTRUST.TERMINATE_RETENTION']) {
    test(`${type} is acknowledged and changes nothing`, () => {
      const reading = read(v3(type, V3_CONTRACT));
      assert.deepEqual(reading.kind === 'verified' && reading.events, []);
      assert.equal(reading.answer.status, 204);
    });
  }

  const good = v3('ENTRUST.SIGN', V3_CONTRACT);
  const header = (name: string, value: string | undefined): RawCallback => ({
    ...good,
    headers: { ...good.headers, [name]: value },
  });
  const REFUSED: readonly (readonly [string, RawCallback, string])[] = [
    ['301 seconds old', v3('ENTRUST.SIGN', V3_CONTRACT, { seconds: -301 }), 'stale'],
    ['301 seconds ahead', v3('ENTRUST.SIGN', V3_CONTRACT, { seconds: 301 }), 'stale'],
    ['an unknown key', header('Wechatpay-Serial', 'PUB_KEY_ID_9'), 'bad_signature'],
    ['another nonce', header('Wechatpay-Nonce', 'other'), 'bad_signature'],
    ['no timestamp', header('Wechatpay-Timestamp', undefined), 'bad_signature'],
    ['probe traffic', header('Wechatpay-Signature', 'WECHATPAY/SIGNTEST/A'), 'bad_signature'],
    ['another merchant', v3('ENTRUST.SIGN', { ...V3_CONTRACT, mchid: '1' }), 'not_for_us'],
    ['another app', v3('ENTRUST.SIGN', { ...V3_CONTRACT, appid: 'wx1' }), 'not_for_us'],
    ['an event that we do not take', v3('COUPON.USE', V3_CONTRACT), 'unsupported'],
    [
      'a contract in a state that is not listed',
      v3('ENTRUST.SIGN', { ...V3_CONTRACT, contract_state: 'TO_BE_RENEWED' }),
      'unsupported',
    ],
    [
      'a signed contract without its time',
      v3('ENTRUST.SIGN', { ...V3_CONTRACT, contract_signed_time: '' }),
      'malformed',
    ],
    ['content that is no object', v3('ENTRUST.SIGN', [1]), 'malformed'],
  ];
  for (const [name, raw, reason] of REFUSED) {
    test(`${name}: ${reason}`, () => {
      const reading = read(raw);
      assert.equal(reading.kind === 'refused' && reading.reason, reason);
      assert.ok(reading.answer.status >= 400);
      assert.match(reading.answer.body, /"code":"FAIL"/);
    });
  }
});

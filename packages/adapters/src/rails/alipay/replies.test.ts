import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { money } from '@daikou/core';
import { listen } from '../../kit/listener.ts';
import { trustedBillUrl } from './bill-download.ts';
import { alipayPrivateKey, CONFIG } from './fixture.ts';
import { makeAlipayRail } from './rail.ts';

type Content = Readonly<Record<string, unknown>>;

/** A reply as Alipay writes it: signed over the exact inner text. */
function reply(key: string, content: Content): string {
  const inner = JSON.stringify(content);
  const signature = sign('sha256', Buffer.from(inner), alipayPrivateKey).toString('base64');
  return `{"${key}":${inner},"sign":"${signature}"}`;
}

const PAY = 'alipay_trade_pay_response';
const PAID: Content = {
  code: '10000',
  msg: 'Success',
  out_trade_no: 'D1N1',
  trade_no: '2026120122001',
  total_amount: '29.85',
  gmt_payment: '2026-12-01 07:30:00',
};

/** Submits D1N1 for 29.85 yuan to a gateway that gives this one answer. */
async function submitTo(status: number, body: string) {
  const gateway = await listen(() => ({ status, body }));
  const rail = makeAlipayRail({ ...CONFIG, gateway: `${gateway.origin}/gateway.do` });
  const outcome = await rail.submit({
    orderNumber: 'D1N1',
    railReference: '20265101',
    amount: money(2_985n, 'CNY'),
    description: '专业版',
  });
  await gateway.close();
  return outcome;
}

describe('replies to a payment', () => {
  const fail = (sub: string): Content => ({ code: '40004', msg: 'Business Failed', sub_code: sub });
  const CASES: readonly (readonly [string, number, string, string])[] = [
    ['paid', 200, reply(PAY, PAID), 'succeeded'],
    ['processing', 200, reply(PAY, { ...PAID, code: '10003' }), 'accepted'],
    ['service unavailable', 200, reply(PAY, { code: '20000', msg: '' }), 'unknown'],
    ['an unlisted code', 200, reply(PAY, { ...PAID, code: '10001' }), 'unknown'],
    ['refused', 200, reply(PAY, fail('ACQ.PAYMENT_FAIL')), 'refused'],
    ['closed', 200, reply(PAY, fail('ACQ.TRADE_HAS_CLOSE')), 'closed'],
    [
      'not found, as an answer to a payment',
      200,
      reply(PAY, fail('ACQ.TRADE_NOT_EXIST')),
      'unknown',
    ],
    ['a gateway error', 200, reply('error_response', { code: '40002' }), 'refused'],
    ['another order', 200, reply(PAY, { ...PAID, out_trade_no: 'D2N1' }), 'unknown'],
    ['no order', 200, reply(PAY, { ...PAID, out_trade_no: '' }), 'unknown'],
    ['another amount', 200, reply(PAY, { ...PAID, total_amount: '0.01' }), 'unknown'],
    ['no amount', 200, reply(PAY, { ...PAID, total_amount: '' }), 'unknown'],
    ['no time', 200, reply(PAY, { ...PAID, gmt_payment: 'soon' }), 'unknown'],
    ['HTTP 201', 201, reply(PAY, PAID), 'unknown'],
    ['unsigned', 200, JSON.stringify({ [PAY]: PAID }), 'unknown'],
    ['an inner text', 200, JSON.stringify({ [PAY]: 'x', sign: 'y' }), 'unknown'],
    ['the reply of another method', 200, reply('alipay_trade_query_response', PAID), 'unknown'],
    ['a page', 200, '<html></html>', 'unknown'],
    ['nothing', 200, '', 'unknown'],
  ];
  for (const [name, status, body, expected] of CASES) {
    test(`${name}: ${expected}`, async () => {
      assert.equal((await submitTo(status, body)).kind, expected);
    });
  }

  test('a second response object beside the signed one is not believed', async () => {
    const forged = { ...PAID, trade_no: 'forged' };
    const body = reply(PAY, PAID).replace('{"', `{"${PAY}":${JSON.stringify(forged)},"`);
    assert.equal((await submitTo(200, body)).kind, 'unknown');
    const after = reply(PAY, PAID).replace(',"sign"', `,"${PAY}":${JSON.stringify(forged)},"sign"`);
    assert.equal((await submitTo(200, after)).kind, 'unknown');
  });

  test('a refusal keeps the rail’s code and words, and its class', async () => {
    const content = { ...fail('ACQ.BUYER_BALANCE_NOT_ENOUGH'), sub_msg: '买家余额不足' };
    assert.deepEqual(await submitTo(200, reply(PAY, content)), {
      kind: 'refused',
      refusal: { class: 'funds', code: 'ACQ.BUYER_BALANCE_NOT_ENOUGH', message: '买家余额不足' },
    });
  });
});

describe('bills come from one host', () => {
  const ADDRESSES: readonly (readonly [string, string | undefined])[] = [
    ['https://dwbillcenter.alipay.com/a?b=c', 'https://dwbillcenter.alipay.com/a?b=c'],
    ['http://dwbillcenter.alipay.com/a', 'https://dwbillcenter.alipay.com/a'],
    ['https://dwbillcenter.alipay.com.example.test/a', undefined],
    ['https://dwbillcenter.alipay.com@example.test/a', undefined],
    ['https://user@dwbillcenter.alipay.com/a', undefined],
    ['https://dwbillcenter.alipay.com:8443/a', undefined],
    ['http://127.0.0.1:1/a', undefined],
    ['http://169.254.169.254/latest', undefined],
    ['not an address', undefined],
  ];
  for (const [address, expected] of ADDRESSES) {
    test(`${address}: ${expected === undefined ? 'refused' : 'fetched'}`, () => {
      assert.equal(trustedBillUrl(address), expected);
    });
  }

  test('one more origin may be allowed', () => {
    const allowed = 'http://127.0.0.1:8080';
    assert.equal(trustedBillUrl(`${allowed}/a`, allowed), `${allowed}/a`);
    assert.equal(trustedBillUrl('http://127.0.0.1:8081/a', allowed), undefined);
  });
});

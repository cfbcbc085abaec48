import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { formatDashed } from '../beijing.ts';
import {
  type AlipayMerchant,
  type Content,
  MONTHLY,
  openAlipayMerchant,
  resultOf,
  signed,
} from '../testing/alipay-merchant.ts';
import { openStage, type Stage } from '../testing/stage.ts';

describe('orders that a payer pays by hand', () => {
  let stage: Stage;
  let merchant: AlipayMerchant;
  before(async () => {
    stage = await openStage();
    merchant = openAlipayMerchant(stage);
  });
  after(() => stage.close());

  function link(method: string, biz: Content): string {
    const extra = { notify_url: `${stage.merchantUrl}/alipay/pay` };
    const params = new URLSearchParams(signed(stage, { method, biz, extra }));
    return `${stage.endpoints.alipay}?${params}`;
  }

  const wap = (out_trade_no: string, change: Content = {}): string =>
    link('alipay.trade.wap.pay', {
      out_trade_no,
      total_amount: '123.45',
      subject: '专业版 12 月',
      product_code: 'QUICK_WAP_WAY',
      ...change,
    });

  const withSigning = (out_trade_no: string): string =>
    wap(out_trade_no, {
      product_code: 'CYCLE_PAY_AUTH',
      agreement_sign_params: {
        personal_product_code: 'CYCLE_PAY_AUTH_P',
        product_code: 'CYCLE_PAY_AUTH',
        access_params: { channel: 'ALIPAYAPP' },
        sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
        external_agreement_no: `C${out_trade_no}`,
        external_logon_id: `C${out_trade_no}`,
        period_rule_params: MONTHLY,
        sign_notify_url: `${stage.merchantUrl}/alipay/sign`,
      },
    });

  const decide = (url: string, decision: string): Promise<Response> =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ decision }) });

  const query = (out_trade_no: string) => merchant.call('alipay.trade.query', { out_trade_no });

  async function noticesOf(path: string, number: string): Promise<number> {
    const received = await stage.settled(path);
    return received.filter((one) => one.body.includes(number)).length;
  }

  test('the trade is made when the page is opened, and paid by the decision', async () => {
    const url = wap('WAP1');
    assert.equal(resultOf(await query('WAP1')), 'ACQ.TRADE_NOT_EXIST');
    assert.equal((await fetch(url)).status, 200);
    assert.equal((await query('WAP1'))['trade_status'], 'WAIT_BUYER_PAY');
    assert.equal((await decide(url, 'agree')).status, 200);
    assert.equal((await decide(url, 'agree')).status, 200);
    assert.equal((await query('WAP1'))['trade_status'], 'TRADE_SUCCESS');
    assert.equal(await noticesOf('/alipay/pay', 'WAP1'), 1);
  });

  test('a closed order, an expired one and a refused one are not paid', async () => {
    const closed = wap('WAP2');
    await fetch(closed);
    await merchant.call('alipay.trade.close', { out_trade_no: 'WAP2' });
    assert.equal((await decide(closed, 'agree')).status, 409);
    const past = wap('WAP3', { time_expire: formatDashed(Date.parse('2026-11-27T00:00:00Z')) });
    assert.equal((await decide(past, 'agree')).status, 409);
    assert.equal(resultOf(await query('WAP3')), 'ACQ.TRADE_NOT_EXIST');
    await decide(wap('WAP4'), 'refuse');
    assert.equal((await query('WAP4'))['trade_status'], 'WAIT_BUYER_PAY');
  });

  test('paying and signing are told apart, each at its own address', async () => {
    assert.equal((await decide(withSigning('BOTH1'), 'agree')).status, 200);
    assert.equal(await noticesOf('/alipay/pay', 'BOTH1'), 1);
    assert.equal(await noticesOf('/alipay/sign', 'CBOTH1'), 1);
    const agreement = await merchant.call('alipay.user.agreement.query', {
      external_agreement_no: 'CBOTH1',
      personal_product_code: 'CYCLE_PAY_AUTH_P',
      sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
    });
    assert.equal(agreement['status'], 'NORMAL');
    // The first payment is not one of the agreement's debits: its plan has not moved.
    assert.equal(agreement['next_deduct_time'], '2026-12-05');
  });

  test('a payer may pay without signing', async () => {
    assert.equal((await decide(withSigning('ONLY1'), 'pay')).status, 200);
    assert.equal((await query('ONLY1'))['trade_status'], 'TRADE_SUCCESS');
    assert.equal(await noticesOf('/alipay/sign', 'CONLY1'), 0);
  });

  test('a code to scan leads to the same cashier', async () => {
    const made = await merchant.call(
      'alipay.trade.precreate',
      {
        out_trade_no: 'SCAN1',
        total_amount: '10.00',
        subject: '月费',
        product_code: 'FACE_TO_FACE_PAYMENT',
      },
      { notify_url: `${stage.merchantUrl}/alipay/pay` },
    );
    assert.equal(resultOf(made), '10000');
    assert.equal((await decide(String(made['qr_code']), 'agree')).status, 200);
    assert.equal((await query('SCAN1'))['trade_status'], 'TRADE_SUCCESS');
    assert.equal((await fetch(`${String(made['qr_code'])}9`)).status, 404);
  });

  const wrong: readonly (readonly [what: string, change: Content])[] = [
    ['another product', { product_code: 'FAST_INSTANT_TRADE_PAY' }],
    ['an amount with three decimals', { total_amount: '1.001' }],
    ['an expiry that is no time', { time_expire: 'soon' }],
    ['a periodic product without terms', { product_code: 'CYCLE_PAY_AUTH' }],
    ['terms without a rule', { agreement_sign_params: { product_code: 'CYCLE_PAY_AUTH' } }],
  ];
  for (const [what, change] of wrong) {
    test(`an order with ${what} is refused`, async () => {
      assert.equal((await fetch(wap('WRONG1', change))).status, 400);
    });
  }

  test('a page with a changed amount is not signed by the merchant', async () => {
    assert.equal((await fetch(wap('FORGED1').replace('123.45', '1.23'))).status, 400);
  });

  test('double debits are looked for among debits, not among payments by hand', async () => {
    const summary = (await stage.admin('GET', '/admin/books/summary')).body['alipay'];
    assert.deepEqual((summary as { doubleDebits: unknown }).doubleDebits, []);
  });
});

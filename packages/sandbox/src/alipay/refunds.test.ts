import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type AlipayMerchant,
  type Content,
  openAlipayMerchant,
  resultOf,
} from '../testing/alipay-merchant.ts';
import { openStage, type Stage } from '../testing/stage.ts';

describe('refunds at Alipay', () => {
  let stage: Stage;
  let merchant: AlipayMerchant;
  before(async () => {
    stage = await openStage();
    merchant = openAlipayMerchant(stage);
    const appGatewayUrl = `${stage.merchantUrl}/alipay/gateway`;
    await stage.admin('PUT', '/admin/configure', { alipay: { appGatewayUrl } });
  });
  after(() => stage.close());

  /** A trade of 19.90 yuan, and the fault that its first refund meets. */
  async function paidWith(number: string, fault?: string): Promise<void> {
    await merchant.pay(await merchant.signAgreement(number), number);
    if (fault === undefined) return;
    const script = { rail: 'alipay', operation: 'alipay.trade.refund', orderNumber: number, fault };
    assert.equal((await stage.admin('POST', '/admin/faults', script)).status, 201);
  }

  const refund = (out_trade_no: string, yuan = '9.90', out_request_no = 'R1') =>
    merchant.call('alipay.trade.refund', { out_trade_no, out_request_no, refund_amount: yuan });

  const query = (out_trade_no: string, out_request_no = 'R1'): Promise<Content> =>
    merchant.call('alipay.trade.fastpay.refund.query', {
      out_trade_no,
      out_request_no,
      query_options: ['gmt_refund_pay'],
    });

  async function refundedMinor(): Promise<number> {
    const summary = (await stage.admin('GET', '/admin/books/summary')).body['alipay'];
    return (summary as { refundedMinor: number }).refundedMinor;
  }

  test('a request number means one refund of one amount, for ever', async () => {
    await paidWith('ONCE');
    assert.equal((await refund('ONCE'))['fund_change'], 'Y');
    assert.equal((await refund('ONCE'))['fund_change'], 'N');
    assert.equal(resultOf(await refund('ONCE', '9.91')), 'ACQ.DISCORDANT_REPEAT_REQUEST');
    assert.equal((await query('ONCE'))['refund_amount'], '9.90');
  });

  test('the reply and the notice add up all refunds of the trade', async () => {
    await paidWith('SUM');
    await refund('SUM', '9.90', 'S1');
    assert.equal((await refund('SUM', '1.00', 'S2'))['refund_fee'], '10.90');
    const notices = (await stage.settled('/alipay/pay'))
      .map((one) => new URLSearchParams(one.body))
      .filter((form) => form.get('out_trade_no') === 'SUM' && form.has('out_biz_no'));
    const told = notices.map((form) => [form.get('out_biz_no'), form.get('refund_fee')]);
    assert.deepEqual(told.sort(), [
      ['S1', '9.90'],
      ['S2', '10.90'],
    ]);
  });

  test('a number that never arrived has no status', async () => {
    await paidWith('NEVER');
    assert.equal((await query('NEVER'))['refund_status'], undefined);
  });

  for (const [fault, code, status] of [
    ['REFUND_SYSTEM_ERROR_THEN_DONE', 'ACQ.SYSTEM_ERROR', 'REFUND_SUCCESS'],
    ['REFUND_SYSTEM_ERROR_NOT_DONE', 'ACQ.SYSTEM_ERROR', undefined],
    ['REFUND_FAIL', '10000', 'REFUND_FAIL'],
    ['REFUND_CARD_REFUSED', '10000', 'REFUND_SUCCESS'],
    ['ACQ.SELLER_BALANCE_NOT_ENOUGH', 'ACQ.SELLER_BALANCE_NOT_ENOUGH', undefined],
  ] as const) {
    test(`${fault}: ${code}, and the query says ${status ?? 'nothing'}`, async () => {
      const number = fault.replace(/\W/g, '').replaceAll('_', '');
      await paidWith(number, fault);
      const before = await refundedMinor();
      assert.equal(resultOf(await refund(number)), code);
      assert.equal((await query(number))['refund_status'], status);
      const moved = status === 'REFUND_SUCCESS' ? 990 : 0;
      assert.equal((await refundedMinor()) - before, moved);
    });
  }

  for (const [fault, status] of [
    ['REFUND_TIMEOUT_THEN_DONE', 'REFUND_SUCCESS'],
    ['REFUND_TIMEOUT_NOT_RECEIVED', undefined],
  ] as const) {
    test(`${fault}: silence, then the same number returns the money once`, async () => {
      const number = fault.replaceAll('_', '');
      await paidWith(number, fault);
      const before = await refundedMinor();
      await assert.rejects(refund(number));
      assert.equal((await query(number))['refund_status'], status);
      assert.equal(resultOf(await refund(number)), '10000');
      assert.equal((await refundedMinor()) - before, 990);
    });
  }

  test('a card that refuses is told at the gateway of the app', async () => {
    await paidWith('CARD', 'REFUND_CARD_REFUSED');
    await refund('CARD');
    const messages = (await stage.settled('/alipay/gateway')).map(
      (one) => new URLSearchParams(one.body),
    );
    const message = messages.find((form) => form.get('biz_content')?.includes('"CARD"'));
    assert.equal(message?.get('msg_method'), 'alipay.trade.refund.depositback.completed');
    assert.match(message?.get('biz_content') ?? '', /"dback_status":"F"/);
  });

  test('after a year a payment can no longer be returned', async () => {
    await paidWith('OLD');
    await stage.admin('PUT', '/admin/clock', { now: '2027-12-03T09:00:00+08:00' });
    assert.equal(resultOf(await refund('OLD')), 'ACQ.TRADE_HAS_FINISHED');
  });
});

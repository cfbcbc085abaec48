import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStage, type Stage } from '../testing/stage.ts';
import {
  openWechatMerchant,
  resultOf,
  signingFields,
  type WechatMerchant,
} from '../testing/wechat-merchant.ts';
import type { Params } from './signature.ts';

let stage: Stage;
let merchant: WechatMerchant;

before(async () => {
  stage = await openStage();
  merchant = openWechatMerchant(stage);
});
after(() => stage.close());

const order = (number: string, change: Params = {}): Params => ({
  nonce_str: 'n',
  body: '会员年费',
  out_trade_no: number,
  total_fee: '1990',
  spbill_create_ip: '127.0.0.1',
  notify_url: `${stage.merchantUrl}/wechat/pay`,
  trade_type: 'MWEB',
  ...change,
});

const contract = (code: string, change: Params = {}): Params => {
  const { mchid, appid } = stage.credentials.wechat;
  const { notify_url, version: _, timestamp: __, ...fields } = signingFields(stage, code);
  const names = { contract_mchid: mchid, contract_appid: appid };
  return { ...fields, ...names, contract_notify_url: notify_url ?? '', ...change };
};

async function decide(page: string, decision: string): Promise<number> {
  const body = new URLSearchParams({ decision });
  return (await fetch(page, { method: 'POST', body })).status;
}

const query = (number: string): Promise<Params> =>
  merchant.v2('/pay/orderquery', { nonce_str: 'n', out_trade_no: number });

describe('payments by the user’s own hand', () => {
  test('a page is shown, refused and paid; the notice names no contract', async () => {
    const reply = await merchant.v2('/pay/unifiedorder', order('P1'));
    assert.equal(resultOf(reply), 'SUCCESS');
    const page = reply['mweb_url'] ?? '';
    const html = await (await fetch(page)).text();
    assert.ok(html.includes('¥19.90'));
    assert.equal(await decide(page, 'refuse'), 200);
    assert.equal((await query('P1'))['trade_state'], 'NOTPAY');
    assert.equal(await decide(page, 'agree'), 200);
    assert.equal(await decide(page, 'agree'), 200);
    const paid = await query('P1');
    assert.deepEqual([paid['trade_state'], paid['trade_type']], ['SUCCESS', 'MWEB']);
    const [notice, ...others] = await stage.settled('/wechat/pay');
    assert.ok(notice?.body.includes('P1') && !notice.body.includes('contract_id'));
    assert.deepEqual(others, []);
  });

  test('the query of deductions does not know it', async () => {
    const fields = { nonce_str: 'n', out_trade_no: 'P1' };
    assert.notEqual(resultOf(await merchant.v2('/pay/paporderquery', fields)), 'SUCCESS');
  });

  test('a page whose time is over, or whose order is closed, takes no money', async () => {
    const late = order('P2', { time_expire: '20261201080500' });
    const page = (await merchant.v2('/pay/unifiedorder', late))['mweb_url'] ?? '';
    const closed = (await merchant.v2('/pay/unifiedorder', order('P3')))['mweb_url'] ?? '';
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-01T08:06:00+08:00' });
    assert.equal(await decide(page, 'agree'), 410);
    const fields = { nonce_str: 'n', out_trade_no: 'P3' };
    assert.equal(resultOf(await merchant.v2('/pay/closeorder', fields)), 'SUCCESS');
    assert.equal(await decide(closed, 'agree'), 410);
    assert.equal(resultOf(await merchant.v2('/pay/unifiedorder', order('P3'))), 'ORDERCLOSED');
  });

  test('a number is one order: the same page again, other content is refused', async () => {
    const first = await merchant.v2('/pay/unifiedorder', order('P4'));
    const again = await merchant.v2('/pay/unifiedorder', order('P4'));
    assert.equal(again['prepay_id'], first['prepay_id']);
    const other = await merchant.v2('/pay/unifiedorder', order('P4', { total_fee: '1' }));
    assert.equal(resultOf(other), 'OUT_TRADE_NO_USED');
    const paid = await merchant.v2('/pay/unifiedorder', order('P1'));
    assert.equal(resultOf(paid), 'ORDERPAID');
  });

  test('a code to scan wants a product, a page inside WeChat an openid', async () => {
    for (const [number, trade_type] of Object.entries({ P5: 'NATIVE', P6: 'JSAPI' })) {
      const bare = await merchant.v2('/pay/unifiedorder', order(number, { trade_type }));
      assert.equal(resultOf(bare), 'PARAM_ERROR');
    }
    const native = order('P5', { trade_type: 'NATIVE', product_id: 'P5' });
    const reply = await merchant.v2('/pay/unifiedorder', native);
    assert.match(reply['code_url'] ?? '', /^weixin:\/\/wxpay\/bizpayurl\?pr=/);
  });
});

describe('支付中签约', () => {
  test('one hand pays and signs; two notices come', async () => {
    const params = order('S1', contract('S1C'));
    const reply = await merchant.v2('/pay/contractorder', params);
    assert.equal(reply['contract_result_code'], 'SUCCESS');
    assert.equal(await decide(reply['mweb_url'] ?? '', 'agree'), 200);
    const sent = await stage.settled();
    assert.equal(
      sent.filter(({ body }) => body.includes('<out_trade_no><![CDATA[S1]]>')).length,
      1,
    );
    assert.equal(sent.filter(({ body }) => body.includes('S1C')).length, 1);
  });

  test('who pays only has signed nothing', async () => {
    const reply = await merchant.v2('/pay/contractorder', order('S2', contract('S2C')));
    assert.equal(await decide(reply['mweb_url'] ?? '', 'pay_only'), 200);
    assert.equal((await query('S2'))['trade_state'], 'SUCCESS');
    const fields = { plan_id: '120001', contract_code: 'S2C', version: '1.0' };
    const state = (await merchant.v2('/papay/querycontract', fields))['contract_state'];
    assert.equal(state, '9');
  });

  test('a contract that cannot be signed lets the payment go on', async () => {
    const reply = await merchant.v2('/pay/contractorder', order('S3', contract('S1C')));
    assert.equal(resultOf(reply), 'SUCCESS');
    assert.equal(reply['contract_result_code'], 'FAIL');
    assert.equal(reply['contract_err_code'], 'CONTRACT_EXISTS');
    assert.equal(await decide(reply['mweb_url'] ?? '', 'agree'), 200);
    assert.equal((await query('S3'))['trade_state'], 'SUCCESS');
  });
});

describe('limits of calls and amounts', () => {
  test('calls beyond the limit of a second are FREQUENCY_LIMITED and book nothing', async () => {
    const contractId = await merchant.signContract('L1');
    await stage.admin('PUT', '/admin/configure', { wechat: { callsPerSecond: 2 } });
    const replies = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7].map((n) => merchant.pay(contractId, `L1N${n}`)),
    );
    await stage.admin('PUT', '/admin/configure', { wechat: { callsPerSecond: 0 } });
    const limited = replies.filter((reply) => resultOf(reply) === 'FREQUENCY_LIMITED').length;
    // The seven may fall into two seconds: at most four pass.
    assert.ok(limited >= 3 && limited <= 5, String(limited));
  });

  test('what one user is charged on one day is capped over all contracts', async () => {
    await stage.admin('PUT', '/admin/configure', { wechat: { dailyCapMinor: 2_000 } });
    const first = await merchant.signContract('L2', { user: 'payer-2' });
    const other = await merchant.signContract('L3', { user: 'payer-2', planId: '120002' });
    assert.equal(resultOf(await merchant.pay(first, 'L2N1', 1_500)), 'SUCCESS');
    await stage.settled();
    assert.equal(resultOf(await merchant.pay(other, 'L3N1', 501)), 'RULELIMIT');
    assert.equal(resultOf(await merchant.pay(other, 'L3N2', 500)), 'SUCCESS');
    await stage.admin('PUT', '/admin/configure', { wechat: { dailyCapMinor: 250_000 } });
  });

  test('a request that takes its time arrives once; the number before it stays', async () => {
    const contractId = await merchant.signContract('L4');
    const fault = { rail: 'wechat', orderNumber: 'L4N1', fault: 'ARRIVES_LATE' };
    await stage.admin('POST', '/admin/faults', fault);
    await assert.rejects(merchant.pay(contractId, 'L4N1'));
    assert.equal(resultOf(await query('L4N1')), 'ORDERNOTEXIST');
    await stage.settled();
    assert.equal((await query('L4N1'))['trade_state'], 'SUCCESS');
  });
});

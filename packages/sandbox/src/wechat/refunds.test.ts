import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStage, type Stage } from '../testing/stage.ts';
import {
  openWechatMerchant,
  postSecure,
  resultOf,
  type WechatMerchant,
} from '../testing/wechat-merchant.ts';
import { type Params, signV2 } from './signature.ts';
import { buildXml, parseXml } from './xml.ts';

let stage: Stage;
let merchant: WechatMerchant;
let minute = 0;

before(async () => {
  stage = await openStage();
  await stage.admin('PUT', '/admin/configure', { wechat: { callbackTimeScale: 0.001 } });
  merchant = openWechatMerchant(stage);
});
after(() => stage.close());

/** A paid order of 19.90 yuan under this number. */
async function paidOrder(number: string): Promise<void> {
  const contractId = await merchant.signContract(`C${number}`);
  assert.equal(resultOf(await merchant.pay(contractId, number)), 'SUCCESS');
  await stage.settled();
}

const refund = (order: string, number: string, fee = '990'): Params => ({
  nonce_str: 'n',
  out_trade_no: order,
  out_refund_no: number,
  total_fee: '1990',
  refund_fee: fee,
  notify_url: `${stage.merchantUrl}/wechat/refund`,
});

const ask = (number: string): Promise<Params> =>
  merchant.v2('/pay/refundquery', { nonce_str: 'n', out_refund_no: number });

async function passMinute(): Promise<void> {
  minute += 1;
  const now = `2026-12-01T08:${String(minute).padStart(2, '0')}:00+08:00`;
  assert.equal((await stage.admin('PUT', '/admin/clock', { now })).status, 200);
}

describe('refunds of WeChat Pay', () => {
  test('a refund is PROCESSING first, then SUCCESS, and its notice comes once', async () => {
    await paidOrder('R1');
    await stage.admin('PUT', '/admin/configure', { wechat: { processingMs: 300 } });
    const reply = await merchant.v2('/secapi/pay/refund', refund('R1', 'RF1'));
    assert.equal(resultOf(reply), 'SUCCESS');
    assert.equal((await ask('RF1'))['refund_status_0'], 'PROCESSING');
    assert.equal((await ask('RF1'))['refund_success_time_0'], undefined);
    const notices = await stage.settled('/wechat/refund');
    assert.equal(notices.length, 1);
    assert.equal((await ask('RF1'))['refund_status_0'], 'SUCCESS');
    await stage.admin('PUT', '/admin/configure', { wechat: { processingMs: 5 } });
  });

  test('two refunds of one order need a minute between them', async () => {
    await paidOrder('R2');
    assert.equal(resultOf(await merchant.v2('/secapi/pay/refund', refund('R2', 'RF2'))), 'SUCCESS');
    const soon = await merchant.v2('/secapi/pay/refund', refund('R2', 'RF3'));
    assert.equal(resultOf(soon), 'FREQUENCY_LIMITED');
    await passMinute();
    assert.equal(resultOf(await merchant.v2('/secapi/pay/refund', refund('R2', 'RF3'))), 'SUCCESS');
    const all = await merchant.v2('/pay/refundquery', { nonce_str: 'n', out_trade_no: 'R2' });
    assert.equal(all['total_refund_count'], '2');
  });

  test('more refunds than a page are told page by page', async () => {
    await paidOrder('R4');
    for (let part = 0; part < 12; part += 1) {
      const reply = await merchant.v2('/secapi/pay/refund', refund('R4', `RP${part}`, '1'));
      assert.equal(resultOf(reply), 'SUCCESS');
      await passMinute();
    }
    const query = { nonce_str: 'n', out_trade_no: 'R4' };
    const first = await merchant.v2('/pay/refundquery', query);
    assert.deepEqual([first['refund_count'], first['total_refund_count']], ['10', '12']);
    const second = await merchant.v2('/pay/refundquery', { ...query, offset: '10' });
    assert.equal(second['refund_count'], '2');
    assert.equal(second['out_refund_no_1'], 'RP11');
  });

  const ENDS: readonly (readonly [string, string, string])[] = [
    ['CHANGE', 'SUCCESS', 'CHANGE'],
    ['REFUNDCLOSE', 'SUCCESS', 'REFUNDCLOSE'],
    ['NOTENOUGH', 'NOTENOUGH', ''],
    ['BIZERR_NEED_RETRY', 'BIZERR_NEED_RETRY', ''],
    ['REFUND_SYSTEMERROR_THEN_DONE', 'SYSTEMERROR', 'SUCCESS'],
    ['REFUND_SYSTEMERROR_NOT_DONE', 'SYSTEMERROR', ''],
  ];
  for (const [fault, told, state] of ENDS) {
    test(`${fault}: told ${told}, ${state || 'no refund'}`, async () => {
      const order = `E${fault.length}${fault.slice(0, 8)}`;
      await paidOrder(order);
      const script = { rail: 'wechat', operation: 'refund', orderNumber: order, fault };
      await stage.admin('POST', '/admin/faults', script);
      const reply = await merchant.v2('/secapi/pay/refund', refund(order, `F${order}`));
      assert.equal(resultOf(reply), told);
      await stage.settled();
      const query = await ask(`F${order}`);
      assert.equal(query['refund_status_0'] ?? '', state);
    });
  }

  test('a closed refund leaves its money to be refunded again', async () => {
    await paidOrder('R9');
    const script = { rail: 'wechat', operation: 'refund', fault: 'REFUNDCLOSE' };
    await stage.admin('POST', '/admin/faults', script);
    await merchant.v2('/secapi/pay/refund', refund('R9', 'RF9', '1990'));
    await stage.settled();
    await passMinute();
    const again = await merchant.v2('/secapi/pay/refund', refund('R9', 'RF10', '1990'));
    assert.equal(resultOf(again), 'SUCCESS');
  });
});

describe('mutual TLS', () => {
  const body = (): string => {
    const { mchid, appid, apiV2Key } = stage.credentials.wechat;
    const params = { appid, mch_id: mchid, ...refund('T1', 'RT1') };
    return buildXml({ ...params, sign: signV2(params, apiV2Key) });
  };
  const path = '/secapi/pay/refund';

  test('the plain listener refuses, and without a certificate there is no connection', async () => {
    await paidOrder('T1');
    const plain = await fetch(`${stage.endpoints.wechat}${path}`, { method: 'POST', body: body() });
    assert.equal(plain.status, 400);
    await assert.rejects(postSecure(stage, { path, body: body(), client: 'none' }));
    const expired = (await stage.admin('GET', '/admin/wechat/expired-client')).body;
    const client = expired as unknown as { readonly certificate: string; readonly key: string };
    await assert.rejects(postSecure(stage, { path, body: body(), client }));
    assert.equal(resultOf(await ask('RT1')), 'REFUNDNOTEXIST');
    const reply = parseXml(await postSecure(stage, { path, body: body() }));
    assert.equal(resultOf(reply ?? {}), 'SUCCESS');
  });
});

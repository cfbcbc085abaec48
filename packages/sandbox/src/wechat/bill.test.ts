import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { openStage, type Stage } from '../testing/stage.ts';
import { openWechatMerchant, resultOf, type WechatMerchant } from '../testing/wechat-merchant.ts';
import { type Params, signV2 } from './signature.ts';
import { buildXml, parseXml } from './xml.ts';

/** The columns of the current layout, as the rail publishes them. */
const CURRENT =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,' +
  '应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,' +
  '订单金额,申请退款金额,费率备注';

describe('the WeChat bill', () => {
  let stage: Stage;
  let merchant: WechatMerchant;
  before(async () => {
    stage = await openStage();
    merchant = openWechatMerchant(stage);
    for (const [code, fee] of [
      ['B1', 1990],
      ['B2', 4900],
    ] as const) {
      await merchant.pay(await merchant.signContract(code), `${code}-1`, fee);
    }
    await stage.settled();
    const refund = await merchant.v2('/secapi/pay/refund', refundOf('B1-1', 'R1', '990'));
    assert.equal(resultOf(refund), 'SUCCESS');
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-02T10:00:00+08:00' });
  });
  after(() => stage.close());

  const refundOf = (order: string, number: string, fee: string): Params => ({
    nonce_str: 'n',
    out_trade_no: order,
    out_refund_no: number,
    total_fee: '1990',
    refund_fee: fee,
    notify_url: `${stage.merchantUrl}/wechat/refund`,
  });

  const download = async (change: Params = {}): Promise<Buffer> => {
    const { mchid, appid, apiV2Key } = stage.credentials.wechat;
    const base = { appid, mch_id: mchid, nonce_str: 'n', bill_date: '20261201', bill_type: 'ALL' };
    const params = { ...base, ...change };
    const body = buildXml({ ...params, sign: signV2(params, apiV2Key) });
    const url = `${stage.endpoints.wechat}/pay/downloadbill`;
    const response = await fetch(url, { method: 'POST', body });
    return Buffer.from(await response.arrayBuffer());
  };
  const linesOf = (bytes: Buffer) => bytes.toString('utf8').trimEnd().split('\r\n');

  test('header, backticked values and a summary that adds up', async () => {
    const [header = '', ...rest] = linesOf(await download());
    const rows = rest.slice(0, -2).map((line) => line.split(','));
    const [summaryHeader = '', summary = ''] = rest.slice(-2);
    assert.equal(header, CURRENT);
    assert.equal(rows.length, 3);
    for (const value of rows.flat()) assert.match(value, /^`/);
    const names = header.split(',');
    const column = (name: string) => rows.map((row) => (row[names.indexOf(name)] ?? '').slice(1));
    assert.deepEqual(column('商户订单号').sort(), ['B1-1', 'B1-1', 'B2-1']);
    assert.deepEqual(new Set(column('交易类型')), new Set(['PAP']));
    const cents = (texts: string[]) =>
      texts.reduce((sum, text) => sum + BigInt(text.replace('.', '')), 0n);
    const total = (name: string) => {
      const value = summary.split(',')[summaryHeader.split(',').indexOf(name)] ?? '';
      return BigInt(value.slice(1).replace('.', ''));
    };
    assert.equal(cents(column('应结订单金额')), 6890n);
    assert.equal(total('应结订单总金额'), 6890n);
    assert.equal(total('退款总金额'), cents(column('退款金额')));
    assert.equal(total('退款总金额'), 990n);
    assert.equal(total('手续费总金额'), cents(column('手续费')));
    assert.equal(total('总交易单数'), 3n);
  });

  test('gzip holds the same text', async () => {
    const plain = await download();
    assert.deepEqual(gunzipSync(await download({ tar_type: 'GZIP' })), plain);
  });

  test('the classic layout has 24 columns under the old names; a BOM on demand', async () => {
    await stage.admin('PUT', '/admin/configure', { wechat: { layout: 'classic', billBom: true } });
    const bytes = await download();
    await stage.admin('PUT', '/admin/configure', { wechat: { layout: 'current', billBom: false } });
    assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
    const header = (linesOf(bytes.subarray(3))[0] ?? '').split(',');
    assert.equal(header.length, 24);
    assert.deepEqual([header[3], header[12]], ['子商户号', '总金额']);
  });

  test('SUCCESS leaves refunds out, REFUND has their times', async () => {
    const success = linesOf(await download({ bill_type: 'SUCCESS' }));
    assert.ok(!(success[0] ?? '').includes('退款单号'));
    assert.equal(success.length, 1 + 2 + 2);
    const refunds = linesOf(await download({ bill_type: 'REFUND' }));
    assert.ok((refunds[0] ?? '').includes('退款申请时间'));
    assert.equal(refunds.length, 1 + 1 + 2);
  });

  const absent: readonly [what: string, change: Params, message: string][] = [
    ['a day without business', { bill_date: '20261130' }, 'No Bill Exist'],
    ['today', { bill_date: '20261202' }, 'Bill Creating'],
    ['a kind without lines', { bill_type: 'RECHARGE_REFUND' }, 'No Bill Exist'],
    ['a day of last year', { bill_date: '20251201' }, 'No Bill Exist'],
  ];
  for (const [what, change, message] of absent) {
    test(`${what}: error 20002, ${message}`, async () => {
      const reply = parseXml((await download(change)).toString('utf8'));
      assert.equal(reply?.['return_msg'], message);
      assert.equal(reply?.['error_code'], '20002');
    });
  }

  test('a bill is being made until 09:00 of the next day', async () => {
    const early = await openStage('2026-12-02T08:59:00+08:00');
    try {
      const other = openWechatMerchant(early);
      const reply = await other.v2('/pay/downloadbill', { nonce_str: 'n', bill_date: '20261201' });
      assert.equal(reply['return_msg'], 'Bill Creating');
    } finally {
      await early.close();
    }
  });

  test('a refund number is one refund; together they never exceed the order', async () => {
    const again = await merchant.v2('/secapi/pay/refund', refundOf('B1-1', 'R1', '990'));
    assert.equal(resultOf(again), 'SUCCESS');
    const tooMuch = await merchant.v2('/secapi/pay/refund', refundOf('B1-1', 'R2', '1001'));
    assert.equal(resultOf(tooMuch), 'REFUND_FEE_MISMATCH');
    const query = await merchant.v2('/pay/refundquery', { nonce_str: 'n', out_trade_no: 'B1-1' });
    assert.equal(query['refund_count'], '1');
    assert.equal(query['refund_fee_0'], '990');
    const order = await merchant.v2('/pay/orderquery', { out_trade_no: 'B1-1' });
    assert.equal(order['trade_state'], 'REFUND');
    assert.equal((await stage.settled('/wechat/refund')).length, 1);
  });
});

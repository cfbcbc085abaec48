import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openAlipayMerchant, resultOf, signed } from './testing/alipay-merchant.ts';
import { openStage, type Stage } from './testing/stage.ts';
import { openWechatMerchant, signingFields } from './testing/wechat-merchant.ts';
import { signV2 } from './wechat/signature.ts';
import { buildXml, parseXml } from './wechat/xml.ts';

describe('scripted faults of replies', () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  beforeEach(() => stage.admin('DELETE', '/admin/faults'));
  after(() => stage.close());

  const script = (fault: unknown) => stage.admin('POST', '/admin/faults', fault);
  const askWechat = () => {
    const fields = signingFields(stage, 'ANY');
    const body = buildXml({ ...fields, sign: signV2(fields, stage.credentials.wechat.apiV2Key) });
    return fetch(`${stage.endpoints.wechat}/papay/querycontract`, { method: 'POST', body });
  };

  const replies: readonly [
    fault: string,
    what: string,
    check: (r: Response) => Promise<boolean>,
  ][] = [
    ['http_500', 'status 500', async (r) => r.status === 500],
    ['html_error', 'an HTML page', async (r) => (await r.text()).startsWith('<html>')],
    ['garbage_body', 'no XML', async (r) => parseXml(await r.text()) === undefined],
    [
      'truncated_body',
      'half of it',
      async (r) =>
        r.text().then(
          () => false,
          () => true,
        ),
    ],
    [
      'wrong_signature',
      'a signature that does not fit',
      async (r) => {
        const { sign, ...message } = parseXml(await r.text()) ?? {};
        return sign !== signV2(message, stage.credentials.wechat.apiV2Key);
      },
    ],
  ];
  for (const [fault, what, check] of replies) {
    test(`${fault}: the reply is ${what}, the next one is right`, async () => {
      await script({ rail: 'wechat', operation: 'querycontract', fault });
      assert.ok(await check(await askWechat()));
      const right = parseXml(await (await askWechat()).text());
      assert.equal(right?.['err_code'], 'CONTRACT_NOT_EXIST');
    });
  }

  test('connection_reset: no reply at all', async () => {
    await script({ rail: 'wechat', fault: 'connection_reset' });
    await assert.rejects(askWechat());
  });

  test('slow: the reply comes after its time', async () => {
    await script({ rail: 'wechat', fault: 'slow', ms: 120 });
    const start = performance.now();
    await askWechat();
    assert.ok(performance.now() - start >= 115);
  });

  test('a lost request is not carried out, unless the script says that it is', async () => {
    const merchant = openAlipayMerchant(stage);
    const agreementNo = await merchant.signAgreement('PROCESSED');
    const query = () => merchant.call('alipay.trade.query', { out_trade_no: 'P1' }).then(resultOf);
    await script({ rail: 'alipay', operation: 'alipay.trade.pay', fault: 'connection_reset' });
    await assert.rejects(merchant.pay(agreementNo, 'P1'));
    assert.equal(await query(), 'ACQ.TRADE_NOT_EXIST');
    const fault = { rail: 'alipay', orderNumber: 'P1', fault: 'connection_reset', processed: true };
    await script(fault);
    await assert.rejects(merchant.pay(agreementNo, 'P1'));
    assert.equal(await query(), '10000');
  });

  test('a swapped reply names another amount or order and is signed', async () => {
    const merchant = openAlipayMerchant(stage);
    await merchant.pay(await merchant.signAgreement('SWAP'), 'SWAP1');
    await stage.settled();
    await script({ rail: 'alipay', operation: 'alipay.trade.query', fault: 'swapped_amount' });
    const other = await merchant.call('alipay.trade.query', { out_trade_no: 'SWAP1' });
    assert.equal(other['total_amount'], '20.90');
    const wechat = openWechatMerchant(stage);
    await wechat.pay(await wechat.signContract('SWAP'), 'SWAP2');
    await stage.settled();
    await script({ rail: 'wechat', operation: 'orderquery', fault: 'swapped_order' });
    const reply = await wechat.v2('/pay/orderquery', { out_trade_no: 'SWAP2' });
    assert.equal(reply['out_trade_no'], 'SWAP2X');
  });

  test('a forged Alipay reply does not verify', async () => {
    await script({ rail: 'alipay', fault: 'wrong_signature' });
    await assert.rejects(openAlipayMerchant(stage).call('alipay.trade.query', {}), /not signed/);
  });

  test('a script waits for its contract and operation, and counts down', async () => {
    await script({ rail: 'wechat', contractCode: 'OTHER', fault: 'http_500' });
    await script({ rail: 'wechat', operation: 'notify', fault: 'http_500' });
    await script({ rail: 'wechat', contractCode: 'ANY', fault: 'http_500', times: 2 });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await askWechat()).status);
    assert.deepEqual(statuses, [500, 500, 200]);
    const left = (await stage.admin('GET', '/admin/faults')).body['faults'] as unknown[];
    assert.equal(left.length, 2);
  });

  const wrong: readonly unknown[] = [
    { rail: 'bank', fault: 'http_500' },
    { rail: 'wechat', fault: 'nonsense' },
    { rail: 'wechat', fault: 'ACQ.PAYMENT_FAIL' },
    { rail: 'sms', fault: 'swapped_amount' },
    { rail: 'wechat', fault: 'http_500', times: 0 },
  ];
  for (const fault of wrong) {
    test(`a script that makes no sense is refused: ${JSON.stringify(fault)}`, async () => {
      const reply = await script(fault);
      assert.equal(reply.status, 400);
      assert.match(String(reply.body['error']), /\.$/);
    });
  }

  test('parameters may come in the query alone', async () => {
    const params = signed(stage, {
      method: 'alipay.trade.query',
      biz: { out_trade_no: 'NONE' },
      extra: {},
    });
    const url = `${stage.endpoints.alipay}?${new URLSearchParams(params)}`;
    assert.match(await (await fetch(url, { method: 'POST' })).text(), /ACQ\.TRADE_NOT_EXIST/);
  });
});

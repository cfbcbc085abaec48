import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  type AlipayMerchant,
  openAlipayMerchant,
  resultOf,
  signed,
} from '../testing/alipay-merchant.ts';
import { openStage, type Stage } from '../testing/stage.ts';

describe('faults that Alipay can be told to have', () => {
  let stage: Stage;
  let merchant: AlipayMerchant;
  before(async () => {
    stage = await openStage();
    merchant = openAlipayMerchant(stage);
  });
  after(() => stage.close());

  const query = (out_trade_no: string) => merchant.call('alipay.trade.query', { out_trade_no });

  test('a request that arrives late is not found, and then paid once', async () => {
    const agreementNo = await merchant.signAgreement('LATE');
    const script = { rail: 'alipay', orderNumber: 'LATE1', fault: 'ARRIVES_LATE' };
    await stage.admin('POST', '/admin/faults', script);
    await assert.rejects(merchant.pay(agreementNo, 'LATE1'));
    assert.equal(resultOf(await query('LATE1')), 'ACQ.TRADE_NOT_EXIST');
    await stage.settled();
    assert.equal((await query('LATE1'))['trade_status'], 'TRADE_SUCCESS');
  });

  test('the same number again overtakes the late request: one success', async () => {
    const agreementNo = await merchant.signAgreement('AGAIN');
    const script = { rail: 'alipay', orderNumber: 'AGAIN1', fault: 'ARRIVES_LATE' };
    await stage.admin('POST', '/admin/faults', script);
    await assert.rejects(merchant.pay(agreementNo, 'AGAIN1'));
    assert.equal(resultOf(await merchant.pay(agreementNo, 'AGAIN1')), '10000');
    await stage.settled();
    const notices = await stage.settled('/alipay/pay');
    assert.equal(notices.filter((one) => one.body.includes('AGAIN1')).length, 1);
  });

  test('a paused agreement shows as STOP and pays nothing', async () => {
    const agreement_no = await merchant.signAgreement('PAUSE');
    const body = { rail: 'alipay', agreementNo: agreement_no };
    assert.equal((await stage.admin('POST', '/admin/wallet/pause', body)).status, 200);
    const told = await merchant.call('alipay.user.agreement.query', { agreement_no });
    assert.equal(told['status'], 'STOP');
    const paid = await merchant.pay(agreement_no, 'PAUSE1');
    assert.equal(resultOf(paid), 'ACQ.AGREEMENT_STATUS_NOT_NORMAL');
  });

  test('too many calls in a second are turned away at the door', async () => {
    await stage.admin('PUT', '/admin/configure', { alipay: { callsPerSecond: 3 } });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => query(`MANY${n}`)));
    await stage.admin('PUT', '/admin/configure', { alipay: { callsPerSecond: 0 } });
    const limited = answers.filter((one) => one['code'] === '40005');
    // The calls may fall into two seconds of the clock.
    assert.ok(limited.length >= 2, String(limited.length));
    assert.ok(limited.every((one) => one['sub_code'] === 'isv.app-call-limited'));
  });

  test('while it is down nothing is answered, also not its pages', async () => {
    const outage = {
      rail: 'alipay',
      from: '2026-12-01T00:00:00+08:00',
      until: '2026-12-04T00:00:00+08:00',
    };
    await stage.admin('PUT', '/admin/outages', { outages: [outage] });
    await assert.rejects(query('DOWN'));
    await assert.rejects(fetch(merchant.signLink('DOWN')));
    await stage.admin('PUT', '/admin/outages', { outages: [] });
    assert.equal(resultOf(await query('DOWN')), 'ACQ.TRADE_NOT_EXIST');
  });

  test('by chance, and the same by the same seed', async () => {
    const probabilities = { alipay: { 'alipay.trade.query': { http_500: 5_000 } } };
    await stage.admin('PUT', '/admin/chaos', { seed: 'seed-1', probabilities });
    const statuses: number[] = [];
    for (let number = 1; number <= 20; number += 1) statuses.push(await statusOf(`C${number}`));
    await stage.admin('PUT', '/admin/chaos', { seed: 'seed-1', probabilities: {} });
    const failed = statuses.filter((status) => status === 500).length;
    assert.ok(failed > 3 && failed < 17, String(failed));
  });

  async function statusOf(out_trade_no: string): Promise<number> {
    const method = 'alipay.trade.query';
    const params = signed(stage, { method, biz: { out_trade_no }, extra: {} });
    const url = `${stage.endpoints.alipay}?${new URLSearchParams(params)}`;
    return (await fetch(url, { method: 'POST' })).status;
  }

  test('a changed key signs everything from then on, and the old one stays known', async () => {
    const before = stage.credentials.alipay.alipayPublicKey;
    const told = (await stage.admin('POST', '/admin/alipay/rotate-key')).body['alipayPublicKeys'];
    const [present = '', former] = told as readonly string[];
    assert.equal(former, before);
    const method = 'alipay.trade.query';
    const params = signed(stage, { method, biz: { out_trade_no: 'KEY1' }, extra: {} });
    const url = `${stage.endpoints.alipay}?${new URLSearchParams(params)}`;
    const text = await (await fetch(url, { method: 'POST' })).text();
    const [, inner = '', sign = ''] = /^\{"\w+":(\{.*\}),"sign":"([^"]+)"\}$/s.exec(text) ?? [];
    const isSignedBy = (pem: string): boolean =>
      verify('sha256', Buffer.from(inner), createPublicKey(pem), Buffer.from(sign, 'base64'));
    assert.ok(isSignedBy(present));
    assert.ok(!isSignedBy(before));
  });
});

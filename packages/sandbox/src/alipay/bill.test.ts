import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import iconv from 'iconv-lite';
import { type AlipayMerchant, openAlipayMerchant, resultOf } from '../testing/alipay-merchant.ts';
import { openStage, type Stage } from '../testing/stage.ts';

describe('the Alipay bill', () => {
  let stage: Stage;
  let merchant: AlipayMerchant;
  before(async () => {
    stage = await openStage();
    merchant = openAlipayMerchant(stage);
    await merchant.pay(await merchant.signAgreement('B1'), 'B1T', '19.90');
    await merchant.pay(await merchant.signAgreement('B2'), 'B2T', '49.00');
    const refund = { out_trade_no: 'B1T', out_request_no: 'R1', refund_amount: '9.90' };
    await merchant.call('alipay.trade.refund', refund);
  });
  after(() => stage.close());

  const ask = (bill_date: string, bill_type = 'trade') =>
    merchant.call('alipay.data.dataservice.bill.downloadurl.query', { bill_type, bill_date });
  const moveTo = (now: string) => stage.admin('PUT', '/admin/clock', { now });
  const fetchFiles = async (url: unknown): Promise<ReadonlyMap<string, string>> => {
    const response = await fetch(String(url));
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
    const texts = Object.entries(files).map(
      // The unpacker hands names without a flag out as Latin-1; they are GBK.
      ([name, bytes]) =>
        [
          iconv.decode(Buffer.from(name, 'latin1'), 'gbk'),
          iconv.decode(Buffer.from(bytes), 'gbk'),
        ] as const,
    );
    return new Map(texts);
  };
  const rowsOf = (text: string) =>
    text
      .split('\r\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(','));

  test('is not there before 10:00 of the next day', async () => {
    await moveTo('2026-12-02T09:59:00+08:00');
    assert.equal(resultOf(await ask('2026-12-01')), 'BILL_NOT_EXIST');
  });

  test('is a zip of GBK files whose totals match its lines', async () => {
    await moveTo('2026-12-02T10:00:00+08:00');
    const files = await fetchFiles((await ask('2026-12-01'))['bill_download_url']);
    const name = (end: string) => [...files.keys()].find((file) => file.endsWith(end)) ?? '';
    const detail = files.get(name('_业务明细.csv')) ?? '';
    const summary = files.get(name('_业务明细(汇总).csv')) ?? '';
    assert.match(detail, /^#支付宝业务明细查询\r\n/);
    assert.match(detail, /#交易合计：2笔，商家实收共68\.90元/);
    const [header = [], ...rows] = rowsOf(detail);
    assert.equal(header.length, 25);
    const column = (title: string) => rows.map((row) => row[header.indexOf(title)] ?? '');
    assert.deepEqual(column('业务类型').sort(), ['交易', '交易', '退款']);
    for (const number of column('商户订单号')) assert.match(number, /^B\dT\t$/);
    const cents = (texts: string[]) =>
      texts.reduce((sum, text) => sum + BigInt(text.replace('.', '')), 0n);
    const [titles = [], totals = []] = rowsOf(summary);
    const total = (title: string) => BigInt((totals[titles.indexOf(title)] ?? '').replace('.', ''));
    assert.equal(cents(column('商家实收（元）')), 5900n);
    assert.equal(total('商家实收（元）'), 5900n);
    assert.equal(total('服务费（元）'), cents(column('服务费（元）')));
    assert.equal(total('实收净额（元）'), 5900n + total('服务费（元）'));
  });

  test('the account flow books each payment, each fee and the payout of the day', async () => {
    for (const [layout, columns] of [
      ['classic', 12],
      ['current', 16],
    ] as const) {
      await stage.admin('PUT', '/admin/configure', { alipay: { layout } });
      const asked = await ask('2026-12-01', 'signcustomer');
      const files = await fetchFiles(asked['bill_download_url']);
      const detail = [...files].find(([file]) => file.endsWith('_账务明细.csv'))?.[1] ?? '';
      const [header = [], ...rows] = rowsOf(detail);
      assert.equal(header.length, columns);
      assert.equal(rows.length, 3 * 2 + 1);
      const [last = []] = rows.slice(-1);
      assert.equal(last[header.indexOf('业务类型')], '提现');
      assert.equal(last[header.indexOf('账户余额（元）')], '0.00');
      // 19.90 + 49.00 − 9.90 − fees 0.12 and 0.29, of which 0.06 came back.
      assert.match(last[header.indexOf('支出金额（-元）')] ?? '', /^-?58\.65$/);
      assert.match(detail, /#支出合计：4笔，共/);
      assert.match(detail, /#收入合计：3笔，共68\.96元/);
    }
  });

  test('what was sent to the bank is told: a bank statement can be made of it', async () => {
    const { payouts } = (await stage.admin('GET', '/admin/books/payouts')).body;
    const own = (payouts as readonly { rail: string }[]).filter((one) => one.rail === 'alipay');
    const [payout, ...others] = own as readonly { reference?: string }[];
    assert.deepEqual(others, []);
    assert.match(payout?.reference ?? '', /^20261201\d{16}$/);
    assert.deepEqual(
      { ...payout, reference: '' },
      { rail: 'alipay', date: '2026-12-01', amountMinor: 5_865, reference: '' },
    );
  });

  test('a month is there on the 4th of the next month', async () => {
    assert.equal(resultOf(await ask('2026-12')), 'BILL_NOT_EXIST');
    await moveTo('2027-01-04T00:00:00+08:00');
    assert.equal(resultOf(await ask('2026-12')), '10000');
  });

  test('a link that has expired is gone, and so is one that never was', async () => {
    await stage.admin('PUT', '/admin/configure', { alipay: { billDownloadSeconds: 0.02 } });
    const url = String((await ask('2026-12-01'))['bill_download_url']);
    await new Promise((resolve) => setTimeout(resolve, 40));
    assert.equal((await fetch(url)).status, 403);
    assert.equal((await fetch(url.replace(/token=.*/, 'token=x'))).status, 404);
  });

  test('days without business and dates that are none have no bill', async () => {
    assert.equal(resultOf(await ask('2026-11-30')), 'BILL_NOT_EXIST');
    assert.equal(resultOf(await ask('2026-02-30')), 'INVAILID_ARGUMENTS');
    assert.equal(resultOf(await ask('2026-12-01', 'other')), 'INVAILID_ARGUMENTS');
  });
});

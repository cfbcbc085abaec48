import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RailBillLine } from '@daikou/core';
import { zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { BillUnreadable } from '../bill-errors.ts';
import { fromBillArchive, readAlipayBill } from './bill.ts';

const HEADER =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,' +
  '订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,' +
  '券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注';

const SUMMARY_HEADER =
  '门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,服务费（元）,实收净额（元）';

type Change = Readonly<{ kind?: string; amount?: string; fee?: string; goods?: string }>;

function row(order: string, change: Change = {}): string {
  const { kind = '交易', amount = '29.85', fee = '-0.18', goods = '专业版' } = change;
  const time = '2026-12-01 07:30:00';
  return (
    `2026${order}\t,${order}\t,${kind},${goods},${time},${time},,,,,a***@x.test\t,` +
    `${amount},${amount},` +
    `0.00,0.00,0.00,0.00,0.00,,0.00,0.00,,${fee},0.00,`
  );
}

function details(rows: readonly string[], exportedAt = '2026年12月02日 10:00:00'): string {
  return [
    '#支付宝业务明细查询',
    '#账号：[20880000000000090156]',
    '#-----业务明细列表-----',
    HEADER,
    ...rows,
    '#-----业务明细列表结束-----',
    '#交易合计：2笔，商家实收共59.70元',
    `#导出时间：[${exportedAt}]`,
    '',
  ].join('\r\n');
}

function summary(total: string): string {
  return ['#支付宝业务汇总查询', SUMMARY_HEADER, total, '#导出时间：[…]', ''].join('\r\n');
}

const gbk = (text: string): Uint8Array => iconv.encode(text, 'gbk');

async function read(text: string, total: string): Promise<readonly RailBillLine[]> {
  const lines: RailBillLine[] = [];
  const files = { details: gbk(text), summary: gbk(summary(total)) };
  for await (const line of readAlipayBill(files)) lines.push(line);
  return lines;
}

const GOOD = details([row('D1'), row('D2')]);
const TOTAL = '合计,,2,0,59.70,59.70,-0.36,59.34';

describe('the bill of Alipay', () => {
  test('payments with their fees, whatever sign the fee has', async () => {
    const lines = await read(GOOD, TOTAL);
    assert.deepEqual(
      lines.map(({ lineNumber, kind, orderNumber, railReference, amount, fee }) => [
        lineNumber,
        kind,
        orderNumber,
        railReference,
        amount.minor,
        fee.minor,
      ]),
      [
        [1, 'payment', 'D1', '2026D1', 2985n, 18n],
        [2, 'payment', 'D2', '2026D2', 2985n, 18n],
      ],
    );
    assert.equal(lines[0]?.at.toString(), '2026-11-30T23:30:00Z');
    const positive = await read(
      details([row('D1', { fee: '0.18' })]),
      '合计,,1,0,29.85,29.85,0.18,29.67',
    );
    assert.equal(positive[0]?.fee.minor, 18n);
  });

  test('a refund is a line of its own, its fee given back', async () => {
    const refund = row('D1', { kind: '退款', amount: '-10.00', fee: '0.06' });
    const lines = await read(details([row('D1'), refund]), '合计,,1,1,19.85,19.85,-0.12,19.73');
    assert.equal(lines[1]?.kind, 'refund');
    assert.equal(lines[1]?.amount.minor, 1000n);
    assert.equal(lines[1]?.fee.minor, -6n);
  });

  test('a number sign, a comma or a quote in a product name shifts nothing', async () => {
    const rows = [row('D1', { goods: '席位#3' }), row('D2', { goods: '"席位,3 个"' })];
    assert.equal((await read(details(rows), TOTAL)).length, 2);
  });

  const DAMAGED: readonly (readonly [string, string, string, string])[] = [
    ['a row is missing', details([row('D1')]), TOTAL, 'totals_differ'],
    ['an amount was changed', GOOD.replace('29.85', '29.84'), TOTAL, 'totals_differ'],
    ['a fee was changed', GOOD.replace('-0.18', '-0.19'), TOTAL, 'totals_differ'],
    ['a kind was changed', GOOD.replace('交易,', '退款,'), TOTAL, 'totals_differ'],
    ['a kind is unlisted', GOOD.replace('交易,', '转账,'), TOTAL, 'row_unreadable'],
    ['a time is impossible', GOOD.replaceAll('12-01 07', '13-01 07'), TOTAL, 'row_unreadable'],
    ['an amount is no number', GOOD.replace('29.85', '29.8x'), TOTAL, 'row_unreadable'],
    ['the header is unknown', GOOD.replace('服务费（元）', '费用'), TOTAL, 'header_unknown'],
    ['the summary has no total', GOOD, '第一门店,,2,0,59.70,59.70,-0.36,59.34', 'file_damaged'],
  ];
  for (const [name, text, total, problem] of DAMAGED) {
    test(`${name}: ${problem}`, async () => {
      await assert.rejects(read(text, total), (error) => {
        assert.ok(error instanceof BillUnreadable, String(error));
        return error.problem === problem;
      });
    });
  }
});

describe('the archive', () => {
  const archive = (change: Readonly<Record<string, Uint8Array>> = {}): Uint8Array =>
    zipSync({
      '2088_20261201_业务明细.csv': gbk(GOOD),
      '2088_20261201_业务明细(汇总).csv': gbk(summary(TOTAL)),
      ...change,
    });

  async function count(bytes: Uint8Array): Promise<number> {
    const bill = fromBillArchive(bytes);
    assert.equal(bill.kind, 'ready');
    let lines = 0;
    if (bill.kind === 'ready') for await (const _ of bill.lines) lines += 1;
    return lines;
  }

  test('entry names in UTF-8, and in GBK that does not say so', async () => {
    assert.equal(await count(archive()), 2);
    const latin = (text: string): string => Buffer.from(gbk(text)).toString('latin1');
    const old = zipSync({
      [latin('2088_业务明细.csv')]: gbk(GOOD),
      [latin('2088_业务明细(汇总).csv')]: gbk(summary(TOTAL)),
    });
    assert.equal(await count(old), 2);
  });

  test('the hash does not change with the time of export', () => {
    const hash = (bytes: Uint8Array): string => {
      const bill = fromBillArchive(bytes);
      return bill.kind === 'ready' ? bill.contentHash : bill.kind;
    };
    const name = '2088_20261201_业务明细.csv';
    const later = details([row('D1'), row('D2')], '2026年12月03日 11:22:33');
    assert.equal(hash(archive({ [name]: gbk(later) })), hash(archive()));
    const other = details([row('D1'), row('D3')]);
    assert.notEqual(hash(archive({ [name]: gbk(other) })), hash(archive()));
  });

  test('a cut, foreign or incomplete archive is unknown', () => {
    const whole = archive();
    const broken = [
      whole.subarray(0, 200),
      new Uint8Array(),
      Buffer.from('<html></html>'),
      zipSync({ '2088_业务明细.csv': gbk(GOOD) }),
    ];
    for (const bytes of broken) assert.equal(fromBillArchive(bytes).kind, 'unknown');
  });
});

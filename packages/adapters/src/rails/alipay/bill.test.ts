import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RailBillLine } from '@daikou/core';
import fc from 'fast-check';
import { bytesInMemory } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { gbk, type Packed, pack } from './archive-fixture.ts';
import { fromBillArchive } from './bill.ts';
import { CONFIG } from './fixture.ts';

const HEADER =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,' +
  '订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,' +
  '券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注';

const SUMMARY_HEADER =
  '门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,服务费（元）,实收净额（元）';

type Change = Readonly<{
  kind?: string;
  amount?: string;
  fee?: string;
  goods?: string;
  refund?: string;
}>;

function row(order: string, change: Change = {}): string {
  const { kind = '交易', amount = '29.85', fee = '-0.18', goods = '专业版', refund = '' } = change;
  const time = '2026-12-01 07:30:00';
  return (
    `2026${order}\t,${order}\t,${kind},${goods},${time},${time},,,,,a***@x.test\t,` +
    `${amount},${amount},` +
    `0.00,0.00,0.00,0.00,0.00,,0.00,0.00,${refund},${fee},0.00,`
  );
}

function details(rows: readonly string[], exportedAt = '2026年12月02日 10:00:00'): string {
  return [
    '#支付宝业务明细查询',
    `#账号：[${CONFIG.sellerId}0156]`,
    '#起始日期：[2026年12月01日 00:00:00]   终止日期：[2026年12月02日 00:00:00]',
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

const WANTED = {
  sellerId: CONFIG.sellerId,
  date: Temporal.PlainDate.from('2026-12-01'),
} as const;

const NAME = '2088_20261201_业务明细.csv';
const SUMMARY_NAME = '2088_20261201_业务明细(汇总).csv';

const files = (text: string, total: string): readonly [Packed, Packed] => [
  { name: NAME, bytes: gbk(text) },
  { name: SUMMARY_NAME, bytes: gbk(summary(total)) },
];

async function read(text: string, total: string): Promise<readonly RailBillLine[]> {
  const bill = await fromBillArchive(bytesInMemory(pack(files(text, total))), WANTED);
  if (bill.kind !== 'ready') throw new Error(JSON.stringify(bill));
  return Array.fromAsync(bill.lines);
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
    const refund = row('D1', { kind: '退款', amount: '-10.00', fee: '0.06', refund: 'R1' });
    const lines = await read(details([row('D1'), refund]), '合计,,1,1,19.85,19.85,-0.12,19.73');
    assert.equal(lines[1]?.kind, 'refund');
    assert.equal(lines[1]?.orderNumber, 'D1');
    assert.equal(lines[1]?.refundNumber, 'R1');
    assert.equal(lines[1]?.amount.minor, 1000n);
    assert.equal(lines[1]?.fee.minor, -6n);
  });

  test('a file that writes refunds without a minus means the same', async () => {
    const refund = row('D1', { kind: '退款', amount: '10.00', fee: '0.06', refund: 'R1' });
    const payment = row('D1', { fee: '0.18' });
    for (const total of ['合计,,1,1,19.85,19.85,0.12,19.73', '合计,,1,1,39.85,39.85,0.24,39.61']) {
      const lines = await read(details([payment, refund]), total);
      assert.equal(lines[1]?.amount.minor, 1000n);
      assert.equal(lines[1]?.fee.minor, -6n);
    }
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
    ['a quote never ends', `${GOOD}"${'1'.repeat(200_000)}`, TOTAL, 'file_damaged'],
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
  const [details_, summary_] = files(GOOD, TOTAL);
  const open = (packed: readonly Packed[]) => fromBillArchive(bytesInMemory(pack(packed)), WANTED);

  async function count(packed: readonly Packed[]): Promise<number> {
    const bill = await open(packed);
    if (bill.kind !== 'ready') throw new Error(JSON.stringify(bill));
    return (await Array.fromAsync(bill.lines)).length;
  }

  test('entry names in GBK that do not say so, and in UTF-8; either file first', async () => {
    assert.equal(await count([details_, summary_]), 2);
    assert.equal(await count([summary_, details_]), 2);
    assert.equal(await count([details_, summary_].map((one) => ({ ...one, utf8: true }))), 2);
    assert.equal(await count([details_, summary_].map((one) => ({ ...one, method: 0 }))), 2);
  });

  test('the hash does not change with the time of export', async () => {
    const hash = async (text: string): Promise<string> => {
      const bill = await open([{ ...details_, bytes: gbk(text) }, summary_]);
      return bill.kind === 'ready' ? bill.contentHash : JSON.stringify(bill);
    };
    const later = details([row('D1'), row('D2')], '2026年12月03日 11:22:33');
    assert.match(await hash(GOOD), /^[0-9a-f]{64}$/);
    assert.equal(await hash(later), await hash(GOOD));
    assert.notEqual(await hash(details([row('D1'), row('D3')])), await hash(GOOD));
  });

  const zeros = new Uint8Array(40 * 1024 * 1024);
  const withText = (change: (text: string) => string): readonly Packed[] => [
    { ...details_, bytes: gbk(change(GOOD)) },
    summary_,
  ];
  const REFUSED: readonly (readonly [what: string, bytes: () => Uint8Array, reason: RegExp])[] = [
    ['a cut archive', () => pack([details_, summary_]).subarray(0, 200), /cut/],
    ['nothing', () => new Uint8Array(), /no ZIP/],
    ['a page', () => Buffer.from('<html></html>'), /no ZIP/],
    ['only the details', () => pack([details_]), /lacks/],
    [
      'the account statement',
      () =>
        pack([details_, summary_].map((one) => ({ ...one, name: one.name.replace('业', '账') }))),
      /lacks/,
    ],
    [
      'two files of details',
      () => pack([details_, { ...details_, name: '2088_20261201_业务明细_2.csv' }, summary_]),
      /more files/,
    ],
    [
      'a file that belongs to nothing',
      () => pack([details_, summary_, { name: 'readme.txt', bytes: gbk('x') }]),
      /more files/,
    ],
    ['hundreds of files', () => pack(Array.from({ length: 300 }, () => summary_)), /300 files/],
    ['an encrypted file', () => pack([{ ...details_, flags: 1 }, summary_]), /encrypted/],
    ['an unknown way to pack', () => pack([{ ...details_, method: 12 }, summary_]), /otherwise/],
    ['a ZIP bomb', () => pack([{ ...details_, bytes: zeros }, summary_]), /bomb/],
    [
      'a file that would be too long',
      () => pack([{ ...details_, toldSize: 3_000_000_000 }, summary_]),
      /3000000000 bytes/,
    ],
    [
      'a bomb that tells a small size',
      () => pack([{ ...details_, bytes: zeros, toldSize: 900_000 }, summary_]),
      /longer than/,
    ],
    [
      'bytes that were changed on the way',
      () => pack([{ ...details_, toldChecksum: 1 }, summary_]),
      /not the one that was packed/,
    ],
    [
      'another merchant',
      () => pack(withText((text) => text.replace('2088000000000009', '2088000000000001'))),
      /another merchant/,
    ],
    [
      'another merchant in the summary',
      () => {
        const lines = GOOD.split('\r\n').slice(0, 3).join('\r\n');
        const strange = lines.replace('0000000009', '0000000001');
        return pack([details_, { ...summary_, bytes: gbk(`${strange}\r\n${summary(TOTAL)}`) }]);
      },
      /another merchant/,
    ],
    [
      'another date',
      () =>
        pack(
          withText((text) =>
            text.replace('起始日期：[2026年12月01日', '起始日期：[2026年12月02日'),
          ),
        ),
      /of 2026-12-02/,
    ],
    [
      'no word of its account',
      () => pack(withText((text) => text.replace(/#账号.*\r\n/, ''))),
      /does not say/,
    ],
    [
      'a byte order mark',
      () => {
        const bytes = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), details_.bytes]);
        return pack([{ ...details_, bytes }, summary_]);
      },
      /byte order mark/,
    ],
  ];
  for (const [what, bytes, reason] of REFUSED) {
    test(`${what} is unknown, with the reason`, async () => {
      const bill = await fromBillArchive(bytesInMemory(bytes()), WANTED);
      assert.equal(bill.kind, 'unknown');
      if (bill.kind === 'unknown') assert.match(bill.detail, reason);
    });
  }

  test('a file saved as UTF-8 without a mark is not GBK', async () => {
    const bill = await open([{ ...details_, bytes: Buffer.from(GOOD) }, summary_]);
    assert.equal(bill.kind, 'unknown');
  });

  test('whatever byte is changed or cut off: the same rows, or a reason', async () => {
    const whole = pack([details_, summary_]);
    const expected = await linesOrReason(whole);
    assert.equal(Array.isArray(expected), true);
    const anywhere = fc.integer({ min: 0, max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(anywhere, fc.integer({ min: 1, max: 255 }), async (place, mask) => {
        const changed = Buffer.from(whole);
        changed[place] = (changed[place] ?? 0) ^ mask;
        for (const bytes of [changed, whole.subarray(0, place)]) {
          const told = await linesOrReason(bytes);
          if (Array.isArray(told)) assert.deepEqual(told, expected);
          else assert.notEqual(told, '');
        }
      }),
      { numRuns: 300 },
    );
  });

  /** The rows of an archive, or why there are none; anything else that is thrown is our bug. */
  async function linesOrReason(bytes: Uint8Array): Promise<readonly RailBillLine[] | string> {
    try {
      const bill = await fromBillArchive(bytesInMemory(bytes), WANTED);
      if (bill.kind === 'ready') return await Array.fromAsync(bill.lines);
      return bill.kind === 'unknown' ? bill.detail : bill.kind;
    } catch (error) {
      if (error instanceof BillUnreadable) return error.message;
      throw error;
    }
  }

  test('fifty thousand rows are streamed, and add up', async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => row(`D${index}`));
    const total = `合计,,50000,0,1492500.00,1492500.00,-9000.00,1483500.00`;
    assert.equal(await count(files(details(rows), total)), 50_000);
  });
});

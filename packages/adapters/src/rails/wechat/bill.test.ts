import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RailBillLine } from '@daikou/core';
import { bytesInMemory } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { fromBillReply, readWechatBill } from './bill.ts';
import { unpackBill } from './bill-text.ts';

const WANTED = { mchid: '1900000109', date: Temporal.PlainDate.from('2026-12-01') };

const CURRENT =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,' +
  '货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,' +
  '商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';

const CLASSIC =
  '交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,' +
  '货币种类,总金额,代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,' +
  '退款类型,退款状态,商品名称,商户数据包,手续费,费率';

type Change = Readonly<{
  type?: string;
  state?: string;
  amount?: string;
  refund?: string;
  fee?: string;
  goods?: string;
  refundState?: string;
}>;

function row(order: string, change: Change = {}, columns = 27): string {
  const { type = 'PAP', state = 'SUCCESS', amount = '29.85', refund = '0.00' } = change;
  const { fee = '0.18000', goods = '专业版' } = change;
  const { refundState = state === 'REFUND' ? 'SUCCESS' : '' } = change;
  const values = [
    '2026-12-01 07:30:00',
    'wx1',
    '1900000109',
    '0',
    '',
    `42${order}`,
    order,
    'payer',
    type,
    state,
    'OTHERS',
    'CNY',
    amount,
    '0.00',
    state === 'REFUND' ? `50${order}` : '0',
    '0',
    refund,
    '0.00',
    '',
    refundState,
    goods,
    '',
    fee,
    '0.60%',
    amount,
    refund,
    '',
  ];
  return values
    .slice(0, columns)
    .map((value) => `\`${value}`)
    .join(',');
}

function bill(rows: readonly string[], summary: string, header = CURRENT): string {
  const names =
    header === CURRENT
      ? '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额'
      : '总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额';
  return `${[header, ...rows, names, summary].join('\r\n')}\r\n`;
}

async function read(text: string | Uint8Array): Promise<readonly RailBillLine[]> {
  return Array.fromAsync(readWechatBill(bytesInMemory(Buffer.from(text)), WANTED));
}

const reply = (bytes: Uint8Array) => fromBillReply(bytesInMemory(bytes), WANTED);

const GOOD = bill([row('D1'), row('D2')], '`2,`59.70,`0.00,`0.00,`0.36000,`59.70,`0.00');

describe('the bill of WeChat Pay', () => {
  test('the current layout', async () => {
    const lines = await read(GOOD);
    assert.deepEqual(
      lines.map(({ lineNumber, orderNumber, amount, fee }) => [
        lineNumber,
        orderNumber,
        amount.minor,
        fee.minor,
      ]),
      [
        [1, 'D1', 2985n, 18n],
        [2, 'D2', 2985n, 18n],
      ],
    );
    assert.equal(lines[0]?.at.toString(), '2026-11-30T23:30:00Z');
    assert.equal(lines[0]?.railReference, '42D1');
  });

  test('the classic layout, a byte order mark, and packing make no difference', async () => {
    const classic = bill(
      [row('D1', {}, 24), row('D2', {}, 24)],
      '`2,`59.70,`0.00,`0.00,`0.36000',
      CLASSIC,
    );
    const expected = await read(GOOD);
    assert.deepEqual(await read(classic), expected);
    assert.deepEqual(await read(`\ufeff${GOOD}`), expected);
    assert.deepEqual(await read(gzipSync(GOOD)), expected);
    assert.deepEqual(await read(GOOD.replaceAll('\r\n', '\n').trimEnd()), expected);
  });

  test('a refund is a line of its own, its fee given back', async () => {
    const refund = row('D1', { state: 'REFUND', amount: '0.00', refund: '10.00', fee: '-0.06' });
    const text = bill([row('D1'), refund], '`2,`29.85,`10.00,`0.00,`0.12,`29.85,`10.00');
    const [, line] = await read(text);
    assert.equal(line?.kind, 'refund');
    assert.equal(line?.amount.minor, 1000n);
    assert.equal(line?.fee.minor, -6n);
    assert.equal(line?.railReference, '50D1');
  });

  for (const [refundState, isPending] of [
    ['SUCCESS', undefined],
    ['PROCESSING', true],
    ['FAIL', true],
    ['CHANGE', true],
  ] as const) {
    test(`a refund listed as ${refundState}: ${isPending ? 'open' : 'done'}`, async () => {
      const change = { state: 'REFUND', amount: '0.00', refund: '10.00', fee: '-0.06' };
      const refund = row('D1', { ...change, refundState });
      const text = bill([row('D1'), refund], '`2,`29.85,`10.00,`0.00,`0.12,`29.85,`10.00');
      const [, line] = await read(text);
      assert.equal(line?.isPending, isPending);
    });
  }

  test('rows of other products count in the totals and are not handed out', async () => {
    const text = bill(
      [row('D1', { type: 'JSAPI' }), row('D2')],
      '`2,`59.70,`0.00,`0.00,`0.36,`59.70,`0.00',
    );
    const lines = await read(text);
    assert.deepEqual(
      lines.map((line) => [line.lineNumber, line.orderNumber]),
      [[2, 'D2']],
    );
  });

  test('a comma in a product name does not shift the columns', async () => {
    const text = bill(
      [row('D1', { goods: '席位,3 个' })],
      '`1,`29.85,`0.00,`0.00,`0.18,`29.85,`0.00',
    );
    assert.equal((await read(text))[0]?.fee.minor, 18n);
  });

  const DAMAGED: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['a row is missing', GOOD.replace(`${row('D2')}\r\n`, ''), 'totals_differ'],
    ['an amount was changed', GOOD.replace('`29.85', '`29.84'), 'totals_differ'],
    ['a fee was changed', GOOD.replace('`0.18000', '`0.19000'), 'totals_differ'],
    ['the summary is missing', GOOD.slice(0, GOOD.indexOf('总交易单数')), 'file_damaged'],
    ['the packed file is cut', gzipSync(GOOD).subarray(0, 150), 'file_damaged'],
    ['the header is unknown', GOOD.replace('手续费,', '费,'), 'header_unknown'],
    ['an amount is no number', GOOD.replace('`29.85', '`29,85x'), 'row_unreadable'],
    ['a fee is finer than 分', GOOD.replace('`0.18000', '`0.18500'), 'row_unreadable'],
    ['a state is unlisted', GOOD.replace('`SUCCESS', '`MAYBE'), 'row_unreadable'],
    ['a time is impossible', GOOD.replace('12-01 07', '13-01 07'), 'row_unreadable'],
    ['bytes are not UTF-8', Buffer.from([...Buffer.from(GOOD), 0xff, 0xfe]), 'file_damaged'],
    ['nothing', '', 'file_damaged'],
    ['a row is of another merchant', GOOD.replace('1900000109', '1900000110'), 'other_bill'],
    ['all is of the day before', GOOD.replaceAll('2026-12-01', '2026-11-30'), 'other_bill'],
    ['a row never ends', `${CURRENT}\r\n\`${'1'.repeat(200_000)}`, 'file_damaged'],
  ];
  for (const [name, text, problem] of DAMAGED) {
    test(`${name}: ${problem}`, async () => {
      await assert.rejects(read(text), (error) => {
        assert.ok(error instanceof BillUnreadable, String(error));
        return error.problem === problem;
      });
    });
  }

  test('no trade, not made yet, and everything else are told apart', async () => {
    const message = (words: string): Buffer =>
      Buffer.from(
        `<xml><return_code>FAIL</return_code><return_msg>${words}</return_msg>` +
          '<error_code>20002</error_code></xml>',
      );
    assert.equal((await reply(message('No Bill Exist'))).kind, 'empty');
    assert.equal((await reply(message('Bill Creating'))).kind, 'not_ready');
    assert.equal((await reply(message('签名失败'))).kind, 'unknown');
    assert.equal((await reply(gzipSync(GOOD).subarray(0, 150))).kind, 'unknown');
  });

  test('one payment of the day beside another of midnight is a bill of the day', async () => {
    const text = GOOD.replace('2026-12-01 07:30:00', '2026-12-02 00:00:00');
    assert.equal((await read(text)).length, 2);
  });

  test('a bomb stops at the limit, before its first row', async () => {
    const bomb = bytesInMemory(gzipSync(Buffer.alloc(3_000_000, '`')));
    await assert.rejects(Array.fromAsync(unpackBill(bomb, 1_000_000)), /more than 1000000 bytes/);
  });

  test('the hash is of the text, packed or not', async () => {
    const plain = await reply(Buffer.from(GOOD));
    const packed = await reply(gzipSync(GOOD));
    assert.equal(plain.kind === 'ready' && plain.contentHash.length, 64);
    assert.equal(
      plain.kind === 'ready' && plain.contentHash,
      packed.kind === 'ready' && packed.contentHash,
    );
  });
});

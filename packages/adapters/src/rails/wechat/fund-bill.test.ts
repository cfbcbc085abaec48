import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bytesInMemory } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { readFundBill } from './fund-bill.ts';

const DATE = Temporal.PlainDate.from('2026-12-01');

const HEADER =
  '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),' +
  '资金变更提交申请人,备注,业务凭证号';
const SUMMARY = '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额';

/** A row as WeChat writes it: every value behind a backtick. */
function row(type: string, direction: string, amount: string, balance: string): string {
  const values = [
    '2026-12-01 07:30:00.000000',
    '42001',
    'F1',
    type,
    type,
    direction,
    amount,
    balance,
    'system',
    '',
    '42001',
  ];
  return values.map((value) => `\`${value}`).join(',');
}

const ROWS = [
  row('交易', '收入', '29.85', '29.85'),
  row('扣除交易手续费', '支出', '0.18000', '29.67'),
  row('退款', '支出', '10.00', '19.67'),
  row('退还交易手续费', '收入', '0.06', '19.73'),
  row('充值', '收入', '1.00', '20.73'),
  row('提现', '支出', '20.73', '0.00'),
];
const TOTALS = '`6,`3,`30.91,`3,`30.91';

function file(change: {
  readonly header?: string;
  readonly rows?: readonly string[];
  readonly names?: string;
  readonly totals?: string;
}): string {
  const { header = HEADER, rows = ROWS, names = SUMMARY, totals = TOTALS } = change;
  return `${[header, ...rows, names, totals].join('\r\n')}\r\n`;
}

function read(text: string | Uint8Array) {
  return Array.fromAsync(readFundBill(bytesInMemory(Buffer.from(text)), DATE));
}

describe('the fund flow bill (资金账单)', () => {
  test('every row is a change of the merchant’s money, with its sign and its balance', async () => {
    const rows = await read(file({}));
    assert.deepEqual(
      rows.map(({ kind, change, balance }) => [kind, change.minor, balance?.minor]),
      [
        ['payment', 2_985n, 2_985n],
        ['fee', -18n, 2_967n],
        ['refund', -1_000n, 1_967n],
        ['fee', 6n, 1_973n],
        ['other', 100n, 2_073n],
        ['payout', -2_073n, 0n],
      ],
    );
    assert.equal(rows[0]?.at.toString(), '2026-11-30T23:30:00Z');
    assert.equal(rows[4]?.wording, '充值 · 充值');
    assert.deepEqual(
      rows.map(({ lineNumber }) => lineNumber),
      [1, 2, 3, 4, 5, 6],
    );
  });

  test('packed, with a byte order mark, or with wide parentheses it is the same', async () => {
    const plain = await read(file({}));
    assert.deepEqual(await read(gzipSync(file({}))), plain);
    assert.deepEqual(await read(`\uFEFF${file({})}`), plain);
    const wide = HEADER.replaceAll('(元)', '（元）');
    assert.deepEqual(await read(file({ header: wide })), plain);
  });

  const BAD: readonly (readonly [string, string | Uint8Array, BillUnreadable['problem']])[] = [
    [
      'no column of the balance',
      file({ header: HEADER.replace(',账户结余(元)', '') }),
      'header_unknown',
    ],
    ['cut before its summary', [HEADER, ...ROWS].join('\r\n'), 'file_damaged'],
    ['cut in the packed file', gzipSync(file({})).subarray(0, 60), 'file_damaged'],
    ['bytes that are not UTF-8', Buffer.from(`${HEADER}\r\n\xff`, 'latin1'), 'file_damaged'],
    ['a row less', file({ rows: ROWS.slice(1) }), 'totals_differ'],
    ['a row twice', file({ rows: [...ROWS, ROWS[0] ?? ''] }), 'totals_differ'],
    ['another income', file({ totals: '`6,`3,`30.92,`3,`30.91' }), 'totals_differ'],
    ['another outgo', file({ totals: '`6,`3,`30.91,`3,`30.90' }), 'totals_differ'],
    [
      'of the day before',
      file({ rows: ROWS.map((one) => one.replace('2026-12-01', '2026-11-30')) }),
      'other_bill',
    ],
    ['a row that never ends', `${HEADER}\r\n\`${'1'.repeat(200_000)}`, 'file_damaged'],
    ['a summary of other figures', file({ names: '合计' }), 'header_unknown'],
    [
      'neither in nor out',
      file({ rows: [row('交易', '冻结', '1.00', '1.00')], totals: '`1,`1,`1.00,`0,`0.00' }),
      'row_unreadable',
    ],
    [
      'a fraction of a 分',
      file({ rows: [row('交易', '收入', '1.005', '1.00')], totals: '`1,`1,`1.00,`0,`0.00' }),
      'row_unreadable',
    ],
    [
      'no time',
      file({
        rows: [row('交易', '收入', '1.00', '1.00').replace(/`[^,]*/, '`soon')],
        totals: '`1,`1,`1.00,`0,`0.00',
      }),
      'row_unreadable',
    ],
  ];
  for (const [name, bytes, problem] of BAD) {
    test(`${name}: ${problem}`, async () => {
      await assert.rejects(read(bytes), (error: unknown) => {
        assert.ok(error instanceof BillUnreadable);
        assert.equal(error.problem, problem, error.message);
        return true;
      });
    });
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SettlementLine } from '@daikou/core';
import { bytesInMemory } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { gbk, pack } from './archive-fixture.ts';
import { CONFIG } from './fixture.ts';
import { fromSettlementArchive } from './settlement.ts';

const WANTED = { sellerId: CONFIG.sellerId, date: Temporal.PlainDate.from('2026-12-01') } as const;

/** Row number, business number, order, money in, money out, balance, kind. */
type Cells = readonly [string, string, string, string, string, string, string];

const ROWS: readonly Cells[] = [
  ['A1', '2026T1', 'D1', '29.85', '', '29.85', '在线支付'],
  ['A2', '2026T1', 'D1', '', '-0.18', '29.67', '收费'],
  ['A3', '2026T1', 'D1', '', '-10.00', '19.67', '交易退款'],
  ['A4', '2026T1', 'D1', '0.06', '', '19.73', '退费'],
  ['A5', '2026X9', '', '100.00', '', '119.73', '转账'],
  ['A6', '2026P1', '', '', '-119.73', '0.00', '提现'],
];

/** The present layout: 16 columns, the money out with a minus, empty cells for none. */
function current([row, business, order, income, outgo, balance, kind]: Cells): string {
  return (
    `${row}\t,${business}\t,专业版\t,2026-12-01 07:30:00,${income},${outgo},${balance},支付宝,` +
    `${kind},,${order}\t,a***@x.test\t,${business}\t,,商家中心,${kind}`
  );
}
const CURRENT =
  '账务流水号,业务流水号,商品名称,发生时间,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,' +
  '业务类型,备注,商户订单号,对方账号,业务基础订单号,业务订单号,业务账单来源,业务描述';

/** The layout of 2012: 12 columns, plain brackets, no minus, and 0.00 for none. */
function classic([row, business, order, income, outgo, balance, kind]: Cells): string {
  const out = outgo === '' ? '0.00' : outgo.slice(1);
  return (
    `${row}\t,${business}\t,${order}\t,专业版\t,2026-12-01 07:30:00,a***@x.test\t,` +
    `${income || '0.00'},${out},${balance},支付宝,${kind},`
  );
}
const CLASSIC =
  '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额(+元),支出金额(-元),账户余额(元),' +
  '交易渠道,业务类型,备注';

const FOOTER = ['#支出合计：3笔，共-129.91元', '#收入合计：3笔，共129.91元'];

function details(header: string, rows: readonly string[], footer = FOOTER): string {
  return [
    '#支付宝账务明细查询',
    `#账号：[${CONFIG.sellerId}0156]`,
    '#起始日期：[2026年12月01日 00:00:00]   终止日期：[2026年12月02日 00:00:00]',
    '#-----账务明细列表-----',
    header,
    ...rows,
    '#-----账务明细列表结束-----',
    ...footer,
    '#导出时间：[2026年12月02日 10:00:00]',
    '',
  ].join('\r\n');
}

const TOTAL = '合计,3,129.91,3,-129.91,0.00';

async function read(text: string, total = TOTAL): Promise<readonly SettlementLine[]> {
  const header = '类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）';
  const summary = `#支付宝账务汇总查询\r\n${header}\r\n${total}\r\n`;
  const archive = pack([
    { name: '2088_20261201_账务明细.csv', bytes: gbk(text) },
    { name: '2088_20261201_账务明细(汇总).csv', bytes: gbk(summary) },
  ]);
  const statement = await fromSettlementArchive(bytesInMemory(archive), WANTED);
  if (statement.kind !== 'ready') throw new Error(JSON.stringify(statement));
  return Array.fromAsync(statement.lines);
}

const GOOD = details(CURRENT, ROWS.map(current));

describe('the account statement of Alipay', () => {
  for (const [name, text] of [
    ['the present layout', GOOD],
    ['the layout of 2012', details(CLASSIC, ROWS.map(classic))],
    ['without the lines of totals', details(CURRENT, ROWS.map(current), [])],
  ] as const) {
    test(`${name}: every change of the balance, with its kind`, async () => {
      const lines = await read(text);
      assert.deepEqual(
        lines.map((line) => [line.kind, line.change.minor, line.balance?.minor]),
        [
          ['payment', 2985n, 2985n],
          ['fee', -18n, 2967n],
          ['refund', -1000n, 1967n],
          ['fee', 6n, 1973n],
          ['other', 10000n, 11973n],
          ['payout', -11973n, 0n],
        ],
      );
      const [first, , , , transfer, payout] = lines;
      assert.equal(first?.orderNumber, 'D1');
      assert.equal(first?.railReference, '2026T1');
      assert.equal(first?.at.toString(), '2026-11-30T23:30:00Z');
      assert.equal(transfer?.wording, '转账');
      assert.equal(payout?.railReference, '2026P1');
      assert.equal(payout?.orderNumber, undefined);
    });
  }

  test('a day on which nothing moved', async () => {
    const footer = ['#支出合计：0笔，共0.00元', '#收入合计：0笔，共0.00元'];
    assert.deepEqual(await read(details(CURRENT, [], footer), '合计,0,0.00,0,0.00,0.00'), []);
  });

  const DAMAGED: readonly (readonly [string, string, string, string])[] = [
    ['a row is missing', details(CURRENT, ROWS.slice(1).map(current)), TOTAL, 'totals_differ'],
    ['an amount was changed', GOOD.replace('-10.00', '-10.01'), TOTAL, 'totals_differ'],
    ['money in became money out', GOOD.replace('0.06,', ',0.06'), TOTAL, 'totals_differ'],
    ['the line of totals differs', GOOD.replace('共129.91', '共129.90'), TOTAL, 'totals_differ'],
    ['the summary differs', GOOD, TOTAL.replace('3,129.91', '4,129.91'), 'totals_differ'],
    ['both money in and money out', GOOD.replace(',-0.18', '1.00,-0.18'), TOTAL, 'row_unreadable'],
    ['a time is impossible', GOOD.replaceAll('12-01 07', '13-01 07'), TOTAL, 'row_unreadable'],
    ['an amount is no number', GOOD.replace('29.85,', '29.8x,'), TOTAL, 'row_unreadable'],
    ['the header is unknown', GOOD.replace('业务流水号', '流水号'), TOTAL, 'header_unknown'],
    ['the summary has no total', GOOD, '收费,1,0.06,1,-0.18,-0.12', 'file_damaged'],
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

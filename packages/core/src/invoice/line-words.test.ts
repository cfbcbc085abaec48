import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anInvoice, day } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { ratio } from '../money/ratio.ts';
import type { InvoiceLine } from './invoice.ts';
import { explainLine, explainReason } from './line-words.ts';

function aLine(changes: Partial<InvoiceLine> = {}): InvoiceLine {
  const [line] = anInvoice().lines;
  assert.ok(line);
  return { ...line, ...changes };
}

const PERIOD = { start: day('2026-03-15'), end: day('2026-04-01') };

describe('a line in one sentence', () => {
  const table: readonly (readonly [string, InvoiceLine, string, string])[] = [
    [
      'a price for a period',
      aLine(),
      '基础费 2026-03-10 – 2026-04-09：1 × ¥29.85 = ¥29.85；含税 ¥1.69（6%）；按标价',
      'Base fee 2026-03-10 – 2026-04-09: 1 × ¥29.85 = ¥29.85; tax ¥1.69 included (6%); ' +
        'at the list price',
    ],
    [
      'the rest of a period after a change',
      aLine({
        period: PERIOD,
        serviceDays: 17,
        periodDays: 31,
        quantity: ratio(2n),
        rule: 'change_charge',
        why: { change: { type: 'quantity', on: PERIOD.start } },
      }),
      '基础费 2026-03-15 – 2026-03-31：2 × ¥29.85 × 17/31 天 = ¥29.85；含税 ¥1.69（6%）；' +
        '补收变更后剩余天数；自 2026-03-15 起数量变更',
      'Base fee 2026-03-15 – 2026-03-31: 2 × ¥29.85 × 17/31 days = ¥29.85; ' +
        'tax ¥1.69 included (6%); for the days that are left after a change; ' +
        'another quantity from 2026-03-15',
    ],
    [
      'usage with a pack and a coupon',
      aLine({
        kind: 'metered',
        why: {
          usedUnits: ratio(1_200n),
          packUnits: ratio(200n),
          discounts: [{ couponCode: 'SAVE', amount: money(300n, 'CNY') }],
        },
      }),
      '基础费 2026-03-10 – 2026-04-09：1 × ¥29.85 = ¥29.85；用量 1200；资源包抵扣 200；' +
        '优惠券 SAVE 减 ¥3.00；含税 ¥1.69（6%）；按标价',
      'Base fee 2026-03-10 – 2026-04-09: 1 × ¥29.85 = ¥29.85; used 1200; 200 covered by packs; ' +
        'coupon SAVE takes off ¥3.00; tax ¥1.69 included (6%); at the list price',
    ],
    [
      'an instalment',
      aLine({ rule: 'instalment', why: { instalment: { number: 2, of: 3 } } }),
      '基础费 2026-03-10 – 2026-04-09：1 × ¥29.85 = ¥29.85；含税 ¥1.69（6%）；分期第 2/3 期',
      'Base fee 2026-03-10 – 2026-04-09: 1 × ¥29.85 = ¥29.85; tax ¥1.69 included (6%); ' +
        'instalment 2 of 3',
    ],
  ];
  for (const [name, line, zh, en] of table) {
    test(name, () => {
      assert.equal(explainLine(line, 'zh-CN'), zh);
      assert.equal(explainLine(line, 'en'), en);
    });
  }

  test('names the price version where it is known', () => {
    const line = aLine();
    const versions = new Map([[line.priceVersionId, 3]]);
    assert.match(explainLine(line, 'zh-CN', versions), /；价格第 3 版；/);
    assert.match(explainLine(line, 'en', versions), /; price version 3; /);
  });

  test('shows the steps of a tiered price, the first dozen of them', () => {
    const step = {
      kind: 'units',
      quantity: ratio(5n),
      price: ratio(2n),
      amount: ratio(10n),
    } as const;
    const tier = { number: 1, from: ratio(0n), upTo: ratio(5n) };
    const { unitAmount: _unitAmount, ...line } = aLine();
    const few = { ...line, why: { steps: [{ ...step, tier }] } };
    assert.match(explainLine(few, 'en'), /; tier 1 units 5 × 2 = ¥10.00; /);
    const many = { ...line, why: { steps: Array.from({ length: 20 }, () => step) } };
    assert.match(explainLine(many, 'zh-CN'), /；另有 8 步；/);
  });

  test('a reason of its own is only said of lines that need one', () => {
    assert.equal(explainReason(aLine(), 'en'), undefined);
    assert.equal(explainReason(aLine({ rule: 'agreed_price' }), 'en'), undefined);
    const late = aLine({ rule: 'usage_correction' });
    assert.equal(explainReason(late, 'en'), 'usage that was reported late');
    assert.equal(explainReason(late, 'zh-CN'), '补计迟到的用量');
  });
});

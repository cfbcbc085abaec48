import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { money } from '../money/money.ts';
import { type Ratio, ratio, toMoney } from '../money/ratio.ts';
import { InvariantBroken } from '../result/invariant.ts';
import { type ComparableInvoice, type ComparableLine, compareInvoices } from './compare.ts';
import { explainChange } from './compare-words.ts';

const cny = (minor: bigint) => money(minor, 'CNY');

type Sketch = Partial<Omit<ComparableLine, 'quantity' | 'unitAmount' | 'discount'>> & {
  readonly quantity?: bigint;
  /** In fen; null for a model without a unit price. */
  readonly unit?: bigint | null;
  readonly discount?: bigint;
  /** Tax that is added to the price. */
  readonly tax?: bigint;
};

/** Ten seats at ¥30.00 for a whole month, tax inside, unless the sketch says otherwise. */
function line(sketch: Sketch = {}): ComparableLine {
  const { quantity = 10n, unit = 3_000n, discount = 0n, tax = 0n, ...rest } = sketch;
  const { serviceDays = 30, periodDays = 30 } = rest;
  const exact = ratio((unit ?? 0n) * quantity * BigInt(serviceDays), BigInt(periodDays) * 100n);
  const subtotal = rest.subtotal ?? toMoney(exact, 'CNY');
  return {
    priceCode: 'seat',
    kind: 'seat',
    rule: 'list_price',
    quantity: ratio(quantity),
    ...(unit === null ? {} : { unitAmount: ratio(unit, 100n) }),
    serviceDays,
    periodDays,
    discount: cny(discount),
    taxBasisPoints: 600n,
    nameZh: '席位',
    nameEn: 'Seats',
    ...rest,
    subtotal,
    amount: rest.amount ?? cny(subtotal.minor - discount + tax),
  };
}

const FLAT = { priceCode: 'base', kind: 'flat', nameZh: '基础版', nameEn: 'Base' } as const;
const MODULE = { priceCode: 'crm', kind: 'module', nameZh: '客户管理', nameEn: 'CRM' } as const;
const CALLS = {
  priceCode: 'api',
  kind: 'metered',
  nameZh: '接口调用',
  nameEn: 'API calls',
} as const;
const SETUP = { priceCode: 'setup', kind: 'one_off', nameZh: '实施费', nameEn: 'Setup' } as const;

function bill(...lines: readonly ComparableLine[]): ComparableInvoice {
  return { total: cny(lines.reduce((sum, { amount }) => sum + amount.minor, 0n)), lines };
}

const causes = (before: ComparableInvoice, after: ComparableInvoice) =>
  compareInvoices(before, after).map(({ cause, amount }) => `${cause} ${amount.minor}`);

describe('why a bill changed', () => {
  const cases: readonly (readonly [string, ComparableInvoice, ComparableInvoice, string[]])[] = [
    ['nothing changed', bill(line()), bill(line()), []],
    ['two more seats', bill(line()), bill(line({ quantity: 12n })), ['seats 6000']],
    ['a higher price', bill(line()), bill(line({ unit: 3_500n })), ['price 5000']],
    [
      'price, seats and days, in this order',
      bill(line()),
      bill(line({ unit: 3_500n, quantity: 12n, serviceDays: 15 })),
      ['price 5000', 'seats 7000', 'proration -21000'],
    ],
    [
      'rounding stays with the last that changed',
      bill(line({ unit: 1_000n, quantity: 1n, serviceDays: 10, periodDays: 31 })),
      bill(line({ unit: 1_001n, quantity: 2n, serviceDays: 10, periodDays: 31 })),
      ['seats 323'],
    ],
    [
      'a discount that ended and one that began',
      bill(line({ discount: 3_000n }), line(FLAT)),
      bill(line(), line({ ...FLAT, discount: 500n })),
      ['discount 3000', 'discount -500'],
    ],
    [
      'tax on top follows the amount',
      bill(line({ tax: 1_800n })),
      bill(line({ quantity: 12n, tax: 2_160n })),
      ['seats 6000', 'tax 360'],
    ],
    [
      'modules that came and went',
      bill(line(FLAT), line(MODULE)),
      bill(line(FLAT), line()),
      ['modules_added 30000', 'modules_removed -30000'],
    ],
    [
      'usage with a unit price',
      bill(line({ ...CALLS, quantity: 1_200n, unit: 5n })),
      bill(line({ ...CALLS, quantity: 1_500n, unit: 6n })),
      ['price 1200', 'usage 1800'],
    ],
    [
      'usage in tiers has no unit price',
      bill(line({ ...CALLS, unit: null, quantity: 1_200n, subtotal: cny(5_000n) })),
      bill(line({ ...CALLS, unit: null, quantity: 1_500n, subtotal: cny(5_900n) })),
      ['usage 900'],
    ],
    [
      'the same usage without the pack that covered a part of it',
      bill(line({ ...CALLS, unit: 5n, why: { packUnits: ratio(4n) }, subtotal: cny(30n) })),
      bill(line({ ...CALLS, unit: 5n })),
      ['usage 20'],
    ],
    [
      'other tiers for the same usage',
      bill(line({ ...CALLS, unit: null, subtotal: cny(5_000n) })),
      bill(line({ ...CALLS, unit: null, subtotal: cny(5_900n) })),
      ['price 900'],
    ],
    [
      'a tiered price for half of the days',
      bill(line({ unit: null, subtotal: cny(5_001n) })),
      bill(line({ unit: null, subtotal: cny(2_501n), serviceDays: 15 })),
      ['proration -2500'],
    ],
    [
      'a tiered price for more units and half of the days',
      bill(line({ unit: null, subtotal: cny(5_000n) })),
      bill(line({ unit: null, quantity: 12n, subtotal: cny(3_000n), serviceDays: 15 })),
      ['seats 1000', 'proration -3000'],
    ],
    ['a first usage', bill(), bill(line({ ...CALLS, unit: 5n })), ['usage 50']],
    ['a setup that is over', bill(line(SETUP)), bill(), ['one_off -30000']],
    [
      'lines of a rule of their own',
      bill(line({ rule: 'change_credit', subtotal: cny(-400n) })),
      bill(
        line({ ...CALLS, rule: 'usage_correction', subtotal: cny(70n) }),
        line({ ...FLAT, rule: 'minimum_spend', subtotal: cny(90n) }),
        line({ ...SETUP, rule: 'instalment', subtotal: cny(800n) }),
        line({ ...FLAT, rule: 'termination', subtotal: cny(600n) }),
      ),
      ['late_usage 70', 'minimum_spend 90', 'one_off 800', 'termination 600', 'mid_period 400'],
    ],
    [
      'a list price that became an agreed one is the same line',
      bill(line()),
      bill(line({ rule: 'agreed_price', unit: 2_500n })),
      ['price -5000'],
    ],
    [
      'departments are told apart',
      bill(line({ beneficiaryId: 'a' }), line({ beneficiaryId: 'b' })),
      bill(line({ beneficiaryId: 'b', quantity: 11n }), line({ beneficiaryId: 'a' })),
      ['seats 3000'],
    ],
    [
      'what the lines do not say',
      { total: cny(30_000n), lines: [line()] },
      { total: cny(30_001n), lines: [line()] },
      ['other 1'],
    ],
  ];
  for (const [name, before, after, expected] of cases) {
    test(name, () => assert.deepEqual(causes(before, after), expected));
  }

  test('two currencies do not compare', () => {
    const dollars = { total: money(1n, 'USD'), lines: [] };
    assert.throws(() => compareInvoices(bill(line()), dollars), InvariantBroken);
  });
});

describe('the parts of a change', () => {
  const amounts = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }).map(cny);
  const exact = fc
    .tuple(fc.bigInt({ min: -(10n ** 6n), max: 10n ** 6n }), fc.constantFrom(1n, 3n, 100n, 10_000n))
    .map(([numerator, denominator]): Ratio => ({ numerator, denominator }));
  const anyLine = fc
    .record(
      {
        priceCode: fc.constantFrom('a', 'b', 'c'),
        kind: fc.constantFrom('flat', 'seat', 'module', 'metered', 'one_off'),
        rule: fc.constantFrom('list_price', 'agreed_price', 'change_credit', 'minimum_spend'),
        quantity: exact,
        unitAmount: exact,
        serviceDays: fc.integer({ min: 0, max: 31 }),
        periodDays: fc.integer({ min: 0, max: 31 }),
        subtotal: amounts,
        discount: amounts,
        amount: amounts,
        taxBasisPoints: fc.constantFrom(0n, 600n, 1_300n),
        nameZh: fc.constant('席位'),
        nameEn: fc.constant('Seats'),
      },
      {
        requiredKeys: [
          'priceCode',
          'kind',
          'rule',
          'quantity',
          'serviceDays',
          'periodDays',
          'subtotal',
          'discount',
          'amount',
          'taxBasisPoints',
          'nameZh',
          'nameEn',
        ],
      },
    )
    .map((made) => made as ComparableLine);
  const anyInvoice = fc.record({ total: amounts, lines: fc.array(anyLine, { maxLength: 6 }) });

  test('add up to the difference to the fen, for any two invoices', () => {
    fc.assert(
      fc.property(anyInvoice, anyInvoice, (before, after) => {
        const parts = compareInvoices(before, after);
        const sum = parts.reduce((total, { amount }) => total + amount.minor, 0n);
        assert.equal(sum, after.total.minor - before.total.minor);
        assert.ok(parts.every(({ amount }) => amount.minor !== 0n));
      }),
      { numRuns: 10_000 },
    );
  });

  test('of lines that add up leave nothing unexplained', () => {
    const lines = fc.array(anyLine, { maxLength: 6 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const parts = compareInvoices(bill(...before), bill(...after));
        assert.ok(parts.every(({ cause }) => cause !== 'other'));
      }),
      { numRuns: 2_000 },
    );
  });

  test('of an invoice and itself are none', () => {
    fc.assert(
      fc.property(anyInvoice, (invoice) => {
        assert.deepEqual(compareInvoices(invoice, invoice), []);
      }),
      { numRuns: 1_000 },
    );
  });

  test('have a sentence each, in both languages', () => {
    fc.assert(
      fc.property(anyInvoice, anyInvoice, (before, after) => {
        const parts = compareInvoices(before, after);
        for (const locale of ['zh-CN', 'en'] as const) {
          const sentences = explainChange(parts, locale);
          assert.equal(sentences.length, parts.length);
          assert.ok(sentences.every((sentence) => !/undefined|\[object|NaN/.test(sentence)));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the sentences of a change', () => {
  const cases: readonly (readonly [ComparableInvoice, ComparableInvoice, string, string])[] = [
    [
      bill(line()),
      bill(line({ quantity: 12n })),
      '席位 10 → 12，单价 ¥30.00，多 ¥60.00',
      'Seats 10 → 12, at ¥30.00 each, ¥60.00 more',
    ],
    [
      bill(line()),
      bill(line({ unit: 2_500n })),
      '席位 单价 ¥30.00 → ¥25.00，数量 10，少 ¥50.00',
      'Seats unit price ¥30.00 → ¥25.00, quantity 10, ¥50.00 less',
    ],
    [
      bill(line({ ...CALLS, unit: null, quantity: 1_200n, subtotal: cny(5_000n) })),
      bill(line({ ...CALLS, unit: null, quantity: 1_500n, subtotal: cny(5_900n) })),
      '接口调用 用量 1200 → 1500，多 ¥9.00',
      'API calls usage 1200 → 1500, ¥9.00 more',
    ],
    [
      bill(line({ ...CALLS, unit: 5n, why: { packUnits: ratio(4n) }, subtotal: cny(30n) })),
      bill(line({ ...CALLS, unit: 5n })),
      '接口调用 用量 10，资源包抵扣 4 → 0，单价 ¥0.05，多 ¥0.20',
      'API calls usage 10, covered by packs 4 → 0, at ¥0.05 each, ¥0.20 more',
    ],
    [
      bill(line()),
      bill(line({ serviceDays: 15 })),
      '席位 服务天数 30/30 → 15/30，少 ¥150.00',
      'Seats days of service 30/30 → 15/30, ¥150.00 less',
    ],
    [
      bill(line()),
      bill(line({ discount: 3_000n })),
      '席位 优惠 ¥0.00 → ¥30.00，少 ¥30.00',
      'Seats discount ¥0.00 → ¥30.00, ¥30.00 less',
    ],
    [
      bill(line({ tax: 1_800n })),
      bill(line({ tax: 3_900n, taxBasisPoints: 1_300n })),
      '席位 税率 6% → 13%，多 ¥21.00',
      'Seats tax rate 6% → 13%, ¥21.00 more',
    ],
    [
      bill(),
      bill(line({ ...MODULE, quantity: 1n, unit: 9_900n })),
      '新增 客户管理，数量 1，单价 ¥99.00，多 ¥99.00',
      'New: CRM, quantity 1, at ¥99.00 each, ¥99.00 more',
    ],
    [
      bill(line({ ...MODULE, quantity: 1n, unit: 9_900n })),
      bill(),
      '不再有 客户管理，数量 1，单价 ¥99.00，少 ¥99.00',
      'No longer: CRM, quantity 1, at ¥99.00 each, ¥99.00 less',
    ],
    [
      bill(line({ ...SETUP, quantity: 1n })),
      bill(),
      '实施费 一次性费用（上一账单），少 ¥30.00',
      'Setup one-off amount (on the earlier bill), ¥30.00 less',
    ],
    [
      bill(),
      bill(line({ rule: 'usage_correction', ...CALLS, subtotal: cny(70n) })),
      '接口调用 补计迟到的用量，多 ¥0.70',
      'API calls usage that was reported late, ¥0.70 more',
    ],
    [
      { total: cny(0n), lines: [] },
      { total: cny(1n), lines: [] },
      '其他，多 ¥0.01',
      'Other, ¥0.01 more',
    ],
  ];
  for (const [before, after, chinese, english] of cases) {
    test(chinese, () => {
      const parts = compareInvoices(before, after);
      assert.deepEqual(explainChange(parts, 'zh-CN'), [chinese]);
      assert.deepEqual(explainChange(parts, 'en'), [english]);
    });
  }
});

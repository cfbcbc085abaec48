import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { money } from '../money/money.ts';
import { fromBasisPoints, ratio } from '../money/ratio.ts';
import { splitTax, type TaxTerms, taxByRate, taxLine } from './tax.ts';

describe('the tax inside a price', () => {
  const cases: readonly (readonly [bigint, bigint, bigint, bigint])[] = [
    [10_600n, 600n, 10_000n, 600n],
    [2_985n, 600n, 2_816n, 169n],
    [2_985n, 1_300n, 2_642n, 343n],
    [2_985n, 0n, 2_985n, 0n],
    [1n, 600n, 1n, 0n],
    [9n, 600n, 8n, 1n],
    [0n, 600n, 0n, 0n],
    [-2_985n, 600n, -2_816n, -169n],
    // 105 / 1.4 = 75 exactly; 7 / 1.4 = 5; 3 / 1.2 = 2.5 is rounded away from zero.
    [105n, 4_000n, 75n, 30n],
    [3n, 2_000n, 3n, 0n],
    [-3n, 2_000n, -3n, 0n],
  ];
  for (const [gross, rate, net, tax] of cases) {
    test(`${gross} at ${rate} basis points is ${net} and ${tax}`, () => {
      const split = splitTax(money(gross, 'CNY'), rate);
      assert.equal(split.net.minor, net);
      assert.equal(split.tax.minor, tax);
    });
  }

  test('adds up to the fen and is never off by more than half a fen', () => {
    const gross = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
    const rates = fc.bigInt({ min: 0n, max: 10_000n });
    fc.assert(
      fc.property(gross, rates, (minor, rate) => {
        const { net, tax } = splitTax(money(minor, 'CNY'), rate);
        assert.equal(net.minor + tax.minor, minor);
        const error = net.minor * (10_000n + rate) - minor * 10_000n;
        assert.ok((error < 0n ? -error : error) * 2n <= 10_000n + rate);
        const mirrored = splitTax(money(-minor, 'CNY'), rate);
        assert.equal(mirrored.net.minor, -net.minor);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the tax of a line', () => {
  const terms = (
    mode: TaxTerms['mode'],
    basisPoints: readonly bigint[],
    treatment: NonNullable<TaxTerms['treatment']> = 'taxable',
  ): TaxTerms => ({
    mode,
    treatment,
    rates: basisPoints.map((points, index) => ({
      code: `t${index + 1}`,
      rate: fromBasisPoints(points),
    })),
  });
  const cases: readonly (readonly [string, bigint, TaxTerms, readonly bigint[]])[] = [
    ['on top', 60_000n, terms('exclusive', [1_000n]), [60_000n, 6_000n, 66_000n]],
    ['inside', 60_000n, terms('inclusive', [1_000n]), [54_545n, 5_455n, 60_000n]],
    ['half a fen goes up', 100n, terms('exclusive', [50n]), [100n, 1n, 101n]],
    ['away from zero in a credit', -100n, terms('exclusive', [50n]), [-100n, -1n, -101n]],
    ['rates add up', 1_000n, terms('exclusive', [1_200n, 500n]), [1_000n, 170n, 1_170n]],
    ['rates inside add up too', 1_170n, terms('inclusive', [1_200n, 500n]), [1_000n, 170n, 1_170n]],
    ['none without rates', 1_000n, terms('exclusive', []), [1_000n, 0n, 1_000n]],
    ['none when exempt', 1_000n, terms('exclusive', [600n], 'exempt'), [1_000n, 0n, 1_000n]],
    [
      'the buyer accounts for it',
      1_000n,
      terms('inclusive', [600n], 'reverse_charge'),
      [1_000n, 0n, 1_000n],
    ],
  ];
  for (const [name, amount, how, [net, tax, total]] of cases) {
    test(name, () => {
      const taxed = taxLine(money(amount, 'CNY'), how);
      assert.deepEqual([taxed.net.minor, taxed.tax.minor, taxed.total.minor], [net, tax, total]);
      const shared = taxed.byRate.reduce((sum, one) => sum + one.tax.minor, 0n);
      assert.equal(shared, tax);
      assert.equal(taxed.byRate.length, how.rates.length);
    });
  }

  test('inside at one rate is the split of Chinese VAT', () => {
    const gross = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    const rates = fc.bigInt({ min: 0n, max: 10_000n });
    fc.assert(
      fc.property(gross, rates, (minor, points) => {
        const { net, tax } = taxLine(money(minor, 'CNY'), terms('inclusive', [points]));
        assert.deepEqual({ net, tax }, splitTax(money(minor, 'CNY'), points));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the taxes of an invoice by rate', () => {
  const rate = (code: string, points: bigint) => ({ code, rate: fromBasisPoints(points) });

  test('are rounded once over all lines, on exact amounts', () => {
    const lines = [
      { taxable: ratio(20n, 3n), rates: [rate('vat', 1_000n)] },
      { taxable: ratio(40n, 3n), rates: [rate('vat', 1_000n), rate('city', 1_200n)] },
    ];
    const { rates, tax } = taxByRate(lines, 'EUR');
    assert.deepEqual(
      rates.map((one) => [one.code, one.taxable.minor, one.tax.minor]),
      [
        ['vat', 2_000n, 200n],
        ['city', 1_333n, 160n],
      ],
    );
    assert.equal(tax.minor, 360n);
  });

  test('are another sum than line by line, which is why a profile has to be chosen', () => {
    const terms: TaxTerms = { mode: 'exclusive', rates: [rate('vat', 2_100n)] };
    const amounts = [ratio(2n, 100n), ratio(2n, 100n), ratio(2n, 100n)];
    const byRate = taxByRate(
      amounts.map((taxable) => ({ taxable, rates: terms.rates })),
      'EUR',
    );
    const byLine = amounts.reduce((sum) => sum + taxLine(money(2n, 'EUR'), terms).tax.minor, 0n);
    assert.deepEqual([byRate.tax.minor, byLine], [1n, 0n]);
  });
});

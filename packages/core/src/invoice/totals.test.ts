import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { money } from '../money/money.ts';
import { fromBasisPoints } from '../money/ratio.ts';
import { InvariantBroken } from '../result/invariant.ts';
import type { TaxTerms } from './tax.ts';
import { computeTotals, type UntaxedLine } from './totals.ts';

const cny = (minor: bigint) => money(minor, 'CNY');
const at = (mode: TaxTerms['mode'], ...points: readonly bigint[]): TaxTerms => ({
  mode,
  rates: points.map((one, index) => ({ code: `t${index}`, rate: fromBasisPoints(one) })),
});
const line = (subtotal: bigint, discount: bigint, terms: TaxTerms): UntaxedLine => ({
  subtotal: cny(subtotal),
  discount: cny(discount),
  terms,
});

describe('the totals of an invoice', () => {
  test('take the discount off before tax', () => {
    const totals = computeTotals(
      [line(151n, 0n, at('exclusive', 1_000n, 2_000n)), line(379n, 100n, at('exclusive', 3_000n))],
      'CNY',
    );
    assert.deepEqual(
      [totals.subtotal, totals.discount, totals.discounted, totals.tax, totals.total].map(
        ({ minor }) => minor,
      ),
      [530n, 100n, 430n, 129n, 559n],
    );
  });

  test('keep the price where it includes the tax', () => {
    const totals = computeTotals([line(2_985n, 298n, at('inclusive', 600n))], 'CNY');
    assert.deepEqual(
      [totals.net.minor, totals.tax.minor, totals.total.minor],
      [2_535n, 152n, 2_687n],
    );
  });

  test('of nothing are zero', () => {
    assert.equal(computeTotals([], 'CNY').total.minor, 0n);
  });

  test('a discount above its line is our bug', () => {
    assert.throws(
      () => computeTotals([line(100n, 101n, at('inclusive', 600n))], 'CNY'),
      InvariantBroken,
    );
  });

  test('are the sums of the lines, in every column', () => {
    const lines = fc.array(
      fc
        .record({
          subtotal: fc.bigInt({ min: 0n, max: 10n ** 9n }),
          share: fc.bigInt({ min: 0n, max: 100n }),
          points: fc.array(fc.bigInt({ min: 0n, max: 3_000n }), { maxLength: 3 }),
          mode: fc.constantFrom('inclusive' as const, 'exclusive' as const),
        })
        .map(({ subtotal, share, points, mode }) =>
          line(subtotal, (subtotal * share) / 100n, at(mode, ...points)),
        ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(lines, (all) => {
        const totals = computeTotals(all, 'CNY');
        const columns = ['subtotal', 'discount', 'net', 'tax', 'total'] as const;
        for (const column of columns) {
          const sum = totals.lines.reduce((left, one) => left + one[column].minor, 0n);
          assert.equal(sum, totals[column].minor);
        }
        assert.equal(totals.net.minor + totals.tax.minor, totals.total.minor);
        for (const one of totals.lines) {
          assert.equal(one.net.minor + one.tax.minor, one.total.minor);
          const taxes = one.byRate.reduce((left, { tax }) => left + tax.minor, 0n);
          assert.equal(taxes, one.tax.minor);
        }
      }),
      { numRuns: 500 },
    );
  });
});

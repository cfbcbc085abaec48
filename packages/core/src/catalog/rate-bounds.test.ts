import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { money } from '../money/money.ts';
import { fromBasisPoints } from '../money/ratio.ts';
import { applySpendBounds, trueUp } from './rate-bounds.ts';

const yuan = (amount: bigint) => money(amount * 100n, 'CNY');
const day = (text: string) => Temporal.PlainDate.from(text);

describe('the bounds of a period’s spending', () => {
  type Bounds = Parameters<typeof applySpendBounds>[0];
  /** Discount, maximum's cut, minimum's true-up and total, in yuan. */
  type Expected = readonly [bigint, bigint, bigint, bigint];
  const half = fromBasisPoints(5_000n);
  const cases: readonly (readonly [string, Bounds, Expected])[] = [
    ['no bounds', { amount: yuan(7n) }, [0n, 0n, 0n, 7n]],
    ['under the minimum', { amount: yuan(100n), minimum: yuan(150n) }, [0n, 0n, 50n, 150n]],
    ['on the minimum', { amount: yuan(150n), minimum: yuan(150n) }, [0n, 0n, 0n, 150n]],
    [
      'earlier lines count',
      { amount: yuan(0n), minimum: yuan(1000n), priorBilled: yuan(100n) },
      [0n, 0n, 900n, 900n],
    ],
    [
      'no minimum before the last line',
      { amount: yuan(0n), minimum: yuan(100n), isLastOfPeriod: false },
      [0n, 0n, 0n, 0n],
    ],
    ['over the maximum', { amount: yuan(150n), maximum: yuan(125n) }, [0n, 25n, 0n, 125n]],
    ['on the maximum', { amount: yuan(100n), maximum: yuan(100n) }, [0n, 0n, 0n, 100n]],
    [
      'the maximum was reached before',
      { amount: yuan(75n), maximum: yuan(100n), priorBilled: yuan(120n) },
      [0n, 75n, 0n, 0n],
    ],
    [
      'the discount comes before the maximum',
      { amount: yuan(200n), maximum: yuan(100n), priorBilled: yuan(35n), discountShare: half },
      [100n, 35n, 0n, 65n],
    ],
    [
      'a credit is left alone',
      { amount: yuan(-5n), maximum: yuan(10n), priorBilled: yuan(20n) },
      [0n, 0n, 0n, -5n],
    ],
  ];
  for (const [name, bounds, [discount, cut, added, total]] of cases) {
    test(name, () => {
      const spend = applySpendBounds(bounds);
      assert.deepEqual(
        [spend.discount, spend.maximumCut, spend.minimumTrueUp, spend.total],
        [discount, cut, added, total].map(yuan),
      );
    });
  }

  test('the lines of a period stay between its minimum and its maximum', () => {
    const fen = fc.bigInt({ min: 0n, max: 10_000n });
    fc.assert(
      fc.property(fc.array(fen, { minLength: 1, maxLength: 6 }), fen, fen, (lines, one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one];
        let billed = 0n;
        lines.forEach((minor, index) => {
          const spend = applySpendBounds({
            amount: money(minor, 'CNY'),
            minimum: money(low, 'CNY'),
            maximum: money(high, 'CNY'),
            priorBilled: money(billed, 'CNY'),
            isLastOfPeriod: index === lines.length - 1,
          });
          billed += spend.total.minor;
        });
        assert.ok(billed >= low && billed <= high);
      }),
    );
  });
});

describe('a minimum is trued up', () => {
  const february = { start: day('2023-02-01'), end: day('2023-03-01') };
  const partly = { start: day('2023-02-01'), end: day('2023-02-26') };
  test('for its share of the actual days, half up', () => {
    const cases = [
      [yuan(10n), [yuan(8n)], 893n, 93n],
      [yuan(100n), [yuan(20n), yuan(50n)], 8929n, 1929n],
      [yuan(10n), [yuan(9n)], 893n, 0n],
    ] as const;
    for (const [minimum, billed, prorated, missing] of cases) {
      const result = trueUp({ minimum, billed, service: partly, period: february });
      assert.deepEqual([result.proratedMinimum.minor, result.trueUp.minor], [prorated, missing]);
    }
  });
  test('in full without a period, and for a whole one', () => {
    const whole = { proratedMinimum: yuan(2n), trueUp: yuan(2n) };
    assert.deepEqual(trueUp({ minimum: yuan(2n), billed: [] }), whole);
    assert.deepEqual(trueUp({ minimum: yuan(2n), billed: [], period: february }), whole);
  });
});

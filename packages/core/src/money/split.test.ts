import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import { type Money, money } from './money.ts';
import { type Ratio, ratio } from './ratio.ts';
import { allocateByAmount, allocateByWeight, splitFirstServed } from './split.ts';

const cny = (minor: bigint) => money(minor, 'CNY');
const minors = (parts: readonly Money[]) => parts.map((part) => part.minor);
const total = (parts: readonly Money[]) => parts.reduce((sum, { minor }) => sum + minor, 0n);
const third = ratio(1n, 3n);

describe('an amount split by exact weights', () => {
  const cases: readonly {
    readonly name: string;
    readonly total: bigint;
    readonly weights: readonly Ratio[];
    readonly parts: readonly bigint[];
  }[] = [
    {
      name: 'weights with different denominators',
      total: 100n,
      weights: [ratio(1n, 2n), third, ratio(1n, 6n)],
      parts: [50n, 33n, 17n],
    },
    {
      name: 'a tie goes to the earlier',
      total: 5n,
      weights: [third, third, third],
      parts: [2n, 2n, 1n],
    },
    {
      name: 'below zero as its opposite',
      total: -5n,
      weights: [third, third, third],
      parts: [-2n, -2n, -1n],
    },
    { name: 'nothing over no weights', total: 0n, weights: [], parts: [] },
    { name: 'nothing over weights of zero', total: 0n, weights: [ratio(0n)], parts: [0n] },
    { name: 'one receiver', total: 7n, weights: [ratio(0n), ratio(9n, 10n)], parts: [0n, 7n] },
  ];
  for (const { name, total: amount, weights, parts } of cases) {
    test(name, () => assert.deepEqual(minors(allocateByWeight(cny(amount), weights)), parts));
  }

  test('parts add up, and no part is a unit away from its exact share', () => {
    const weight = fc.record({
      numerator: fc.bigInt({ min: 0n, max: 10n ** 6n }),
      denominator: fc.bigInt({ min: 1n, max: 10n ** 3n }),
    });
    const weights = fc
      .array(weight, { minLength: 1, maxLength: 8 })
      .filter((all) => all.some(({ numerator }) => numerator > 0n));
    const amounts = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    fc.assert(
      fc.property(amounts, weights, (amount, all) => {
        const parts = allocateByWeight(cny(amount), all);
        assert.equal(total(parts), amount);
        const common = all.reduce((product, { denominator }) => product * denominator, 1n);
        const whole = all.map((one) => (one.numerator * common) / one.denominator);
        const sum = whole.reduce((left, right) => left + right, 0n);
        parts.forEach(({ minor }, index) => {
          const error = minor * sum - amount * (whole[index] ?? 0n);
          assert.ok((error < 0n ? -error : error) < sum);
        });
      }),
      { numRuns: 500 },
    );
  });

  test('nothing over nothing is nothing; something over nothing is our bug', () => {
    assert.deepEqual(minors(allocateByAmount(cny(0n), [cny(0n), cny(0n)])), [0n, 0n]);
    assert.throws(() => allocateByAmount(cny(1n), [cny(0n)]), InvariantBroken);
  });
});

describe('an amount split with the left-over units to the first', () => {
  const half = ratio(1n, 2n);
  const cases: readonly (readonly [bigint, readonly Ratio[], readonly bigint[]])[] = [
    [15n, [half, half, ratio(0n)], [8n, 7n, 0n]],
    [100n, [third, third, third], [34n, 33n, 33n]],
    [2n, [ratio(0n), third, third, third], [0n, 1n, 1n, 0n]],
    // The largest remainder would serve the last; here the first is served, whatever it lost.
    [10n, [ratio(1n, 100n), ratio(1n, 4n), ratio(74n, 100n)], [1n, 2n, 7n]],
    [0n, [half, half], [0n, 0n]],
  ];
  for (const [amount, shares, parts] of cases) {
    test(`${amount} is ${parts.join(' + ')}`, () => {
      assert.deepEqual(minors(splitFirstServed(cny(amount), shares)), parts);
    });
  }

  for (const [name, amount, shares] of [
    ['shares below one', 10n, [half, third]],
    ['shares above one', 10n, [half, half, third]],
    ['a share below zero', 10n, [ratio(3n, 2n), ratio(-1n, 2n)]],
    ['an amount below zero', -1n, [half, half]],
  ] as const) {
    test(`${name} is our bug`, () => {
      assert.throws(() => splitFirstServed(cny(amount), shares), InvariantBroken);
    });
  }
});

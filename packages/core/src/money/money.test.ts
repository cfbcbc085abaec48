import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import {
  add,
  allocate,
  CURRENCY_EXPONENTS,
  type Currency,
  compare,
  equals,
  isCurrency,
  type Money,
  money,
  negate,
  shareOf,
  subtract,
  sum,
  zero,
} from './money.ts';

const minors = (parts: readonly Money[]) => parts.map((part) => part.minor);
const cny = (minor: bigint) => money(minor, 'CNY');

describe('splitting an amount', () => {
  const cases: readonly {
    readonly name: string;
    readonly total: bigint;
    readonly weights: readonly bigint[];
    readonly parts: readonly bigint[];
  }[] = [
    { name: 'even', total: 100n, weights: [1n, 1n], parts: [50n, 50n] },
    {
      name: 'a tie goes to the earlier',
      total: 100n,
      weights: [1n, 1n, 1n],
      parts: [34n, 33n, 33n],
    },
    { name: 'two fen over three', total: 2n, weights: [1n, 1n, 1n], parts: [1n, 1n, 0n] },
    { name: 'the largest remainder first', total: 10n, weights: [1n, 3n, 3n], parts: [2n, 4n, 4n] },
    { name: 'not the largest weight', total: 100n, weights: [5n, 2n], parts: [71n, 29n] },
    { name: 'a tie between late ones', total: 10n, weights: [2n, 1n, 1n], parts: [5n, 3n, 2n] },
    {
      name: 'zero weights get nothing',
      total: 7n,
      weights: [0n, 2n, 0n, 1n],
      parts: [0n, 5n, 0n, 2n],
    },
    { name: 'nothing to split', total: 0n, weights: [3n, 4n], parts: [0n, 0n] },
    { name: 'days of a month', total: 29_800n, weights: [11n, 20n], parts: [10_574n, 19_226n] },
  ];
  for (const { name, total, weights, parts } of cases) {
    test(name, () => {
      assert.deepEqual(minors(allocate(cny(total), weights)), parts);
    });
  }

  const weightsWithOnePositive = fc
    .array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 20 })
    .filter((weights) => weights.some((weight) => weight > 0n));

  test('never loses and never makes a fen, and no part is a whole fen from its share', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        weightsWithOnePositive,
        (total, weights) => {
          const parts = minors(allocate(cny(total), weights));
          const weightSum = weights.reduce((left, right) => left + right, 0n);
          assert.equal(
            parts.reduce((left, right) => left + right, 0n),
            total,
          );
          for (const [index, part] of parts.entries()) {
            const distance = part * weightSum - total * (weights[index] ?? 0n);
            assert.ok(-weightSum < distance && distance < weightSum);
          }
        },
      ),
    );
  });

  test('is the same whenever it is asked', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 9n }),
        weightsWithOnePositive,
        (total, weights) =>
          assert.deepEqual(allocate(cny(total), weights), allocate(cny(total), [...weights])),
      ),
    );
  });

  const bugs: readonly (readonly [string, bigint, readonly bigint[]])[] = [
    ['a negative total', -1n, [1n]],
    ['a negative weight', 1n, [2n, -1n]],
    ['weights of zero', 1n, [0n, 0n]],
    ['no weights', 1n, []],
  ];
  for (const [name, total, weights] of bugs) {
    test(`${name} is our bug`, () => {
      assert.throws(() => allocate(cny(total), weights), InvariantBroken);
    });
  }
});

describe('adding and comparing', () => {
  const anyMinor = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });

  test('a sum does not depend on the order, and taking back gives the start', () => {
    fc.assert(
      fc.property(fc.array(anyMinor), anyMinor, (all, one) => {
        const amounts = all.map(cny);
        assert.deepEqual(sum(amounts, 'CNY'), sum([...amounts].reverse(), 'CNY'));
        assert.deepEqual(
          subtract(add(sum(amounts, 'CNY'), cny(one)), cny(one)),
          sum(amounts, 'CNY'),
        );
        assert.deepEqual(add(cny(one), negate(cny(one))), zero('CNY'));
      }),
    );
  });

  test('the sum of no amounts is zero of the currency asked for', () => {
    assert.deepEqual(sum([], 'JPY'), { minor: 0n, currency: 'JPY' });
  });

  test('currencies never mix', () => {
    const yuan: Money = cny(1n);
    const yen: Money = money(1n, 'JPY');
    assert.throws(() => add(yuan, yen), InvariantBroken);
    assert.throws(() => subtract(yuan, yen), InvariantBroken);
    assert.throws(() => compare(yuan, yen), InvariantBroken);
    assert.equal(equals(yuan, yen), false);
  });

  test('compare orders as the numbers do', () => {
    assert.equal(compare(cny(1n), cny(2n)), -1);
    assert.equal(compare(cny(2n), cny(2n)), 0);
    assert.equal(compare(cny(2n), cny(-3n)), 1);
    assert.equal(equals(cny(2n), cny(2n)), true);
    assert.equal(equals(cny(2n), cny(3n)), false);
  });

  test('our currencies are known by their exact code only', () => {
    assert.deepEqual(
      Object.keys(CURRENCY_EXPONENTS).filter(isCurrency),
      Object.keys(CURRENCY_EXPONENTS),
    );
    for (const text of ['cny', 'RMB', '', 'toString', '__proto__', 'CNY ']) {
      assert.equal(isCurrency(text), false, text);
    }
  });
});

describe('a share in basis points', () => {
  const cases: readonly (readonly [string, bigint, bigint, bigint])[] = [
    ['0.6 % of ¥1,060.00', 106_000n, 60n, 636n],
    ['half a fen goes up', 50n, 100n, 1n],
    ['just under half goes down', 49n, 100n, 0n],
    ['half a fen goes away from zero', -50n, 100n, -1n],
    ['all of it', 12_345n, 10_000n, 12_345n],
    ['none of it', 12_345n, 0n, 0n],
  ];
  for (const [name, minor, basisPoints, expected] of cases) {
    test(name, () => {
      const currency: Currency = 'CNY';
      assert.deepEqual(shareOf(money(minor, currency), basisPoints), money(expected, currency));
    });
  }
});

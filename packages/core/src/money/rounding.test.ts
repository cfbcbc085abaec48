import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import { divideDown, divideHalfUp } from './rounding.ts';

const magnitude = (value: bigint) => (value < 0n ? -value : value);

/** The nearest whole number, found by looking at both neighbours instead of by a formula. */
function nearestAwayFromZero(numerator: bigint, denominator: bigint): bigint {
  const truncated = numerator / denominator;
  const outward = numerator < 0n ? truncated - 1n : truncated + 1n;
  const distanceInward = magnitude(numerator - truncated * denominator);
  const distanceOutward = magnitude(numerator - outward * denominator);
  return distanceInward < distanceOutward ? truncated : outward;
}

const numerators = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const denominators = fc.oneof(
  fc.bigInt({ min: 1n, max: 12n }),
  fc.bigInt({ min: 1n, max: 10n ** 20n }),
);

describe('half up, away from zero', () => {
  const cases: readonly (readonly [bigint, bigint, bigint])[] = [
    [5n, 2n, 3n],
    [-5n, 2n, -3n],
    [4n, 3n, 1n],
    [-4n, 3n, -1n],
    [1n, 2n, 1n],
    [-1n, 2n, -1n],
    [0n, 7n, 0n],
    [14n, 7n, 2n],
  ];
  for (const [numerator, denominator, expected] of cases) {
    test(`${numerator} / ${denominator} = ${expected}`, () => {
      assert.equal(divideHalfUp(numerator, denominator), expected);
    });
  }

  test('is the nearest whole number for all inputs', () => {
    fc.assert(
      fc.property(numerators, denominators, (numerator, denominator) => {
        assert.equal(
          divideHalfUp(numerator, denominator),
          nearestAwayFromZero(numerator, denominator),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('treats both signs alike', () => {
    fc.assert(
      fc.property(numerators, denominators, (numerator, denominator) => {
        assert.equal(divideHalfUp(-numerator, denominator), -divideHalfUp(numerator, denominator));
      }),
    );
  });
});

describe('down', () => {
  test('is the largest whole number that is not above the quotient', () => {
    fc.assert(
      fc.property(numerators, denominators, (numerator, denominator) => {
        const result = divideDown(numerator, denominator);
        assert.ok(result * denominator <= numerator);
        assert.ok((result + 1n) * denominator > numerator);
      }),
    );
  });
});

test('dividing by zero or less is our bug', () => {
  for (const denominator of [0n, -1n]) {
    assert.throws(() => divideHalfUp(1n, denominator), InvariantBroken);
    assert.throws(() => divideDown(1n, denominator), InvariantBroken);
  }
});

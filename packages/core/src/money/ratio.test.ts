import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { money } from './money.ts';
import {
  addRatio,
  ceilRatio,
  compareRatio,
  divideRatio,
  floorRatio,
  formatRatio,
  formatRatioFixed,
  fromBasisPoints,
  fromMoney,
  maxRatio,
  minRatio,
  multiplyRatio,
  parseRatio,
  RATIO_ZERO,
  type Ratio,
  ratio,
  reduceRatio,
  roundRatio,
  subtractRatio,
  sumRatios,
  toMoney,
} from './ratio.ts';

/** What a decimal reads as, or the code of its refusal. */
function read(text: string, places?: number): string {
  const parsed = parseRatio(text, places);
  return parsed.ok ? formatRatio(parsed.value) : parsed.refusal.code;
}

describe('a decimal in text', () => {
  for (const [text, expected] of [
    ['0', '0'],
    ['-3', '-3'],
    ['0.0015', '0.0015'],
    ['007.50', '7.5'],
    ['0.000000000001', '0.000000000001'],
    ['1.0000000000000000', '1'],
    ['999999999999999', '999999999999999'],
    ['0.0000000000001', 'decimal_too_precise'],
    ['1000000000000000', 'decimal_too_large'],
    ['NaN', 'decimal_not_a_number'],
    ['Infinity', 'decimal_not_a_number'],
    ['1e309', 'decimal_not_a_number'],
    ['1,000', 'decimal_not_a_number'],
    ['+1', 'decimal_not_a_number'],
    [' 1', 'decimal_not_a_number'],
    ['1.', 'decimal_not_a_number'],
    ['.5', 'decimal_not_a_number'],
    ['', 'decimal_not_a_number'],
  ] as const) {
    test(`"${text}" is ${expected}`, () => {
      assert.equal(read(text), expected);
    });
  }

  test('of a million digits is refused at once, or read', () => {
    const zeros = '0'.repeat(1_000_000);
    const started = performance.now();
    assert.equal(read(`0.${zeros}1`), 'decimal_too_precise');
    assert.equal(read(`1${zeros}`), 'decimal_too_large');
    assert.equal(read(`${zeros}1.5${zeros}`), '1.5');
    // A reader that begins again at every zero takes minutes for the first of them.
    assert.ok(performance.now() - started < 5_000);
  });

  test('may have as few places as the reader allows', () => {
    assert.equal(read('0.125', 2), 'decimal_too_precise');
    assert.equal(read('0.120', 2), '0.12');
  });
});

describe('an exact number becomes money once, half up away from zero', () => {
  for (const [numerator, denominator, currency, minor] of [
    [1n, 3n, 'CNY', 33n],
    [1n, 200n, 'CNY', 1n],
    [-1n, 200n, 'CNY', -1n],
    [1n, 2n, 'JPY', 1n],
    [-1n, 2n, 'JPY', -1n],
    [1n, 2000n, 'KWD', 1n],
    [2985n, 100n, 'CNY', 2985n],
  ] as const) {
    test(`${numerator}/${denominator} ${currency} is ${minor}`, () => {
      assert.equal(toMoney(ratio(numerator, denominator), currency).minor, minor);
    });
  }

  test('and money is exact in major units', () => {
    assert.equal(formatRatio(fromMoney(money(2985n, 'CNY'))), '29.85');
    assert.equal(formatRatio(fromMoney(money(2985n, 'JPY'))), '2985');
  });
});

test('fixed places keep their zeros, and rounding carries over the point', () => {
  assert.equal(formatRatioFixed(ratio(1n, 2n), 3), '0.500');
  assert.equal(formatRatioFixed(ratio(-1999n, 1000n), 2), '-2.00');
  assert.equal(formatRatioFixed(ratio(7n), 0), '7');
  assert.equal(formatRatio(fromBasisPoints(600n)), '0.06');
  assert.equal(roundRatio(ratio(2n, 3n), 9), 666_666_667n);
});

test('a denominator is made positive, and zero is no denominator', () => {
  assert.deepEqual(ratio(1n, -2n), { numerator: -1n, denominator: 2n });
  assert.throws(() => ratio(1n, 0n), /denominator is not zero/);
  assert.throws(() => divideRatio(ratio(1n), RATIO_ZERO), /denominator is not zero/);
});

const anyRatio = fc
  .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(1n, 10n ** 14n))
  .map(([numerator, denominator]) => ratio(numerator, denominator));

function isEqual(left: Ratio, right: Ratio): boolean {
  return compareRatio(left, right) === 0;
}

describe('arithmetic is exact', () => {
  test('what is added can be taken away, what is multiplied can be divided', () => {
    fc.assert(
      fc.property(anyRatio, anyRatio, (a, b) => {
        assert.ok(isEqual(subtractRatio(addRatio(a, b), b), a));
        if (b.numerator !== 0n) assert.ok(isEqual(divideRatio(multiplyRatio(a, b), b), a));
        assert.ok(isEqual(addRatio(a, b), addRatio(b, a)));
      }),
    );
  });

  test('reducing changes no value, and sums do not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(anyRatio, { maxLength: 8 }), (values) => {
        assert.ok(isEqual(sumRatios(values), sumRatios(values.toReversed())));
        for (const value of values) assert.ok(isEqual(reduceRatio(value), value));
      }),
    );
  });

  test('the floor and the ceiling hold the value between them', () => {
    fc.assert(
      fc.property(anyRatio, (value) => {
        assert.ok(compareRatio(ratio(floorRatio(value)), value) <= 0);
        assert.ok(compareRatio(ratio(ceilRatio(value)), value) >= 0);
        assert.ok(ceilRatio(value) - floorRatio(value) <= 1n);
      }),
    );
  });

  test('the smaller and the larger of two are these two', () => {
    fc.assert(
      fc.property(anyRatio, anyRatio, (a, b) => {
        assert.ok(isEqual(addRatio(minRatio(a, b), maxRatio(a, b)), addRatio(a, b)));
        assert.ok(compareRatio(minRatio(a, b), maxRatio(a, b)) <= 0);
      }),
    );
  });
});

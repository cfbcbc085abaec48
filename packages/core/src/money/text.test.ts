import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CURRENCY_EXPONENTS, type Currency, money } from './money.ts';
import { ratio } from './ratio.ts';
import { formatDecimal, formatMoney, formatUnitPrice, parseAmount } from './text.ts';

const currencies = fc.constantFrom(...(Object.keys(CURRENCY_EXPONENTS) as Currency[]));

/** What `text` reads as: the amount in the smallest unit, or the code of the refusal. */
function reading(text: string, currency: Currency = 'CNY'): bigint | string {
  const result = parseAmount(text, currency);
  return result.ok ? result.value.minor : result.refusal.code;
}

describe('reading an amount', () => {
  const amounts: readonly (readonly [string, Currency, bigint])[] = [
    ['29.85', 'CNY', 2985n],
    ['29.8', 'CNY', 2980n],
    ['29', 'CNY', 2900n],
    ['0', 'CNY', 0n],
    ['-0', 'CNY', 0n],
    ['-0.01', 'CNY', -1n],
    ['0029.8500', 'CNY', 2985n],
    ['1234', 'JPY', 1234n],
    ['1234.00', 'JPY', 1234n],
    ['1.234', 'KWD', 1234n],
    ['999999999999999.99', 'CNY', 99_999_999_999_999_999n],
  ];
  for (const [text, currency, expected] of amounts) {
    test(`${text} ${currency}`, () => {
      assert.equal(reading(text, currency), expected);
    });
  }

  const refused: readonly (readonly [string, string])[] = [
    ['', 'amount_not_a_number'],
    [' ', 'amount_not_a_number'],
    ['NaN', 'amount_not_a_number'],
    ['Infinity', 'amount_not_a_number'],
    ['1e309', 'amount_not_a_number'],
    ['1e3', 'amount_not_a_number'],
    ['0x10', 'amount_not_a_number'],
    ['1,000', 'amount_not_a_number'],
    ['1_000', 'amount_not_a_number'],
    ['２９.８５', 'amount_not_a_number'],
    ['٢٩', 'amount_not_a_number'],
    ['29。85', 'amount_not_a_number'],
    ['−5', 'amount_not_a_number'],
    ['+5', 'amount_not_a_number'],
    ['--5', 'amount_not_a_number'],
    ['¥5', 'amount_not_a_number'],
    [' 5', 'amount_not_a_number'],
    ['5\n', 'amount_not_a_number'],
    ['5.', 'amount_not_a_number'],
    ['.5', 'amount_not_a_number'],
    ['1.2.3', 'amount_not_a_number'],
    ['29.855', 'amount_too_precise'],
    ['0.001', 'amount_too_precise'],
    ['1000000000000000', 'amount_too_large'],
    ['-9999999999999999.99', 'amount_too_large'],
  ];
  for (const [text, code] of refused) {
    test(`${JSON.stringify(text)} is refused: ${code}`, () => {
      assert.equal(reading(text), code);
    });
  }

  test('a refusal says what to do next', () => {
    const result = parseAmount('1,000', 'CNY');
    assert.ok(!result.ok);
    assert.match(result.refusal.next, /29\.85/);
  });

  test('any text is an amount or a refusal, never a crash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), currencies, (text, currency) => {
        assert.ok(typeof parseAmount(text, currency).ok === 'boolean');
      }),
    );
  });
});

describe('writing an amount', () => {
  test('what we write reads back as the same amount, in every currency', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }),
        currencies,
        (minor, currency) => {
          assert.equal(reading(formatDecimal(money(minor, currency)), currency), minor);
        },
      ),
    );
  });

  const cases: readonly (readonly [bigint, Currency, string, string])[] = [
    [123_450n, 'CNY', '1234.50', '¥1,234.50'],
    [-123_450n, 'CNY', '-1234.50', '-¥1,234.50'],
    [5n, 'CNY', '0.05', '¥0.05'],
    [-5n, 'CNY', '-0.05', '-¥0.05'],
    [0n, 'CNY', '0.00', '¥0.00'],
    [100_000_000n, 'CNY', '1000000.00', '¥1,000,000.00'],
    [1_234_567n, 'JPY', '1234567', 'JP¥1,234,567'],
    [1_234n, 'KWD', '1.234', 'KWD 1.234'],
    [99_999n, 'HKD', '999.99', 'HK$999.99'],
    [1_234_567n, 'KRW', '1234567', '₩1,234,567'],
    [-1_050n, 'CHF', '-10.50', '-CHF 10.50'],
  ];
  for (const [minor, currency, decimal, readable] of cases) {
    test(`${decimal} ${currency}`, () => {
      assert.equal(formatDecimal(money(minor, currency)), decimal);
      assert.equal(formatMoney(money(minor, currency)), readable);
    });
  }
});

describe('writing a unit price', () => {
  const cases: readonly (readonly [bigint, bigint, Currency, string])[] = [
    [30n, 1n, 'CNY', '¥30.00'],
    [3n, 2_000n, 'CNY', '¥0.0015'],
    [-3n, 2_000n, 'CNY', '-¥0.0015'],
    [2_469n, 2n, 'CNY', '¥1,234.50'],
    [2_469n, 2n, 'JPY', 'JP¥1,234.5'],
    [1n, 3n, 'CNY', '¥0.333333333333'],
  ];
  for (const [numerator, denominator, currency, readable] of cases) {
    test(readable, () => {
      assert.equal(formatUnitPrice(ratio(numerator, denominator), currency), readable);
    });
  }
});

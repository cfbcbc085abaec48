import { invariant } from '../result/invariant.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import { CURRENCY_EXPONENTS, type Currency, type Money } from './money.ts';
import { divideDown, divideHalfUp } from './rounding.ts';

/**
 * An exact number: a unit price, a quantity, a rate. Rating keeps every step exact and rounds once,
 * when a line becomes money (DESIGN §8). Not reduced; compare with `compareRatio`, never with ===.
 */
export type Ratio = { readonly numerator: bigint; readonly denominator: bigint };

export type DecimalRefusal = Refusal<
  'decimal_not_a_number' | 'decimal_too_precise' | 'decimal_too_large'
>;

/** Decimal places that a unit price or a quantity may have, and that the database keeps. */
export const RATIO_PLACES = 12;

const MAX_INTEGER_DIGITS = 15;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const POWERS = Array.from({ length: 33 }, (_, places) => 10n ** BigInt(places));

export const RATIO_ZERO: Ratio = { numerator: 0n, denominator: 1n };
export const RATIO_ONE: Ratio = { numerator: 1n, denominator: 1n };

/** `numerator` / `denominator`; the denominator is made positive. */
export function ratio(numerator: bigint, denominator = 1n): Ratio {
  invariant(denominator !== 0n, 'a denominator is not zero');
  return denominator < 0n
    ? { numerator: -numerator, denominator: -denominator }
    : { numerator, denominator };
}

/**
 * Reads a plain decimal ("0.0015", "-3"). Refuses what could be guessed wrong: exponents, NaN,
 * Infinity, grouping, spaces; and more than `places` decimals that are not zeros.
 */
export function parseRatio(text: string, places = RATIO_PLACES): Result<Ratio, DecimalRefusal> {
  const match = DECIMAL.exec(text);
  if (match === null) {
    return refuse({
      code: 'decimal_not_a_number',
      sentence: 'The value is not a decimal number.',
      next: 'Write it as digits with at most one decimal point, for example 0.0015.',
    });
  }
  const [, sign = '', whole = '', fraction = ''] = match;
  if (whole.replace(/^0+/, '').length > MAX_INTEGER_DIGITS) {
    return refuse({
      code: 'decimal_too_large',
      sentence: `The value has more than ${MAX_INTEGER_DIGITS} digits before the point.`,
      next: 'Check the value, or use a larger unit.',
    });
  }
  const kept = withoutTrailingZeros(fraction);
  if (kept.length > places) {
    return refuse({
      code: 'decimal_too_precise',
      sentence: `The value has more than ${places} decimal places.`,
      next: `Round it to ${places} decimal places before it is sent.`,
    });
  }
  const numerator = BigInt(whole + kept);
  return ok({
    numerator: sign === '-' ? -numerator : numerator,
    denominator: power(kept.length),
  });
}

/**
 * Digit by digit, as `/0+$/` looks again from every zero: a megabyte of zeros before a one, which
 * anybody may send as a price, would take minutes.
 */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

/** The decimal text of `value` with at most `places` decimals, half up, no trailing zeros. */
export function formatRatio(value: Ratio, places = RATIO_PLACES): string {
  const text = formatRatioFixed(value, places);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** The decimal text of `value` with exactly `places` decimals, half up. */
export function formatRatioFixed(value: Ratio, places: number): string {
  const scaled = roundRatio(value, places);
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(places + 1, '0');
  const sign = scaled < 0n ? '-' : '';
  if (places === 0) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** `value` × 10^`places` as a whole number, half up away from zero. */
export function roundRatio(value: Ratio, places: number): bigint {
  return divideHalfUp(value.numerator * power(places), value.denominator);
}

export function addRatio(left: Ratio, right: Ratio): Ratio {
  if (left.denominator === right.denominator) {
    return { numerator: left.numerator + right.numerator, denominator: left.denominator };
  }
  return {
    numerator: left.numerator * right.denominator + right.numerator * left.denominator,
    denominator: left.denominator * right.denominator,
  };
}

export function subtractRatio(left: Ratio, right: Ratio): Ratio {
  return addRatio(left, { numerator: -right.numerator, denominator: right.denominator });
}

export function multiplyRatio(left: Ratio, right: Ratio): Ratio {
  return {
    numerator: left.numerator * right.numerator,
    denominator: left.denominator * right.denominator,
  };
}

export function divideRatio(left: Ratio, right: Ratio): Ratio {
  return ratio(left.numerator * right.denominator, left.denominator * right.numerator);
}

export function negateRatio(value: Ratio): Ratio {
  return { numerator: -value.numerator, denominator: value.denominator };
}

export function compareRatio(left: Ratio, right: Ratio): -1 | 0 | 1 {
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

export function minRatio(left: Ratio, right: Ratio): Ratio {
  return compareRatio(left, right) <= 0 ? left : right;
}

export function maxRatio(left: Ratio, right: Ratio): Ratio {
  return compareRatio(left, right) >= 0 ? left : right;
}

export function sumRatios(values: readonly Ratio[]): Ratio {
  return values.reduce((total, value) => reduceRatio(addRatio(total, value)), RATIO_ZERO);
}

/** The same number in lowest terms: long sums stay small by it. */
export function reduceRatio(value: Ratio): Ratio {
  let [a, b] = [value.numerator < 0n ? -value.numerator : value.numerator, value.denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return a <= 1n ? value : { numerator: value.numerator / a, denominator: value.denominator / a };
}

/** The whole number at or below `value`. */
export function floorRatio(value: Ratio): bigint {
  return divideDown(value.numerator, value.denominator);
}

/** The whole number at or above `value`. */
export function ceilRatio(value: Ratio): bigint {
  return -divideDown(-value.numerator, value.denominator);
}

/** An exact amount in major units as money: half up away from zero at the currency's exponent. */
export function toMoney<C extends Currency>(major: Ratio, currency: C): Money<C> {
  return { minor: roundRatio(major, CURRENCY_EXPONENTS[currency]), currency };
}

/** Money in major units, exact: 2985 分 → 29.85. */
export function fromMoney(amount: Money): Ratio {
  return { numerator: amount.minor, denominator: power(CURRENCY_EXPONENTS[amount.currency]) };
}

/** Basis points as a share: 600 → 0.06. */
export function fromBasisPoints(basisPoints: bigint): Ratio {
  return { numerator: basisPoints, denominator: 10_000n };
}

function power(places: number): bigint {
  return POWERS[places] ?? 10n ** BigInt(places);
}

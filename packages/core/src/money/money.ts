import { invariant } from '../result/invariant.ts';
import { CURRENCY_EXPONENTS, type Currency } from './currencies.ts';
import { divideHalfUp } from './rounding.ts';

export { CURRENCY_EXPONENTS, type Currency };

/** An amount in the smallest unit of its currency (分 for CNY). Never a floating-point number. */
export type Money<C extends Currency = Currency> = {
  readonly minor: bigint;
  readonly currency: C;
};

export function money<C extends Currency>(minor: bigint, currency: C): Money<C> {
  return { minor, currency };
}

export function zero<C extends Currency>(currency: C): Money<C> {
  return { minor: 0n, currency };
}

export function isCurrency(text: string): text is Currency {
  return Object.hasOwn(CURRENCY_EXPONENTS, text);
}

/** Adds amounts of one currency. Mixing currencies is our bug, so it throws. */
export function add<C extends Currency>(left: Money<C>, right: Money<C>): Money<C> {
  invariant(left.currency === right.currency, 'amounts of two currencies do not add');
  return { minor: left.minor + right.minor, currency: left.currency };
}

export function subtract<C extends Currency>(left: Money<C>, right: Money<C>): Money<C> {
  return add(left, negate(right));
}

export function negate<C extends Currency>(amount: Money<C>): Money<C> {
  return { minor: -amount.minor, currency: amount.currency };
}

/** The total of `amounts`; zero of `currency` when there are none. */
export function sum<C extends Currency>(amounts: readonly Money<C>[], currency: C): Money<C> {
  return amounts.reduce((total, amount) => add(total, amount), zero(currency));
}

export function compare<C extends Currency>(left: Money<C>, right: Money<C>): -1 | 0 | 1 {
  invariant(left.currency === right.currency, 'amounts of two currencies do not compare');
  if (left.minor === right.minor) return 0;
  return left.minor < right.minor ? -1 : 1;
}

export function equals(left: Money, right: Money): boolean {
  return left.currency === right.currency && left.minor === right.minor;
}

/** `amount`, at least zero and at most `limit`; zero where the limit itself is below zero. */
export function within<C extends Currency>(amount: Money<C>, limit: Money<C>): Money<C> {
  invariant(amount.currency === limit.currency, 'amounts of two currencies do not compare');
  if (limit.minor <= 0n || amount.minor <= 0n) return zero(limit.currency);
  return amount.minor > limit.minor ? limit : amount;
}

/** `amount` × `basisPoints` / 10,000, rounded half up away from zero once. */
export function shareOf<C extends Currency>(amount: Money<C>, basisPoints: bigint): Money<C> {
  return { minor: divideHalfUp(amount.minor * basisPoints, 10_000n), currency: amount.currency };
}

/**
 * Splits `total` by `weights`. The parts always add up to `total` again.
 *
 * Largest remainder (DESIGN §8): what is left after rounding down goes to the parts that lost most,
 * ties to the earlier position, so that the same input always gives the same parts.
 */
export function allocate<C extends Currency>(
  total: Money<C>,
  weights: readonly bigint[],
): readonly Money<C>[] {
  invariant(total.minor >= 0n, 'allocate splits amounts of zero or more; negate the parts instead');
  invariant(
    weights.every((weight) => weight >= 0n),
    'weights are zero or more',
  );
  const weightSum = weights.reduce((left, right) => left + right, 0n);
  invariant(weightSum > 0n, 'at least one weight is positive');

  const parts = weights.map((weight) => (total.minor * weight) / weightSum);
  const remainders = weights.map((weight) => (total.minor * weight) % weightSum);
  let leftover = total.minor - parts.reduce((left, right) => left + right, 0n);
  const byRemainder = remainders
    .map((remainder, index) => ({ remainder, index }))
    .sort((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1,
    );
  for (const { index } of byRemainder) {
    if (leftover === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    leftover -= 1n;
  }
  return parts.map((minor) => ({ minor, currency: total.currency }));
}

import { invariant } from '../result/invariant.ts';
import { allocate, type Currency, type Money, money, negate } from './money.ts';
import { compareRatio, RATIO_ONE, RATIO_ZERO, type Ratio, sumRatios } from './ratio.ts';
import { divideDown } from './rounding.ts';

/**
 * Splits `total` by exact weights; the parts always add up to `total` again. Largest remainder,
 * ties to the earlier position (DESIGN §8), as `allocate`; below zero is split as its opposite.
 * Zero is split over anything, also over no weights at all.
 */
export function allocateByWeight<C extends Currency>(
  total: Money<C>,
  weights: readonly Ratio[],
): readonly Money<C>[] {
  if (total.minor === 0n) return weights.map(() => total);
  const whole = toWholeWeights(weights);
  return total.minor < 0n ? allocate(negate(total), whole).map(negate) : allocate(total, whole);
}

/**
 * Splits `total` by `amounts` of its currency, largest remainder. Zero stays zero where all
 * amounts are zero, as there is nothing to split by.
 */
export function allocateByAmount<C extends Currency>(
  total: Money<C>,
  amounts: readonly Money<C>[],
): readonly Money<C>[] {
  if (amounts.every((amount) => amount.minor === 0n)) {
    invariant(total.minor === 0n, 'only zero can be split over nothing');
    return amounts.map(() => total);
  }
  const weights = amounts.map(({ minor }) => ({ numerator: minor, denominator: 1n }));
  return allocateByWeight(total, weights);
}

/**
 * Splits `total` by `shares` that add up to one. Units left over after rounding down go one by one
 * to the first shares above zero: the convention of books of accounts that name a first receiver
 * (Formance). Discounts and taxes use `allocateByWeight`.
 */
export function splitFirstServed<C extends Currency>(
  total: Money<C>,
  shares: readonly Ratio[],
): readonly Money<C>[] {
  invariant(total.minor >= 0n, 'a split starts from zero or more');
  invariant(
    shares.every((share) => compareRatio(share, RATIO_ZERO) >= 0),
    'shares are zero or more',
  );
  invariant(compareRatio(sumRatios(shares), RATIO_ONE) === 0, 'shares add up to one');
  let leftover = total.minor;
  const floors = shares.map(({ numerator, denominator }) => {
    const part = divideDown(total.minor * numerator, denominator);
    leftover -= part;
    return part;
  });
  return floors.map((part, index) => {
    const isServed = leftover > 0n && (shares[index]?.numerator ?? 0n) > 0n;
    if (isServed) leftover -= 1n;
    return money(isServed ? part + 1n : part, total.currency);
  });
}

/** The same weights as whole numbers: each over the product of all denominators. */
function toWholeWeights(weights: readonly Ratio[]): readonly bigint[] {
  const common = [...new Set(weights.map(({ denominator }) => denominator))].reduce(
    (product, denominator) => (product % denominator === 0n ? product : product * denominator),
    1n,
  );
  return weights.map(({ numerator, denominator }) => numerator * divideDown(common, denominator));
}

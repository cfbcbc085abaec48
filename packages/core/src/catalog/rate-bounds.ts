import { daysIn, type Period } from '../calendar/periods.ts';
import { add, type Money, money, subtract, sum, zero } from '../money/money.ts';
import { fromMoney, multiplyRatio, type Ratio, ratio, toMoney } from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';

export type SpendBounds = {
  /** What was rated for this line, rounded to money. */
  readonly amount: Money;
  /** What earlier lines of the same period came to, after their own discounts. */
  readonly priorBilled?: Money;
  readonly minimum?: Money;
  readonly maximum?: Money;
  /** A discount as a share (0.5 is 50 %) that is taken off before the maximum. */
  readonly discountShare?: Ratio;
  /** False on a line in the middle of a period, where a minimum is not due yet. */
  readonly isLastOfPeriod?: boolean;
};

export type SpendWithinBounds = {
  readonly amount: Money;
  readonly discount: Money;
  /** What the maximum took off: zero or more. */
  readonly maximumCut: Money;
  /** What the minimum added: zero or more. */
  readonly minimumTrueUp: Money;
  /** amount − discount − maximumCut + minimumTrueUp. */
  readonly total: Money;
};

/**
 * Keeps the spending of a period within its bounds. The maximum cuts off after percentage
 * discounts and counts what was billed before; the minimum is trued up on the last line only
 * (OpenMeter's rule, recommended by the conformance cases §7).
 */
export function applySpendBounds(bounds: SpendBounds): SpendWithinBounds {
  const { amount, minimum, maximum, isLastOfPeriod = true } = bounds;
  const nothing = zero(amount.currency);
  const priorBilled = bounds.priorBilled ?? nothing;
  invariant(
    minimum === undefined || maximum === undefined || minimum.minor <= maximum.minor,
    'the minimum of a period is not above its maximum',
  );
  const discount =
    bounds.discountShare === undefined ? nothing : shareOfMoney(amount, bounds.discountShare);
  const discounted = subtract(amount, discount);
  const maximumCut =
    maximum === undefined ? nothing : cutAbove(maximum, { priorBilled, discounted });
  const kept = subtract(discounted, maximumCut);
  const minimumTrueUp =
    minimum === undefined || !isLastOfPeriod
      ? nothing
      : positivePart(subtract(minimum, add(priorBilled, kept)));
  return { amount, discount, maximumCut, minimumTrueUp, total: add(kept, minimumTrueUp) };
}

/** What is above the maximum, at most this line: earlier lines are never taken back by it. */
function cutAbove(
  maximum: Money,
  { priorBilled, discounted }: { readonly priorBilled: Money; readonly discounted: Money },
): Money {
  const above = positivePart(subtract(add(priorBilled, discounted), maximum));
  const whole = positivePart(discounted);
  return above.minor < whole.minor ? above : whole;
}

/**
 * What is missing to the minimum of a period: the minimum, for a partial service cut to its share
 * of the period's actual days and rounded half up, less everything billed; never below zero.
 */
export function trueUp(commitment: {
  readonly minimum: Money;
  readonly billed: readonly Money[];
  readonly service?: Period;
  readonly period?: Period;
}): { readonly proratedMinimum: Money; readonly trueUp: Money } {
  const { minimum, billed, period } = commitment;
  const service = commitment.service ?? period;
  const proratedMinimum =
    service === undefined || period === undefined
      ? minimum
      : shareOfMoney(minimum, ratio(BigInt(daysIn(service)), BigInt(daysIn(period))));
  const missing = subtract(proratedMinimum, sum(billed, minimum.currency));
  return { proratedMinimum, trueUp: positivePart(missing) };
}

function shareOfMoney(amount: Money, share: Ratio): Money {
  return toMoney(multiplyRatio(fromMoney(amount), share), amount.currency);
}

function positivePart(amount: Money): Money {
  return money(amount.minor > 0n ? amount.minor : 0n, amount.currency);
}

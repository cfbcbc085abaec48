import { isSpent } from '../catalog/coupon.ts';
import type { Currency } from '../money/money.ts';
import { present } from '../result/invariant.ts';
import type { Prices } from '../subscription/next-period.ts';
import type { Redemption } from '../subscription/redemption.ts';
import { applyCoupons } from './discount.ts';
import { withDiscounts } from './draft-line.ts';
import type { LineRule, WaitingLine } from './invoice.ts';

/** Lines that coupons never reach: the price of a commitment or of a delay, not of a service. */
const WITHOUT_DISCOUNT: ReadonlySet<LineRule> = new Set([
  'commitment',
  'minimum_spend',
  'termination',
  'late_fee',
  'top_up',
]);

export type DiscountedLines = {
  readonly lines: readonly WaitingLine[];
  /** Only the redemptions that gave something, as they are afterwards. */
  readonly redemptions: readonly Redemption[];
};

/** Takes the coupons of a subscription off its lines, in the order of redemption, before tax. */
export function discountLines(
  lines: readonly WaitingLine[],
  redemptions: readonly Redemption[],
  about: { readonly prices: Prices; readonly currency: Currency },
): DiscountedLines {
  const active = redemptions.filter(({ state }) => state === 'active');
  if (active.length === 0) return { lines, redemptions: [] };
  // What takes a credit back has had its discount on the line that was credited.
  const reached = lines.filter(
    ({ rule, why }) => !WITHOUT_DISCOUNT.has(rule) && why.credits === undefined,
  );
  const { applied } = applyCoupons(reached, active, { currency: about.currency });
  const discounted = new Map(
    reached.map((line, index) => {
      const discounts = applied.flatMap(({ held, lineDiscounts }) => {
        const amount = present(lineDiscounts[index], 'the part of a discount');
        return amount.minor === 0n ? [] : [{ couponCode: held.coupon.code, amount }];
      });
      if (discounts.length === 0) return [line, line];
      const priced = present(about.prices.get(line.priceVersionId), 'the price of a line');
      return [line, withDiscounts(line, discounts, priced.version)];
    }),
  );
  return {
    lines: lines.map((line) => discounted.get(line) ?? line),
    redemptions: applied.map(({ held, usedPeriods, usedAmount }): Redemption => {
      const used = { ...held, usedPeriods, usedAmount };
      return isSpent(used) ? { ...used, state: 'used_up' } : used;
    }),
  };
}

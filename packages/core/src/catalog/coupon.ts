import type { CouponId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import { fromBasisPoints, type Ratio } from '../money/ratio.ts';

/** How much a coupon takes off: a share of what is billed (0.15 is 15 %), or an amount. */
export type CouponKind =
  | { readonly type: 'percentage'; readonly rate: Ratio }
  | { readonly type: 'fixed'; readonly amount: Money };

/**
 * For how long: `once` is one use, and a fixed amount that one invoice cannot take whole waits for
 * the next; `repeating` is the whole amount or share in each of `periods` periods; `forever` ends
 * with the subscription.
 */
export type CouponDuration =
  | { readonly type: 'once' }
  | { readonly type: 'repeating'; readonly periods: number }
  | { readonly type: 'forever' };

/** A promise to take something off invoices before tax (优惠券). Discounts never go below zero. */
export type Coupon = {
  readonly id: CouponId;
  /** What a customer types; unique in a merchant's catalogue. */
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly kind: CouponKind;
  readonly duration: CouponDuration;
  readonly appliesTo: 'all' | { readonly priceCodes: readonly string[] };
  /** The last business date on which it can be given to a subscription. */
  readonly redeemBy?: Temporal.PlainDate;
  /** How many subscriptions can get it; without a limit when absent. */
  readonly maximumRedemptions?: number;
};

/** A coupon that a subscription holds, with what it has had of it so far. */
export type HeldCoupon = {
  readonly coupon: Coupon;
  /** Billing periods in which it took something off. */
  readonly usedPeriods: number;
  /** What it took off in all; absent before its first use. */
  readonly usedAmount?: Money;
};

/** `percentOff(1_500n)` takes 15 % off; basis points as everywhere. */
export function percentOff(basisPoints: bigint): CouponKind {
  return { type: 'percentage', rate: fromBasisPoints(basisPoints) };
}

/** Whether the coupon can still be given to another subscription on the business date `on`. */
export function isRedeemable(
  coupon: Coupon,
  state: { readonly on: Temporal.PlainDate; readonly redemptions: number },
): boolean {
  const { redeemBy, maximumRedemptions } = coupon;
  if (redeemBy !== undefined && Temporal.PlainDate.compare(state.on, redeemBy) > 0) return false;
  return maximumRedemptions === undefined || state.redemptions < maximumRedemptions;
}

/** Whether nothing of the coupon is left for another invoice. */
export function isSpent({ coupon, usedPeriods, usedAmount }: HeldCoupon): boolean {
  const { kind, duration } = coupon;
  switch (duration.type) {
    case 'forever':
      return false;
    case 'repeating':
      return usedPeriods >= duration.periods;
    case 'once':
      if (kind.type === 'percentage') return usedPeriods >= 1;
      return (usedAmount?.minor ?? 0n) >= kind.amount.minor;
  }
}

/** Whether the coupon takes something off lines of the price `priceCode`. */
export function appliesToPrice(coupon: Coupon, priceCode: string): boolean {
  return coupon.appliesTo === 'all' || coupon.appliesTo.priceCodes.includes(priceCode);
}

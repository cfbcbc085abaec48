import type { Coupon } from '../catalog/coupon.ts';
import type { CustomerId, MerchantId, RedemptionId, SubscriptionId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';

/** A coupon that a customer has redeemed on one subscription, and what of it is used. */
export type Redemption = {
  readonly id: RedemptionId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly subscriptionId: SubscriptionId;
  readonly coupon: Coupon;
  readonly state: 'active' | 'used_up' | 'ended';
  /** Billing periods in which it gave something. */
  readonly usedPeriods: number;
  /** What it gave so far, in the coupon's or the subscription's currency. */
  readonly usedAmount?: Money;
  readonly redeemedAt: Temporal.Instant;
};

import {
  bucketOf,
  businessDate,
  type Coupon,
  type IdSource,
  isRedeemable,
  ok,
  type Redemption,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

export type CouponRefusal = Refusal<
  | 'not_found'
  | 'coupon_code_taken'
  | 'coupon_unknown'
  | 'coupon_not_redeemable'
  | 'coupon_redeemed_already'
  | 'subscription_ended'
>;

/** Adds a coupon to the catalogue. Its code is new, else it is refused: promises are not edited. */
export async function createCoupon(
  job: Job,
  wanted: Omit<Coupon, 'id'>,
): Promise<Result<Coupon, CouponRefusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const coupon: Coupon = { ...wanted, id: idSource(job.engine)('cpn', 0) };
    await tx.addCoupons([coupon]);
    const kept = await tx.findCoupon(coupon.code);
    if (kept?.id === coupon.id) return ok(coupon);
    return refuse({
      code: 'coupon_code_taken',
      sentence: `There is a coupon “${coupon.code}” already.`,
      next: 'Choose another code; a coupon is never edited.',
      field: 'code',
    });
  });
}

/** Gives a coupon to a subscription: it comes off the invoices from the next draft on. */
export async function redeemCoupon(
  job: Job,
  request: { readonly subscriptionId: SubscriptionId; readonly code: string },
): Promise<Result<Redemption, CouponRefusal>> {
  return job.engine.store.transact(job.merchant.id, (tx) => redeemIn(tx, job, request));
}

async function redeemIn(
  tx: Tx,
  job: Job,
  { subscriptionId, code }: { readonly subscriptionId: SubscriptionId; readonly code: string },
): Promise<Result<Redemption, CouponRefusal>> {
  const [subscription] = await tx.lockSubscriptions([subscriptionId]);
  if (subscription === undefined) return refuse(notFound('subscription'));
  if (subscription.state === 'ended') {
    return refuse({
      code: 'subscription_ended',
      sentence: 'The subscription has ended, so no invoice follows.',
      next: 'Redeem the coupon on another subscription.',
    });
  }
  const now = nowOf(job.engine, job.merchant);
  const today = businessDate(now, job.merchant.zone);
  const context = { now, ids: idSource(job.engine) };
  const redemption = await redemptionOf(tx, { subscription, code, today }, context);
  if (redemption.ok) await tx.save({ redemptions: [redemption.value] });
  return redemption;
}

/** The coupon of this code on a subscription, or why it cannot be given; nothing is saved. */
export async function redemptionOf(
  tx: Tx,
  about: {
    readonly subscription: Subscription;
    readonly code: string;
    readonly today: Temporal.PlainDate;
  },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): Promise<Result<Redemption, CouponRefusal>> {
  const { subscription, code, today } = about;
  const coupon = await tx.findCoupon(code);
  if (coupon === undefined) {
    return refuse({
      code: 'coupon_unknown',
      sentence: `There is no coupon “${code}”.`,
      next: 'Check the code.',
      field: 'code',
    });
  }
  const held = await tx.loadRedemptions([subscription.id], ['active', 'used_up', 'ended']);
  if (held.some((one) => one.coupon.id === coupon.id)) {
    return refuse({
      code: 'coupon_redeemed_already',
      sentence: 'This subscription had the coupon already.',
      next: 'A coupon is given to a subscription once; use another one.',
      field: 'code',
    });
  }
  if (!isRedeemable(coupon, { on: today, redemptions: await tx.countRedemptions(coupon) })) {
    return refuse({
      code: 'coupon_not_redeemable',
      sentence: 'The coupon is out of date, or was redeemed as often as it may be.',
      next: 'Use another coupon.',
      field: 'code',
    });
  }
  return ok({
    id: context.ids('red', bucketOf(subscription.id)),
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    coupon,
    state: 'active',
    usedPeriods: 0,
    redeemedAt: context.now,
  });
}

import { appliesToPrice, type Coupon, type HeldCoupon, isSpent } from '../catalog/coupon.ts';
import { add, type Currency, type Money, subtract, sum, within, zero } from '../money/money.ts';
import { fromMoney, multiplyRatio, toMoney } from '../money/ratio.ts';
import { allocateByAmount } from '../money/split.ts';
import { invariant, present } from '../result/invariant.ts';

/**
 * In which order coupons are taken off: as they were given (the order of creation, our default), or
 * percentages before amounts, each group as given. The order changes the total, so it is explicit.
 */
export type CouponSequence = 'as_given' | 'percentage_first';

/** What one coupon took off an invoice, and what was had of it afterwards. */
export type AppliedCoupon<H extends HeldCoupon = HeldCoupon> = {
  readonly held: H;
  readonly discount: Money;
  readonly usedPeriods: number;
  readonly usedAmount: Money;
};

/** A line before its discount: only lines above zero can have one. */
export type DiscountableLine = { readonly priceCode: string; readonly subtotal: Money };

export type InvoiceDiscount<H extends HeldCoupon = HeldCoupon> = {
  /** The discount of each line, in the order of the lines. */
  readonly lineDiscounts: readonly Money[];
  readonly total: Money;
  /** Only the coupons that took something off, in the order in which they did. */
  readonly applied: readonly (AppliedCoupon<H> & {
    /** Its part on each line, in the order of the lines. */
    readonly lineDiscounts: readonly Money[];
  })[];
};

/**
 * What a coupon takes off `base`, zero or more and never more than `base`: a share half up at the
 * currency's exponent, or its amount. A fixed amount that is given `once` counts down by what was
 * had of it; `repeating` and `forever` start whole in each period.
 */
export function couponDiscount(
  coupon: Pick<Coupon, 'kind' | 'duration'>,
  base: Money,
  alreadyUsed: Money,
): Money {
  const offer = offerOf(coupon, base, alreadyUsed);
  invariant(offer.currency === base.currency, 'a coupon is used in its own currency');
  return within(offer, base);
}

/**
 * Takes coupons off one amount, one after the other, each on what the earlier ones left.
 * `scope` caps a coupon by the part of the amount that it applies to.
 */
export function applyCouponsToAmount<H extends HeldCoupon>(
  base: Money,
  offers: readonly { readonly held: H; readonly scope?: Money }[],
  order: CouponSequence = 'as_given',
): { readonly total: Money; readonly applied: readonly AppliedCoupon<H>[] } {
  const applied: AppliedCoupon<H>[] = [];
  let left = base;
  for (const { held, scope } of inOrder(offers, ({ held: { coupon } }) => coupon, order)) {
    const reach = scope === undefined ? left : within(scope, left);
    const one = applyHeld(held, reach);
    if (one === undefined) continue;
    applied.push(one);
    left = subtract(left, one.discount);
  }
  return { total: subtract(base, left), applied };
}

/**
 * Takes the coupons of a subscription off the lines of an invoice, before tax (DESIGN §8). Each
 * coupon reaches what is left of the lines of its prices; its discount is shared over them by
 * largest remainder, so that the lines' discounts add up to the coupons'. Lines of zero or less
 * get none. Spent coupons and coupons in another currency are passed over.
 */
export function applyCoupons<H extends HeldCoupon>(
  lines: readonly DiscountableLine[],
  coupons: readonly H[],
  options: { readonly currency: Currency; readonly order?: CouponSequence },
): InvoiceDiscount<H> {
  const none = zero(options.currency);
  const applied: InvoiceDiscount<H>['applied'][number][] = [];
  let left = lines.map(({ subtotal }) => (subtotal.minor > 0n ? subtotal : none));
  for (const held of inOrder(coupons, ({ coupon }) => coupon, options.order ?? 'as_given')) {
    const reach = lines.map(({ priceCode }, index) =>
      appliesToPrice(held.coupon, priceCode) ? present(left[index], 'what is left') : none,
    );
    const one = applyHeld(held, sum(reach, options.currency));
    if (one === undefined) continue;
    const shares = allocateByAmount(one.discount, reach);
    applied.push({ ...one, lineDiscounts: shares });
    left = left.map((amount, index) => subtract(amount, present(shares[index], 'a share')));
  }
  const lineDiscounts = lines.map(({ subtotal }, index) =>
    subtotal.minor > 0n ? subtract(subtotal, present(left[index], 'what is left')) : none,
  );
  return { lineDiscounts, total: sum(lineDiscounts, options.currency), applied };
}

/**
 * Shares an invoice's discount over its lines in proportion to their amounts, largest remainder.
 * The shares add up to the discount, or to the lines where it is larger; no line goes below zero.
 */
export function distributeDiscount(lines: readonly Money[], discount: Money): readonly Money[] {
  const reach = lines.map((line) => (line.minor > 0n ? line : zero(line.currency)));
  return allocateByAmount(within(discount, sum(reach, discount.currency)), reach);
}

function applyHeld<H extends HeldCoupon>(held: H, reach: Money): AppliedCoupon<H> | undefined {
  const { coupon, usedPeriods, usedAmount = zero(reach.currency) } = held;
  if (isSpent(held) || isForeign(coupon, reach.currency)) return undefined;
  const discount = couponDiscount(coupon, reach, usedAmount);
  if (discount.minor === 0n) return undefined;
  return {
    held,
    discount,
    usedPeriods: usedPeriods + 1,
    usedAmount: add(usedAmount, discount),
  };
}

function isForeign({ kind }: Coupon, currency: Currency): boolean {
  return kind.type === 'fixed' && kind.amount.currency !== currency;
}

function offerOf(
  { kind, duration }: Pick<Coupon, 'kind' | 'duration'>,
  base: Money,
  alreadyUsed: Money,
): Money {
  if (kind.type === 'percentage') {
    return toMoney(multiplyRatio(fromMoney(base), kind.rate), base.currency);
  }
  return duration.type === 'once' ? subtract(kind.amount, alreadyUsed) : kind.amount;
}

function inOrder<T>(
  offers: readonly T[],
  couponOf: (offer: T) => Coupon,
  order: CouponSequence,
): readonly T[] {
  if (order === 'as_given') return offers;
  const isPercentage = (offer: T) => couponOf(offer).kind.type === 'percentage';
  return [...offers.filter(isPercentage), ...offers.filter((offer) => !isPercentage(offer))];
}

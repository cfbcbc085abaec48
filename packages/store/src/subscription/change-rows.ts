import {
  bucketOf,
  type Coupon,
  fromUuid,
  type MerchantId,
  type Redemption,
  type SubscriptionChange,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { fromAmount, fromDate, fromInstant, orNull, toDate, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';
import { command } from './shapes.ts';

export function toChangeRow(
  change: SubscriptionChange,
  merchant: MerchantId,
): NewRow<'subscription_changes'> {
  return {
    bucket: bucketOf(change.id),
    merchant_id: toUuid(merchant),
    id: toUuid(change.id),
    customer_id: toUuid(change.customerId),
    subscription_id: toUuid(change.subscriptionId),
    type: change.command.type,
    command: command.to(change.command),
    effective_on: toDate(change.effectiveOn),
    adjusted_minor: change.adjustedMinor,
    at: toInstant(change.at),
  };
}

export function fromChangeRow(row: Tables['subscription_changes']): SubscriptionChange {
  return {
    id: fromUuid('chg', row.id),
    subscriptionId: fromUuid('sub', row.subscription_id),
    customerId: fromUuid('cus', row.customer_id),
    command: command.from(row.command),
    effectiveOn: fromDate(row.effective_on),
    adjustedMinor: row.adjusted_minor,
    at: fromInstant(row.at),
  };
}

export function toRedemptionRow(redemption: Redemption): NewRow<'redemptions'> {
  return {
    bucket: bucketOf(redemption.id),
    merchant_id: toUuid(redemption.merchantId),
    id: toUuid(redemption.id),
    customer_id: toUuid(redemption.customerId),
    subscription_id: toUuid(redemption.subscriptionId),
    coupon_id: toUuid(redemption.coupon.id),
    state: redemption.state,
    used_periods: redemption.usedPeriods,
    used_minor: orNull(redemption.usedAmount, ({ minor }) => minor),
    used_currency: orNull(redemption.usedAmount, ({ currency }) => currency),
    redeemed_at: toInstant(redemption.redeemedAt),
  };
}

export function fromRedemptionRow(row: Tables['redemptions'], coupon: Coupon): Redemption {
  const used =
    row.used_minor === null || row.used_currency === null
      ? {}
      : { usedAmount: fromAmount(row.used_minor, row.used_currency) };
  return {
    id: fromUuid('red', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    subscriptionId: fromUuid('sub', row.subscription_id),
    coupon,
    state: row.state as Redemption['state'],
    usedPeriods: row.used_periods,
    ...used,
    redeemedAt: fromInstant(row.redeemed_at),
  };
}

import { bucketOf, fromUuid, type Subscription, type SubscriptionItem, toUuid } from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { fromAmount, fromDate, fromInstant, given, orNull, toDate, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toSubscriptionRow(subscription: Subscription): NewRow<'subscriptions'> {
  return {
    bucket: bucketOf(subscription.id),
    merchant_id: toUuid(subscription.merchantId),
    id: toUuid(subscription.id),
    customer_id: toUuid(subscription.customerId),
    plan_id: toUuid(subscription.planId),
    state: subscription.state,
    anchor: toDate(subscription.anchor),
    interval_unit: subscription.interval.unit,
    interval_count: subscription.interval.count,
    next_period_index: subscription.nextPeriodIndex,
    next_bill_at: toInstant(subscription.nextBillAt),
    collection: subscription.collection,
    payment_method_label: subscription.paymentMethodLabel,
    contract_start: orNull(subscription.contractStart, toDate),
    contract_end: orNull(subscription.contractEnd, toDate),
    created_at: toInstant(subscription.createdAt),
  };
}

export function toItemRows(subscription: Subscription): readonly NewRow<'subscription_items'>[] {
  return subscription.items.map((item, index) => ({
    bucket: bucketOf(subscription.id),
    merchant_id: toUuid(subscription.merchantId),
    id: toUuid(item.id),
    subscription_id: toUuid(subscription.id),
    position: index + 1,
    kind: item.kind,
    price_version_id: toUuid(item.priceVersionId),
    quantity: item.quantity,
    agreed_unit_minor: orNull(item.agreedUnitAmount, ({ minor }) => minor),
    agreed_currency: orNull(item.agreedUnitAmount, ({ currency }) => currency),
  }));
}

export function fromSubscriptionRow(
  row: Tables['subscriptions'],
  items: readonly Tables['subscription_items'][],
): Subscription {
  return {
    id: fromUuid('sub', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    planId: fromUuid('pln', row.plan_id),
    state: row.state as Subscription['state'],
    anchor: fromDate(row.anchor),
    interval: {
      unit: row.interval_unit as Subscription['interval']['unit'],
      count: row.interval_count,
    },
    nextPeriodIndex: row.next_period_index,
    nextBillAt: fromInstant(row.next_bill_at),
    collection: row.collection as Subscription['collection'],
    paymentMethodLabel: row.payment_method_label,
    ...given('contractStart', row.contract_start, fromDate),
    ...given('contractEnd', row.contract_end, fromDate),
    items: items.map(fromItemRow),
    createdAt: fromInstant(row.created_at),
  };
}

function fromItemRow(row: Tables['subscription_items']): SubscriptionItem {
  const item = {
    id: fromUuid('sit', row.id),
    kind: row.kind as SubscriptionItem['kind'],
    priceVersionId: fromUuid('prv', row.price_version_id),
    quantity: row.quantity,
  };
  if (row.agreed_unit_minor === null || row.agreed_currency === null) return item;
  return { ...item, agreedUnitAmount: fromAmount(row.agreed_unit_minor, row.agreed_currency) };
}

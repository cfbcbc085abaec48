import {
  bucketOf,
  type Contract,
  fromUuid,
  type Parking,
  type Subscription,
  type SubscriptionItem,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { priceModel } from '../catalog/model-shape.ts';
import { fromDate, fromInstant, given, idOrNull, orNull, toDate, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';
import { contractTerms, pauses } from './shapes.ts';

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
    next_bill_at: toInstant(subscription.nextBillAt),
    collection: subscription.collection,
    payment_method_label: subscription.paymentMethodLabel,
    contract_start: orNull(subscription.contract?.start, toDate),
    contract_end: orNull(subscription.contract?.end, toDate),
    created_at: toInstant(subscription.createdAt),
    beneficiary_id: idOrNull(subscription.beneficiaryId),
    starts_on: toDate(subscription.startsOn),
    ends_on: orNull(subscription.endsOn, toDate),
    trial_ends_on: orNull(subscription.trialEndsOn, toDate),
    pauses: subscription.pauses.length === 0 ? null : pauses.to(subscription.pauses),
    auto_renew: subscription.autoRenew,
    contract_terms: orNull(subscription.contract, contractTerms.to),
    billed_through: toDate(subscription.billedThrough),
    arrears_through: toDate(subscription.arrearsThrough),
    parked_reason: orNull(subscription.parked, ({ reason }) => reason),
    parked_sentence: orNull(subscription.parked, ({ sentence }) => sentence),
    parked_at: orNull(subscription.parked, ({ at }) => toInstant(at)),
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
    starts_on: toDate(item.from),
    ends_on: orNull(item.until, toDate),
    agreed_model: orNull(item.agreedModel, priceModel.to),
    continues: idOrNull(item.continues),
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
    ...given('beneficiaryId', row.beneficiary_id, (uuid) => fromUuid('cus', uuid)),
    planId: fromUuid('pln', row.plan_id),
    state: row.state as Subscription['state'],
    anchor: fromDate(row.anchor),
    interval: {
      unit: row.interval_unit as Subscription['interval']['unit'],
      count: row.interval_count,
    },
    startsOn: fromDate(row.starts_on),
    ...given('endsOn', row.ends_on, fromDate),
    ...given('trialEndsOn', row.trial_ends_on, fromDate),
    pauses: row.pauses === null ? [] : pauses.from(row.pauses),
    autoRenew: row.auto_renew,
    ...contractOf(row),
    billedThrough: fromDate(row.billed_through),
    arrearsThrough: fromDate(row.arrears_through),
    nextBillAt: fromInstant(row.next_bill_at),
    collection: row.collection as Subscription['collection'],
    paymentMethodLabel: row.payment_method_label,
    ...parkedOf(row),
    items: items.map(fromItemRow),
    createdAt: fromInstant(row.created_at),
  };
}

function contractOf(row: Tables['subscriptions']): { readonly contract?: Contract } {
  if (row.contract_start === null || row.contract_end === null) return {};
  const [start, end] = [fromDate(row.contract_start), fromDate(row.contract_end)];
  return { contract: { start, end, ...contractTerms.from(row.contract_terms) } };
}

function parkedOf(row: Tables['subscriptions']): { readonly parked?: Parking } {
  const { parked_reason: reason, parked_sentence: sentence, parked_at: at } = row;
  if (reason === null || sentence === null || at === null) return {};
  return { parked: { reason: reason as Parking['reason'], sentence, at: fromInstant(at) } };
}

function fromItemRow(row: Tables['subscription_items']): SubscriptionItem {
  return {
    id: fromUuid('sit', row.id),
    kind: row.kind as SubscriptionItem['kind'],
    priceVersionId: fromUuid('prv', row.price_version_id),
    quantity: row.quantity,
    from: fromDate(row.starts_on),
    ...given('until', row.ends_on, fromDate),
    ...given('agreedModel', row.agreed_model, priceModel.from),
    ...given('continues', row.continues, (uuid) => fromUuid('sit', uuid)),
  };
}

import {
  bucketOf,
  type Customer,
  type CustomerId,
  fromUuid,
  type Merchant,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { asIs, fromInstant, given, idOrNull, orNull, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';
import { fromPreferencesJson, toPreferencesJson } from './preferences.ts';

export function toCustomerRow(customer: Customer): NewRow<'customers'> {
  return {
    bucket: bucketOf(customer.id),
    merchant_id: toUuid(customer.merchantId),
    id: toUuid(customer.id),
    kind: customer.kind,
    payer_id: idOrNull(customer.payerId),
    consolidated_billing: customer.consolidatedBilling ?? false,
    moved_from: idOrNull(customer.movedFrom),
    moved_to: idOrNull(customer.movedTo),
    external_reference: customer.externalReference,
    name: customer.name,
    locale: customer.locale,
    mail: orNull(customer.mail, asIs),
    phone: orNull(customer.phone, asIs),
    preferred_channel: customer.preferredChannel,
    reach: orNull(customer.reach, asIs),
    notice_preferences: orNull(customer.noticePreferences, toPreferencesJson),
    created_at: toInstant(customer.createdAt),
  };
}

export function fromCustomerRow(row: Tables['customers']): Customer {
  return {
    id: fromUuid('cus', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    kind: row.kind as Customer['kind'],
    ...given('payerId', row.payer_id, toCustomerId),
    ...(row.consolidated_billing ? { consolidatedBilling: true } : {}),
    ...given('movedFrom', row.moved_from, toCustomerId),
    ...given('movedTo', row.moved_to, toCustomerId),
    externalReference: row.external_reference,
    name: row.name,
    locale: row.locale as Customer['locale'],
    ...given('mail', row.mail, asIs),
    ...given('phone', row.phone, asIs),
    preferredChannel: row.preferred_channel as Customer['preferredChannel'],
    ...given('reach', row.reach, (reach) => reach as NonNullable<Customer['reach']>),
    ...given('noticePreferences', row.notice_preferences, fromPreferencesJson),
    createdAt: fromInstant(row.created_at),
  };
}

function toCustomerId(uuid: string): CustomerId {
  return fromUuid('cus', uuid);
}

export function fromMerchantRow(row: Tables['merchants']): Merchant {
  return {
    id: fromUuid('mer', row.id),
    code: row.code,
    name: row.name,
    zone: row.zone,
    mode: row.mode as Merchant['mode'],
    ...given('testClock', row.test_clock, fromInstant),
    demo: row.demo,
  };
}

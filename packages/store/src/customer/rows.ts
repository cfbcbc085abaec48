import { bucketOf, type Customer, fromUuid, type Merchant, toUuid } from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { asIs, fromInstant, given, orNull, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toCustomerRow(customer: Customer): NewRow<'customers'> {
  return {
    bucket: bucketOf(customer.id),
    merchant_id: toUuid(customer.merchantId),
    id: toUuid(customer.id),
    external_reference: customer.externalReference,
    name: customer.name,
    locale: customer.locale,
    mail: orNull(customer.mail, asIs),
    phone: orNull(customer.phone, asIs),
    preferred_channel: customer.preferredChannel,
    created_at: toInstant(customer.createdAt),
  };
}

export function fromCustomerRow(row: Tables['customers']): Customer {
  return {
    id: fromUuid('cus', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    externalReference: row.external_reference,
    name: row.name,
    locale: row.locale as Customer['locale'],
    ...given('mail', row.mail, asIs),
    ...given('phone', row.phone, asIs),
    preferredChannel: row.preferred_channel as Customer['preferredChannel'],
    createdAt: fromInstant(row.created_at),
  };
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

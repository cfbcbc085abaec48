import { bucketOf, fromUuid, type Notice, toUuid } from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
  asIs,
  fromAmount,
  fromDate,
  fromInstant,
  given,
  orNull,
  toDate,
  toInstant,
} from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toNoticeRow(notice: Notice): NewRow<'notices'> {
  return {
    bucket: bucketOf(notice.id),
    merchant_id: toUuid(notice.merchantId),
    id: toUuid(notice.id),
    customer_id: toUuid(notice.customerId),
    debit_id: toUuid(notice.debitId),
    purpose: notice.purpose,
    channel: notice.channel,
    locale: notice.locale,
    state: notice.state,
    currency: notice.amount.currency,
    amount_minor: notice.amount.minor,
    collect_date: toDate(notice.collectDate),
    due_at: toInstant(notice.dueAt),
    lease_until: orNull(notice.leaseUntil, toInstant),
    sent_at: orNull(notice.sentAt, toInstant),
    delivered_at: orNull(notice.deliveredAt, toInstant),
    provider_reference: orNull(notice.providerReference, asIs),
    failure_code: orNull(notice.failureCode, asIs),
    window_from: orNull(notice.windowFrom, toDate),
    window_until: orNull(notice.windowUntil, toDate),
    created_at: toInstant(notice.createdAt),
  };
}

export function fromNoticeRow(row: Tables['notices']): Notice {
  return {
    id: fromUuid('not', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    debitId: fromUuid('dbt', row.debit_id),
    purpose: row.purpose as Notice['purpose'],
    channel: row.channel as Notice['channel'],
    locale: row.locale as Notice['locale'],
    state: row.state as Notice['state'],
    amount: fromAmount(row.amount_minor, row.currency),
    collectDate: fromDate(row.collect_date),
    dueAt: fromInstant(row.due_at),
    ...given('leaseUntil', row.lease_until, fromInstant),
    ...given('sentAt', row.sent_at, fromInstant),
    ...given('deliveredAt', row.delivered_at, fromInstant),
    ...given('providerReference', row.provider_reference, asIs),
    ...given('failureCode', row.failure_code, asIs),
    ...given('windowFrom', row.window_from, fromDate),
    ...given('windowUntil', row.window_until, fromDate),
    createdAt: fromInstant(row.created_at),
  };
}

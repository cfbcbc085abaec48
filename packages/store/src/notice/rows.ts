import {
  bucketOf,
  type ContactChannel,
  type CustomerMessage,
  type DebitNotice,
  fromUuid,
  type IdPrefix,
  type MessageVariables,
  type Notice,
  type NoticeId,
  present,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
  asIs,
  fromAmount,
  fromDate,
  fromInstant,
  given,
  idOrNull,
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
    debit_id: idOrNull(notice.debitId),
    purpose: notice.purpose,
    channel: notice.channel,
    locale: notice.locale,
    state: notice.state,
    currency: notice.amount?.currency ?? null,
    amount_minor: notice.amount?.minor ?? null,
    collect_date: orNull(notice.collectDate, toDate),
    due_at: toInstant(notice.dueAt),
    lease_until: orNull(notice.leaseUntil, toInstant),
    sent_at: orNull(notice.sentAt, toInstant),
    delivered_at: orNull(notice.deliveredAt, toInstant),
    provider_reference: orNull(notice.providerReference, asIs),
    failure_code: orNull(notice.failureCode, asIs),
    window_from: orNull(notice.windowFrom, toDate),
    window_until: orNull(notice.windowUntil, toDate),
    subject_kind: notice.subjectId?.slice(0, 3) ?? null,
    subject_id: idOrNull(notice.subjectId),
    template_key: orNull(notice.templateKey, asIs),
    template_version: orNull(notice.templateVersion, asIs),
    variables: orNull(notice.variables, asIs),
    text_hash: orNull(notice.textHash, asIs),
    sent_to: orNull(notice.sentTo, asIs),
    voided_at: orNull(notice.voidedAt, toInstant),
    follows_id: idOrNull(notice.followsId),
    follow_at: orNull(notice.followAt, toInstant),
    tried: orNull(notice.tried, asIs),
    created_at: toInstant(notice.createdAt),
  };
}

export function fromNoticeRow(row: Tables['notices']): Notice {
  return row.debit_id === null ? fromMessageRow(row) : fromDebitNoticeRow(row);
}

/** A row that gates a debit; the database says that it has its debit, amount and date. */
export function fromDebitNoticeRow(row: Tables['notices']): DebitNotice {
  return {
    ...fromSharedColumns(row),
    debitId: fromUuid('dbt', present(row.debit_id, 'the debit of a notice')),
    purpose: row.purpose as DebitNotice['purpose'],
    amount: fromAmount(
      present(row.amount_minor, 'the amount of a notice'),
      present(row.currency, 'the currency of a notice'),
    ),
    collectDate: fromDate(present(row.collect_date, 'the date of a notice')),
    ...given('windowFrom', row.window_from, fromDate),
    ...given('windowUntil', row.window_until, fromDate),
    ...given('templateKey', row.template_key, asIs),
    ...given('variables', row.variables, toVariables),
  };
}

function fromMessageRow(row: Tables['notices']): CustomerMessage {
  const kind = present(row.subject_kind, 'the kind of a subject') as IdPrefix;
  return {
    ...fromSharedColumns(row),
    purpose: row.purpose as CustomerMessage['purpose'],
    subjectId: fromUuid(kind, present(row.subject_id, 'the subject of a message')),
    templateKey: present(row.template_key, 'the template of a message'),
    variables: toVariables(row.variables),
  };
}

function fromSharedColumns(row: Tables['notices']) {
  return {
    id: fromUuid('not', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    channel: row.channel as Notice['channel'],
    locale: row.locale as Notice['locale'],
    state: row.state as Notice['state'],
    dueAt: fromInstant(row.due_at),
    ...given('leaseUntil', row.lease_until, fromInstant),
    ...given('sentAt', row.sent_at, fromInstant),
    ...given('deliveredAt', row.delivered_at, fromInstant),
    ...given('followAt', row.follow_at, fromInstant),
    ...given('tried', row.tried, (tried) => tried as readonly ContactChannel[]),
    ...given('providerReference', row.provider_reference, asIs),
    ...given('failureCode', row.failure_code, asIs),
    ...given('followsId', row.follows_id, toNoticeId),
    ...given('sentTo', row.sent_to, asIs),
    ...given('voidedAt', row.voided_at, fromInstant),
    ...given('templateVersion', row.template_version, asIs),
    ...given('textHash', row.text_hash, asIs),
    createdAt: fromInstant(row.created_at),
  };
}

function toNoticeId(uuid: string): NoticeId {
  return fromUuid('not', uuid);
}

function toVariables(value: unknown): MessageVariables {
  return value as MessageVariables;
}

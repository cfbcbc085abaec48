import {
  bucketOf,
  fromUuid,
  type PriceChange,
  type PriceChangeConsent,
  type PriceFallback,
  type PriceStep,
  toUuid,
} from '@daikou/core';
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
import { date, id, list, record, type Shape, variants, word } from '../json-shape.ts';
import type { Tables } from '../schema.generated.ts';

const steps: Shape<readonly PriceStep[]> = list(
  record<PriceStep>({ from: id('prv'), to: id('prv') }),
);

const fallback: Shape<PriceFallback> = variants<PriceFallback>({
  stay_until: record({ type: word<'stay_until'>(), until: date }),
  downgrade: record({ type: word<'downgrade'>(), planId: id('pln'), steps }),
  leave_without_penalty: record({ type: word<'leave_without_penalty'>() }),
});

export function toPriceChangeRow(change: PriceChange): NewRow<'price_changes'> {
  return {
    merchant_id: toUuid(change.merchantId),
    id: toUuid(change.id),
    state: change.state,
    steps: steps.to(change.steps),
    effective_on: toDate(change.effectiveOn),
    audience: change.audience,
    fallback: fallback.to(change.fallback),
    notice_days: change.noticeDays,
    reason: change.reason,
    created_at: toInstant(change.createdAt),
    published_at: orNull(change.publishedAt, toInstant),
    applied_at: orNull(change.appliedAt, toInstant),
    withdrawn_at: orNull(change.withdrawnAt, toInstant),
  };
}

export function fromPriceChangeRow(row: Tables['price_changes']): PriceChange {
  return {
    id: fromUuid('pch', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    state: row.state as PriceChange['state'],
    steps: steps.from(row.steps),
    effectiveOn: fromDate(row.effective_on),
    audience: row.audience as PriceChange['audience'],
    fallback: fallback.from(row.fallback),
    noticeDays: row.notice_days,
    reason: row.reason,
    createdAt: fromInstant(row.created_at),
    ...given('publishedAt', row.published_at, fromInstant),
    ...given('appliedAt', row.applied_at, fromInstant),
    ...given('withdrawnAt', row.withdrawn_at, fromInstant),
  };
}

export function toConsentRow(consent: PriceChangeConsent): NewRow<'price_change_consents'> {
  const { notice, answered } = consent;
  return {
    bucket: bucketOf(consent.subscriptionId),
    merchant_id: toUuid(consent.merchantId),
    price_change_id: toUuid(consent.priceChangeId),
    subscription_id: toUuid(consent.subscriptionId),
    customer_id: toUuid(consent.customerId),
    audience: consent.audience,
    direction: consent.direction,
    currency: consent.before.currency,
    before_minor: consent.before.minor,
    after_minor: consent.after.minor,
    notice_channel: orNull(notice.channel, asIs),
    notice_due_at: toInstant(notice.dueAt),
    noticed_at: orNull(notice.noticedAt, toInstant),
    notice_reference: orNull(notice.reference, asIs),
    answer: consent.answer,
    answered_at: orNull(answered, ({ at }) => toInstant(at)),
    answer_channel: orNull(answered, ({ channel }) => channel),
    evidence_hash: orNull(answered, ({ evidenceHash }) => evidenceHash),
    outcome: consent.outcome,
    effective_on: orNull(consent.effectiveOn, toDate),
    decided_at: orNull(consent.decidedAt, toInstant),
    created_at: toInstant(consent.createdAt),
  };
}

type ConsentRow = Tables['price_change_consents'];
type Answered = Exclude<PriceChangeConsent['answered'], undefined>;
type NoticeChannel = Exclude<PriceChangeConsent['notice']['channel'], undefined>;

export function fromConsentRow(row: ConsentRow): PriceChangeConsent {
  return {
    priceChangeId: fromUuid('pch', row.price_change_id),
    subscriptionId: fromUuid('sub', row.subscription_id),
    customerId: fromUuid('cus', row.customer_id),
    merchantId: fromUuid('mer', row.merchant_id),
    audience: row.audience as PriceChangeConsent['audience'],
    direction: row.direction as PriceChangeConsent['direction'],
    before: fromAmount(row.before_minor, row.currency),
    after: fromAmount(row.after_minor, row.currency),
    notice: {
      ...given('channel', row.notice_channel as NoticeChannel | null, asIs),
      dueAt: fromInstant(row.notice_due_at),
      ...given('noticedAt', row.noticed_at, fromInstant),
      ...given('reference', row.notice_reference, asIs),
    },
    answer: row.answer as PriceChangeConsent['answer'],
    ...answeredOf(row),
    outcome: row.outcome as PriceChangeConsent['outcome'],
    ...given('effectiveOn', row.effective_on, fromDate),
    ...given('decidedAt', row.decided_at, fromInstant),
    createdAt: fromInstant(row.created_at),
  };
}

function answeredOf({ answered_at, answer_channel, evidence_hash }: ConsentRow): {
  readonly answered?: Answered;
} {
  if (answered_at === null || answer_channel === null || evidence_hash === null) return {};
  return {
    answered: {
      at: fromInstant(answered_at),
      channel: answer_channel as Answered['channel'],
      evidenceHash: evidence_hash,
    },
  };
}

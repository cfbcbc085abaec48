import {
  bucketOf,
  type DunningCase,
  type DunningEntry,
  fromUuid,
  type InstalmentPlan,
  type InvoiceId,
  type PaymentPromise,
  type PlanPart,
  type SeenOverdue,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
  asIs,
  fromCurrency,
  fromDate,
  fromInstant,
  given,
  idOrNull,
  orNull,
  toDate,
  toInstant,
} from '../columns.ts';
import { amount, count, date, instant, list, record, type Shape, word } from '../json-shape.ts';
import type { Tables } from '../schema.generated.ts';

const invoiceIds: Shape<readonly InvoiceId[]> = list(word<InvoiceId>());

const promise: Shape<PaymentPromise> = record<PaymentPromise>({
  date,
  amount,
  by: word(),
  madeAt: instant,
  owed: amount,
  invoiceIds,
});

const part: Shape<PlanPart> = record<PlanPart>({ date, amount, invoiceIds, state: word() });

const plan: Shape<InstalmentPlan> = record<InstalmentPlan>({
  by: word(),
  madeAt: instant,
  owed: amount,
  invoiceIds,
  parts: list(part),
});

type Pause = NonNullable<DunningCase['pause']>;
const pause: Shape<Pause> = record<Pause>({ by: word(), reason: word(), until: date });

const timeline: Shape<readonly DunningEntry[]> = list(
  record<DunningEntry>({
    at: instant,
    what: word(),
    day: count,
    why: word(),
    subjectId: word(),
  }),
);

export function toCaseRow(dunning: DunningCase): NewRow<'dunning_cases'> {
  return {
    bucket: bucketOf(dunning.id),
    merchant_id: toUuid(dunning.merchantId),
    id: toUuid(dunning.id),
    customer_id: toUuid(dunning.customerId),
    currency: dunning.currency,
    state: dunning.state,
    campaign_name: dunning.campaignName,
    campaign_body: dunning.campaignBody,
    started_on: toDate(dunning.startedOn),
    next_step: dunning.nextStep,
    next_step_at: orNull(dunning.nextStepAt, toInstant),
    waits_for: dunning.waitsFor ?? null,
    invoice_ids: invoiceIds.to(dunning.invoiceIds),
    pause: orNull(dunning.pause, pause.to),
    promise: orNull(dunning.promise, promise.to),
    promise_count: dunning.promiseCount,
    plan: orNull(dunning.plan, plan.to),
    timeline: timeline.to(dunning.timeline),
    ended_as: dunning.endedAs ?? null,
    ended_at: orNull(dunning.endedAt, toInstant),
    created_at: toInstant(dunning.createdAt),
  };
}

export function fromCaseRow(row: Tables['dunning_cases']): DunningCase {
  return {
    id: fromUuid('dun', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    currency: fromCurrency(row.currency),
    state: row.state as DunningCase['state'],
    campaignName: row.campaign_name,
    campaignBody: row.campaign_body as DunningCase['campaignBody'],
    startedOn: fromDate(row.started_on),
    nextStep: row.next_step,
    ...given('nextStepAt', row.next_step_at, fromInstant),
    ...given('waitsFor', row.waits_for, asIs),
    invoiceIds: invoiceIds.from(row.invoice_ids),
    ...given('pause', row.pause, pause.from),
    ...given('promise', row.promise, promise.from),
    promiseCount: row.promise_count,
    ...given('plan', row.plan, plan.from),
    timeline: timeline.from(row.timeline),
    ...given('endedAs', row.ended_as, (as) => as as NonNullable<DunningCase['endedAs']>),
    ...given('endedAt', row.ended_at, fromInstant),
    createdAt: fromInstant(row.created_at),
  };
}

export function toSeenRow(seen: SeenOverdue): NewRow<'dunning_invoices'> {
  return {
    bucket: bucketOf(seen.invoiceId),
    merchant_id: toUuid(seen.merchantId),
    invoice_id: toUuid(seen.invoiceId),
    customer_id: toUuid(seen.customerId),
    case_id: idOrNull(seen.caseId),
    passed_over: seen.passedOver ?? null,
    is_live: seen.isLive,
    seen_at: toInstant(seen.seenAt),
  };
}

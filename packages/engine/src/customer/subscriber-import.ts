import { createHash } from 'node:crypto';
import {
  bucketOf,
  bucketOfKey,
  type Contract,
  type Customer,
  draftAt,
  type Mandate,
  type Money,
  type NewEvent,
  type PriceVersion,
  plannedDateFor,
  type RailId,
  type Subscription,
  toContractCode,
} from '@daikou/core';
import { idSource, type Job, nowOf, railOf, timetableOf } from '../job.ts';
import { itemsOf } from './subscriber-plan.ts';
import type { SubscriberRow } from './subscriber-row.ts';

/**
 * How a payment method of the file is collected. Rails are named by whoever composes the import.
 */
export type MethodPlan =
  | { readonly collection: 'auto_debit'; readonly rail: RailId; readonly singleCap: Money }
  | { readonly collection: 'by_hand' };

export type Addresses = {
  readonly mail?: string;
  readonly phone?: string;
  readonly name: string;
};

export type SubscriberImport = {
  readonly methods: ReadonlyMap<string, MethodPlan>;
  /** T of the first invoice; the anchor of every subscription of the file. */
  readonly firstDueDate: Temporal.PlainDate;
  /**
   * Where a customer can be reached: the file has no addresses, so the caller knows or makes them.
   */
  readonly addressOf: (externalReference: string, ordinal: number) => Addresses;
};

export type NewSubscriber = {
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly mandate?: Mandate;
  readonly event: NewEvent;
};

/** The rows of one subscriber: customer, subscription, and the mandate that is to be signed. */
export function buildSubscriber(
  job: Job,
  row: SubscriberRow,
  plan: SubscriberImport & {
    readonly planId: Subscription['planId'];
    readonly versions: ReadonlyMap<string, PriceVersion>;
  },
): NewSubscriber {
  const now = nowOf(job.engine, job.merchant);
  const ids = idSource(job.engine);
  const bucket = bucketOfKey(job.merchant.id, row.externalReference);
  const addresses = plan.addressOf(row.externalReference, row.line);
  const customer: Customer = {
    id: ids('cus', bucket),
    merchantId: job.merchant.id,
    kind: 'person',
    externalReference: row.externalReference,
    locale: 'zh-CN',
    preferredChannel: row.paperless ? 'mail' : 'sms',
    createdAt: now,
    ...addresses,
    ...row.contact,
  };
  const method = plan.methods.get(row.paymentMethod) ?? { collection: 'by_hand' };
  const subscription: Subscription = {
    id: ids('sub', bucket),
    merchantId: job.merchant.id,
    customerId: customer.id,
    planId: plan.planId,
    state: 'active',
    anchor: plan.firstDueDate,
    interval: { unit: 'month', count: 1 },
    startsOn: plan.firstDueDate,
    pauses: [],
    autoRenew: true,
    billedThrough: plan.firstDueDate,
    arrearsThrough: plan.firstDueDate,
    nextBillAt: draftAt(plan.firstDueDate, timetableOf(job), job.merchant.zone),
    collection: method.collection,
    paymentMethodLabel: row.paymentMethod,
    ...contractOf(row, plan.firstDueDate),
    items: itemsOf(row, {
      versions: plan.versions,
      from: plan.firstDueDate,
      newId: () => ids('sit', bucket),
    }),
    createdAt: now,
  };
  const event: NewEvent = {
    id: ids('evt', bucket),
    merchantId: job.merchant.id,
    customerId: customer.id,
    type: 'customer.imported',
    subjectId: customer.id,
    at: now,
    data: { line: row.line },
  };
  return method.collection === 'by_hand'
    ? { customer, subscription, event }
    : { customer, subscription, event, mandate: draftMandate(job, customer, { method, plan }) };
}

/**
 * The term that runs on the first due date: terms of the same length followed each other since the
 * customer came. The file declares no rule for leaving early, so leaving is free.
 */
function contractOf(
  row: SubscriberRow,
  firstDueDate: Temporal.PlainDate,
): { readonly contract?: Contract } {
  if (row.termMonths === 0) return {};
  const start = firstDueDate.subtract({ months: row.tenureMonths });
  const terms = Math.floor(row.tenureMonths / row.termMonths) + 1;
  const end = start.add({ months: terms * row.termMonths });
  return {
    contract: { start, end, renewal: 'open_ended', earlyTermination: { type: 'free' } },
  };
}

function draftMandate(
  job: Job,
  customer: Customer,
  about: {
    readonly method: Extract<MethodPlan, { readonly collection: 'auto_debit' }>;
    readonly plan: SubscriberImport;
  },
): Mandate {
  const { method, plan } = about;
  const id = idSource(job.engine)('man', bucketOf(customer.id));
  const rule = railOf(job.engine, method.rail).capabilities.plannedDate;
  const planned = rule === undefined ? undefined : plannedDateFor(plan.firstDueDate, rule);
  return {
    id,
    merchantId: customer.merchantId,
    customerId: customer.id,
    rail: method.rail,
    state: 'draft',
    contractCode: toContractCode(id),
    displayAccount: toDisplayAccount(customer.externalReference),
    singleCap: method.singleCap,
    ...(planned === undefined ? {} : { firstPlannedDate: planned, plannedDate: planned }),
    createdAt: customer.createdAt,
  };
}

/**
 * What the wallet shows as the customer's account: the merchant's own number. Rails want it short
 * and plain, so any other number is shown as a digest of it, the same each time.
 */
export function toDisplayAccount(externalReference: string): string {
  if (/^[A-Za-z0-9-]{1,32}$/.test(externalReference)) return externalReference;
  return createHash('sha256').update(externalReference).digest('hex').slice(0, 24);
}

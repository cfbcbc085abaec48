import type { CustomerId, EventId, Id, MerchantId } from '../ids/ids.ts';

/** Everything that can happen to a customer's obligation, in the order of its life. */
export const EVENT_TYPES = [
  'customer.imported',
  'customer.created',
  'customer.moved',
  'subscription.transferred',
  'price_change.noticed',
  'price_change.acknowledged',
  'price_change.objected',
  'price_change.decided',
  'mandate.signing',
  'mandate.active',
  'mandate.sign_failed',
  'mandate.ending',
  'mandate.revoke_failed',
  'mandate.ended',
  'mandate.drifted',
  'mandate.plan_moved',
  'subscription.started',
  'subscription.changed',
  'subscription.parked',
  'subscription.ended',
  'invoice.drafted',
  'invoice.issued',
  'invoice.paid',
  'invoice.credited',
  'invoice.voided',
  'invoice.reissued',
  'credit.granted',
  'credit.expired',
  'debit.scheduled',
  'debit.blocked',
  'debit.moved',
  'debit.released',
  'notice.sent',
  'notice.delivered',
  'notice.failed',
  'attempt.submitted',
  'attempt.accepted',
  'attempt.unknown',
  'attempt.needs_person',
  'attempt.resolved',
  'attempt.refused',
  'attempt.closed',
  'attempt.late_success',
  'debit.retry_scheduled',
  'debit.succeeded',
  'debit.failed',
  'payment.received',
  'payment.returned',
  'payment.reversed',
  'refund.requested',
  'refund.approved',
  'refund.submitted',
  'refund.delayed',
  'refund.succeeded',
  'refund.needs_person',
  'refund.withdrawn',
  'exception.opened',
  'exception.ended',
  'usage.threshold_crossed',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** An outbox row. The store numbers it without gaps per customer, in the same transaction. */
export type NewEvent = {
  readonly id: EventId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly type: EventType;
  readonly subjectId: Id;
  readonly at: Temporal.Instant;
  /** Small, flat, without personal data. Amounts as strings of the smallest unit. */
  readonly data: Readonly<Record<string, string | number | boolean>>;
};

export type DaikouEvent = NewEvent & { readonly sequence: number };

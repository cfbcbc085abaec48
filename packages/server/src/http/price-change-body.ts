import type { ConsentEvidenceBody, NewPriceChangeBody } from '@daikou/api';
import {
  type CustomerId,
  type NewPriceChange,
  ok,
  type PriceFallback,
  type PriceGrounds,
  type Refusal,
  type Result,
  refuse,
  type SubscriptionId,
} from '@daikou/core';
import type { ConsentParty } from '@daikou/engine';
import { fieldMissing, readDate } from './billing-body.ts';

/** A price change as its body says, or the field that is missing or no day of the calendar. */
export function readNewPriceChange(body: NewPriceChangeBody): Result<NewPriceChange, Refusal> {
  const effectiveOn = readDate(body.effective_on, 'effective_on');
  if (!effectiveOn.ok) return effectiveOn;
  const fallback = readFallback(body.fallback);
  if (!fallback.ok) return fallback;
  const { steps, audience, reason, notice_days: noticeDays } = body;
  return ok({
    steps,
    audience,
    reason,
    effectiveOn: effectiveOn.value,
    fallback: fallback.value,
    ...(noticeDays === undefined ? {} : { noticeDays }),
  });
}

function readFallback(body: NewPriceChangeBody['fallback']): Result<PriceFallback, Refusal> {
  const { type, until, plan_id: planId, steps } = body;
  switch (type) {
    case 'leave_without_penalty':
      return ok({ type });
    case 'stay_until': {
      if (until === undefined) return refuse(fieldMissing('fallback.until'));
      const day = readDate(until, 'fallback.until');
      return day.ok ? ok({ type, until: day.value }) : day;
    }
    case 'downgrade': {
      if (planId === undefined) return refuse(fieldMissing('fallback.plan_id'));
      if (steps === undefined) return refuse(fieldMissing('fallback.steps'));
      return ok({ type, planId, steps });
    }
  }
}

/** Who it is about and when it happened; `now` where no time is given. */
export function readParty(
  body: {
    readonly customer_id: CustomerId;
    readonly subscription_id?: SubscriptionId;
    readonly at?: string;
  },
  now: Temporal.Instant,
): Result<ConsentParty & { readonly at: Temporal.Instant }, Refusal> {
  const { customer_id: customerId, subscription_id: subscriptionId } = body;
  const at = body.at === undefined ? now : readInstant(body.at);
  if (at === undefined) return refuse(notAnInstant('at'));
  return ok({ customerId, at, ...(subscriptionId === undefined ? {} : { subscriptionId }) });
}

/** The consent of a customer on an order that it signed, as grounds for a higher price. */
export function readGrounds(body: ConsentEvidenceBody): Result<PriceGrounds, Refusal> {
  const at = readInstant(body.at);
  if (at === undefined) return refuse(notAnInstant('consent.at'));
  const { channel, evidence_hash: evidenceHash } = body;
  return ok({ type: 'consent', at, channel, evidenceHash });
}

function notAnInstant(field: string): Refusal {
  return {
    code: 'instant_not_valid',
    sentence: 'The time is not a moment of the calendar.',
    next: 'Write it as 2026-03-09T23:30:00Z.',
    field,
  };
}

function readInstant(text: string): Temporal.Instant | undefined {
  try {
    return Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
}

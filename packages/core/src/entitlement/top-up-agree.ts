import { isBefore } from '../calendar/business-time.ts';
import { type Customer, isPayer } from '../customer/customer.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { compare, type Money } from '../money/money.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { isEvidenceHash } from '../subscription/price-change-grounds.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { TopUpConsent, TopUpRule } from './top-up.ts';
import { type TopUpRefusal, type TopUpRefusalCode, topUpRefusal } from './top-up-refusals.ts';

export type TopUpWish = {
  readonly low: Money;
  readonly amount: Money;
  readonly monthlyCap: Money;
  readonly consent: TopUpConsent;
  readonly by: string;
};

/** Saved in their order: one rule is in force for each currency. */
export type TopUpAgreed = {
  readonly rule: TopUpRule;
  /** What was in force before, now stopped. */
  readonly replaced?: TopUpRule;
  readonly event: NewEvent;
};

type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

/**
 * Records that a customer agreed to automatic top-ups, or to other ones in their place. Refused are
 * one without valid evidence, from the future or without a name, amounts that could never be taken,
 * and a subscription of somebody else or one that has ended. A balance that is low counts as
 * crossed anew: the customer has just agreed to it.
 */
export function decideTopUpRule(
  facts: {
    readonly customer: Customer;
    readonly subscription: Subscription | undefined;
    readonly current?: TopUpRule;
  },
  wish: TopUpWish,
  context: Context,
): Result<TopUpAgreed, TopUpRefusal> {
  const { customer, subscription, current } = facts;
  const code = checkWish(customer, wish, context);
  if (code !== undefined) return refuse(topUpRefusal(code));
  const isOwn = subscription?.customerId === customer.id && subscription.state !== 'ended';
  if (subscription === undefined || !isOwn) {
    return refuse(topUpRefusal('top_up_subscription_wrong'));
  }
  const by = wish.by.trim();
  const { low, amount, monthlyCap, consent } = wish;
  const rule: TopUpRule = {
    id: context.ids('tur', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    subscriptionId: subscription.id,
    low,
    amount,
    monthlyCap,
    consent,
    agreedBy: by,
    agreedAt: context.now,
    isLow: false,
    nextLookAt: context.now,
  };
  return ok({
    rule,
    ...(current === undefined ? {} : { replaced: stopped(current, by, context.now) }),
    event: ruleEvent(rule, 'top_up.agreed', context),
  });
}

/** Stops what was agreed. A top-up that was requested before goes on: its invoice can be voided. */
export function decideTopUpStop(
  current: TopUpRule | undefined,
  by: string,
  context: Context,
): Result<{ readonly rule: TopUpRule; readonly event: NewEvent }, TopUpRefusal> {
  if (current === undefined) return refuse(topUpRefusal('top_up_not_agreed'));
  if (by.trim() === '') return refuse(topUpRefusal('top_up_without_name'));
  const rule = stopped(current, by.trim(), context.now);
  return ok({ rule, event: ruleEvent(rule, 'top_up.stopped', context) });
}

function stopped(current: TopUpRule, by: string, at: Temporal.Instant): TopUpRule {
  const { nextLookAt: _none, ...rest } = current;
  return { ...rest, stopped: { by, at } };
}

function checkWish(
  customer: Customer,
  { low, amount, monthlyCap, consent, by }: TopUpWish,
  { now }: Context,
): TopUpRefusalCode | undefined {
  if (!isPayer(customer)) return 'top_up_not_of_payer';
  if (low.currency !== amount.currency || monthlyCap.currency !== amount.currency) {
    return 'top_up_currency_mix';
  }
  if (low.minor < 0n) return 'top_up_below_zero';
  if (amount.minor <= 0n) return 'top_up_not_positive';
  if (compare(monthlyCap, amount) < 0) return 'top_up_cap_too_low';
  if (!isEvidenceHash(consent.evidenceHash)) return 'top_up_evidence_not_valid';
  if (isBefore(now, consent.at)) return 'top_up_consent_in_future';
  return by.trim() === '' ? 'top_up_without_name' : undefined;
}

function ruleEvent(
  rule: TopUpRule,
  type: Extract<EventType, 'top_up.agreed' | 'top_up.stopped'>,
  { ids, now }: Context,
): NewEvent {
  const { id, customerId, merchantId, amount, low, monthlyCap, consent } = rule;
  return {
    id: ids('evt', bucketOf(customerId)),
    merchantId,
    customerId,
    type,
    subjectId: id,
    at: now,
    data: {
      minor: amount.minor.toString(),
      low_minor: low.minor.toString(),
      cap_minor: monthlyCap.minor.toString(),
      currency: amount.currency,
      channel: consent.channel,
      evidence_hash: consent.evidenceHash,
    },
  };
}

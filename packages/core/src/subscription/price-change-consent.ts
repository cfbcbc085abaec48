import { isBefore } from '../calendar/business-time.ts';
import { type Customer, contactOf, isConsumer } from '../customer/customer.ts';
import { bucketOf, type CustomerId, type PriceChangeId, type SubscriptionId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Money } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { PriceAudience, PriceChange } from './price-change.ts';
import type { PriceDirection, PriceEffect } from './price-change-effect.ts';
import { type AnswerChannel, isEvidenceHash } from './price-change-grounds.ts';
import { type PriceChangeRefusal, priceChangeRefusal } from './price-change-refusals.ts';
import type { Subscription } from './subscription.ts';

/** `acknowledged` is a yes to the new price. `silent` is what everybody is before an answer. */
export type ConsentAnswer = 'silent' | 'acknowledged' | 'objected';

/**
 * What came of the change for one subscription. `left` ends at a boundary without a fee;
 * `unchanged`: it ended or changed its prices by itself before.
 */
export type ConsentOutcome =
  | 'waiting'
  | 'applied'
  | 'downgraded'
  | 'left'
  | 'unchanged'
  | 'withdrawn';

/** The ways in which a price change is told. */
export type PriceNoticeChannel = 'mail' | 'sms' | 'letter' | 'portal';

/** What one subscription's payer was told of a price change, what it said and what came of it. */
export type PriceChangeConsent = {
  readonly priceChangeId: PriceChangeId;
  readonly subscriptionId: SubscriptionId;
  readonly customerId: CustomerId;
  readonly merchantId: PriceChange['merchantId'];
  /** Whose rules hold for this payer: those of a business only where it is one. */
  readonly audience: PriceAudience;
  readonly direction: PriceDirection;
  /** What the touched items cost per period before and after, tax included, when it was planned. */
  readonly before: Money;
  readonly after: Money;
  readonly notice: PriceNotice;
  readonly answer: ConsentAnswer;
  /** Present with an answer. */
  readonly answered?: Answered;
  readonly outcome: ConsentOutcome;
  /** The first day of what came of it. */
  readonly effectiveOn?: Temporal.PlainDate;
  readonly decidedAt?: Temporal.Instant;
  readonly createdAt: Temporal.Instant;
};

/** The notice of a price change. It gates no debit, so it is no `Notice`. */
export type PriceNotice = {
  /** Absent: the customer has no address; somebody has to find a way. */
  readonly channel?: PriceNoticeChannel;
  readonly dueAt: Temporal.Instant;
  /** When it was delivered; without it nothing follows from silence. */
  readonly noticedAt?: Temporal.Instant;
  /** The provider's number, the number of the letter. */
  readonly reference?: string;
};

export type Answered = {
  readonly at: Temporal.Instant;
  readonly channel: AnswerChannel;
  /** SHA-256, hexadecimal, of the form, the recording or the message. */
  readonly evidenceHash: string;
};

/** Plans what has to be said to the payer of a touched subscription: the notice is due at once. */
export function planConsent(
  change: PriceChange,
  touched: {
    readonly subscription: Subscription;
    readonly customer: Customer;
    readonly effect: PriceEffect;
  },
  now: Temporal.Instant,
): PriceChangeConsent {
  const { subscription, customer, effect } = touched;
  const contact = contactOf(customer);
  const isBusiness = change.audience === 'business' && !isConsumer(customer);
  return {
    priceChangeId: change.id,
    subscriptionId: subscription.id,
    customerId: subscription.customerId,
    merchantId: change.merchantId,
    audience: isBusiness ? 'business' : 'consumer',
    direction: effect.direction,
    before: effect.before,
    after: effect.after,
    notice: { dueAt: now, ...(contact === undefined ? {} : { channel: contact.channel }) },
    answer: 'silent',
    outcome: 'waiting',
    createdAt: now,
  };
}

type Context = {
  readonly change: PriceChange;
  readonly now: Temporal.Instant;
  readonly ids: IdSource;
};

export type ConsentDecision = {
  readonly consent: PriceChangeConsent;
  /** None when nothing is new: the same word again changes nothing. */
  readonly events: readonly NewEvent[];
};

/**
 * Records that the payer was told. The first delivery counts; a later one changes nothing. Refuses
 * a time before the publication or after now.
 */
export function decidePriceNotice(
  consent: PriceChangeConsent,
  told: {
    readonly at: Temporal.Instant;
    readonly channel: PriceNoticeChannel;
    readonly reference?: string;
  },
  context: Context,
): Result<ConsentDecision, PriceChangeRefusal> {
  const refusal = refusalOfTime(consent, told.at, context);
  if (refusal !== undefined) return refuse(refusal);
  const { noticedAt } = consent.notice;
  if (noticedAt !== undefined && !isBefore(told.at, noticedAt)) return ok({ consent, events: [] });
  const { at, channel, reference } = told;
  return ok({
    consent: {
      ...consent,
      notice: {
        dueAt: consent.notice.dueAt,
        channel,
        noticedAt: at,
        ...(reference === undefined ? {} : { reference }),
      },
    },
    events: [
      eventOf(
        consent,
        { type: 'price_change.noticed', data: { channel, told_at: at.toString() } },
        context,
      ),
    ],
  });
}

/**
 * Records what the payer says. The latest word holds until the change is decided for this
 * subscription; earlier ones stay in the customer's events. Refuses an answer without evidence,
 * before the publication or from the future, and one that comes after the decision.
 */
export function decidePriceAnswer(
  consent: PriceChangeConsent,
  given: Answered & { readonly answer: Exclude<ConsentAnswer, 'silent'> },
  context: Context,
): Result<ConsentDecision, PriceChangeRefusal> {
  const refusal = refusalOfTime(consent, given.at, context);
  if (refusal !== undefined) return refuse(refusal);
  if (!isEvidenceHash(given.evidenceHash)) {
    return refuse(priceChangeRefusal('evidence_not_valid', 'evidence_hash'));
  }
  const { answer, at, channel, evidenceHash } = given;
  const isKnown = consent.answer === answer && consent.answered?.evidenceHash === evidenceHash;
  if (isKnown) return ok({ consent, events: [] });
  const data = { channel, evidence_hash: evidenceHash, answered_at: at.toString() };
  return ok({
    consent: { ...consent, answer, answered: { at, channel, evidenceHash } },
    events: [eventOf(consent, { type: `price_change.${answer}`, data }, context)],
  });
}

function refusalOfTime(
  consent: PriceChangeConsent,
  at: Temporal.Instant,
  { change, now }: Context,
): PriceChangeRefusal | undefined {
  const { publishedAt } = change;
  if (publishedAt === undefined || change.state === 'withdrawn') {
    return priceChangeRefusal('price_change_not_published', 'id');
  }
  if (consent.outcome !== 'waiting') {
    return priceChangeRefusal('price_change_decided', 'subscription_id');
  }
  if (isBefore(now, at)) return priceChangeRefusal('answered_in_future', 'at');
  if (isBefore(at, publishedAt)) return priceChangeRefusal('answered_before_publication', 'at');
  return undefined;
}

type Said = {
  readonly type: 'price_change.noticed' | 'price_change.acknowledged' | 'price_change.objected';
  readonly data: NewEvent['data'];
};

function eventOf(consent: PriceChangeConsent, { type, data }: Said, context: Context): NewEvent {
  return {
    id: context.ids('evt', bucketOf(consent.customerId)),
    merchantId: consent.merchantId,
    customerId: consent.customerId,
    type,
    subjectId: consent.subscriptionId,
    at: context.now,
    data: { price_change: consent.priceChangeId, ...data },
  };
}

import { businessDate, isBefore } from '../calendar/business-time.ts';
import { periodContaining } from '../calendar/grid.ts';
import { isDateBefore, laterDate } from '../calendar/periods.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import { bucketOf, type PriceVersionId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import type { SubscriptionCommand } from './change.ts';
import type { PriceChange, PriceStep } from './price-change.ts';
import type { ConsentOutcome, PriceChangeConsent } from './price-change-consent.ts';
import { computePriceEffect } from './price-change-effect.ts';
import type { PriceGrounds } from './price-change-grounds.ts';
import type { Subscription, SubscriptionItem } from './subscription.ts';
import { draftAt, type Timetable } from './timetable.ts';

/** What follows for one subscription, if anything follows now. */
export type PriceOutcome =
  /** Too early, or something is missing: the old price goes on. */
  | { readonly kind: 'wait' }
  /** Carried out by `decideChange`, from the boundary `on`. */
  | {
      readonly kind: 'change';
      readonly outcome: 'applied' | 'downgraded' | 'left';
      readonly on: Temporal.PlainDate;
      readonly command: SubscriptionCommand;
    }
  /** Nothing is left to change. */
  | { readonly kind: 'nothing'; readonly outcome: 'unchanged' };

export type OutcomeFacts = {
  readonly change: PriceChange;
  readonly consent: PriceChangeConsent;
  readonly subscription: Subscription;
};

export type OutcomeContext = {
  readonly prices: ReadonlyMap<PriceVersionId, PricedVersion>;
  readonly timetable: Timetable;
  readonly zone: string;
  readonly now: Temporal.Instant;
};

const WAIT: PriceOutcome = { kind: 'wait' };

/**
 * What a published price change does to one subscription now. Prices change at a boundary that is
 * not billed yet, on or after the effective day, and the word that holds is the last one before
 * that period is drafted (T−8): until then the payer may still answer. A decrease reaches
 * everybody. A rise reaches who consented, and a silent business that was told in time; everybody
 * else gets the declared fallback. Who is silent and was never told in time keeps the old price.
 */
export function decidePriceOutcome(facts: OutcomeFacts, context: OutcomeContext): PriceOutcome {
  const { change, consent, subscription } = facts;
  if (change.state !== 'published' || consent.outcome !== 'waiting') return WAIT;
  if (subscription.state === 'ended') return { kind: 'nothing', outcome: 'unchanged' };
  const first = boundaryFrom(
    subscription,
    laterDate(change.effectiveOn, subscription.billedThrough),
  );
  const effect = computePriceEffect(subscription, change.steps, {
    prices: context.prices,
    on: first,
  });
  if (effect === undefined) return { kind: 'nothing', outcome: 'unchanged' };
  if (subscription.state !== 'active') return WAIT;
  const grounds = groundsOf(facts, effect.direction === 'rise');
  if (grounds === undefined) return decideFallback(facts, context);
  const isSilence = grounds.type === 'silence_of_business';
  const earliest = isSilence ? toldInTime(facts, context) : change.effectiveOn;
  if (earliest === undefined) return WAIT;
  const on = boundaryToDecide(subscription, earliest, context);
  if (on === undefined) return WAIT;
  const versions = stepsHeld(subscription, change.steps, on);
  if (versions.length === 0) return { kind: 'nothing', outcome: 'unchanged' };
  const when = { at: 'date', date: on } as const;
  return {
    kind: 'change',
    outcome: 'applied',
    on,
    command: { type: 'prices', versions, when, grounds },
  };
}

/** Why the new prices may hold; undefined: they may not. */
function groundsOf({ change, consent }: OutcomeFacts, isRise: boolean): PriceGrounds | undefined {
  if (!isRise) return { type: 'not_higher' };
  const { answered, notice } = consent;
  const priceChangeId = change.id;
  if (consent.answer === 'acknowledged' && answered !== undefined) {
    return { type: 'consent', priceChangeId, ...answered };
  }
  const isSilentBusiness = consent.audience === 'business' && consent.answer === 'silent';
  if (isSilentBusiness && notice.noticedAt !== undefined) {
    return { type: 'silence_of_business', priceChangeId, noticedAt: notice.noticedAt };
  }
  return undefined;
}

/** The first day on which something may follow from silence; undefined while nobody was told. */
function toldInTime(
  { change, consent }: OutcomeFacts,
  { zone }: OutcomeContext,
): Temporal.PlainDate | undefined {
  const { noticedAt } = consent.notice;
  if (noticedAt === undefined) return undefined;
  const told = businessDate(noticedAt, zone).add({ days: change.noticeDays });
  return laterDate(change.effectiveOn, told);
}

function decideFallback(facts: OutcomeFacts, context: OutcomeContext): PriceOutcome {
  const { change, consent, subscription } = facts;
  const { fallback } = change;
  // An objection shows that the customer knows; who is silent must have been told in time.
  const earliest = consent.answer === 'objected' ? change.effectiveOn : toldInTime(facts, context);
  if (earliest === undefined) return WAIT;
  const isStay = fallback.type === 'stay_until';
  const from = isStay ? laterDate(earliest, fallback.until) : earliest;
  const on = boundaryToDecide(subscription, from, context);
  if (on === undefined) return WAIT;
  const when = { at: 'date', date: on } as const;
  if (fallback.type !== 'downgrade') {
    const command = { type: 'end', when, waiveTermination: true } as const;
    return { kind: 'change', outcome: 'left', on, command };
  }
  const effect = computePriceEffect(subscription, fallback.steps, { prices: context.prices, on });
  // A "downgrade" that costs more is a rise by another name: the old price goes on.
  if (effect === undefined || effect.direction === 'rise') return WAIT;
  return {
    kind: 'change',
    outcome: 'downgraded',
    on,
    command: {
      type: 'plan',
      planId: fallback.planId,
      items: itemsAfter(subscription, fallback.steps, on),
      when,
    },
  };
}

/** All that the subscription holds on, with the smaller plan's versions in place of the named. */
function itemsAfter(
  subscription: Subscription,
  steps: readonly PriceStep[],
  on: Temporal.PlainDate,
) {
  const replaced = new Map(steps.map(({ from, to }) => [from, to]));
  return subscription.items
    .filter((item) => isHeldOn(item, on) && item.kind !== 'one_off')
    .map(({ priceVersionId, quantity, agreedModel }) => ({
      priceVersionId:
        agreedModel === undefined
          ? (replaced.get(priceVersionId) ?? priceVersionId)
          : priceVersionId,
      quantity,
      ...(agreedModel === undefined ? {} : { agreedModel }),
    }));
}

function stepsHeld(
  subscription: Subscription,
  steps: readonly PriceStep[],
  on: Temporal.PlainDate,
): readonly PriceStep[] {
  const items = subscription.items.filter((item) => isHeldOn(item, on));
  const held = new Set(items.map(({ priceVersionId }) => priceVersionId));
  return steps.filter(({ from }) => held.has(from));
}

function isHeldOn({ from, until }: SubscriptionItem, on: Temporal.PlainDate): boolean {
  return !isDateBefore(on, from) && (until === undefined || isDateBefore(on, until));
}

/**
 * The first boundary on or after `earliest` whose period is not billed, once its draft is due:
 * before that the payer may still answer. Undefined: it is too early to decide.
 */
function boundaryToDecide(
  subscription: Subscription,
  earliest: Temporal.PlainDate,
  { timetable, zone, now }: OutcomeContext,
): Temporal.PlainDate | undefined {
  const on = boundaryFrom(subscription, laterDate(earliest, subscription.billedThrough));
  return isBefore(now, draftAt(on, timetable, zone)) ? undefined : on;
}

/** The first boundary of the subscription on or after `date`. */
export function boundaryFrom(
  { anchor, interval }: Pick<Subscription, 'anchor' | 'interval'>,
  date: Temporal.PlainDate,
): Temporal.PlainDate {
  const { period } = periodContaining(anchor, interval, date);
  return Temporal.PlainDate.compare(period.start, date) === 0 ? date : period.end;
}

/** The consent after its decision, with the event that says so. */
export function closeConsent(
  consent: PriceChangeConsent,
  result: {
    readonly outcome: Exclude<ConsentOutcome, 'waiting'>;
    readonly on?: Temporal.PlainDate;
  },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): { readonly consent: PriceChangeConsent; readonly event: NewEvent } {
  const { outcome, on } = result;
  const { now, ids } = context;
  return {
    consent: {
      ...consent,
      outcome,
      decidedAt: now,
      ...(on === undefined ? {} : { effectiveOn: on }),
    },
    event: {
      id: ids('evt', bucketOf(consent.customerId)),
      merchantId: consent.merchantId,
      customerId: consent.customerId,
      type: 'price_change.decided',
      subjectId: consent.subscriptionId,
      at: now,
      data: {
        price_change: consent.priceChangeId,
        outcome,
        answer: consent.answer,
        ...(on === undefined ? {} : { effective_on: on.toString() }),
      },
    },
  };
}

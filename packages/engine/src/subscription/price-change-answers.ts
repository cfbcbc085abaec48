import {
  type Answered,
  type ConsentDecision,
  type CustomerId,
  decidePriceAnswer,
  decidePriceNotice,
  ok,
  type PriceChange,
  type PriceChangeConsent,
  type PriceChangeId,
  type PriceNoticeChannel,
  priceChangeRefusal,
  type Refusal,
  type Result,
  refuse,
  type SubscriptionId,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { planConsents } from './price-change.ts';

/** Whom something was said to or by: all of a payer's touched subscriptions, or one of them. */
export type ConsentParty = {
  readonly customerId: CustomerId;
  readonly subscriptionId?: SubscriptionId;
};

/** Touched subscriptions of one payer that one answer is for, at most. */
const AT_ONCE = 1_000;

/** Records what a customer says to a price change, for each of its touched subscriptions. */
export async function recordPriceAnswer(
  job: Job,
  id: PriceChangeId,
  given: ConsentParty & Answered & { readonly answer: 'acknowledged' | 'objected' },
): Promise<Result<readonly PriceChangeConsent[], Refusal>> {
  return await decideForParty(job, { id, ...given }, (consent, context) =>
    decidePriceAnswer(consent, given, context),
  );
}

/** Records that a customer was told of a price change: when, how, and the proof's number. */
export async function recordPriceNotice(
  job: Job,
  id: PriceChangeId,
  told: ConsentParty & {
    readonly at: Temporal.Instant;
    readonly channel: PriceNoticeChannel;
    readonly reference?: string;
  },
): Promise<Result<readonly PriceChangeConsent[], Refusal>> {
  return await decideForParty(job, { id, ...told }, (consent, context) =>
    decidePriceNotice(consent, told, context),
  );
}

type Decide = (
  consent: PriceChangeConsent,
  context: Parameters<typeof decidePriceAnswer>[2],
) => Result<ConsentDecision, Refusal>;

/** All or none: an answer that one subscription refuses is recorded for none of them. */
async function decideForParty(
  job: Job,
  party: ConsentParty & { readonly id: PriceChangeId },
  decide: Decide,
): Promise<Result<readonly PriceChangeConsent[], Refusal>> {
  const change = await job.engine.store.transact(job.merchant.id, async (tx) =>
    (await tx.loadPriceChanges([party.id])).at(0),
  );
  if (change === undefined) return refuse(notFound('price change', 'id'));
  const first = await decideKnown(job, { ...party, change }, decide);
  if (first.ok || first.refusal.code !== 'not_touched') return first;
  // Somebody who joined after the publication may answer before the next look of the worker.
  const planned = change.state === 'published' ? await planConsents(job, change) : 0;
  return planned === 0 ? first : await decideKnown(job, { ...party, change }, decide);
}

async function decideKnown(
  job: Job,
  { change, customerId, subscriptionId }: ConsentParty & { readonly change: PriceChange },
  decide: Decide,
): Promise<Result<readonly PriceChangeConsent[], Refusal>> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const query = { priceChange: change.id, customer: customerId, limit: AT_ONCE };
    const found = (await tx.listConsents(query)).filter(
      (one) => subscriptionId === undefined || one.subscriptionId === subscriptionId,
    );
    if (found.length === 0) return refuse(priceChangeRefusal('not_touched', 'customer_id'));
    // An answer for all is for those that are still open; it is refused where none is.
    const open = found.filter(({ outcome }) => outcome === 'waiting');
    const meant = open.length > 0 && subscriptionId === undefined ? open : found;
    const locked = await tx.lockConsents(
      meant.map((one) => ({ priceChange: change.id, subscription: one.subscriptionId })),
    );
    const context = {
      change,
      now: nowOf(job.engine, job.merchant),
      ids: idSource(job.engine),
    };
    const decisions: ConsentDecision[] = [];
    for (const consent of locked) {
      const decision = decide(consent, context);
      if (!decision.ok) return decision;
      decisions.push(decision.value);
    }
    await tx.save({
      priceChangeConsents: decisions.map(({ consent }) => consent),
      events: decisions.flatMap(({ events }) => events),
    });
    return ok(decisions.map(({ consent }) => consent));
  });
}

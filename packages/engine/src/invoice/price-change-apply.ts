import {
  addSeconds,
  businessDate,
  closeConsent,
  decidePriceCompletion,
  decidePriceOutcome,
  isBefore,
  isDateBefore,
  type OutcomeContext,
  type PriceChange,
  type PriceChangeConsent,
  type PriceOutcome,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';
import { loadPrices } from '../catalog/load-prices.ts';
import { idSource, type Job, nowOf, timetableOf } from '../job.ts';
import { closeWithdrawn, planConsents } from '../subscription/price-change.ts';
import { changeWithin } from './change-within.ts';

/** Consents that one transaction decides: each may change a subscription and its lines. */
const BATCH = 100;

/** Price changes that one run looks at; a merchant has a handful at a time. */
const CHANGES_AT_ONCE = 1_000;

/** How often new customers on an old version are looked for. */
const LOOK = 'price_change_look';
const LOOK_SECONDS = 60 * 60;

export type ApplyCounts = {
  /** Customers who joined on an old version since the last look. */
  readonly planned: number;
  /** Subscriptions for which something followed: a new price, a downgrade, an end. */
  readonly decided: number;
  /** Price changes that wait for nobody any more. */
  readonly completed: number;
};

/**
 * Carries published price changes out, before the drafts of the day: new customers on an old
 * version are asked as well, and what is due by now is decided for every subscription that waits.
 * Each batch commits the subscription's change together with its consent, so it happens once,
 * however often this runs and wherever it is cut off. A subscription that refuses its change keeps
 * the old price and waits; it stops no other (I10).
 */
export async function applyPriceChanges(job: Job): Promise<ApplyCounts> {
  const totals = { planned: 0, decided: 0, completed: 0 };
  for (const change of await listOpen(job)) {
    if (change.state === 'withdrawn') await closeWithdrawn(job, change);
    if (change.state !== 'published') continue;
    if (await isLookDue(job, change)) totals.planned += await planConsents(job, change);
    totals.decided += await decideWaiting(job, change);
    if (await complete(job, change)) totals.completed += 1;
  }
  return totals;
}

async function listOpen(job: Job): Promise<readonly PriceChange[]> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => [
    ...(await tx.listPriceChanges({ limit: CHANGES_AT_ONCE, state: 'published' })),
    ...(await tx.listPriceChanges({ limit: CHANGES_AT_ONCE, state: 'withdrawn' })),
  ]);
}

/**
 * Whether it is time to look for new customers on an old version. Looking reads every subscription,
 * so it is done once an hour, whatever the worker's pace.
 */
async function isLookDue(job: Job, change: PriceChange): Promise<boolean> {
  const now = nowOf(job.engine, job.merchant);
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    // Held, so that two workers do not both begin to look.
    await tx.lockPriceChange(change.id);
    const last = await tx.findRun(LOOK, change.id);
    if (last !== undefined && isBefore(now, addSeconds(last.startedAt, LOOK_SECONDS))) return false;
    await tx.saveRun({
      id: last?.id ?? idSource(job.engine)('run', 0),
      merchantId: job.merchant.id,
      kind: LOOK,
      key: change.id,
      state: 'done',
      progress: {},
      startedAt: now,
      finishedAt: now,
    });
    return true;
  });
}

/**
 * Decides for those whose next period is about to be drafted: only there can a price change take
 * effect, so nobody else is read, however many wait.
 */
async function decideWaiting(job: Job, change: PriceChange): Promise<number> {
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const billedBy = today.add({ days: timetableOf(job).draftDaysBefore });
  if (isDateBefore(billedBy, change.effectiveOn)) return 0;
  let decided = 0;
  let after: SubscriptionId | undefined;
  let isMore = true;
  while (isMore) {
    const batch = await job.engine.store.transact(job.merchant.id, (tx) =>
      decideBatch(tx, job, { change, billedBy, ...(after === undefined ? {} : { after }) }),
    );
    decided += batch.decided;
    after = batch.last;
    isMore = batch.looked === BATCH;
    job.progress.advance(batch.looked);
  }
  return decided;
}

async function decideBatch(
  tx: Tx,
  job: Job,
  {
    change,
    billedBy,
    after,
  }: {
    readonly change: PriceChange;
    readonly billedBy: Temporal.PlainDate;
    readonly after?: SubscriptionId;
  },
) {
  const waiting = await tx.listConsents({
    priceChange: change.id,
    outcome: 'waiting',
    billedBy,
    limit: BATCH,
    ...(after === undefined ? {} : { after }),
  });
  const result = { looked: waiting.length, decided: 0, last: waiting.at(-1)?.subscriptionId };
  if (waiting.length === 0) return result;
  const ids = waiting.map(({ subscriptionId }) => subscriptionId);
  // The change and the subscriptions are held before the consents, as everybody else does.
  const fresh = await tx.lockPriceChange(change.id);
  if (fresh?.state !== 'published') return { ...result, looked: 0 };
  const context = await contextOf(tx, job);
  const due = await dueOf(tx, { change: fresh, ids, context });
  let decided = 0;
  for (const { consent, outcome } of due) {
    if (await carryOut(tx, job, { consent, outcome })) decided += 1;
  }
  return { ...result, decided };
}

async function contextOf(tx: Tx, job: Job): Promise<OutcomeContext> {
  return {
    prices: await loadPrices(tx),
    timetable: timetableOf(job),
    zone: job.merchant.zone,
    now: nowOf(job.engine, job.merchant),
  };
}

type Due = {
  readonly consent: PriceChangeConsent;
  readonly outcome: Exclude<PriceOutcome, { readonly kind: 'wait' }>;
};

/** Those for whom something follows now, with what; subscription and consent are locked. */
async function dueOf(
  tx: Tx,
  about: {
    readonly change: PriceChange;
    readonly ids: readonly SubscriptionId[];
    readonly context: OutcomeContext;
  },
): Promise<readonly Due[]> {
  const { change, ids, context } = about;
  const subscriptions = new Map((await tx.lockSubscriptions(ids)).map((one) => [one.id, one]));
  const keys = ids.map((subscription) => ({ priceChange: change.id, subscription }));
  return (await tx.lockConsents(keys)).flatMap((consent): readonly Due[] => {
    const subscription = subscriptions.get(consent.subscriptionId);
    if (subscription === undefined) return [];
    const outcome = decidePriceOutcome({ change, consent, subscription }, context);
    return outcome.kind === 'wait' ? [] : [{ consent, outcome }];
  });
}

async function carryOut(tx: Tx, job: Job, { consent, outcome }: Due): Promise<boolean> {
  if (outcome.kind === 'change') {
    const changed = await changeWithin(tx, job, {
      subscriptionId: consent.subscriptionId,
      command: outcome.command,
    });
    if (!changed.ok) {
      job.engine.log.warn('a price change could not be carried out; the old price goes on', {
        subscription: consent.subscriptionId,
        reason: changed.refusal.code,
      });
      return false;
    }
  }
  const on = outcome.kind === 'change' ? { on: outcome.on } : {};
  const closed = closeConsent(
    consent,
    { outcome: outcome.outcome, ...on },
    { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) },
  );
  await tx.save({ priceChangeConsents: [closed.consent], events: [closed.event] });
  return true;
}

async function complete(job: Job, change: PriceChange): Promise<boolean> {
  const now = nowOf(job.engine, job.merchant);
  const today = businessDate(now, job.merchant.zone);
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const fresh = await tx.lockPriceChange(change.id);
    if (fresh === undefined) return false;
    const counts = await tx.countConsents(change.id);
    const waiting = counts
      .filter(({ outcome }) => outcome === 'waiting')
      .reduce((total, { count }) => total + count, 0);
    const done = decidePriceCompletion(fresh, { waiting, today, now });
    if (done !== undefined) await tx.save({ priceChanges: [done] });
    return done !== undefined;
  });
}

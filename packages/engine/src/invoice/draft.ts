import {
  bucketOf,
  type Catalog,
  type Customer,
  type CustomerId,
  type DraftContext,
  type DraftDecision,
  decideDraft,
  type Invoice,
  type NewEvent,
  type ResourcePack,
  type Subscription,
  type Tx,
} from '@daikou/core';
import { pricesOf } from '../catalog/load-prices.ts';
import { withNoticeWishes } from '../customer/notice-wishes.ts';
import { isHeld } from '../held.ts';
import { idSource, type Job, nowOf, timetableOf } from '../job.ts';
import { isOfTheRows } from '../row-fault.ts';
import { foldUsage } from '../usage/fold.ts';
import { consolidate } from './consolidate.ts';
import { boundsOf } from './draft-bounds.ts';
import { type BatchFacts, factsOf, loadBatchFacts } from './draft-facts.ts';
import { settleLeftovers } from './leftover.ts';

export type DraftCounts = { readonly drafted: number; readonly parked: number };

/** Subscriptions that one transaction drafts: reads and writes are one statement each for all. */
export const DRAFT_ROWS = 1_000;

/**
 * Drafts the next invoice of every subscription whose time has come (T−8, later with usage). The
 * invoice and the subscription's next boundary are saved together, so a period is billed once,
 * however often this runs. A subscription that cannot be billed, or whose bill is beyond bounds,
 * is parked alone with its reason; the others go on (I10).
 */
export async function draftInvoices(job: Job, rows = DRAFT_ROWS): Promise<DraftCounts> {
  if (await isHeld(job)) return { drafted: 0, parked: 0 };
  // What was acknowledged counts: rating reads rollups only.
  await foldUsage(job);
  let drafted = 0;
  let parked = 0;
  let claimed = rows;
  while (claimed > 0) {
    const batch = await draftSome(job, rows);
    claimed = batch.claimed;
    drafted += batch.drafted;
    parked += batch.parked;
    job.progress.advance(batch.claimed, batch.minor);
  }
  return { drafted, parked };
}

type Batch = DraftCounts & { readonly claimed: number; readonly minor: bigint };

/**
 * One batch. Where the database refuses what was decided, a smaller one is tried, down to one: the
 * subscription that cannot be saved is parked, and holds nobody else up (I10).
 */
async function draftSome(job: Job, rows: number): Promise<Batch> {
  const { store } = job.engine;
  let claimed: readonly Subscription[] = [];
  try {
    return await store.transact(job.merchant.id, async (tx) => {
      const now = nowOf(job.engine, job.merchant);
      const claim = { buckets: job.buckets, dueBy: now, limit: rows };
      claimed = await tx.claimSubscriptionsToBill(claim);
      return draftBatch(tx, job, { due: claimed, now });
    });
  } catch (error) {
    // Where the claim itself failed there is no row to park: nobody is billed, so it is told.
    if (!isOfTheRows(error) || claimed.length === 0) throw error;
    if (claimed.length > 1) return draftSome(job, claimed.length >> 1);
    const why = error.message;
    return store.transact(job.merchant.id, (tx) => parkUnsaved(tx, job, { claimed, why }));
  }
}

/** Parks what could not be saved, unless somebody else has drafted it meanwhile. */
async function parkUnsaved(
  tx: Tx,
  job: Job,
  about: { readonly claimed: readonly Subscription[]; readonly why: string },
): Promise<Batch> {
  const now = nowOf(job.engine, job.merchant);
  const context = await draftContext(tx, job, now);
  const locked = await tx.lockSubscriptions(about.claimed.map(({ id }) => id));
  const due = locked.filter(
    ({ state, nextBillAt }) =>
      (state === 'active' || state === 'paused') && Temporal.Instant.compare(nextBillAt, now) <= 0,
  );
  const parked = due.map((one) => parkedBy(one, { sentence: about.why, context }));
  await saveDrafts(tx, job, parked);
  for (const { subscription } of parked) warnOf(job, subscription);
  return { claimed: about.claimed.length, drafted: 0, parked: parked.length, minor: 0n };
}

function warnOf(job: Job, { id, parked }: Subscription): void {
  job.engine.log.warn('subscription parked', { subscription: id, reason: parked?.reason });
}

async function draftBatch(
  tx: Tx,
  job: Job,
  batch: { readonly due: readonly Subscription[]; readonly now: Temporal.Instant },
): Promise<Batch> {
  const { due } = batch;
  if (due.length === 0) return { claimed: 0, drafted: 0, parked: 0, minor: 0n };
  const decisions = await decideDrafts(tx, job, batch);
  await saveDrafts(tx, job, decisions);
  const invoices = decisions.flatMap(({ invoice }) => (invoice === undefined ? [] : [invoice]));
  const parked = decisions.filter(({ subscription }) => subscription.state === 'parked');
  for (const { subscription } of parked) warnOf(job, subscription);
  return {
    claimed: due.length,
    drafted: invoices.length,
    parked: parked.length,
    minor: invoices.reduce((total, invoice) => total + invoice.total.minor, 0n),
  };
}

/**
 * What drafting these subscriptions does, in their order. Resource packs belong to the customer:
 * what one subscription burnt is gone for the next one of the batch.
 */
export async function decideDrafts(
  tx: Tx,
  job: Job,
  batch: { readonly due: readonly Subscription[]; readonly now: Temporal.Instant },
): Promise<readonly DraftDecision[]> {
  const context = await draftContext(tx, job, batch.now);
  const facts = await loadBatchFacts(tx, batch.due, context);
  const packs = new Map(facts.packs);
  return batch.due.map((subscription) => {
    const decision = decideOne(subscription, { facts, packs, context });
    for (const pack of decision.packs) replacePack(packs, pack);
    return decision;
  });
}

function decideOne(
  subscription: Subscription,
  about: {
    readonly facts: BatchFacts;
    readonly packs: ReadonlyMap<CustomerId, readonly ResourcePack[]>;
    readonly context: DraftContext;
  },
): DraftDecision {
  const packs = about.packs.get(subscription.customerId) ?? [];
  try {
    return decideDraft({ ...factsOf(subscription, about.facts), packs }, about.context);
  } catch (error) {
    // A bug of ours in one subscription must not stop the others of its batch.
    const sentence = error instanceof Error ? error.message : 'the draft failed';
    return parkedBy(subscription, { sentence, context: about.context });
  }
}

function parkedBy(
  subscription: Subscription,
  about: { readonly sentence: string; readonly context: DraftContext },
): DraftDecision {
  const { now, ids } = about.context;
  const reason = 'cannot_be_billed';
  return {
    subscription: {
      ...subscription,
      state: 'parked',
      parked: { reason, sentence: about.sentence, at: now },
    },
    pendingLines: [],
    redemptions: [],
    packs: [],
    packBurns: [],
    usageBilled: [],
    events: [
      {
        id: ids('evt', bucketOf(subscription.id)),
        merchantId: subscription.merchantId,
        customerId: subscription.customerId,
        type: 'subscription.parked',
        subjectId: subscription.id,
        at: now,
        data: { reason },
      },
    ],
  };
}

function replacePack(packs: Map<CustomerId, readonly ResourcePack[]>, pack: ResourcePack): void {
  const known = packs.get(pack.customerId) ?? [];
  packs.set(
    pack.customerId,
    known.map((one) => (one.id === pack.id ? pack : one)),
  );
}

/** What every draft of this merchant at this moment is decided with. */
export async function draftContext(tx: Tx, job: Job, now: Temporal.Instant): Promise<DraftContext> {
  return draftContextOf(job, await tx.loadCatalog(), now);
}

/** The same where the catalogue was read already. */
export function draftContextOf(job: Job, catalog: Catalog, now: Temporal.Instant): DraftContext {
  return {
    prices: pricesOf(catalog),
    timetable: timetableOf(job),
    bounds: boundsOf(job.engine),
    zone: job.merchant.zone,
    now,
    ids: idSource(job.engine),
  };
}

/**
 * Saves what was decided; drafts of payers with one bill for all are merged on the way. Credits
 * that wait for a subscription that ends with its draft are settled in the same commit.
 */
export async function saveDrafts(
  tx: Tx,
  job: Job,
  decided: readonly DraftDecision[],
): Promise<void> {
  const payers = await loadConsolidating(tx, decided);
  const { decisions, invoices } =
    payers.size === 0
      ? { decisions: decided, invoices: invoicesOf(decided) }
      : await consolidate(tx, decided, payers);
  await tx.save({
    movedSubscriptions: decisions.map(({ subscription }) => subscription),
    invoices: await withNoticeWishes(tx, job, invoices),
    pendingLines: decisions.flatMap(({ pendingLines }) => pendingLines),
    redemptions: decisions.flatMap(({ redemptions }) => redemptions),
    events: decisions.flatMap(({ events }): readonly NewEvent[] => events),
  });
  await saveUsageOf(tx, decisions);
  const moved = decisions.map(({ subscription }) => subscription);
  await settleLeftovers(tx, job, moved);
}

async function saveUsageOf(tx: Tx, decisions: readonly DraftDecision[]): Promise<void> {
  const packs = new Map(
    decisions.flatMap((decision) => decision.packs.map((pack) => [pack.id, pack] as const)),
  );
  const burns = decisions.flatMap(({ packBurns }) => packBurns);
  const billed = decisions.flatMap(({ usageBilled }) => usageBilled);
  if (packs.size > 0) await tx.saveResourcePacks([...packs.values()]);
  if (burns.length > 0) await tx.savePackBurns(burns);
  if (billed.length > 0) await tx.saveUsageBilled(billed);
}

function invoicesOf(decisions: readonly DraftDecision[]): readonly Invoice[] {
  return decisions.flatMap(({ invoice }) => (invoice === undefined ? [] : [invoice]));
}

/** Payers of these drafts that want one invoice for everything that falls due on a day. */
async function loadConsolidating(
  tx: Tx,
  decisions: readonly DraftDecision[],
): Promise<ReadonlyMap<CustomerId, Customer>> {
  const ids = [...new Set(invoicesOf(decisions).map(({ customerId }) => customerId))];
  const customers = ids.length === 0 ? [] : await tx.loadConsolidatingCustomers(ids);
  return new Map(customers.map((customer) => [customer.id, customer]));
}

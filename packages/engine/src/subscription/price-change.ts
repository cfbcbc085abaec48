import {
  businessDate,
  type ConsentCount,
  type Customer,
  closeConsent,
  computePriceEffect,
  decidePriceChange,
  decidePricePublication,
  decidePriceWithdrawal,
  type NewPriceChange,
  ok,
  type PriceChange,
  type PriceChangeConsent,
  type PriceChangeId,
  type PricedVersion,
  type PriceVersionId,
  planConsent,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type Tx,
} from '@daikou/core';
import { loadPrices } from '../catalog/load-prices.ts';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

/** Subscriptions that one transaction looks at. */
const ROWS = 500;

/** What a price change does to one subscription, before anybody is told. */
export type PriceImpact = {
  readonly subscription: Subscription;
  readonly customer: Customer;
  /** What its payer would be told and asked. */
  readonly consent: PriceChangeConsent;
};

/** Counts and sums over everybody whom a price change touches; amounts by currency. */
export type ImpactTotals = {
  readonly subscriptions: number;
  readonly customers: number;
  readonly rises: number;
  readonly decreases: number;
  readonly unchanged: number;
  /** No address: somebody has to find a way to tell them. */
  readonly unreachable: number;
  readonly byCurrency: readonly {
    readonly currency: string;
    /** What the touched items cost per period, tax included. */
    readonly beforeMinor: bigint;
    readonly afterMinor: bigint;
  }[];
};

/** Reads a price change as it would be made, without saving it. */
export async function draftPriceChange(
  job: Job,
  command: NewPriceChange,
): Promise<Result<PriceChange, Refusal>> {
  const { merchant } = job;
  return await job.engine.store.transact(merchant.id, async (tx) =>
    decidePriceChange(command, {
      ...presentOf(job),
      merchantId: merchant.id,
      prices: await loadPrices(tx),
      ids: idSource(job.engine),
    }),
  );
}

/** Makes and saves the draft of a price change; nobody is told yet. */
export async function createPriceChange(
  job: Job,
  command: NewPriceChange,
): Promise<Result<PriceChange, Refusal>> {
  const decision = await draftPriceChange(job, command);
  if (!decision.ok) return decision;
  await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.save({ priceChanges: [decision.value] }),
  );
  return decision;
}

/**
 * Whom a price change touches and by how much, page by page, in the order of subscription ids.
 * Nothing is saved; rows are read in transactions of their own, so a merchant with a million
 * subscriptions is walked through without holding anything.
 */
export async function* impactOf(
  job: Job,
  change: PriceChange,
  after?: string,
): AsyncGenerator<readonly PriceImpact[]> {
  let cursor = after;
  let isMore = true;
  while (isMore) {
    const page = await job.engine.store.transact(job.merchant.id, (tx) =>
      impactPage(tx, job, { change, ...(cursor === undefined ? {} : { after: cursor }) }),
    );
    isMore = page.ids.length === ROWS;
    cursor = page.ids.at(-1);
    if (page.impacts.length > 0) yield page.impacts;
  }
}

/** The totals of a dry run, counted while the pages stream by. */
export async function computeImpactTotals(job: Job, change: PriceChange): Promise<ImpactTotals> {
  const customers = new Set<string>();
  const byCurrency = new Map<string, { beforeMinor: bigint; afterMinor: bigint }>();
  const counts = { rise: 0, decrease: 0, same: 0 };
  let unreachable = 0;
  for await (const page of impactOf(job, change)) {
    for (const { consent } of page) {
      const { before, after, direction, notice } = consent;
      customers.add(consent.customerId);
      counts[direction] += 1;
      if (notice.channel === undefined) unreachable += 1;
      const known = byCurrency.get(before.currency) ?? { beforeMinor: 0n, afterMinor: 0n };
      byCurrency.set(before.currency, {
        beforeMinor: known.beforeMinor + before.minor,
        afterMinor: known.afterMinor + after.minor,
      });
    }
    job.progress.advance(page.length);
  }
  return {
    subscriptions: counts.rise + counts.decrease + counts.same,
    customers: customers.size,
    rises: counts.rise,
    decreases: counts.decrease,
    unchanged: counts.same,
    unreachable,
    byCurrency: [...byCurrency].map(([currency, sums]) => ({ currency, ...sums })),
  };
}

/**
 * Publishes a draft and plans what has to be said to everybody whom it touches. A crash between
 * the two is made good by `applyPriceChanges`, which plans whoever is missing.
 */
export async function publishPriceChange(
  job: Job,
  id: PriceChangeId,
): Promise<Result<PriceChange, Refusal>> {
  const published = await changeLocked(job, id, async (_tx, change) =>
    decidePricePublication(change, presentOf(job)),
  );
  if (published.ok) await planConsents(job, published.value);
  return published;
}

/** Takes a price change back, and closes what its customers were asked. */
export async function withdrawPriceChange(
  job: Job,
  id: PriceChangeId,
): Promise<Result<PriceChange, Refusal>> {
  const withdrawn = await changeLocked(job, id, async (tx, change) => {
    const counts = await tx.countConsents(id);
    const { now } = presentOf(job);
    return decidePriceWithdrawal(change, { decided: countDecided(counts), now });
  });
  if (withdrawn.ok) await closeWithdrawn(job, withdrawn.value);
  return withdrawn;
}

/**
 * Plans the consent of every touched subscription that has none yet: at the publication, and later
 * for customers who join on the old version. Returns how many are new. Safe to repeat.
 */
export async function planConsents(job: Job, change: PriceChange): Promise<number> {
  let planned = 0;
  let after: string | undefined;
  let isMore = true;
  while (isMore) {
    const page = await job.engine.store.transact(job.merchant.id, async (tx) => {
      // Held against a withdrawal: nobody is asked about what was taken back.
      const fresh = await tx.lockPriceChange(change.id);
      if (fresh?.state !== 'published') return { ids: [], impacts: [] };
      const query = { change, onlyNew: true, ...(after === undefined ? {} : { after }) };
      const found = await impactPage(tx, job, query);
      await tx.addConsents(found.impacts.map(({ consent }) => consent));
      return found;
    });
    planned += page.impacts.length;
    isMore = page.ids.length === ROWS;
    after = page.ids.at(-1);
  }
  return planned;
}

/** Closes the open consents of a withdrawn change; also after a crash in the middle. */
export async function closeWithdrawn(job: Job, change: PriceChange): Promise<void> {
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  let open = ROWS;
  while (open === ROWS) {
    open = await job.engine.store.transact(job.merchant.id, async (tx) => {
      const query = { priceChange: change.id, outcome: 'waiting', limit: ROWS } as const;
      const found = await tx.listConsents(query);
      const locked = await tx.lockConsents(
        found.map((one) => ({ priceChange: change.id, subscription: one.subscriptionId })),
      );
      const closed = locked.map((one) => closeConsent(one, { outcome: 'withdrawn' }, context));
      await tx.save({
        priceChangeConsents: closed.map(({ consent }) => consent),
        events: closed.map(({ event }) => event),
      });
      return found.length;
    });
  }
}

type ImpactQuery = {
  readonly change: PriceChange;
  readonly after?: string;
  /** Leaves out subscriptions that the change knows already. */
  readonly onlyNew?: boolean;
};

async function impactPage(tx: Tx, job: Job, { change, after, onlyNew }: ImpactQuery) {
  const ids = await tx.listSubscriptionsOnVersions({
    versions: change.steps.map(({ from }) => from),
    on: change.effectiveOn,
    ...(onlyNew === true ? { without: change.id } : {}),
    page: { limit: ROWS, ...(after === undefined ? {} : { after }) },
  });
  if (ids.length === 0) return { ids, impacts: [] };
  const subscriptions = await tx.loadSubscriptions(ids);
  const payers = [...new Set(subscriptions.map(({ customerId }) => customerId))];
  const customers = new Map((await tx.loadCustomers(payers)).map((one) => [one.id, one]));
  const prices = await loadPrices(tx);
  const now = nowOf(job.engine, job.merchant);
  const impacts = subscriptions.flatMap((subscription) => {
    const customer = customers.get(subscription.customerId);
    return customer === undefined ? [] : impactOn({ change, subscription, customer }, prices, now);
  });
  return { ids, impacts };
}

function impactOn(
  about: Omit<PriceImpact, 'consent'> & { readonly change: PriceChange },
  prices: ReadonlyMap<PriceVersionId, PricedVersion>,
  now: Temporal.Instant,
): readonly PriceImpact[] {
  const { change, subscription, customer } = about;
  const effect = computePriceEffect(subscription, change.steps, {
    prices,
    on: change.effectiveOn,
  });
  if (effect === undefined) return [];
  const consent = planConsent(change, { subscription, customer, effect }, now);
  return [{ subscription, customer, consent }];
}

async function changeLocked(
  job: Job,
  id: PriceChangeId,
  decide: (tx: Tx, change: PriceChange) => Promise<Result<PriceChange, Refusal>>,
): Promise<Result<PriceChange, Refusal>> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const change = await tx.lockPriceChange(id);
    if (change === undefined) return refuse(notFound('price change', 'id'));
    const decision = await decide(tx, change);
    if (decision.ok) await tx.save({ priceChanges: [decision.value] });
    return decision;
  });
}

function presentOf(job: Job) {
  const now = nowOf(job.engine, job.merchant);
  return { now, today: businessDate(now, job.merchant.zone) };
}

function countDecided(counts: readonly ConsentCount[]): number {
  return counts.reduce(
    (total, { outcome, count }) => (outcome === 'waiting' ? total : total + count),
    0,
  );
}

/** A price change with how many gave which answer and what came of it. */
export async function findPriceChange(
  job: Job,
  id: PriceChangeId,
): Promise<
  Result<{ readonly change: PriceChange; readonly counts: readonly ConsentCount[] }, Refusal>
> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [change] = await tx.loadPriceChanges([id]);
    if (change === undefined) return refuse(notFound('price change', 'id'));
    return ok({ change, counts: await tx.countConsents(id) });
  });
}

import {
  afterDraft,
  bucketOf,
  decideDraft,
  type Invoice,
  type NewEvent,
  type PricedVersion,
  type PriceVersionId,
  type Subscription,
  type Tx,
} from '@daikou/core';
import { BATCH_ROWS, idSource, type Job, nowOf } from '../job.ts';

export type DraftCounts = { readonly drafted: number; readonly parked: number };

/**
 * Drafts the next invoice of every subscription whose time has come (T−8). The invoice and the
 * subscription's next period are saved together, so a period is billed once, however often this
 * runs. A subscription that cannot be billed is parked alone; the others go on (I10).
 */
export async function draftInvoices(job: Job): Promise<DraftCounts> {
  let drafted = 0;
  let parked = 0;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const batch = await job.engine.store.transact(job.merchant.id, (tx) => draftBatch(tx, job));
    claimed = batch.claimed;
    drafted += batch.drafted;
    parked += batch.parked;
    job.progress.advance(batch.claimed, batch.minor);
  }
  return { drafted, parked };
}

async function draftBatch(tx: Tx, job: Job) {
  const now = nowOf(job.engine, job.merchant);
  const claim = { buckets: job.buckets, dueBy: now, limit: BATCH_ROWS };
  const due = await tx.claimSubscriptionsToBill(claim);
  if (due.length === 0) return { claimed: 0, drafted: 0, parked: 0, minor: 0n };
  const prices = await loadPrices(tx);
  const ids = idSource(job.engine);
  const invoices: Invoice[] = [];
  const events: NewEvent[] = [];
  const moved = due.map((subscription): Subscription => {
    const { timetable } = job.engine;
    const bucket = bucketOf(subscription.id);
    const draft = decideDraft(subscription, {
      invoiceId: ids('inv', bucket),
      prices,
      timetable,
      zone: job.merchant.zone,
      now,
    });
    if (!draft.ok) {
      job.engine.log.warn('subscription parked', {
        subscription: subscription.id,
        reason: draft.refusal.code,
      });
      return { ...subscription, state: 'parked' };
    }
    invoices.push(draft.value);
    events.push(draftedEvent(draft.value, { id: ids('evt', bucket), now }));
    return afterDraft(subscription, timetable, job.merchant.zone);
  });
  await tx.save({ subscriptions: moved, invoices, events });
  return {
    claimed: due.length,
    drafted: invoices.length,
    parked: due.length - invoices.length,
    minor: invoices.reduce((total, invoice) => total + invoice.total.minor, 0n),
  };
}

function draftedEvent(
  invoice: Invoice,
  context: { readonly id: NewEvent['id']; readonly now: Temporal.Instant },
): NewEvent {
  return {
    id: context.id,
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    type: 'invoice.drafted',
    subjectId: invoice.id,
    at: context.now,
    data: { minor: invoice.total.minor.toString(), period_start: invoice.period.start.toString() },
  };
}

/** The catalogue by price version: what lines are made from. */
export async function loadPrices(tx: Tx): Promise<ReadonlyMap<PriceVersionId, PricedVersion>> {
  const catalog = await tx.loadCatalog();
  const prices = new Map(catalog.prices.map((price) => [price.id, price]));
  return new Map(
    catalog.versions.flatMap((version) => {
      const price = prices.get(version.priceId);
      return price === undefined ? [] : [[version.id, { price, version }] as const];
    }),
  );
}

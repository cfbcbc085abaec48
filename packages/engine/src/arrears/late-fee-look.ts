import {
  bucketOf,
  businessDate,
  decideLateFeeLook,
  type InvoiceId,
  type LateFee,
  type LateFeeContext,
  type LateFeeLook,
  type NewEvent,
  type PendingLine,
  type Tx,
} from '@daikou/core';
import { lookApart } from '../apart.ts';
import { isHeld } from '../held.ts';
import { billWaiting } from '../invoice/bill-now.ts';
import { subscriptionsOf } from '../invoice/credit-locks.ts';
import { draftContext } from '../invoice/draft.ts';
import { BATCH_ROWS, idSource, type Job, nowOf } from '../job.ts';
import { causeOf, isOfTheRows } from '../row-fault.ts';
import { lateFeeContext, lateFeesFor, loadFacts } from './late-fee.ts';
import { creditBilled } from './late-fee-credit.ts';

/** Hours until a late fee is looked at again that could not be brought to its end. */
const RETRY_HOURS = 1;

/**
 * Watches the invoices that became overdue, under the late fee that held when each was issued; one
 * that no policy applies to is marked once, so that it is not found again. Returns how many.
 */
export async function watchLateFees(job: Job, rows = BATCH_ROWS): Promise<number> {
  if (await isHeld(job)) return 0;
  let total = 0;
  let found = rows;
  while (found > 0) {
    found = await job.engine.store.transact(job.merchant.id, (tx) => watchSome(tx, job, rows));
    total += found;
  }
  return total;
}

async function watchSome(tx: Tx, job: Job, limit: number): Promise<number> {
  const now = nowOf(job.engine, job.merchant);
  const on = businessDate(now, job.merchant.zone);
  const ids = await tx.findUnwatchedOverdue({ buckets: job.buckets, on, limit });
  if (ids.length === 0) return 0;
  const known = await tx.loadLateFees(ids, 'lock');
  // The payer's bank took the money back: days count again, but none that was charged for.
  const reopened = known.map((one) => ({ ...later(one, job), lookAt: now }));
  await tx.save({ lateFees: reopened });
  const isKnown = new Set(known.map(({ invoiceId }) => invoiceId));
  const invoices = await tx.loadInvoices(ids.filter((id) => !isKnown.has(id)));
  const declared = await lateFeesFor(tx, job, invoices);
  const newId = idSource(job.engine);
  const fees = invoices.map((invoice): LateFee => {
    const policyId = declared.get(invoice.id)?.policy.id;
    return {
      id: newId('ltf', bucketOf(invoice.id)),
      merchantId: invoice.merchantId,
      customerId: invoice.customerId,
      invoiceId: invoice.id,
      ...(policyId === undefined
        ? { state: 'ended', endedFor: 'not_declared' }
        : { policyId, state: 'watched', lookAt: now }),
      stops: [],
      createdAt: now,
    };
  });
  await tx.addLateFees(fees);
  return ids.length;
}

/**
 * Looks at the late fees that are due: nothing happens on most days; what is to be charged, waived
 * or taken back is done one invoice at a time, so that one that cannot be finished holds nobody up.
 * Returns how many were looked at.
 */
export async function lookAtLateFees(job: Job, rows = BATCH_ROWS): Promise<number> {
  if (await isHeld(job)) return 0;
  const { store, log } = job.engine;
  const counts = await lookApart<LateFee, number>(rows, {
    lookAt: async (limit, noted) => {
      const batch = await store.transact(job.merchant.id, (tx) =>
        quietOf(tx, job, { limit, noted }),
      );
      // Each is a commit of its own, so nothing of the batch is at fault any more.
      noted([]);
      for (const invoice of batch.busy) await lookSafely(job, invoice);
      noted(batch.claimed);
      return [batch.claimed.length];
    },
    putOff: async ({ invoiceId: invoice }, why) => {
      await store.transact(job.merchant.id, (tx) => postpone(tx, job, invoice));
      log.warn('the late fee of an invoice cannot be looked at yet', { invoice, why });
    },
  });
  return counts.reduce((total, some) => total + some, 0);
}

/** Saves the looks that change nothing but their next day; names the others. */
async function quietOf(
  tx: Tx,
  job: Job,
  about: { readonly limit: number; readonly noted: (claimed: readonly LateFee[]) => void },
) {
  // The work may run again after a lost race: what the lost one claimed is no longer ours.
  about.noted([]);
  const dueBy = nowOf(job.engine, job.merchant);
  const claim = { buckets: job.buckets, dueBy, limit: about.limit };
  const claimed = await tx.claimLateFeesToLook(claim);
  about.noted(claimed);
  const busy: InvoiceId[] = [];
  const decidable = await loadFacts(tx, job, claimed);
  const known = new Set(decidable.map(({ lateFee }) => lateFee.id));
  // One whose policy cannot be read any more is never charged for, and must not be found for ever.
  const quiet = claimed.filter(({ id }) => !known.has(id)).map((one) => later(one, job));
  for (const facts of decidable) {
    const look = decideLateFeeLook(facts, lateFeeContext(job));
    if (isQuiet(look)) quiet.push(look.lateFee);
    else busy.push(facts.invoice.id);
  }
  if (quiet.length > 0) await tx.save({ lateFees: quiet });
  return { claimed, busy };
}

function isQuiet({ charges, waivers, takeBack }: LateFeeLook): boolean {
  return charges.length === 0 && waivers.length === 0 && takeBack.amount.minor === 0n;
}

async function lookSafely(job: Job, invoice: InvoiceId): Promise<void> {
  const { store, log } = job.engine;
  try {
    await store.transact(job.merchant.id, (tx) => lookWithin(tx, job, invoice));
  } catch (error) {
    if (!isOfTheRows(error)) throw error;
    await store.transact(job.merchant.id, (tx) => postpone(tx, job, invoice));
    const why = causeOf(error);
    log.warn('the late fee of an invoice cannot be settled and will be tried again', {
      invoice,
      why,
    });
  }
}

async function postpone(tx: Tx, job: Job, invoice: InvoiceId): Promise<void> {
  const lateFees = (await tx.loadLateFees([invoice], 'lock')).map((one) => later(one, job));
  await tx.save({ lateFees });
}

/** What has an end that is not reached yet is watched on, and looked at again in an hour. */
function later({ endedFor: _endedFor, ...lateFee }: LateFee, job: Job): LateFee {
  const lookAt = nowOf(job.engine, job.merchant).add({ hours: RETRY_HOURS });
  return { ...lateFee, state: 'watched', lookAt };
}

/**
 * One look under its locks: the late fee, then the subscriptions whose lines wait, so that no draft
 * bills a line that is being taken back.
 */
async function lookWithin(tx: Tx, job: Job, invoice: InvoiceId): Promise<void> {
  const [lateFee] = await tx.loadLateFees([invoice], 'lock');
  const [overdue] = await tx.loadInvoices([invoice]);
  if (lateFee === undefined || overdue === undefined) return;
  await tx.lockSubscriptions(subscriptionsOf(overdue));
  const [facts] = await loadFacts(tx, job, [lateFee]);
  if (facts === undefined) return;
  const context = lateFeeContext(job);
  const look = decideLateFeeLook(facts, context);
  const credited = await creditBilled(tx, job, {
    overdue: overdue.id,
    credits: look.takeBack.credits,
    reason: overdue.state === 'void' ? 'billed_in_error' : 'goodwill',
  });
  await tx.save({
    pendingLines: look.pendingLines,
    lateFees: [credited.isComplete ? look.lateFee : later(look.lateFee, job)],
    newLateFeeLines: look.charges,
    lateFeeLines: [...look.takeBack.charges, ...credited.charges],
    lateFeeWaivers: look.waivers,
    events: withoutUndone(look.events, credited.isComplete),
  });
  await billAtOnce(tx, job, { look, context });
}

/** That it was taken back is told when all of it was. */
function withoutUndone(events: readonly NewEvent[], isComplete: boolean): readonly NewEvent[] {
  return isComplete ? events : events.filter(({ type }) => type !== 'late_fee.taken_back');
}

/** A subscription that has ended has no next invoice: its late fee is an invoice of its own. */
async function billAtOnce(
  tx: Tx,
  job: Job,
  { look, context }: { readonly look: LateFeeLook; readonly context: LateFeeContext },
): Promise<void> {
  const [first] = look.charges;
  const waiting = look.pendingLines.filter(({ state }) => state === 'pending');
  if (first === undefined || waiting.length === 0) return;
  const bySubscription = Map.groupBy(waiting, (row: PendingLine) => row.subscriptionId);
  const drafting = await draftContext(tx, job, context.now);
  for (const subscription of await tx.loadSubscriptions([...bySubscription.keys()])) {
    if (subscription.state !== 'ended') continue;
    const pendingLines = bySubscription.get(subscription.id) ?? [];
    const billingKey = `late_fee:${look.lateFee.id}:${first.firstDay}`;
    await billWaiting(tx, { subscription, pendingLines, billingKey }, drafting);
  }
}

import {
  businessDate,
  compare,
  type Debit,
  decideRoute,
  decideTopUpEnd,
  earliestRenewalDate,
  fitToPlan,
  type Invoice,
  isInFlight,
  isOpen,
  leadRule,
  lookAtTopUp,
  present,
  type TopUp,
  type TopUpLook,
  type TopUpRule,
  type Tx,
} from '@daikou/core';
import { lookApart, PUT_OFF_MINUTES } from '../apart.ts';
import { isHeld } from '../held.ts';
import { subscriptionsOf } from '../invoice/credit-locks.ts';
import { draftContext } from '../invoice/draft.ts';
import { voidWithin } from '../invoice/void.ts';
import { BATCH_ROWS, idSource, type Job, nowOf, scheduleContext } from '../job.ts';
import { causeOf, isOfTheRows } from '../row-fault.ts';

function contextOf(job: Job) {
  return {
    now: nowOf(job.engine, job.merchant),
    zone: job.merchant.zone,
    ids: idSource(job.engine),
  };
}

/** Compares every balance that may have crossed with what was agreed; returns how many crossed. */
export async function lookAtTopUps(job: Job): Promise<number> {
  if (await isHeld(job)) return 0;
  const looks = await lookApart<TopUpRule, TopUpLook>(BATCH_ROWS, {
    lookAt: (limit, noted) => lookAtBatch(job, limit, noted),
    putOff: (one, why) => putOff(job, one, why),
  });
  return looks.filter((look) => look.requested !== undefined).length;
}

/** Looked at again later, unless somebody else has taken it up meanwhile. */
async function putOff(job: Job, { id }: TopUpRule, why: string): Promise<void> {
  const { now: dueBy } = contextOf(job);
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [first] = await tx.claimTopUpRules({ buckets: job.buckets, dueBy, limit: 1 });
    if (first?.id !== id) return;
    const nextLookAt = dueBy.add({ minutes: PUT_OFF_MINUTES });
    await tx.save({ topUpRules: [{ ...first, nextLookAt }] });
  });
  job.engine.log.warn('an automatic top-up cannot be looked at yet', { rule: id, why });
}

async function lookAtBatch(
  job: Job,
  limit: number,
  noted: (claimed: readonly TopUpRule[]) => void,
): Promise<readonly TopUpLook[]> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const { now } = contextOf(job);
    // The work may run again after a lost race: what the lost one claimed is no longer ours.
    noted([]);
    const claim = { buckets: job.buckets, dueBy: now, limit };
    const rules = await tx.claimTopUpRules(claim);
    noted(rules);
    if (rules.length === 0) return [];
    const context = await draftContext(tx, job, now);
    const looks: TopUpLook[] = [];
    for (const rule of rules) {
      looks.push(lookAtTopUp(rule, await loadFacts(tx, job, rule), context));
    }
    const requested = looks.flatMap((look) => look.requested ?? []);
    await tx.save({
      invoices: requested.map(({ invoice }) => invoice),
      topUpRules: looks.map(({ rule }) => rule),
      topUps: requested.map(({ topUp }) => topUp),
      events: looks.flatMap(({ events }) => events),
    });
    return looks;
  });
}

async function loadFacts(tx: Tx, job: Job, rule: TopUpRule) {
  const { now, zone } = contextOf(job);
  const { customerId, amount, subscriptionId } = rule;
  const { currency } = amount;
  const on = businessDate(now, zone);
  const { left } = await tx.loadBalanceUse(customerId, { currency, since: on, on });
  const [subscription] = await tx.loadSubscriptions([subscriptionId]);
  const dueDate = await dueDateOf(tx, job, rule);
  const useOf = (day: Temporal.PlainDate) => {
    const start = day.with({ day: 1 });
    return tx.loadTopUpUse(customerId, { currency, start, end: start.add({ months: 1 }) });
  };
  const use = await useOf(on);
  // One that is asked for at the end of a month is debited in the next: the cap holds for both.
  const later = dueDate === undefined ? use : await useOf(dueDate);
  return {
    left,
    subscription,
    hasOpen: use.hasOpen,
    thisMonth: compare(later.spent, use.spent) > 0 ? later.spent : use.spent,
    dueDate,
  };
}

/**
 * The first day on which the customer's first method that can take the amount (active, its
 * currency, within its cap) lets a debit leave whose notice goes out now; undefined without one.
 */
async function dueDateOf(
  tx: Tx,
  job: Job,
  { customerId, amount }: TopUpRule,
): Promise<Temporal.PlainDate | undefined> {
  const { now } = contextOf(job);
  const mandates = await tx.loadActiveMandatesOf([customerId]);
  const capabilitiesOf = (rail: string) => job.engine.rails.get(rail)?.capabilities;
  const { mandate } = decideRoute({ mandates, amount, capabilitiesOf }, now);
  if (mandate === undefined) return undefined;
  const context = scheduleContext(job, mandate.rail, now);
  const soonest = earliestRenewalDate(now, leadRule(context));
  const fit = fitToPlan(mandate, soonest, context.capabilities.plannedDate);
  return fit.kind === 'too_early' ? fit.from : soonest;
}

/**
 * Ends the top-ups whose invoice was paid or voided, and gives up those whose day is over. One that
 * cannot be ended is told in the log and holds nobody else up. Returns how many ended.
 */
export async function endTopUps(job: Job): Promise<number> {
  if (await isHeld(job)) return 0;
  const { store } = job.engine;
  const claim = { buckets: job.buckets, dueBy: contextOf(job).now, limit: BATCH_ROWS };
  const due = await store.transact(job.merchant.id, (tx) => tx.findTopUpsDue(claim));
  let ended = 0;
  for (const { id, invoiceId } of due) {
    try {
      const isEnded = await store.transact(job.merchant.id, (tx) =>
        endWithin(tx, job, { id, invoiceId }),
      );
      if (isEnded) ended += 1;
    } catch (error) {
      if (!isOfTheRows(error)) throw error;
      job.engine.log.warn('top-up cannot be ended', { topUp: id, why: causeOf(error) });
    }
  }
  return ended;
}

/**
 * The subscription, the debits and the invoice are locked before the top-up, as voiding and
 * settling do: a change of the invoice makes its top-up due in the same commit.
 */
async function endWithin(
  tx: Tx,
  job: Job,
  { id, invoiceId }: Pick<TopUp, 'id' | 'invoiceId'>,
): Promise<boolean> {
  const [known] = await tx.loadInvoices([invoiceId]);
  await tx.lockSubscriptions(known === undefined ? [] : subscriptionsOf(known));
  const isCollecting = await isBeingCollected(tx, job, invoiceId);
  const [locked] = await tx.lockInvoices([invoiceId]);
  const invoice = present(locked, 'the invoice of a top-up');
  const topUp = await lockRequested(tx, id);
  if (topUp === undefined) return false;
  const end = decideTopUpEnd(topUp, { invoice, isCollecting }, contextOf(job));
  switch (end.kind) {
    case 'waits':
      await tx.save({ topUps: [end.topUp] });
      return false;
    case 'give_up':
      return await giveUp(tx, job, { topUp, invoice });
    case 'refused':
      await tx.save({ topUps: [end.topUp], events: end.events });
      return true;
    case 'paid':
      await tx.addCreditGrants([end.granted.grant]);
      await tx.save({
        topUps: [end.topUp],
        journals: [end.granted.journal],
        events: end.events,
      });
      return true;
  }
}

async function lockRequested(tx: Tx, id: TopUp['id']): Promise<TopUp | undefined> {
  const topUp = await tx.lockTopUp(id);
  return topUp?.state === 'requested' ? topUp : undefined;
}

/** Voids what was not paid, in the ordinary way, and ends the top-up in the same commit. */
async function giveUp(
  tx: Tx,
  job: Job,
  { topUp, invoice }: { readonly topUp: TopUp; readonly invoice: Invoice },
): Promise<boolean> {
  const voided = await voidWithin(tx, job, invoice.id);
  const context = contextOf(job);
  if (!voided.ok) {
    // A pay link or a credit note stands in the way: a person ends the invoice, and this follows.
    const waits = decideTopUpEnd(topUp, { invoice, isCollecting: true }, context);
    if (waits.kind === 'waits') await tx.save({ topUps: [waits.topUp] });
    return false;
  }
  const { decision, debitEvents } = voided.value;
  const end = decideTopUpEnd(topUp, { invoice: decision.invoice, isCollecting: false }, context);
  if (end.kind !== 'refused') return false;
  await tx.save({
    topUps: [end.topUp],
    events: [...decision.events, ...debitEvents, ...end.events],
  });
  return true;
}

/** A try is on its way, or the first one has its day still to come. */
async function isBeingCollected(tx: Tx, job: Job, invoiceId: TopUp['invoiceId']): Promise<boolean> {
  const { now, zone } = contextOf(job);
  const today = businessDate(now, zone);
  const debits = await tx.findDebitsOfInvoices([invoiceId]);
  if (debits.length === 0) return false;
  const bundles = await tx.lockDebits(debits.map(({ id }) => id));
  return bundles.some(
    ({ debit, attempts }) =>
      isInFlight(debit, attempts) ||
      attempts.some(({ state }) => isOpen(state)) ||
      isStillToCome(debit, today),
  );
}

function isStillToCome(debit: Debit, today: Temporal.PlainDate): boolean {
  const { state, attemptCount, collectDate } = debit;
  if (state !== 'scheduled' || attemptCount > 0) return false;
  return Temporal.PlainDate.compare(collectDate, today) >= 0;
}

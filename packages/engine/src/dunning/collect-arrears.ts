import {
  type Currency,
  type CustomerId,
  type Debit,
  type DebitNotice,
  type DunningCase,
  dunningRefusal,
  type Invoice,
  type NewEvent,
  ok,
  type Refusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import { holdInvoices, payerOf } from '../debit/call-off.ts';
import { isHeld } from '../held.ts';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import { planArrears } from './act.ts';
import { loadCampaigns } from './campaigns.ts';
import { collectFacts } from './facts.ts';
import { dunningContext, todayOf } from './see.ts';

export type ArrearsWish = {
  readonly currency: Currency;
  readonly by: string;
  readonly dryRun?: boolean;
};

/** A debit of several overdue invoices, as it is planned or would be. */
export type ArrearsPlanned = {
  readonly dryRun: boolean;
  readonly debit: Debit;
  /** Absent while the rail is asked for another planned date. */
  readonly notice?: DebitNotice;
  readonly collected: readonly Invoice[];
  /** Overdue ones that this debit does not take: above the cap, on a link, out of tries. */
  readonly left: readonly Invoice[];
};

/**
 * Collects what a customer owes in one debit (补缴): the overdue invoices, oldest first, up to the
 * mandate's cap, after one notice that names the sum. A person asked for it, so the tries of a
 * campaign do not bound it; dead methods and the budget of each method do.
 */
export async function collectArrears(
  job: Job,
  customerId: CustomerId,
  wish: ArrearsWish,
): Promise<Result<ArrearsPlanned, Refusal>> {
  if (wish.by.trim() === '' || wish.by.length > 80) {
    return refuse(dunningRefusal('person_missing'));
  }
  if (await isHeld(job)) {
    return refuse({
      code: 'merchant_in_quarantine',
      sentence: 'The merchant is in quarantine after a restore: no debit is planned.',
      next: 'Release the quarantine first.',
    });
  }
  return job.engine.store.transact(job.merchant.id, (tx) =>
    collectWithin(tx, job, { ...wish, customerId }),
  );
}

/** Tries of one invoice that no rail or scheme goes beyond, whoever asks (rails.md §4.1). */
const MOST_TRIES = 15;

async function collectWithin(
  tx: Tx,
  job: Job,
  wish: ArrearsWish & { readonly customerId: CustomerId },
): Promise<Result<ArrearsPlanned, Refusal>> {
  const { currency, dryRun = false } = wish;
  const customer = await payerOf(tx, wish.customerId);
  if (customer === undefined) return refuse(notFound('customer', 'customer'));
  const seen = await tx.loadOverdueInvoices(customer.id, todayOf(job));
  const held = await holdInvoices(
    tx,
    seen.filter(({ total }) => total.currency === currency).map(({ id }) => id),
  );
  const overdue = held.owed.map(({ invoice }) => invoice).filter(({ state }) => state === 'open');
  if (overdue.length === 0) return refuse(dunningRefusal('nothing_overdue'));
  const open = (await tx.findOpenDunningCases([customer.id])).filter(
    (one) => one.currency === currency,
  );
  // Who has agreed on dates is not debited before them, whoever asks; ending the case ends that.
  if (open.some(({ promise }) => promise !== undefined)) {
    return refuse(dunningRefusal('promise_open'));
  }
  if (open.some(({ plan }) => plan !== undefined)) return refuse(dunningRefusal('plan_open'));
  const { campaign: published } = (await loadCampaigns(tx))(customer);
  const campaign = { ...published, end: { ...published.end, maxTries: MOST_TRIES } };
  const { facts } = await collectFacts(tx, job, { customer, overdue, campaign, currency });
  if (facts.moving === 'invoice_disputed') return refuse(dunningRefusal('invoice_disputed'));
  if (facts.moving !== undefined) return refuse(dunningRefusal('money_is_moving'));
  const { collectable } = facts;
  if (collectable === undefined) {
    if (facts.isLinkOpen) return refuse(dunningRefusal('pay_link_waits'));
    return refuse(dunningRefusal(facts.isDebitPlanned ? 'debit_waits' : 'no_method'));
  }
  const context = { ...dunningContext(job), campaign };
  const about = { collectable, by: wish.by.trim() };
  const planned = await planArrears(tx, { job, campaign, context, facts }, about);
  if (planned === undefined) return refuse(dunningRefusal('no_method'));
  const { decision, entry } = planned;
  const taken = new Set(decision.debit.invoiceIds);
  if (!dryRun) {
    const told = open.map((one): DunningCase => {
      const made = { at: context.now, what: 'collect' as const, ...entry };
      return { ...one, timeline: [...one.timeline, made] };
    });
    await saveDebit(tx, decision, told);
  }
  return ok({
    dryRun,
    debit: decision.debit,
    ...(decision.notice === undefined ? {} : { notice: decision.notice }),
    collected: overdue.filter(({ id }) => taken.has(id)),
    left: overdue.filter(({ id }) => !taken.has(id)),
  });
}

async function saveDebit(
  tx: Tx,
  decision: {
    readonly debit: Debit;
    readonly notice?: DebitNotice;
    readonly events: readonly NewEvent[];
  },
  dunningCases: readonly DunningCase[],
): Promise<void> {
  await tx.save({
    debits: [decision.debit],
    notices: decision.notice === undefined ? [] : [decision.notice],
    events: decision.events,
    dunningCases,
  });
}

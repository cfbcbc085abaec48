import {
  businessDate,
  type Campaign,
  type CollectQuestion,
  type Currency,
  type Customer,
  chooseCollectable,
  type Debit,
  type DebitBundle,
  type DunningCase,
  type DunningContext,
  type DunningFacts,
  type Invoice,
  isUsableMethod,
  type MandateId,
  type Money,
  type OwedInvoice,
  type PayLink,
  type RailId,
  sum,
  type Try,
  type Tx,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { holdInvoices, theCustomer } from '../debit/call-off.ts';
import { type Job, nowOf } from '../job.ts';
import { mayCollect } from './see.ts';

/** The facts of a case with what acting on them needs. */
export type LoadedFacts = {
  readonly facts: DunningFacts;
  /** The case, held until the commit. */
  readonly dunning: DunningCase;
  readonly openLinks: readonly PayLink[];
  readonly waiting: readonly DebitBundle[];
  /** The invoices of the case, held until the commit. */
  readonly owed: readonly OwedInvoice[];
  readonly question: CollectQuestion;
};

/** A case that is being looked at, held until the commit. */
export type Acting = LoadedFacts & {
  readonly job: Job;
  readonly campaign: Campaign;
  readonly context: DunningContext & { readonly campaign: Campaign };
};

/**
 * Reads what decides about a case while its debits and invoices are held, in the order of settling,
 * so that nothing is paid between the decision and its commit. Undefined: the case is no more.
 */
export async function loadFacts(
  tx: Tx,
  job: Job,
  { seen, campaign }: { readonly seen: DunningCase; readonly campaign: Campaign },
): Promise<LoadedFacts | undefined> {
  const held = await holdInvoices(tx, seen.invoiceIds);
  const [dunning] = await tx.lockDunningCases([seen.id]);
  if (dunning === undefined || dunning.state === 'ended') return undefined;
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const invoices = held.owed.map(({ invoice }) => invoice);
  const overdue = invoices.filter(
    ({ state, dueDate }) => state === 'open' && Temporal.PlainDate.compare(dueDate, today) < 0,
  );
  const customer = await theCustomer(tx, dunning.customerId);
  const about = { customer, overdue, campaign, currency: dunning.currency };
  const rest = await collectFacts(tx, job, about);
  const states = invoices.map(({ state }) => state);
  const hadPlan = dunning.timeline.some(({ what }) => what === 'plan_made');
  const left = hadPlan ? { balanceOfPlan: await balanceOf(tx, dunning) } : {};
  const { waiting, owed } = held;
  return { ...rest, dunning, waiting, owed, facts: { ...rest.facts, ...left, states } };
}

/** All balance of the customer in the currency of the case. */
export async function balanceOf(
  tx: Tx,
  { customerId, currency }: Pick<DunningCase, 'customerId' | 'currency'>,
): Promise<Money> {
  const left = (await tx.lockCreditGrants([customerId])).map((grant) => grant.left);
  return sum(
    left.filter((one) => one.currency === currency),
    currency,
  );
}

/** What can be collected of a customer's overdue invoices, and why nothing may be now. */
export async function collectFacts(
  tx: Tx,
  job: Job,
  about: {
    readonly customer: Customer;
    readonly overdue: readonly Invoice[];
    readonly campaign: Campaign;
    readonly currency: Currency;
  },
): Promise<Pick<LoadedFacts, 'facts' | 'openLinks' | 'question'>> {
  const { customer, overdue, campaign, currency } = about;
  const ids = overdue.map(({ id }) => id);
  const now = nowOf(job.engine, job.merchant);
  const moving = await tx.findMovingMoney(customer.id, { invoices: ids, now });
  const debits = await tx.findDebitsOfInvoices(ids);
  const openLinks = await tx.findOpenPayLinks(ids);
  const tries = await tx.loadTriesOfInvoices(ids);
  const question = await questionOf(tx, job, { ...about, debits, openLinks, tries });
  const collectable = chooseCollectable(question);
  const lastTryAt = lastOf(tries);
  const facts: DunningFacts = {
    customer,
    overdue,
    states: [],
    ...(moving === undefined ? {} : { moving }),
    isDebitPlanned: debits.some(mayCollect),
    isLinkOpen: openLinks.length > 0,
    tries,
    ...(lastTryAt === undefined ? {} : { lastTryAt }),
    ...(collectable === undefined ? {} : { collectable }),
    hasMethod: question.mandates.some((mandate) => isUsableMethod(mandate, question)),
    hadMethod: question.mandates.length > 0,
    canLink: linkRail(job, question, currency) !== undefined,
  };
  return { facts, openLinks, question: { ...question, debit: campaign.debit } };
}

async function questionOf(
  tx: Tx,
  job: Job,
  about: {
    readonly customer: Customer;
    readonly overdue: readonly Invoice[];
    readonly campaign: Campaign;
    readonly debits: readonly Debit[];
    readonly openLinks: readonly PayLink[];
    readonly tries: readonly Try[];
  },
): Promise<CollectQuestion> {
  const { campaign, debits, openLinks, tries } = about;
  const mandates = await tx.loadMandatesOf([about.customer.id]);
  const hours = campaign.debit.budget.days * 24;
  const since = nowOf(job.engine, job.merchant).subtract({ hours });
  const ids = mandates.map(({ id }) => id);
  const attempts = ids.length === 0 ? [] : await tx.loadAttemptsByMandate(ids, since);
  const byMandate = groupBy(
    attempts.filter(({ state }) => state !== 'never_sent'),
    ({ mandateId }) => mandateId,
  );
  const live = debits.filter(({ state }) => state === 'scheduled' || state === 'in_flight');
  const taken = new Set([...live, ...openLinks].flatMap(({ invoiceIds }) => invoiceIds));
  return {
    invoices: about.overdue.filter(({ id }) => !taken.has(id)),
    mandates,
    tries,
    triesBy: (mandate: MandateId) => byMandate.get(mandate)?.length ?? 0,
    capabilitiesOf: (rail) => job.engine.rails.get(rail)?.capabilities,
    debit: campaign.debit,
    maxTries: campaign.end.maxTries,
    triesOfDebit: job.engine.timetable.maxAttempts,
  };
}

function lastOf(tries: readonly Try[]): Temporal.Instant | undefined {
  return tries
    .map(({ at }) => at)
    .toSorted(Temporal.Instant.compare)
    .at(-1);
}

/** The rail for a pay link: one that the customer signed with first, else any that makes links. */
export function linkRail(
  job: Job,
  { mandates }: Pick<CollectQuestion, 'mandates'>,
  currency: Currency,
): RailId | undefined {
  const known = mandates.map(({ rail }) => rail);
  return [...known, ...job.engine.rails.keys()].find((id) => {
    const rail = job.engine.rails.get(id);
    return rail?.beginPayment !== undefined && rail.capabilities.currencies.includes(currency);
  });
}

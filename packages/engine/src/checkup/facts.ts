import {
  billingPeriodOn,
  businessDate,
  type Checkup,
  type CheckupFacts,
  type CheckupRules,
  type CustomerId,
  carriesKeys,
  carriesLevel,
  type Debit,
  type Invoice,
  type InvoiceId,
  isDateBefore,
  type Mandate,
  type MandateId,
  type MeterId,
  type MeterUse,
  type PlanId,
  type PriceChangeConsent,
  type Prices,
  periodBoundary,
  present,
  type Subscription,
  type SubscriptionApproval,
  type Tx,
  type UsageQuery,
  type WaitingPriceChange,
} from '@daikou/core';
import { pricesOf } from '../catalog/load-prices.ts';
import { groupBy } from '../concurrency.ts';
import { type Job, nowOf } from '../job.ts';

type ByInvoice = ReadonlyMap<InvoiceId, CheckupFacts>;

/**
 * All that looks at these invoices know, in a fixed number of statements however many there are:
 * one array statement for each question, never one for each invoice.
 */
export async function loadCheckupFacts(
  tx: Tx,
  job: Job,
  about: { readonly checkups: readonly Checkup[]; readonly rules: CheckupRules },
): Promise<ByInvoice> {
  const invoices = await tx.loadInvoices(about.checkups.map(({ invoiceId }) => invoiceId));
  const ids = [...new Set(invoices.map(({ customerId }) => customerId))];
  const customers = new Map((await tx.loadCustomers(ids)).map((one) => [one.id, one] as const));
  const methods = await loadMethodFacts(tx, job, { invoices, customers: ids });
  const services = await loadServiceFacts(tx, job, { customers: ids, rules: about.rules });
  const answers = await loadAnswers(tx, ids);
  const lookBack = job.engine.amountGuard?.lookBack ?? 0;
  const paid = lookBack === 0 ? [] : await tx.loadPaidHistory(ids, lookBack);
  const history = groupBy(paid, ({ customerId }) => customerId);
  const facts = invoices.map((invoice): CheckupFacts => {
    const { customerId } = invoice;
    return {
      invoice,
      customer: present(customers.get(customerId), 'the customer of an invoice'),
      ...methods(invoice),
      history: (history.get(customerId) ?? []).map(({ amount }) => amount),
      ...(job.engine.amountGuard === undefined ? {} : { amountGuard: job.engine.amountGuard }),
      ...services(customerId),
      ...answers(customerId),
    };
  });
  return new Map(facts.map((one) => [one.invoice.id, one]));
}

type MethodFacts = Pick<
  CheckupFacts,
  'debit' | 'mandate' | 'lastRefusal' | 'drifts' | 'notices' | 'railName'
>;

async function loadMethodFacts(
  tx: Tx,
  job: Job,
  about: { readonly invoices: readonly Invoice[]; readonly customers: readonly CustomerId[] },
): Promise<(invoice: Invoice) => MethodFacts> {
  const debits = await tx.findDebitsOfInvoices(about.invoices.map(({ id }) => id));
  const running = debits.filter(({ state }) => state === 'scheduled' || state === 'in_flight');
  const all = await tx.loadMandatesOf(about.customers);
  const mandates = groupBy(all, ({ customerId }) => customerId);
  const ids = all.map(({ id }) => id);
  const refusals = new Map((await tx.loadLastRefusals(ids)).map((one) => [one.mandateId, one]));
  const drifts = groupBy(await tx.loadOpenDrifts(ids), ({ mandateId }) => mandateId);
  const told = await tx.loadNoticesOfDebits(running.map(({ id }) => id));
  const notices = groupBy(told, ({ debitId }) => debitId);
  return (invoice) => {
    const collects = ({ invoiceIds }: Debit) => invoiceIds.includes(invoice.id);
    // Without one that runs, the last one tells that it has ended.
    const debit = running.filter(collects).at(-1) ?? debits.filter(collects).at(-1);
    const mandate = methodOf(debit, mandates.get(invoice.customerId) ?? []);
    const lastRefusal = mandate === undefined ? undefined : refusals.get(mandate.id);
    return {
      ...(debit === undefined ? {} : { debit }),
      ...(mandate === undefined ? {} : { mandate }),
      ...(lastRefusal === undefined ? {} : { lastRefusal }),
      drifts: mandate === undefined ? [] : (drifts.get(mandate.id) ?? []),
      notices: debit === undefined ? [] : (notices.get(debit.id) ?? []),
      railName: railNameOf(job, mandate?.rail ?? debit?.rail ?? ''),
    };
  };
}

/**
 * The debit's mandate; before it is planned, the customer's first one in force, or else the newest,
 * whose end the payer is told of.
 */
function methodOf(debit: Debit | undefined, mandates: readonly Mandate[]): Mandate | undefined {
  if (debit !== undefined) return mandates.find(({ id }) => id === debit.mandateId);
  const active = mandates.filter(({ state }) => state === 'active');
  const [first] = active.toSorted(
    (left, right) => (left.preference ?? LAST) - (right.preference ?? LAST) || order(left, right),
  );
  return first ?? mandates.toSorted(order).at(-1);
}

/** After every place that a customer can name. */
const LAST = 1_000;

function order(left: { readonly id: MandateId }, right: { readonly id: MandateId }): number {
  return left.id < right.id ? -1 : 1;
}

function railNameOf(job: Job, rail: string) {
  return job.engine.railNames.get(rail) ?? { zh: rail, en: rail };
}

type ServiceFacts = Pick<CheckupFacts, 'subscriptions' | 'prices' | 'plans' | 'meterUse'>;

async function loadServiceFacts(
  tx: Tx,
  job: Job,
  about: { readonly customers: readonly CustomerId[]; readonly rules: CheckupRules },
): Promise<(customer: CustomerId) => ServiceFacts> {
  const catalog = await tx.loadCatalog();
  const prices = pricesOf(catalog);
  const plans = new Map<PlanId, (typeof catalog.plans)[number]>(
    catalog.plans.map((plan) => [plan.id, plan]),
  );
  const all = await tx.loadRunningSubscriptions(about.customers);
  const subscriptions = groupBy(all, ({ customerId }) => customerId);
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const meters = (await tx.loadMeters()).filter((one) => !carriesLevel(one) && !carriesKeys(one));
  const known = { prices, today, counting: new Set(meters.map(({ id }) => id)), ...about.rules };
  const questions = all.flatMap((one) => useQuestions(one, known));
  const totals = await tx.loadUsage(questions.map(({ query }) => query));
  const uses = questions.map(
    ({ query, subscription, periods }, index): MeterUse & { readonly customerId: CustomerId } => ({
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
      meterId: query.meterId,
      periods,
      events: (totals[index] ?? []).reduce((sum, { events }) => sum + events, 0n),
    }),
  );
  const meterUse = groupBy(uses, ({ customerId }) => customerId);
  return (customer) => ({
    subscriptions: subscriptions.get(customer) ?? [],
    prices,
    plans,
    meterUse: meterUse.get(customer) ?? [],
  });
}

/**
 * What each meter of a subscription counted in the last whole periods, if it ran that long. What
 * keeps its level (storage, seats taken) is in use without any event, so it is not asked about.
 */
function useQuestions(
  subscription: Subscription,
  about: {
    readonly prices: Prices;
    readonly today: Temporal.PlainDate;
    readonly counting: ReadonlySet<MeterId>;
    readonly unusedPeriods: number;
  },
) {
  const { interval, startsOn } = subscription;
  const { start } = billingPeriodOn(subscription, about.today);
  const from = periodBoundary(start, interval, -about.unusedPeriods);
  if (isDateBefore(from, startsOn)) return [];
  const customerId = subscription.beneficiaryId ?? subscription.customerId;
  const meters = subscription.items
    .filter(({ until }) => until === undefined)
    .flatMap((item) => about.prices.get(item.priceVersionId)?.version.meterId ?? []);
  const counted = meters.filter((meterId) => about.counting.has(meterId));
  return [...new Set(counted)].map((meterId) => {
    const query: UsageQuery = { customerId, meterId, period: { start: from, end: about.today } };
    return { query, subscription, periods: about.unusedPeriods };
  });
}

type Answers = Pick<CheckupFacts, 'priceChanges' | 'approvals'>;

/** Price changes that wait for an answer, and who has approved which subscription. */
export async function loadAnswers(
  tx: Tx,
  customers: readonly CustomerId[],
): Promise<(customer: CustomerId) => Answers> {
  const consents = await tx.loadConsentsOf(customers);
  const ids = [...new Set(consents.map(({ priceChangeId }) => priceChangeId))];
  const changes = new Map((await tx.loadPriceChanges(ids)).map((one) => [one.id, one] as const));
  const waiting = consents.flatMap((consent): WaitingPriceChange[] => {
    const change = changes.get(consent.priceChangeId);
    if (change?.state !== 'published' || consent.answer !== 'silent') return [];
    return [{ consent, effectiveOn: consent.effectiveOn ?? change.effectiveOn }];
  });
  const byCustomer = groupBy(waiting, ({ consent }) => consent.customerId);
  const accepted = [...(await tx.loadApprovals(customers)), ...consents.flatMap(approvalOf)];
  return (customer) => ({
    priceChanges: byCustomer.get(customer) ?? [],
    approvals: accepted,
  });
}

/** Who agrees to a new price has approved the subscription at it. */
function approvalOf(consent: PriceChangeConsent): readonly SubscriptionApproval[] {
  const { answered, priceChangeId, subscriptionId } = consent;
  if (consent.answer !== 'acknowledged' || answered === undefined) return [];
  const by = `price_change:${answered.channel}`;
  return [{ subscriptionId, by, at: answered.at, evidence: priceChangeId }];
}

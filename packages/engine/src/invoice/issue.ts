import {
  add,
  addDays,
  amountDue,
  businessDate,
  type CreditGrant,
  type Customer,
  type CustomerId,
  type Debit,
  type DebitNotice,
  decideIssue,
  decideRoute,
  decideSchedule,
  type GrantUse,
  type Invoice,
  type InvoiceId,
  type IssueDecision,
  inOrder,
  isTopUp,
  type Journal,
  type Mandate,
  type NewEvent,
  present,
  type Tx,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, idSource, type Job, nowOf, scheduleContext } from '../job.ts';
import { causeOf, isOfTheRows } from '../row-fault.ts';

export type IssueCounts = {
  readonly issued: number;
  readonly scheduled: number;
  /**
   * Auto-debit invoices of customers without an active mandate: they wait for the customer's hand.
   */
  readonly withoutMandate: number;
};

/** A draft that cannot be issued is tried again after this time. */
const RETRY_HOURS = 1;

/**
 * Issues the drafts whose day has come (T−5): they enter the books, and those that are collected by
 * debit get their debit and the notice that gates it, all in one transaction. A draft that cannot
 * be issued stays a draft for another hour and is told in the log; the others go on (I10).
 */
export async function issueInvoices(job: Job, rows = BATCH_ROWS): Promise<IssueCounts> {
  const totals = { issued: 0, scheduled: 0, withoutMandate: 0 };
  if (await isHeld(job)) return totals;
  let claimed = rows;
  while (claimed > 0) {
    const counts = await issueSome(job, rows);
    claimed = counts.claimed;
    totals.issued += counts.issued;
    totals.scheduled += counts.scheduled;
    totals.withoutMandate += counts.withoutMandate;
    job.progress.advance(counts.claimed, counts.minor);
  }
  return totals;
}

/** What one batch came to; every claimed draft was issued or postponed. */
type Batch = IssueCounts & { readonly claimed: number; readonly minor: bigint };

const NOTHING: Batch = { claimed: 0, issued: 0, scheduled: 0, withoutMandate: 0, minor: 0n };

/**
 * One batch. Where it fails as a whole (a debit that cannot be planned, a row that the database
 * refuses), a smaller one is tried, down to one: that draft waits and holds nobody else up.
 */
async function issueSome(job: Job, rows: number): Promise<Batch> {
  const { store } = job.engine;
  let drafts: readonly Invoice[] = [];
  try {
    return await store.transact(job.merchant.id, async (tx) => {
      // The work may run again after a lost race: what the lost one claimed is no longer ours.
      drafts = [];
      const dueBy = nowOf(job.engine, job.merchant);
      drafts = await tx.claimInvoicesToIssue({ buckets: job.buckets, dueBy, limit: rows });
      return drafts.length === 0 ? NOTHING : issueBatch(tx, job, drafts);
    });
  } catch (error) {
    // Where the claim itself failed there is no draft to postpone, so it is told.
    if (!isOfTheRows(error) || drafts.length === 0) throw error;
    if (drafts.length > 1) return issueSome(job, drafts.length >> 1);
    const unissued = drafts.map(({ id }): Unissued => ({ id, why: causeOf(error) }));
    await store.transact(job.merchant.id, (tx) => postpone(tx, job, unissued));
    return { ...NOTHING, claimed: drafts.length };
  }
}

type Unissued = { readonly id: InvoiceId; readonly why: string };

async function postpone(tx: Tx, job: Job, unissued: readonly Unissued[]): Promise<void> {
  if (unissued.length === 0) return;
  const until = nowOf(job.engine, job.merchant).add({ hours: RETRY_HOURS });
  await tx.postponeIssue(
    unissued.map(({ id }) => id),
    until,
  );
  for (const { id, why } of unissued) {
    job.engine.log.warn('invoice cannot be issued and will be tried again', { invoice: id, why });
  }
}

async function issueBatch(tx: Tx, job: Job, drafts: readonly Invoice[]): Promise<Batch> {
  const now = nowOf(job.engine, job.merchant);
  const { issued, unissued, ...decided } = await decideAll(tx, job, drafts);
  await postpone(tx, job, unissued);
  const plans = await planDebits(tx, job, { issued, now });
  await tx.save({
    ...decided.changes,
    invoices: issued,
    debits: plans.debits,
    notices: plans.notices,
    events: [...decided.events, ...plans.events],
  });
  return {
    claimed: drafts.length,
    issued: issued.length,
    scheduled: plans.debits.length,
    withoutMandate: plans.withoutMandate,
    minor: issued.reduce((total, invoice) => total + invoice.total.minor, 0n),
  };
}

/** What issuing each of the drafts does, in their order; who cannot be issued is told apart. */
async function decideAll(tx: Tx, job: Job, drafts: readonly Invoice[]) {
  const now = nowOf(job.engine, job.merchant);
  const ids = idSource(job.engine);
  const today = businessDate(now, job.merchant.zone);
  const issued: Invoice[] = [];
  const unissued: Unissued[] = [];
  const journals: Journal[] = [];
  const events: NewEvent[] = [];
  const purses = await loadPurses(tx, drafts);
  const grantUses: GrantUse[] = [];
  for (const draft of drafts) {
    const grants = purses.grantsOf(draft.customerId);
    const decision = decideOne(draft, { now, businessDate: today, ids, grants });
    if ('why' in decision) {
      unissued.push(decision);
      continue;
    }
    const { balance, journal } = decision;
    issued.push(decision.invoice);
    events.push(...decision.events);
    if (journal !== undefined) journals.push(journal);
    if (balance === undefined) continue;
    purses.keep(balance.grants);
    grantUses.push(...balance.uses);
    if (balance.journal !== undefined) journals.push(balance.journal);
  }
  const changes = { journals, grantUses, creditGrants: purses.changed };
  return { issued, unissued, events, changes };
}

function decideOne(
  draft: Invoice,
  context: Parameters<typeof decideIssue>[1],
): IssueDecision | Unissued {
  try {
    const decision = decideIssue(draft, context);
    return decision.ok ? decision.value : { id: draft.id, why: decision.refusal.code };
  } catch (error) {
    // A bug of ours in one invoice must not stop the others of its batch.
    return { id: draft.id, why: error instanceof Error ? causeOf(error) : 'thrown' };
  }
}

/** The grants of a batch's customers: what one invoice used is gone for the next one. */
async function loadPurses(tx: Tx, drafts: readonly Invoice[]) {
  const customers = [...new Set(drafts.map(({ customerId }) => customerId))].sort();
  const grants = new Map(
    (await tx.lockCreditGrants(customers)).map((grant) => [grant.id, grant] as const),
  );
  const changed = new Map<CreditGrant['id'], CreditGrant>();
  return {
    grantsOf: (customer: CustomerId) =>
      [...grants.values()].filter(({ customerId }) => customerId === customer),
    keep: (used: readonly CreditGrant[]) => {
      for (const grant of used) {
        grants.set(grant.id, grant);
        changed.set(grant.id, grant);
      }
    },
    get changed(): readonly CreditGrant[] {
      return [...changed.values()];
    },
  };
}

async function planDebits(
  tx: Tx,
  job: Job,
  batch: { readonly issued: readonly Invoice[]; readonly now: Temporal.Instant },
) {
  const toCollect = batch.issued.filter(
    (invoice) => invoice.collection === 'auto_debit' && invoice.state === 'open',
  );
  const customerIds = [...new Set(toCollect.map((invoice) => invoice.customerId))];
  const customers = new Map(
    (await tx.loadCustomers(customerIds)).map((customer) => [customer.id, customer]),
  );
  const mandates = groupBy(
    await tx.loadActiveMandatesOf(customerIds),
    (mandate) => mandate.customerId,
  );
  const debits: Debit[] = [];
  const notices: DebitNotice[] = [];
  const events: NewEvent[] = [];
  let withoutMandate = 0;
  const known = (id: CustomerId) => mandates.get(id) ?? [];
  for (const invoices of debitsOf(job, toCollect, known)) {
    const customerId = present(invoices[0], 'an invoice of the group').customerId;
    const customer: Customer = present(customers.get(customerId), 'the customer of an invoice');
    const mandate = chooseMethod(job, invoices, known(customerId));
    if (mandate === undefined) {
      withoutMandate += invoices.length;
      continue;
    }
    const context = scheduleContext(job, mandate.rail, batch.now);
    const plan = decideSchedule(invoices, { customer, mandate }, context);
    debits.push(plan.debit);
    if (plan.notice !== undefined) notices.push(plan.notice);
    events.push(...plan.events);
  }
  return { debits, notices, events, withoutMandate };
}

/**
 * The invoices of each debit. A top-up that no method takes together with what else is due on its
 * day has a debit of its own, a day later: it must not hold back what the customer owes, and some
 * rails take one debit a day.
 */
function debitsOf(
  job: Job,
  toCollect: readonly Invoice[],
  mandatesOf: (customer: CustomerId) => readonly Mandate[],
): readonly (readonly Invoice[])[] {
  return [...groupBy(toCollect, dueTogether).values()].flatMap((invoices) => {
    const topUps = invoices.filter(isTopUp);
    const others = invoices.filter((invoice) => !isTopUp(invoice));
    const [first] = invoices;
    if (first === undefined || topUps.length === 0 || others.length === 0) return [invoices];
    const fits = methodFor(job, invoices, mandatesOf(first.customerId)) !== undefined;
    return fits ? [invoices] : [others, topUps.map(aDayLater)];
  });
}

/** As its debit is planned: the invoice keeps its due date. */
function aDayLater(invoice: Invoice): Invoice {
  return { ...invoice, dueDate: addDays(invoice.dueDate, 1) };
}

/** Invoices of one customer that fall due on one day are collected by one debit. */
function dueTogether(invoice: Invoice): string {
  return `${invoice.customerId} ${invoice.dueDate}`;
}

/**
 * The first of the customer's methods that can take what is due; where none can, the first of all,
 * so that the debit stands and says what is in its way. Undefined without an active mandate.
 */
function chooseMethod(
  job: Job,
  invoices: readonly Invoice[],
  mandates: readonly Mandate[],
): Mandate | undefined {
  return methodFor(job, invoices, mandates) ?? inOrder(mandates)[0];
}

/** The first of the customer's methods that can take what is due; undefined where none can. */
function methodFor(
  job: Job,
  invoices: readonly Invoice[],
  mandates: readonly Mandate[],
): Mandate | undefined {
  const [first, ...others] = invoices.map(amountDue);
  const amount = others.reduce(add, present(first, 'an invoice of the group'));
  const capabilitiesOf = (rail: string) => job.engine.rails.get(rail)?.capabilities;
  const now = nowOf(job.engine, job.merchant);
  return decideRoute({ mandates, amount, capabilitiesOf }, now).mandate;
}

import {
  businessDate,
  type CreditGrant,
  type Customer,
  type CustomerId,
  type Debit,
  decideIssue,
  decideSchedule,
  type GrantUse,
  type Invoice,
  type Journal,
  type Mandate,
  type NewEvent,
  type Notice,
  present,
  type Tx,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { BATCH_ROWS, idSource, type Job, nowOf, scheduleContext } from '../job.ts';

export type IssueCounts = {
  readonly issued: number;
  readonly scheduled: number;
  /**
   * Auto-debit invoices of customers without an active mandate: they wait for the customer's hand.
   */
  readonly withoutMandate: number;
};

/**
 * Issues the drafts whose day has come (T−5): they enter the books, and those that are collected by
 * debit get their debit and the notice that gates it, all in one transaction.
 */
export async function issueInvoices(job: Job): Promise<IssueCounts> {
  const totals = { issued: 0, scheduled: 0, withoutMandate: 0 };
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const counts = await job.engine.store.transact(job.merchant.id, (tx) => issueBatch(tx, job));
    claimed = counts.issued;
    totals.issued += counts.issued;
    totals.scheduled += counts.scheduled;
    totals.withoutMandate += counts.withoutMandate;
    job.progress.advance(counts.issued, counts.minor);
  }
  return totals;
}

async function issueBatch(tx: Tx, job: Job): Promise<IssueCounts & { readonly minor: bigint }> {
  const now = nowOf(job.engine, job.merchant);
  const claim = { buckets: job.buckets, dueBy: now, limit: BATCH_ROWS };
  const drafts = await tx.claimInvoicesToIssue(claim);
  if (drafts.length === 0) return { issued: 0, scheduled: 0, withoutMandate: 0, minor: 0n };
  const ids = idSource(job.engine);
  const today = businessDate(now, job.merchant.zone);
  const issued: Invoice[] = [];
  const journals: Journal[] = [];
  const events: NewEvent[] = [];
  const purses = await loadPurses(tx, drafts);
  const uses: GrantUse[] = [];
  for (const draft of drafts) {
    const grants = purses.grantsOf(draft.customerId);
    const decision = decideIssue(draft, { now, businessDate: today, ids, grants });
    if (!decision.ok) continue;
    const { balance, journal } = decision.value;
    issued.push(decision.value.invoice);
    events.push(...decision.value.events);
    if (journal !== undefined) journals.push(journal);
    if (balance === undefined) continue;
    purses.keep(balance.grants);
    uses.push(...balance.uses);
    if (balance.journal !== undefined) journals.push(balance.journal);
  }
  const plans = await planDebits(tx, job, { issued, now });
  await tx.save({
    invoices: issued,
    creditGrants: purses.changed,
    grantUses: uses,
    debits: plans.debits,
    notices: plans.notices,
    journals,
    events: [...events, ...plans.events],
  });
  return {
    issued: issued.length,
    scheduled: plans.debits.length,
    withoutMandate: plans.withoutMandate,
    minor: issued.reduce((total, invoice) => total + invoice.total.minor, 0n),
  };
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
  const mandates = await newestMandates(tx, customerIds);
  const debits: Debit[] = [];
  const notices: Notice[] = [];
  const events: NewEvent[] = [];
  let withoutMandate = 0;
  for (const invoices of groupBy(toCollect, dueTogether).values()) {
    const customerId = present(invoices[0], 'an invoice of the group').customerId;
    const customer: Customer = present(customers.get(customerId), 'the customer of an invoice');
    const mandate = mandates.get(customerId);
    if (mandate === undefined) {
      withoutMandate += invoices.length;
      continue;
    }
    const context = scheduleContext(job, mandate.rail, batch.now);
    const plan = decideSchedule(invoices, { customer, mandate }, context);
    debits.push(plan.debit);
    notices.push(plan.notice);
    events.push(...plan.events);
  }
  return { debits, notices, events, withoutMandate };
}

/** Invoices of one customer that fall due on one day are collected by one debit. */
function dueTogether(invoice: Invoice): string {
  return `${invoice.customerId} ${invoice.dueDate}`;
}

async function newestMandates(
  tx: Tx,
  customers: readonly CustomerId[],
): Promise<ReadonlyMap<CustomerId, Mandate>> {
  const mandates = [...(await tx.loadActiveMandatesOf(customers))];
  mandates.sort((a, b) => (a.id < b.id ? -1 : 1));
  return new Map(mandates.map((mandate) => [mandate.customerId, mandate]));
}

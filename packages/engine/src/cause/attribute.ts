import {
  type ArrearsFinding,
  attributeCause,
  businessDate,
  CAUSE_RULE_SET,
  type CauseFinding,
  explainCause,
  type FindingMoment,
  type Invoice,
  type InvoiceId,
  isDateBefore,
  type Locale,
  type Money,
  ok,
  type Refusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import { BATCH_ROWS, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { type ArrearsFacts, historyOf, loadArrearsFacts, subscriptionsOf } from './history.ts';
import { savingOf } from './plan-fit.ts';

/** What a pass over the arrears did. */
export type ExplainCounts = { readonly overdue: number; readonly ended: number };

/**
 * Finds the cause of every invoice that became overdue, and once more of every one whose arrears
 * have ended, in batches. A finding that is there stays as it is, so a pass that was cut off is
 * simply done again.
 */
export async function explainArrears(job: Job): Promise<ExplainCounts> {
  return {
    overdue: await passOver(job, 'overdue', (tx) => findOverdue(tx, job)),
    ended: await passOver(job, 'ended', (tx) =>
      tx.findEndedArrears({ buckets: job.buckets, limit: BATCH_ROWS }),
    ),
  };
}

function findOverdue(tx: Tx, job: Job): Promise<readonly InvoiceId[]> {
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  return tx.findUnexplainedArrears({ buckets: job.buckets, today, limit: BATCH_ROWS });
}

async function passOver(
  job: Job,
  moment: FindingMoment,
  find: (tx: Tx) => Promise<readonly InvoiceId[]>,
): Promise<number> {
  let count = 0;
  let saved = BATCH_ROWS;
  while (saved === BATCH_ROWS) {
    saved = await job.engine.store.transact(job.merchant.id, async (tx) => {
      const findings = await attributeOverdue(tx, job, { invoices: await find(tx), moment });
      await tx.save({ arrearsFindings: findings });
      return findings.length;
    });
    count += saved;
  }
  return count;
}

/**
 * The findings of these invoices by the present rules, from facts that are read in a fixed number
 * of statements. Reads only; of an invoice that has ended the history stops at its end.
 */
export async function attributeOverdue(
  tx: Tx,
  job: Job,
  about: { readonly invoices: readonly InvoiceId[]; readonly moment: FindingMoment },
): Promise<readonly ArrearsFinding[]> {
  const facts = await loadArrearsFacts(tx, about.invoices);
  if (facts === undefined) return [];
  const now = nowOf(job.engine, job.merchant);
  return facts.invoices.flatMap((invoice) => {
    const until = about.moment === 'ended' ? (invoice.paidAt ?? now) : now;
    const history = historyOf(invoice, facts, { zone: job.merchant.zone, now: until });
    if (history === undefined) return [];
    const finding = attributeCause(history);
    return [toFinding(invoice, { facts, finding, moment: about.moment, at: now })];
  });
}

function toFinding(
  invoice: Invoice,
  about: {
    readonly facts: ArrearsFacts;
    readonly finding: CauseFinding;
    readonly moment: FindingMoment;
    readonly at: Temporal.Instant;
  },
): ArrearsFinding {
  const { facts, finding, moment, at } = about;
  const rail =
    facts.rows.debits.findLast(({ invoiceIds }) => invoiceIds.includes(invoice.id))?.rail ??
    (invoice.collection === 'auto_debit'
      ? facts.rows.mandates.findLast(({ customerId }) => customerId === invoice.customerId)?.rail
      : undefined);
  const [subscription] = subscriptionsOf(invoice);
  const planId = facts.subscriptions.get(subscription ?? '')?.planId;
  return {
    invoiceId: invoice.id,
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    moment,
    ruleSet: CAUSE_RULE_SET,
    dueDate: invoice.dueDate,
    owed: amountOf(invoice),
    ...(rail === undefined ? {} : { rail }),
    ...(planId === undefined ? {} : { planId }),
    segment: facts.customers.get(invoice.customerId)?.kind ?? 'person',
    finding,
    at,
  };
}

/** What was asked: of a voided invoice, which asks for nothing any more, its total. */
function amountOf(invoice: Invoice): Money {
  const { total, balanceApplied, credited } = invoice;
  const left = total.minor - balanceApplied.minor - credited.minor;
  return { ...total, minor: left > 0n ? left : total.minor };
}

export type CauseRefusal = Refusal<'not_found' | 'not_overdue'>;

const NOT_OVERDUE: CauseRefusal = {
  code: 'not_overdue',
  sentence: 'The invoice is not overdue and never was.',
  next: 'Ask again when its due date is over; until then there is nothing to explain.',
};

/**
 * Why an invoice is overdue, by what is on file now; of one whose arrears have ended, the finding
 * of their end. Where the amount is the matter, plans are compared as well. Refused for an invoice
 * that never was overdue. Reads only.
 */
export async function readCause(
  job: Job,
  id: InvoiceId,
): Promise<Result<ArrearsFinding, CauseRefusal>> {
  const { store } = job.engine;
  const found = await store.transact(
    job.merchant.id,
    async (tx): Promise<Result<ArrearsFinding, CauseRefusal>> => {
      const [invoice] = await tx.loadInvoices([id]);
      if (invoice === undefined) return refuse(notFound('invoice'));
      const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
      if (invoice.state === 'open' && isDateBefore(invoice.dueDate, today)) {
        const [finding] = await attributeOverdue(tx, job, { invoices: [id], moment: 'overdue' });
        return finding === undefined ? refuse(notFound('invoice')) : ok(finding);
      }
      const stored = (await tx.loadFindings([id])).at(-1);
      return stored === undefined ? refuse(NOT_OVERDUE) : ok(stored);
    },
  );
  return found.ok ? ok(await withPlans(job, found.value)) : found;
}

/** The same finding with another plan's part told, where the amount is the matter. */
async function withPlans(job: Job, found: ArrearsFinding): Promise<ArrearsFinding> {
  const { primary } = found.finding;
  if (primary !== 'growth' && primary !== 'price_or_policy_change') return found;
  const planSaving = await savingOf(job, found.invoiceId);
  if (planSaving === undefined) return found;
  const { store } = job.engine;
  return await store.transact(job.merchant.id, async (tx) => {
    const facts = await loadArrearsFacts(tx, [found.invoiceId]);
    const [invoice] = facts?.invoices ?? [];
    if (facts === undefined || invoice === undefined) return found;
    const context = { zone: job.merchant.zone, now: found.at };
    const history = historyOf(invoice, facts, context);
    if (history === undefined) return found;
    const { counterfactuals } = attributeCause({ ...history, planSaving });
    return { ...found, finding: { ...found.finding, counterfactuals } };
  });
}

/**
 * One line for each of these invoices that is overdue or was: why. Part of a larger explanation, so
 * it reads in the caller's transaction and compares no plans.
 */
export async function causeLines(
  tx: Tx,
  job: Job,
  about: { readonly invoices: readonly Invoice[]; readonly locale: Locale },
): Promise<readonly string[]> {
  const { invoices, locale } = about;
  const { zone } = job.merchant;
  const today = businessDate(nowOf(job.engine, job.merchant), zone);
  const overdue = invoices.filter(
    ({ state, dueDate }) => state === 'open' && isDateBefore(dueDate, today),
  );
  const ended = invoices.filter(({ state }) => state !== 'open');
  const ids = overdue.map(({ id }) => id);
  const now = await attributeOverdue(tx, job, { invoices: ids, moment: 'overdue' });
  const stored = await tx.loadFindings(ended.map(({ id }) => id));
  const newest = new Map([...now, ...stored].map((found) => [found.invoiceId, found]));
  return invoices.flatMap(({ id, number }) => {
    const found = newest.get(id);
    if (found === undefined) return [];
    return [`${number}: ${explainCause(found.finding, { locale, zone }).line}`];
  });
}

import {
  type Attempt,
  type AttemptOutcome,
  type Changes,
  type Customer,
  type CustomerId,
  type DebitBundle,
  type DebitId,
  decideSettle,
  parseOrderNumber,
  present,
  type SettleDecision,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf, scheduleContext } from '../job.ts';

/** One piece of news about an order number, from a reply, a callback, a query or a bill line. */
export type AttemptNews = {
  readonly orderNumber: string;
  readonly outcome: AttemptOutcome;
  /** The contract that the rail named, compared with the mandate's. */
  readonly railReference?: string;
};

export type SettleCounts = {
  readonly applied: number;
  /** Numbers that are none of ours, or name another contract: nothing is changed by them. */
  readonly foreign: readonly string[];
};

/** Settles a batch in one transaction: attempts, debits, invoices, ledger and events together. */
export async function settleOutcomes(
  job: Job,
  news: readonly AttemptNews[],
): Promise<SettleCounts> {
  if (news.length === 0) return { applied: 0, foreign: [] };
  return job.engine.store.transact(job.merchant.id, (tx) => settleWithin(tx, job, news));
}

/** The same inside a transaction that the caller has open. */
export async function settleWithin(
  tx: Tx,
  job: Job,
  news: readonly AttemptNews[],
): Promise<SettleCounts> {
  const byDebit = new Map<DebitId, AttemptNews[]>();
  const foreign: string[] = [];
  for (const item of news) {
    const debitId = parseOrderNumber(item.orderNumber)?.debitId;
    if (debitId === undefined) foreign.push(item.orderNumber);
    else byDebit.set(debitId, [...(byDebit.get(debitId) ?? []), item]);
  }
  const bundles = await tx.lockDebits([...byDebit.keys()]);
  const customers = await customersOf(tx, bundles);
  const saved: SettleDecision[] = [];
  for (const bundle of bundles) {
    const items = byDebit.get(bundle.debit.id) ?? [];
    byDebit.delete(bundle.debit.id);
    const customer = present(customers.get(bundle.debit.customerId), 'the customer of a debit');
    saved.push(...settleOne(job, { bundle, customer, items }, foreign));
  }
  for (const items of byDebit.values()) foreign.push(...items.map((item) => item.orderNumber));
  await tx.save(toChanges(saved));
  return { applied: saved.length, foreign };
}

/** Several items about one debit build on each other: each sees what the one before it changed. */
function settleOne(
  job: Job,
  about: {
    readonly bundle: DebitBundle;
    readonly customer: Customer;
    readonly items: readonly AttemptNews[];
  },
  foreign: string[],
): readonly SettleDecision[] {
  const decisions: SettleDecision[] = [];
  let facts = { ...about.bundle, customer: about.customer };
  for (const item of about.items) {
    const attempt = facts.attempts.find((one) => one.orderNumber === item.orderNumber);
    const named = item.railReference;
    if (attempt === undefined || (named !== undefined && named !== facts.mandate.railReference)) {
      foreign.push(item.orderNumber);
      continue;
    }
    const now = nowOf(job.engine, job.merchant);
    const context = scheduleContext(job, facts.debit.rail, now);
    const decision = decideSettle(facts, attempt, { outcome: item.outcome, context });
    if (decision === undefined) continue;
    decisions.push(decision);
    facts = {
      ...facts,
      debit: decision.debit ?? facts.debit,
      invoices: decision.invoices ?? facts.invoices,
      notices: decision.notice === undefined ? facts.notices : [...facts.notices, decision.notice],
      attempts: replaceAttempt(facts.attempts, decision.attempt),
    };
  }
  return decisions;
}

function replaceAttempt(attempts: readonly Attempt[], changed: Attempt): readonly Attempt[] {
  return attempts.map((attempt) => (attempt.id === changed.id ? changed : attempt));
}

/** The rows of many decisions, the last word on each row only. */
function toChanges(decisions: readonly SettleDecision[]): Changes {
  const last = <T extends { readonly id: string }>(rows: readonly T[]): T[] => [
    ...new Map(rows.map((row) => [row.id, row])).values(),
  ];
  return {
    attempts: last(decisions.map((decision) => decision.attempt)),
    debits: last(decisions.flatMap((decision) => decision.debit ?? [])),
    invoices: last(decisions.flatMap((decision) => decision.invoices ?? [])),
    notices: decisions.flatMap((decision) => decision.notice ?? []),
    payments: decisions.flatMap((decision) => decision.payment ?? []),
    journals: decisions.flatMap((decision) => decision.journal ?? []),
    events: decisions.flatMap((decision) => decision.events),
  };
}

export async function customersOf(
  tx: Tx,
  bundles: readonly DebitBundle[],
): Promise<ReadonlyMap<CustomerId, Customer>> {
  const ids = [...new Set(bundles.map((bundle) => bundle.debit.customerId))];
  const customers = await tx.loadCustomers(ids);
  return new Map(customers.map((customer) => [customer.id, customer]));
}

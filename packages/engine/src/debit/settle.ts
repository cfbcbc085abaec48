import {
  type Attempt,
  type AttemptOutcome,
  afterSuccess,
  type Changes,
  type Customer,
  type CustomerId,
  type DebitBundle,
  type DebitFacts,
  type DebitId,
  decideSettle,
  type ExceptionDecision,
  parseOrderNumber,
  present,
  type SettleDecision,
  type Tx,
} from '@daikou/core';
import { settleApart } from '../apart.ts';
import { type Job, nowOf, scheduleContext } from '../job.ts';
import { loadMethods, type MethodFacts } from './methods.ts';
import { loadLateFacts, parkedAfter, parkUnwanted } from './park.ts';
import { applyWaitingReturns } from './returns.ts';
import { useWaitingBalance } from './waiting-balance.ts';

type LateFacts = Pick<DebitFacts, 'parked' | 'isHeldElsewhere'>;

/** One piece of news about an order number, from a reply, a callback, a query or a bill line. */
export type AttemptNews = {
  readonly orderNumber: string;
  readonly outcome: AttemptOutcome;
  /** The contract that the rail named, compared with the mandate's. */
  readonly railReference?: string;
  /** It is a line of the rail's bill, which has the last word. */
  readonly isProof?: boolean;
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

/** The same for what our own calls brought: one number at fault does not lose the others (I10). */
export function settleCalls(job: Job, news: readonly AttemptNews[]): Promise<SettleCounts> {
  return settleApart(
    news,
    (some) => settleOutcomes(job, some),
    ({ orderNumber: order }, why) => {
      const { code: merchant } = job.merchant;
      job.engine.log.warn('an attempt cannot be settled yet', { merchant, order, why });
    },
  );
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
  const methodsOf = await loadMethods(tx, job, refusedAmong(bundles, byDebit));
  const saved: SettleDecision[] = [];
  for (const bundle of bundles) {
    const items = byDebit.get(bundle.debit.id) ?? [];
    byDebit.delete(bundle.debit.id);
    const customer = present(customers.get(bundle.debit.customerId), 'the customer of a debit');
    const late = await loadLateFacts(tx, bundle, items);
    const facts = { ...bundle, ...methodsOf(bundle), ...late };
    saved.push(...settleOne(job, { bundle: facts, customer, items }, foreign));
  }
  for (const items of byDebit.values()) foreign.push(...items.map((item) => item.orderNumber));
  const parked = parkUnwanted(job, saved);
  await tx.save(withParked(toChanges(saved), parked));
  await applyWaitingReturns(
    tx,
    job,
    saved.flatMap(({ payment }) => payment ?? []),
  );
  await tx.savePlannedDates(plansAfter(job, bundles, saved));
  await useWaitingBalance(tx, job, saved);
  return { applied: saved.length, foreign };
}

/** Only a refusal sends a debit to another method, so only then the methods are looked up. */
function refusedAmong(
  bundles: readonly DebitBundle[],
  news: ReadonlyMap<DebitId, readonly AttemptNews[]>,
): readonly DebitBundle[] {
  return bundles.filter(({ debit }) =>
    news.get(debit.id)?.some(({ outcome }) => outcome.kind === 'refused'),
  );
}

/**
 * The dates that rails keep for the next debits: a success moves a mandate's by a month, as the
 * rail itself does (rails.md §2.4).
 */
function plansAfter(
  job: Job,
  bundles: readonly DebitBundle[],
  decisions: readonly SettleDecision[],
) {
  const paid = new Set(decisions.flatMap(({ payment }) => payment?.debitId ?? []));
  return bundles.flatMap(({ debit, mandate }) => {
    const { plannedDate } = mandate;
    const keeps = job.engine.rails.get(debit.rail)?.capabilities.plannedDate !== undefined;
    if (!keeps || plannedDate === undefined || !paid.has(debit.id)) return [];
    return [{ mandateId: mandate.id, plannedDate: afterSuccess(plannedDate) }];
  });
}

/** Several items about one debit build on each other: each sees what the one before it changed. */
function settleOne(
  job: Job,
  about: {
    readonly bundle: DebitBundle & MethodFacts & LateFacts;
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
    const { outcome, isProof = false } = item;
    const decision = decideSettle(facts, attempt, { outcome, context, isProof });
    if (decision === undefined) continue;
    decisions.push(decision);
    facts = {
      ...facts,
      debit: decision.debit ?? facts.debit,
      invoices: decision.invoices ?? facts.invoices,
      notices: decision.notice === undefined ? facts.notices : [...facts.notices, decision.notice],
      attempts: replaceAttempt(facts.attempts, decision.attempt),
      parked: parkedAfter(facts.parked, decision),
    };
  }
  return decisions;
}

function replaceAttempt(attempts: readonly Attempt[], changed: Attempt): readonly Attempt[] {
  return attempts.map((attempt) => (attempt.id === changed.id ? changed : attempt));
}

/** The same with money that nobody wants, parked in the same commit. */
function withParked(changes: Changes, parked: readonly ExceptionDecision[]): Changes {
  if (parked.length === 0) return changes;
  return {
    ...changes,
    exceptions: parked.map(({ exception }) => exception),
    journals: [...(changes.journals ?? []), ...parked.flatMap(({ journal }) => journal ?? [])],
    events: [...(changes.events ?? []), ...parked.flatMap(({ events }) => events)],
  };
}

/** The rows of many decisions, the last word on each row only. */
function toChanges(decisions: readonly SettleDecision[]): Changes {
  const last = <T extends { readonly id: string }>(rows: readonly T[]): T[] => [
    ...new Map(rows.map((row) => [row.id, row])).values(),
  ];
  return {
    attempts: last(decisions.map((decision) => decision.attempt)),
    debits: last([
      ...decisions.flatMap((decision) => decision.debit ?? []),
      ...decisions.flatMap((decision) => decision.moved?.debit ?? []),
    ]),
    invoices: last(decisions.flatMap((decision) => decision.invoices ?? [])),
    notices: last([
      ...decisions.flatMap((decision) => decision.notice ?? []),
      ...decisions.flatMap((decision) => decision.moved?.notices ?? []),
    ]),
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

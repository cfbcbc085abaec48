import {
  decideVoid,
  type Invoice,
  type InvoiceId,
  type NewEvent,
  ok,
  type Result,
  refuse,
  type Tx,
  type VoidDecision,
  type VoidFacts,
  type VoidRefusal,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import {
  contextOf,
  type LockedInvoice,
  lockInvoice,
  type NotFound,
  recollect,
  subscriptionsOf,
} from './credit-locks.ts';
import { settleLeftovers } from './leftover.ts';

/**
 * Voids a draft or an open invoice in one commit: its journals are reversed, what it used up is
 * given back, and a debit that waited for it is cancelled; the other invoices of that debit get a
 * new one. The days that it billed stay billed.
 */
export async function voidInvoice(
  job: Job,
  id: InvoiceId,
): Promise<Result<Invoice, VoidRefusal | NotFound>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const voided = await voidWithin(tx, job, id);
    if (!voided.ok) return voided;
    await tx.save({ events: [...voided.value.decision.events, ...voided.value.debitEvents] });
    // Credits that the last invoice of an ended subscription took wait again, for no next one.
    const { invoice } = voided.value.decision;
    await settleLeftovers(tx, job, await tx.loadSubscriptions(subscriptionsOf(invoice)));
    return ok(invoice);
  });
}

/** A voiding that is written but for its events, which the caller tells. */
export type VoidedWithin = {
  readonly before: Invoice;
  readonly decision: VoidDecision;
  /** Read before the voiding. */
  readonly facts: VoidFacts;
  /** What happened to the debit that waited. */
  readonly debitEvents: readonly NewEvent[];
};

/** The same inside a transaction that the caller has open. */
export async function voidWithin(
  tx: Tx,
  job: Job,
  id: InvoiceId,
): Promise<Result<VoidedWithin, VoidRefusal | NotFound>> {
  // Subscriptions are held first, as drafting does, so that no draft is made beside the voiding.
  const [known] = await tx.loadInvoices([id]);
  if (known === undefined) return refuse(notFound('invoice'));
  await tx.lockSubscriptions(subscriptionsOf(known));
  const locked = await lockInvoice(tx, id);
  if (locked === undefined) return refuse(notFound('invoice'));
  const facts = await loadVoidFacts(tx, locked);
  const decision = decideVoid(locked.invoice, facts, contextOf(job));
  if (!decision.ok) return decision;
  const debitEvents = await saveVoid(tx, job, { locked, decision: decision.value });
  return ok({ before: locked.invoice, decision: decision.value, facts, debitEvents });
}

async function loadVoidFacts(tx: Tx, { invoice, isDebitInFlight }: LockedInvoice) {
  const ids = [invoice.id];
  const subscriptions = subscriptionsOf(invoice);
  const facts: VoidFacts = {
    isDebitInFlight,
    notes: await tx.loadCreditNotes(ids),
    journals: await loadJournals(tx, invoice),
    pendingLines: [
      ...(await tx.loadLinesBilledOn(ids)),
      ...(await tx.loadPendingLines(subscriptions)),
    ],
    redemptions: await tx.loadAllRedemptions(subscriptions),
    grantUses: await tx.loadGrantUses(ids),
    grants: await tx.lockGrantsUsedBy(ids),
    otherInvoices: (await tx.lockInvoicesOf(subscriptions)).filter(({ id }) => id !== invoice.id),
  };
  return facts;
}

/** The journals of the invoice with their reversals. */
async function loadJournals(tx: Tx, invoice: Invoice): Promise<VoidFacts['journals']> {
  const own = await tx.loadJournalsOf([invoice.id]);
  const reversals = await tx.loadJournalsOf(own.map(({ id }) => id));
  return [...own, ...reversals];
}

async function saveVoid(
  tx: Tx,
  job: Job,
  about: { readonly locked: LockedInvoice; readonly decision: VoidDecision },
): Promise<readonly NewEvent[]> {
  const { locked, decision } = about;
  const { invoice } = decision;
  const plan = await recollect(tx, job, { locked, changed: invoice, reason: 'invoice_voided' });
  await tx.releaseGrantUses([invoice.id]);
  await tx.releasePackBurns([invoice.id]);
  await tx.deleteUsageBilled([invoice.id]);
  await tx.save({
    invoices: [invoice],
    pendingLines: decision.pendingLines,
    redemptions: decision.redemptions,
    creditGrants: decision.grants,
    debits: plan?.debits ?? [],
    notices: plan?.notices ?? [],
    journals: decision.journals,
  });
  return plan?.events ?? [];
}

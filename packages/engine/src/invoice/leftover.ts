import {
  decideCreditNote,
  decideLeftover,
  type LeftoverNote,
  leftoverNotes,
  type PendingLine,
  type Subscription,
  type Tx,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import type { Job } from '../job.ts';
import { contextOf, lockInvoice, recollect } from './credit-locks.ts';

/**
 * Credits that wait when their subscription has ended have no next invoice to come off. Those of an
 * invoice that is still owed lower what is due of it, and its debit is told anew; the rest becomes
 * the customer's balance. It belongs to the commit that ends the subscription, which the caller
 * has open and whose rows it has saved.
 */
export async function settleLeftovers(
  tx: Tx,
  job: Job,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const ended = subscriptions.filter(({ state }) => state === 'ended');
  if (ended.length === 0) return;
  const waiting = groupBy(
    await tx.loadPendingLines(ended.map(({ id }) => id)),
    ({ subscriptionId }) => subscriptionId,
  );
  for (const subscription of ended) {
    const rows = waiting.get(subscription.id) ?? [];
    const taken = new Set<PendingLine['id']>();
    for (const note of leftoverNotes(subscription, rows)) {
      if (!(await lowerDue(tx, job, note))) continue;
      for (const { id } of note.rows) taken.add(id);
    }
    const rest = rows.filter(({ id }) => !taken.has(id));
    const left = decideLeftover(subscription, rest, contextOf(job));
    if (left === undefined) continue;
    await tx.save({
      creditGrants: [left.grant],
      pendingLines: left.dropped,
      journals: [left.journal],
      events: left.events,
    });
  }
}

/** Whether the credits were given as a credit note on an invoice that is still owed. */
async function lowerDue(tx: Tx, job: Job, leftover: LeftoverNote): Promise<boolean> {
  const locked = await lockInvoice(tx, leftover.invoiceId);
  if (locked === undefined || locked.invoice.state !== 'open') return false;
  const notes = await tx.loadCreditNotes([leftover.invoiceId]);
  const { isDebitInFlight } = locked;
  const decision = decideCreditNote(locked.invoice, leftover.request, {
    facts: { notes, isDebitInFlight },
    context: contextOf(job),
  });
  // While a debit may be taking the money, what is due stays: the customer gets it as a balance.
  if (!decision.ok) return false;
  const { invoice, grants, journals, events } = decision.value;
  const reason = 'invoice_credited';
  const plan = await recollect(tx, job, { locked, changed: invoice, reason });
  await tx.save({
    invoices: [invoice],
    creditGrants: grants,
    creditNotes: decision.value.notes,
    pendingLines: leftover.rows.map((row): PendingLine => ({ ...row, state: 'dropped' })),
    debits: plan?.debits ?? [],
    notices: plan?.notices ?? [],
    journals,
    events: [...events, ...(plan?.events ?? [])],
  });
  return true;
}

import {
  businessDate,
  type CreditNote,
  type CreditNoteLine,
  type CreditRefusal,
  type CreditRequest,
  type Debit,
  decideCreditNote,
  earlierDate,
  type Invoice,
  type InvoiceId,
  negate,
  ok,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { lockInvoice, type NotFound, recollect, subscriptionsOf } from './credit-locks.ts';

/** What crediting did, or would do. */
export type Credited = {
  readonly dryRun: boolean;
  readonly invoice: Invoice;
  readonly notes: readonly CreditNote[];
  /** The debit that collects the rest, where one does. */
  readonly debit?: Debit;
};

/**
 * Takes back a part of an issued invoice in one commit: the notes, the customer's balance, the
 * books, and the debit that waited for the old amount, which is cancelled and scheduled anew with
 * a notice of the new one. `dryRun` says what would happen and changes nothing.
 */
export async function creditInvoice(
  job: Job,
  id: InvoiceId,
  { request, dryRun = false }: { readonly request: CreditRequest; readonly dryRun?: boolean },
): Promise<Result<Credited, CreditRefusal | NotFound>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const locked = await lockInvoice(tx, id);
    if (locked === undefined) return refuse(notFound('invoice'));
    const now = nowOf(job.engine, job.merchant);
    const decision = decideCreditNote(locked.invoice, request, {
      facts: {
        notes: await tx.loadCreditNotes([id]),
        byChanges: await loadCreditsByChanges(tx, locked.invoice),
        isDebitInFlight: locked.isDebitInFlight,
      },
      context: {
        now,
        businessDate: businessDate(now, job.merchant.zone),
        ids: idSource(job.engine),
      },
    });
    if (!decision.ok) return decision;
    const { invoice, notes, grants, journals, events } = decision.value;
    // What goes to the balance leaves the debit as it is: the same is due.
    const isLess = invoice.credited.minor !== locked.invoice.credited.minor;
    const reason = 'invoice_credited';
    const plan = isLess
      ? await recollect(tx, job, { locked, changed: invoice, reason })
      : undefined;
    if (!dryRun) {
      await tx.save({
        invoices: [invoice],
        creditGrants: grants,
        creditNotes: notes,
        debits: plan?.debits ?? [],
        notices: plan?.notices ?? [],
        journals,
        events: [...events, ...(plan?.events ?? [])],
      });
    }
    const waiting = plan === undefined ? locked.waiting?.debit : plan.debits[1];
    return ok({ dryRun, invoice, notes, ...(waiting === undefined ? {} : { debit: waiting }) });
  });
}

/** What changes of its subscriptions took back of the invoice, billed since or waiting. */
export async function loadCreditsByChanges(
  tx: Tx,
  invoice: Invoice,
): Promise<readonly CreditNoteLine[]> {
  const subscriptions = subscriptionsOf(invoice);
  const endingAfter = invoice.lines
    .map(({ period }) => period.start)
    .reduce(earlierDate, invoice.period.start);
  const billed = await tx.loadBilledLines({ subscriptions, endingAfter });
  const waiting = await tx.loadPendingLines(subscriptions);
  return [...billed, ...waiting].flatMap(({ line }) => {
    const { credits } = line.why;
    if (credits === undefined || credits.invoiceId !== invoice.id) return [];
    const { amount, net, tax } = line;
    const { position } = credits;
    return [{ position, amount: negate(amount), net: negate(net), tax: negate(tax) }];
  });
}

/** The credit notes of an invoice, oldest first. */
export async function listCreditNotes(
  job: Job,
  id: InvoiceId,
): Promise<Result<readonly CreditNote[], NotFound>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [invoice] = await tx.loadInvoices([id]);
    if (invoice === undefined) return refuse(notFound('invoice'));
    return ok(await tx.loadCreditNotes([id]));
  });
}

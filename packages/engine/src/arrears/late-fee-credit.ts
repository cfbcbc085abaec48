import {
  type BilledTakeBack,
  billedLineOf,
  type CreditReason,
  type CreditRefusal,
  decideCreditNote,
  type InvoiceId,
  type LateFeeLine,
  type Tx,
} from '@daikou/core';
import { loadCreditsByChanges } from '../invoice/credit.ts';
import { contextOf, lockInvoice, recollect } from '../invoice/credit-locks.ts';
import type { Job } from '../job.ts';

export type BilledCredits = {
  /** Charges that were credited, as they are now. */
  readonly charges: readonly LateFeeLine[];
  /** Whether all of it was: a draft, or an invoice whose debit is on its way, has to wait. */
  readonly isComplete: boolean;
};

/**
 * Credits late fees that invoices have billed, each by a credit note on its line. The debit that
 * waited for the old amount is scheduled anew.
 */
export async function creditBilled(
  tx: Tx,
  job: Job,
  wanted: {
    readonly overdue: InvoiceId;
    readonly credits: readonly BilledTakeBack[];
    readonly reason: CreditReason;
  },
): Promise<BilledCredits> {
  const charges: LateFeeLine[] = [];
  for (const credit of wanted.credits) {
    const refused = await creditOne(tx, job, { ...wanted, credit });
    if (refused === undefined) charges.push(credit.charge);
  }
  return { charges, isComplete: charges.length === wanted.credits.length };
}

async function creditOne(
  tx: Tx,
  job: Job,
  wanted: {
    readonly overdue: InvoiceId;
    readonly credit: BilledTakeBack;
    readonly reason: CreditReason;
  },
): Promise<CreditRefusal['code'] | 'line_gone' | undefined> {
  const { credit, overdue, reason } = wanted;
  const locked = await lockInvoice(tx, credit.invoiceId);
  const line = locked && billedLineOf(locked.invoice, credit, overdue);
  if (locked === undefined || line === undefined) return 'line_gone';
  const { amount } = credit;
  const request = {
    lines: [{ position: line.position, take: { type: 'amount', amount } }],
    reason,
  } as const;
  const decision = decideCreditNote(locked.invoice, request, {
    facts: {
      notes: await tx.loadCreditNotes([locked.invoice.id]),
      byChanges: await loadCreditsByChanges(tx, locked.invoice),
      isDebitInFlight: locked.isDebitInFlight,
    },
    context: contextOf(job),
  });
  if (!decision.ok) return decision.refusal.code;
  const { invoice, notes, grants, journals, events } = decision.value;
  const isLess = invoice.credited.minor !== locked.invoice.credited.minor;
  const about = { locked, changed: invoice, reason: 'invoice_credited' } as const;
  const plan = isLess ? await recollect(tx, job, about) : undefined;
  await tx.save({
    invoices: [invoice],
    creditGrants: grants,
    creditNotes: notes,
    debits: plan?.debits ?? [],
    notices: plan?.notices ?? [],
    journals,
    events: [...events, ...(plan?.events ?? [])],
  });
  return undefined;
}

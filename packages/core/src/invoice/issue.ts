import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Journal } from '../ledger/journal.ts';
import { postInvoiceIssued } from '../ledger/templates.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Invoice } from './invoice.ts';
import { type InvoiceRefusal, invoiceRefusal } from './refusals.ts';

export type IssueDecision = {
  readonly invoice: Invoice;
  /** Absent for an invoice of zero: there is nothing to post. */
  readonly journal?: Journal;
  readonly events: readonly NewEvent[];
};

/**
 * Issues a draft: it becomes owed and enters the books. An invoice of zero is paid at once, as
 * there is nothing to collect and no debit may ever be made for it.
 */
export function decideIssue(
  invoice: Invoice,
  context: {
    readonly now: Temporal.Instant;
    readonly businessDate: Temporal.PlainDate;
    readonly ids: IdSource;
  },
): Result<IssueDecision, InvoiceRefusal> {
  if (invoice.state !== 'draft') return refuse(invoiceRefusal('invoice_not_draft'));
  const bucket = bucketOf(invoice.id);
  const isZero = invoice.total.minor === 0n;
  const issued: Invoice = isZero
    ? { ...invoice, state: 'paid', issuedAt: context.now, paidAt: context.now }
    : { ...invoice, state: 'open', issuedAt: context.now };
  const journal = postInvoiceIssued({
    id: context.ids('jrn', bucket),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    total: invoice.total,
    net: invoice.net,
    tax: invoice.tax,
    businessDate: context.businessDate,
    postedAt: context.now,
  });
  const event: NewEvent = {
    id: context.ids('evt', bucket),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    type: 'invoice.issued',
    subjectId: invoice.id,
    at: context.now,
    data: { minor: invoice.total.minor.toString(), currency: invoice.total.currency },
  };
  return ok({
    invoice: issued,
    ...(journal === undefined ? {} : { journal }),
    events: isZero
      ? [event, { ...event, id: context.ids('evt', bucket), type: 'invoice.paid' }]
      : [event],
  });
}

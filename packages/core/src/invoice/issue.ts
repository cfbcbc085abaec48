import { bucketOf } from '../ids/ids.ts';
import type { Journal } from '../ledger/journal.ts';
import { postInvoiceIssued } from '../ledger/templates.ts';
import { type Money, sum } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { applyBalance, type BalanceContext, type BalanceDecision } from './balance.ts';
import type { CreditGrant } from './credit-grant.ts';
import { amountDue, type Invoice } from './invoice.ts';
import { type InvoiceRefusal, invoiceRefusal } from './refusals.ts';

export type IssueDecision = {
  readonly invoice: Invoice;
  /** Absent for an invoice of zero: there is nothing to post. */
  readonly journal?: Journal;
  /** What the customer's grants paid of it; absent where they paid nothing. */
  readonly balance?: Pick<BalanceDecision, 'grants' | 'uses' | 'journal'>;
  readonly events: readonly NewEvent[];
};

/**
 * Issues a draft: it becomes owed and enters the books, and the customer's grants pay what they
 * can. An invoice of which nothing is left to collect is paid at once: no debit may ever be made
 * for it.
 */
export function decideIssue(
  invoice: Invoice,
  context: BalanceContext & {
    /** The customer's grants with something left, held until the commit; none when absent. */
    readonly grants?: readonly CreditGrant[];
  },
): Result<IssueDecision, InvoiceRefusal> {
  if (invoice.state !== 'draft') return refuse(invoiceRefusal('invoice_not_draft'));
  const bucket = bucketOf(invoice.id);
  const { invoice: applied, ...balance } = applyBalance(invoice, context.grants ?? [], context);
  const isSettled = amountDue(applied).minor === 0n;
  const issued: Invoice = isSettled
    ? { ...applied, state: 'paid', issuedAt: context.now, paidAt: context.now }
    : { ...applied, state: 'open', issuedAt: context.now };
  const journal = postInvoiceIssued({
    id: context.ids('jrn', bucket),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    total: invoice.total,
    net: invoice.net,
    tax: invoice.tax,
    lateFees: lateFeesOf(invoice),
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
    ...(balance.uses.length === 0 ? {} : { balance }),
    events: isSettled
      ? [event, { ...event, id: context.ids('evt', bucket), type: 'invoice.paid' }]
      : [event],
  });
}

/** The net of the lines that pay for a delay and not for a service. */
function lateFeesOf({ lines, net }: Invoice): Money {
  const fees = lines.filter(({ rule }) => rule === 'late_fee');
  return sum(
    fees.map((line) => line.net),
    net.currency,
  );
}

import type { InvoiceId, SubscriptionId } from '../ids/ids.ts';
import type { InvoiceLine } from './invoice.ts';

/** A line of an invoice that is not void, with the invoice that has it. */
export type BilledLine = {
  readonly subscriptionId: SubscriptionId;
  readonly invoiceId: InvoiceId;
  readonly line: InvoiceLine;
};

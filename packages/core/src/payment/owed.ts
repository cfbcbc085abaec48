import type { IdSource } from '../ids/source.ts';
import type { Invoice } from '../invoice/invoice.ts';

/** An invoice, and whether money of a debit may be on its way for it at this moment. */
export type OwedInvoice = { readonly invoice: Invoice; readonly isDebitInFlight: boolean };

/** What decisions about money by hand are made with at this moment. */
export type HandContext = {
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly ids: IdSource;
};

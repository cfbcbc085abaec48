import type { CustomerId, DebitId, InvoiceId, MandateId, MerchantId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/**
 * `scheduled`: waits for its notice and its day. `in_flight`: an attempt is open; nothing else may
 * be sent. `succeeded`, `failed`, `canceled`: ends, but for money that arrives late. A retry goes
 * from `in_flight` back to `scheduled`.
 */
export type DebitState = 'scheduled' | 'in_flight' | 'succeeded' | 'failed' | 'canceled';

/** The order to collect invoices of one customer through one mandate on one due date. */
export type Debit = {
  readonly id: DebitId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly mandateId: MandateId;
  readonly rail: RailId;
  readonly state: DebitState;
  readonly amount: Money;
  readonly invoiceIds: readonly InvoiceId[];
  /** T of the invoices. */
  readonly dueDate: Temporal.PlainDate;
  /** Not before this instant. The due row is the queue. */
  readonly collectAt: Temporal.Instant;
  /** The business date of `collectAt`, as the notice names it. */
  readonly collectDate: Temporal.PlainDate;
  /** When the rail's own announcement is due; absent when the rail has none or it was made. */
  readonly announceAt?: Temporal.Instant;
  /** Attempts that reached a definite end; a number that was never sent is not counted. */
  readonly attemptCount: number;
  /** Why the last look did not send it, for people; absent when nothing is in the way. */
  readonly blockedBy?: string;
  /**
   * The first debit for these invoices, where another method refused them: its renewal notice told
   * the customer what is owed. Absent: this one is the first.
   */
  readonly movedFrom?: DebitId;
  /** Who let it go after the amount guard held it back. */
  readonly released?: { readonly by: string; readonly at: Temporal.Instant };
  /**
   * When the payer's bank took the money of a success back: it no longer holds its invoices, which
   * are owed again and free for another debit.
   */
  readonly returnedAt?: Temporal.Instant;
  readonly createdAt: Temporal.Instant;
};

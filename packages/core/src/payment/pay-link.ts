import type { CustomerId, HandPaymentId, InvoiceId, MerchantId, PayLinkId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/** `open` lasts until the rail has said what became of the order; the others are ends. */
export type PayLinkState = 'open' | 'paid' | 'closed' | 'expired';

/** A page of a rail on which a payer pays invoices by hand (收款链接). */
export type PayLink = {
  readonly id: PayLinkId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly invoiceIds: readonly InvoiceId[];
  readonly rail: RailId;
  /** Our number at the rail; one for the link's whole life. */
  readonly orderNumber: string;
  readonly amount: Money;
  readonly state: PayLinkState;
  /** Absent: the rail has not answered the request for it. */
  readonly url?: string;
  readonly expiresAt: Temporal.Instant;
  /** When the rail is asked next; absent: nobody asks any more. */
  readonly askAt?: Temporal.Instant;
  readonly askCount: number;
  /** A person wants it gone: it is closed at the rail when it is asked next. */
  readonly closeWanted: boolean;
  readonly createdBy: string;
  readonly createdAt: Temporal.Instant;
  readonly endedAt?: Temporal.Instant;
};

/** What a payment of a link became. */
export type PaidLink = { readonly link: PayLink; readonly paymentId: HandPaymentId };

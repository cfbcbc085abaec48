import type {
  CustomerId,
  InvoiceId,
  MerchantId,
  PendingLineId,
  SubscriptionId,
} from '../ids/ids.ts';
import type { WaitingLine } from './invoice.ts';

/**
 * A line that waits for the subscription's next invoice. Billed once: then it names its invoice. It
 * keeps what it was while it waited; coupons come off the invoice's own line.
 */
export type PendingLine = {
  readonly id: PendingLineId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly subscriptionId: SubscriptionId;
  readonly state: 'pending' | 'billed' | 'dropped';
  /** Not billed before an invoice whose period starts on this day or later. */
  readonly notBefore: Temporal.PlainDate;
  readonly line: WaitingLine;
  readonly invoiceId?: InvoiceId;
  readonly createdAt: Temporal.Instant;
};

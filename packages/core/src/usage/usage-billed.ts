import type { Period } from '../calendar/periods.ts';
import type {
  CustomerId,
  InvoiceId,
  MerchantId,
  MeterId,
  SubscriptionId,
  SubscriptionItemId,
} from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import type { Ratio } from '../money/ratio.ts';

/**
 * What an invoice billed of one item's usage in one period. The draft of a later period compares
 * it with the rollups of today, so that an event that came late is billed once, as the difference.
 * Each row says what the whole period had come to: of several for one item and period the one of
 * the newest invoice holds.
 */
export type UsageBilled = {
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly subscriptionId: SubscriptionId;
  readonly itemId: SubscriptionItemId;
  readonly meterId: MeterId;
  /** The period that was used in, not the one whose invoice bills it. */
  readonly period: Period;
  readonly invoiceId: InvoiceId;
  /** Units of the whole period that were known then. */
  readonly units: Ratio;
  /** How many of them packs covered. */
  readonly packUnits: Ratio;
  /** What the others cost, before discounts, this and earlier invoices together. */
  readonly amount: Money;
};

/** Days after a period's end in which late events still correct its bill, unless configured. */
export const LATE_USAGE_GRACE_DAYS = 35;

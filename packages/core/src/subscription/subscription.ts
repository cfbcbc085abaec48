import type { Interval } from '../calendar/periods.ts';
import type { PriceKind } from '../catalog/catalog.ts';
import type {
  CustomerId,
  MerchantId,
  PlanId,
  PriceVersionId,
  SubscriptionId,
  SubscriptionItemId,
} from '../ids/ids.ts';
import type { Money } from '../money/money.ts';

export type SubscriptionState = 'active' | 'paused' | 'ended' | 'parked';

/** How its invoices are collected: through a mandate, or paid by the customer's own hand. */
export type CollectionMethod = 'auto_debit' | 'by_hand';

/** The commercial schedule: what a customer gets, from when, at what price, billed when. */
export type Subscription = {
  readonly id: SubscriptionId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly planId: PlanId;
  readonly state: SubscriptionState;
  /** Period 0 starts here; all boundaries are computed from it. */
  readonly anchor: Temporal.PlainDate;
  readonly interval: Interval;
  /** The index of the next period to bill. */
  readonly nextPeriodIndex: number;
  /** When the next invoice is drafted (T−8 by default). The due row is the queue. */
  readonly nextBillAt: Temporal.Instant;
  readonly collection: CollectionMethod;
  /** The merchant's own word for how the customer pays, kept for reports. */
  readonly paymentMethodLabel: string;
  /** The committed term: start inside, end outside. Absent: month to month. */
  readonly contractStart?: Temporal.PlainDate;
  readonly contractEnd?: Temporal.PlainDate;
  readonly items: readonly SubscriptionItem[];
  readonly createdAt: Temporal.Instant;
};

export type SubscriptionItem = {
  readonly id: SubscriptionItemId;
  readonly kind: PriceKind;
  readonly priceVersionId: PriceVersionId;
  /** Whole units (seats, modules); a base fee has 1. */
  readonly quantity: bigint;
  /** Agreed with this customer instead of the price version's amount; per unit, tax included. */
  readonly agreedUnitAmount?: Money;
};

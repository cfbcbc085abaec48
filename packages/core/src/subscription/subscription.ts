import type { Interval, Period } from '../calendar/periods.ts';
import type { PriceKind } from '../catalog/catalog.ts';
import type { PriceModel } from '../catalog/price-model.ts';
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

/**
 * The commercial schedule: what a customer gets, from when, at what price, billed when. What it
 * bills on a day follows from its items' dates, its trial, its pauses and its end; a change is
 * another set of those dates, and what was already billed is adjusted by the difference.
 */
export type Subscription = {
  readonly id: SubscriptionId;
  readonly merchantId: MerchantId;
  /** Who pays. */
  readonly customerId: CustomerId;
  /** Who uses it, where that is a department or a member of the payer. */
  readonly beneficiaryId?: CustomerId;
  readonly planId: PlanId;
  readonly state: SubscriptionState;
  /** The boundary from which all others are computed, before and after it. */
  readonly anchor: Temporal.PlainDate;
  /** How often an invoice is made. */
  readonly interval: Interval;
  /** The first day of service. Before `anchor`: a short first period (stub). */
  readonly startsOn: Temporal.PlainDate;
  /** The first day without service. Absent: until further notice. */
  readonly endsOn?: Temporal.PlainDate;
  /** The first day that is charged, after a trial. */
  readonly trialEndsOn?: Temporal.PlainDate;
  /** Days without service and without charge; the last one may be open. */
  readonly pauses: readonly Pause[];
  /** Off: service ends with what is paid. */
  readonly autoRenew: boolean;
  readonly contract?: Contract;
  /** What is billed in advance is billed up to this day (not included): the next boundary. */
  readonly billedThrough: Temporal.PlainDate;
  /** What is billed in arrears is billed up to this day (not included). */
  readonly arrearsThrough: Temporal.PlainDate;
  /** When the next invoice is drafted (T−8 by default). The due row is the queue. */
  readonly nextBillAt: Temporal.Instant;
  readonly collection: CollectionMethod;
  /** The merchant's own word for how the customer pays, kept for reports. */
  readonly paymentMethodLabel: string;
  /** Why it is held back, while it is parked. */
  readonly parked?: Parking;
  readonly items: readonly SubscriptionItem[];
  readonly createdAt: Temporal.Instant;
};

/** One stretch of one thing at one price and quantity. A change ends it and starts another. */
export type SubscriptionItem = {
  readonly id: SubscriptionItemId;
  readonly kind: PriceKind;
  readonly priceVersionId: PriceVersionId;
  /** Whole units (seats, modules); a base fee has 1; a metered item 1 as well. */
  readonly quantity: bigint;
  readonly from: Temporal.PlainDate;
  /** The first day on which it no longer holds. */
  readonly until?: Temporal.PlainDate;
  /** Agreed with this customer instead of the price version's model. */
  readonly agreedModel?: PriceModel;
  /** The item that this one continues at another quantity, price or plan. */
  readonly continues?: SubscriptionItemId;
};

export type Pause = { readonly from: Temporal.PlainDate; readonly until?: Temporal.PlainDate };

/** A committed term on a subscription (合同): start inside, end outside. */
export type Contract = {
  readonly start: Temporal.PlainDate;
  readonly end: Temporal.PlainDate;
  /** At the end: another term of the same length, month to month, or the end of service. */
  readonly renewal: 'same_term' | 'open_ended' | 'ends';
  readonly earlyTermination: EarlyTermination;
  /** Tax included; trued up on the last line of each billing period, prorated by service days. */
  readonly minimumPerPeriod?: Money;
  /** Tax included; trued up when the term ends. */
  readonly minimumForTerm?: Money;
};

/** What leaving before the contract's end costs, declared when it was signed. */
export type EarlyTermination =
  | { readonly type: 'free' }
  /** A share of what the remaining term would have cost at the present items; 10,000 is all. */
  | { readonly type: 'share_of_remaining'; readonly basisPoints: bigint }
  | { readonly type: 'fixed'; readonly amount: Money };

export type ParkingReason =
  | 'cannot_be_billed'
  | 'too_many_lines'
  | 'amount_beyond_history'
  | 'amount_beyond_contract'
  | 'by_hand';

export type Parking = {
  readonly reason: ParkingReason;
  readonly sentence: string;
  readonly at: Temporal.Instant;
};

/** A span of service of one item, inside one billing period. */
export type ServiceSpan = Period;

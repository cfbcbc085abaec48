import type { Customer } from '../customer/customer.ts';
import type { Attempt } from '../debit/attempt.ts';
import type { Debit } from '../debit/debit.ts';
import type { Id } from '../ids/ids.ts';
import type { ChangePart } from '../invoice/compare.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Mandate, RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';
import type { Notice } from '../notice/notice.ts';
import type { PaymentReturn } from '../refund/return.ts';
import type { SubscriptionChange, SubscriptionCommand } from '../subscription/change.ts';
import type { PriceChangeConsent } from '../subscription/price-change-consent.ts';

/** A message about this invoice's money; the rail's own announcements are not messages of ours. */
export type NoticeFact = Pick<
  Notice,
  'id' | 'purpose' | 'state' | 'dueAt' | 'sentAt' | 'deliveredAt' | 'failureCode'
>;

export type AttemptFact = Pick<
  Attempt,
  'id' | 'rail' | 'state' | 'refusal' | 'submittedAt' | 'endedAt'
>;

export type DebitFact = Pick<Debit, 'id' | 'rail' | 'state' | 'amount' | 'blockedBy' | 'collectAt'>;

export type MandateFact = Pick<
  Mandate,
  'id' | 'rail' | 'state' | 'singleCap' | 'createdAt' | 'signedAt' | 'endedAt' | 'endedBy'
>;

export type ConsentFact = Pick<
  PriceChangeConsent,
  'priceChangeId' | 'subscriptionId' | 'before' | 'after' | 'answer' | 'outcome' | 'createdAt'
> & { readonly noticedAt?: Temporal.Instant };

export type ChangeFact = Pick<SubscriptionChange, 'id' | 'effectiveOn' | 'at'> & {
  readonly type: SubscriptionCommand['type'];
};

export type ReturnFact = Pick<
  PaymentReturn,
  'id' | 'code' | 'amount' | 'returnedAt' | 'mandateGone'
>;

/**
 * Hours in which a rail failed for several customers at once: what one customer's refusal cannot
 * tell. It is a fact of the merchant, found over all its attempts.
 */
export type RailIncident = {
  readonly rail: RailId;
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
  /** Customers with a technical refusal or without an answer in these hours. */
  readonly customers: number;
};

/** A person's word that the customer contests what is asked: a ticket, a letter. */
export type DisputeFlag = { readonly ref: string; readonly at: Temporal.Instant };

/** How this customer paid before, over the half year that ends with the due date. */
export type PayingHabit = {
  readonly invoices: number;
  /** Invoices paid in the end that a rail had refused for lack of money before. */
  readonly fundsRefused: number;
  /** Invoices paid after their due date. */
  readonly paidLate: number;
};

/** Everything that is known of one overdue invoice: what `attributeCause` reads. */
export type ArrearsHistory = {
  readonly invoice: Pick<
    Invoice,
    'id' | 'dueDate' | 'issueAt' | 'issuedAt' | 'collection' | 'createdAt'
  >;
  /** What is still asked. */
  readonly owed: Money;
  /** The merchant's zone, in which due dates are days. */
  readonly zone: string;
  /** The moment of the look, or the end of the arrears. */
  readonly now: Temporal.Instant;
  readonly customer: Pick<Customer, 'id' | 'createdAt'>;
  /** The invoice before this one; absent for a first one. */
  readonly last?: { readonly id: Id<'inv'>; readonly total: Money };
  /** Why it differs from the one before; empty where nothing does, or there is none. */
  readonly parts: readonly ChangePart[];
  readonly mandates: readonly MandateFact[];
  readonly debits: readonly DebitFact[];
  /** Of all its debits, oldest first. */
  readonly attempts: readonly AttemptFact[];
  readonly notices: readonly NoticeFact[];
  /** On the rails and around the times of its attempts. */
  readonly incidents: readonly RailIncident[];
  readonly consents: readonly ConsentFact[];
  /** Of its subscriptions, since the invoice before it. */
  readonly changes: readonly ChangeFact[];
  readonly returns: readonly ReturnFact[];
  readonly disputed?: DisputeFlag;
  /** When it was parked by us, which delayed it. */
  readonly parked?: { readonly id: Id<'sub'>; readonly at: Temporal.Instant };
  readonly habit: PayingHabit;
  /** Money that the cheapest plan which fits would save per period, where it was asked. */
  readonly planSaving?: Money;
};

import type { Coupon } from '../catalog/coupon.ts';
import type { Customer } from '../customer/customer.ts';
import type { CreditGrantId, CustomerId, InvoiceId, SubscriptionId } from '../ids/ids.ts';
import type { BilledLine } from '../invoice/billed-line.ts';
import type { CreditGrant, GrantUse } from '../invoice/credit-grant.ts';
import type { CreditNote } from '../invoice/credit-note.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { PendingLine } from '../invoice/pending-line.ts';
import type { Money } from '../money/money.ts';
import type { SubscriptionChange } from '../subscription/change.ts';
import type { Redemption } from '../subscription/redemption.ts';
import type { Subscription } from '../subscription/subscription.ts';

/** Rows of billing to write beside the others, in the same commit. */
export type BillingChanges = {
  /**
   * Subscriptions that a draft, the end of a term or a parking moved on: state, end, contract,
   * billed and arrears through, next bill and parking are written. They are there, and all else of
   * them stays as it is; other changes are a whole subscription of `subscriptions`.
   */
  readonly movedSubscriptions?: readonly Subscription[];
  readonly pendingLines?: readonly PendingLine[];
  readonly redemptions?: readonly Redemption[];
  readonly creditGrants?: readonly CreditGrant[];
  /** Added; a use that is given back is deleted by `releaseGrantUses`. */
  readonly grantUses?: readonly GrantUse[];
  readonly creditNotes?: readonly CreditNote[];
  readonly subscriptionChanges?: readonly SubscriptionChange[];
};

/** What drafting and changing subscriptions read. Every call takes a batch: one array statement. */
export type BillingTx = {
  /** Held until the commit. */
  readonly lockSubscriptions: (ids: readonly SubscriptionId[]) => Promise<readonly Subscription[]>;
  /**
   * Subscriptions that have not ended of one user (a department, a member, or the payer itself).
   * Whoever asks next for the same user waits for the commit, so that two cannot start at once.
   */
  readonly lockSubscriptionsOfUser: (
    payer: CustomerId,
    user: CustomerId,
  ) => Promise<readonly Subscription[]>;
  readonly loadPendingLines: (
    subscriptions: readonly SubscriptionId[],
  ) => Promise<readonly PendingLine[]>;
  /** Lines that these invoices billed after they had waited, oldest first. */
  readonly loadLinesBilledBy: (invoices: readonly InvoiceId[]) => Promise<readonly PendingLine[]>;
  /** Active ones unless other states are named, oldest first. */
  readonly loadRedemptions: (
    subscriptions: readonly SubscriptionId[],
    states?: readonly Redemption['state'][],
  ) => Promise<readonly Redemption[]>;
  /** Those of these customers who want one invoice for everything that falls due on a day. */
  readonly loadConsolidatingCustomers: (
    customers: readonly CustomerId[],
  ) => Promise<readonly Customer[]>;
  /** Lines of invoices that are not void whose period ends after `endingAfter`. */
  readonly loadBilledLines: (query: {
    readonly subscriptions: readonly SubscriptionId[];
    readonly endingAfter: Temporal.PlainDate;
  }) => Promise<readonly BilledLine[]>;
  /** Totals of the latest `count` issued or drafted invoices of each, newest first. */
  readonly loadRecentTotals: (query: {
    readonly subscriptions: readonly SubscriptionId[];
    readonly count: number;
  }) => Promise<ReadonlyMap<SubscriptionId, readonly Money[]>>;
  /**
   * Consolidated invoices that are not void, by their billing key, with the numbered ones after it
   * (`key:2`, `key:3` …), however many; held until the commit.
   */
  readonly lockDraftsByKey: (query: {
    readonly customers: readonly CustomerId[];
    readonly billingKeys: readonly string[];
  }) => Promise<readonly Invoice[]>;
  /** Invoices that are not void of these subscriptions, newest first; held until the commit. */
  readonly lockInvoicesOf: (
    subscriptions: readonly SubscriptionId[],
  ) => Promise<readonly Invoice[]>;
  readonly lockInvoices: (ids: readonly InvoiceId[]) => Promise<readonly Invoice[]>;
  /** Grants with something left, in the order of use; held until the commit. */
  readonly lockCreditGrants: (customers: readonly CustomerId[]) => Promise<readonly CreditGrant[]>;
  /** A customer's grant of a reference, used up or not. */
  readonly findGrantByReference: (
    customer: CustomerId,
    reference: string,
  ) => Promise<CreditGrant | undefined>;
  /**
   * Adds grants, but none whose reference the customer has a grant of; returns the ids of those
   * that were added. Whoever adds the same reference next waits for the commit.
   */
  readonly addCreditGrants: (grants: readonly CreditGrant[]) => Promise<readonly CreditGrantId[]>;
  /** Lines that waited and were billed on these invoices. */
  readonly loadLinesBilledOn: (invoices: readonly InvoiceId[]) => Promise<readonly PendingLine[]>;
  /** The grants that these invoices used, empty ones as well; held until the commit. */
  readonly lockGrantsUsedBy: (invoices: readonly InvoiceId[]) => Promise<readonly CreditGrant[]>;
  /** In any state, oldest first. */
  readonly loadAllRedemptions: (
    subscriptions: readonly SubscriptionId[],
  ) => Promise<readonly Redemption[]>;
  /** Grants with something left whose expiry day has come; held until the commit. */
  readonly claimCreditsToExpire: (claim: {
    readonly buckets: { readonly from: number; readonly until: number };
    readonly expiredBy: Temporal.PlainDate;
    readonly limit: number;
  }) => Promise<readonly CreditGrant[]>;
  readonly loadGrantUses: (invoices: readonly InvoiceId[]) => Promise<readonly GrantUse[]>;
  readonly releaseGrantUses: (invoices: readonly InvoiceId[]) => Promise<void>;
  readonly loadCreditNotes: (invoices: readonly InvoiceId[]) => Promise<readonly CreditNote[]>;
  readonly listSubscriptionChanges: (
    subscription: SubscriptionId,
  ) => Promise<readonly SubscriptionChange[]>;
  /** Adds a coupon whose code is new; one that is there stays as it is. */
  readonly addCoupons: (coupons: readonly Coupon[]) => Promise<void>;
  readonly findCoupon: (code: string) => Promise<Coupon | undefined>;
  /**
   * How many redemptions a coupon has, ended ones included. Whoever counts next waits for the
   * commit.
   */
  readonly countRedemptions: (coupon: Coupon) => Promise<number>;
};

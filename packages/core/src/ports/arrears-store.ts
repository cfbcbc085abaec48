import type { Arrears } from '../arrears/arrears.ts';
import type { OverdueInvoice } from '../arrears/look.ts';
import type { WarningFact } from '../arrears/target.ts';
import type { BalanceAlert } from '../entitlement/balance-alert.ts';
import type { EntitlementFacts } from '../entitlement/entitlement.ts';
import type { EntitlementOverride } from '../entitlement/override.ts';
import type { CustomerId, OverrideId } from '../ids/ids.ts';
import type { Currency, Money } from '../money/money.ts';
import type { BucketRange, Claim, Page } from './claims.ts';

/** Rows of arrears and overrides to write beside the others, in the same commit. */
export type ArrearsChanges = {
  readonly arrears?: readonly Arrears[];
  readonly overrides?: readonly EntitlementOverride[];
  readonly balanceAlerts?: readonly BalanceAlert[];
};

/** What of one customer decides about its arrears, as rows say it. */
export type StoredArrearsFacts = {
  readonly customerId: CustomerId;
  /** Open with a due date before the day that was asked for; all with `isDisputed` false. */
  readonly overdue: readonly OverdueInvoice[];
  readonly lastFailure?: string;
  readonly moneyUnderWay?: 'attempt_unknown' | 'payment_waits';
  /** Of the warning that stands (`warnedOn`); dates are those of `zone`. */
  readonly warning?: WarningFact;
  /** Those that were not withdrawn and end after the day that was asked for. */
  readonly overrides: readonly EntitlementOverride[];
};

/** Whose entitlement is asked for: an id, or the reference of one who pays. */
export type EntitlementQuery =
  | { readonly ids: readonly CustomerId[] }
  | { readonly references: readonly string[] };

/** What arrears and entitlements read and write. */
export type ArrearsTx = {
  /**
   * Makes a due row for every customer with an open invoice whose due date is before `before` and
   * who is not watched yet. Returns how many there were, at most `limit`.
   */
  readonly watchOverdue: (query: {
    readonly buckets: BucketRange;
    readonly before: Temporal.PlainDate;
    readonly limit: number;
  }) => Promise<number>;
  /**
   * Due rows, earliest first; locked, skipping locked ones. The debits of these customers that
   * could be sent are locked before, so that no attempt begins while somebody decides.
   */
  readonly claimArrearsToLook: (claim: Claim) => Promise<readonly Arrears[]>;
  readonly loadArrearsFacts: (
    customers: readonly CustomerId[],
    at: {
      readonly before: Temporal.PlainDate;
      readonly now: Temporal.Instant;
      readonly zone: string;
    },
  ) => Promise<readonly StoredArrearsFacts[]>;
  readonly loadArrears: (customers: readonly CustomerId[]) => Promise<readonly Arrears[]>;
  /** In the order of customers' ids; those in `clear` only where that state is asked for. */
  readonly listArrears: (page: Page & { readonly state?: string }) => Promise<readonly Arrears[]>;
  /** Makes the look at these customers due at once; nothing for those who are not watched. */
  readonly lookAtArrearsNow: (customers: readonly CustomerId[]) => Promise<void>;
  readonly lockOverrides: (ids: readonly OverrideId[]) => Promise<readonly EntitlementOverride[]>;
  /** Every dispute about invoices of these customers, ended and withdrawn ones among them. */
  readonly loadDisputes: (
    customers: readonly CustomerId[],
  ) => Promise<readonly EntitlementOverride[]>;
  readonly listOverrides: (
    page: Page & { readonly customerId: CustomerId },
  ) => Promise<readonly EntitlementOverride[]>;
  /** Due ones, earliest first; locked, skipping locked ones. */
  readonly claimBalanceAlerts: (claim: Claim) => Promise<readonly BalanceAlert[]>;
  readonly listBalanceAlerts: (customer: CustomerId) => Promise<readonly BalanceAlert[]>;
  /** False where there was none. */
  readonly removeBalanceAlert: (customer: CustomerId, currency: Currency) => Promise<boolean>;
  /** What is left of a customer's grants on a day, and what invoices since another took of them. */
  readonly loadBalanceUse: (
    customer: CustomerId,
    about: {
      readonly currency: Currency;
      readonly since: Temporal.PlainDate;
      readonly on: Temporal.PlainDate;
    },
  ) => Promise<{ readonly left: Money; readonly used: Money }>;
  /** One statement, however many are asked for; who is not there is left out. */
  readonly loadEntitlementFacts: (query: EntitlementQuery) => Promise<readonly EntitlementFacts[]>;
};

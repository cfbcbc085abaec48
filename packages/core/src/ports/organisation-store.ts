import type { Customer } from '../customer/customer.ts';
import type { CustomerId, PriceChangeId, PriceVersionId, SubscriptionId } from '../ids/ids.ts';
import type { PriceChange } from '../subscription/price-change.ts';
import type { ConsentOutcome, PriceChangeConsent } from '../subscription/price-change-consent.ts';
import type { SubscriptionTransfer } from '../subscription/transfer.ts';

/** A page of rows after a cursor (an id), newest last. */
type Page = { readonly after?: string; readonly limit: number };

/** Rows of organisations, transfers and price changes to write beside the others. */
export type OrganisationChanges = {
  /** Known customers, whole; new ones are inserted by `insertNewCustomers`. */
  readonly customers?: readonly Customer[];
  /** Added; both sides of a transfer are in one save. */
  readonly transfers?: readonly SubscriptionTransfer[];
  readonly priceChanges?: readonly PriceChange[];
  readonly priceChangeConsents?: readonly PriceChangeConsent[];
};

/** A consent within its change: there is one for each subscription that the change touches. */
export type ConsentKey = {
  readonly priceChange: PriceChangeId;
  readonly subscription: SubscriptionId;
};

/** How many consents of a change have this answer and this outcome. */
export type ConsentCount = {
  readonly answer: PriceChangeConsent['answer'];
  readonly outcome: ConsentOutcome;
  readonly count: number;
};

/** What organisations, transfers and price changes read. */
export type OrganisationTx = {
  /** Held until the commit. */
  readonly lockCustomers: (ids: readonly CustomerId[]) => Promise<readonly Customer[]>;
  /** Departments and members of this payer, oldest first. */
  readonly listChildren: (payer: CustomerId, page: Page) => Promise<readonly Customer[]>;
  readonly findChildren: (
    payer: CustomerId,
    references: readonly string[],
  ) => Promise<readonly Customer[]>;
  /** Subscriptions that this customer uses and another pays, oldest first, ended ones left out. */
  readonly listSubscriptionsFor: (
    beneficiary: CustomerId,
    page: Page,
  ) => Promise<readonly SubscriptionId[]>;
  /** Both directions: where it came from, where it went. */
  readonly loadTransfers: (
    subscriptions: readonly SubscriptionId[],
  ) => Promise<readonly SubscriptionTransfer[]>;

  readonly loadPriceChanges: (ids: readonly PriceChangeId[]) => Promise<readonly PriceChange[]>;
  /** Held until the commit: publishing and withdrawing wait for each other. */
  readonly lockPriceChange: (id: PriceChangeId) => Promise<PriceChange | undefined>;
  readonly listPriceChanges: (
    page: Page & { readonly state?: PriceChange['state'] },
  ) => Promise<readonly PriceChange[]>;
  /**
   * Subscriptions that have not ended and hold an item at one of these versions that goes on
   * beyond the day `on`, oldest first. With `without`: only those that have no consent of that
   * change yet.
   */
  readonly listSubscriptionsOnVersions: (query: {
    readonly versions: readonly PriceVersionId[];
    readonly on: Temporal.PlainDate;
    readonly without?: PriceChangeId;
    readonly page: Page;
  }) => Promise<readonly SubscriptionId[]>;
  /** Adds consents that are new; one that is there keeps its answer. */
  readonly addConsents: (consents: readonly PriceChangeConsent[]) => Promise<void>;
  readonly lockConsents: (keys: readonly ConsentKey[]) => Promise<readonly PriceChangeConsent[]>;
  /**
   * Consents of a change by subscription id; `after` is a subscription id. With `billedBy`: only
   * those of subscriptions that have ended or are billed up to that day at most.
   */
  readonly listConsents: (
    query: Page & {
      readonly priceChange: PriceChangeId;
      readonly customer?: CustomerId;
      readonly answer?: PriceChangeConsent['answer'];
      readonly outcome?: ConsentOutcome;
      readonly billedBy?: Temporal.PlainDate;
    },
  ) => Promise<readonly PriceChangeConsent[]>;
  readonly countConsents: (priceChange: PriceChangeId) => Promise<readonly ConsentCount[]>;
};

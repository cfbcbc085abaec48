import type { Catalog } from '../catalog/catalog.ts';
import type { Customer } from '../customer/customer.ts';
import type { Merchant } from '../customer/merchant.ts';
import type { Attempt } from '../debit/attempt.ts';
import type { Debit } from '../debit/debit.ts';
import type { Payment } from '../debit/payment.ts';
import type {
  CustomerId,
  DebitId,
  Id,
  InvoiceId,
  MandateId,
  MerchantId,
  NoticeId,
  RunId,
  SubscriptionId,
} from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Journal } from '../ledger/journal.ts';
import type { Mandate, MandateState } from '../mandate/mandate.ts';
import type { Notice } from '../notice/notice.ts';
import type { DaikouEvent, NewEvent } from '../result/event.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { ArrearsChanges, ArrearsTx } from './arrears-store.ts';
import type { BillingChanges, BillingTx } from './billing-store.ts';
import type { CauseChanges, CauseTx } from './cause-store.ts';
import type { CheckupChanges, CheckupTx } from './checkup-store.ts';
import type { BucketRange, Claim, DebitBundle, Page } from './claims.ts';
import type { DunningChanges, DunningTx } from './dunning-store.ts';
import type { IdempotencyTx } from './idempotency-store.ts';
import type { LateFeeChanges, LateFeeTx } from './late-fee-store.ts';
import type { NoticeChanges, NoticeTx } from './notice-store.ts';
import type { OrganisationChanges, OrganisationTx } from './organisation-store.ts';
import type { PaymentChanges, PaymentTx } from './payment-store.ts';
import type { PolicyTx, TaskChanges } from './policy-store.ts';
import type { QuarantineTx } from './quarantine-store.ts';
import type { ReconciliationTx } from './reconciliation-store.ts';
import type { RefundChanges, RefundTx } from './refund-store.ts';
import type { RoutingTx } from './routing-store.ts';
import type { TopUpChanges, TopUpTx } from './top-up-store.ts';
import type { UsageTx } from './usage-store.ts';
import type { WebhookChanges, WebhookTx } from './webhook-store.ts';

export type { BucketRange, Claim, DebitBundle, Page } from './claims.ts';

/**
 * Rows to write, whole, by primary key: new ones are inserted, known ones replaced. One array
 * statement per concept, in the order in which keys refer to each other. Rows that may only be
 * added (payments, journals, events) are inserted; a second one under the same key is our bug.
 */
export type Changes = ArrearsChanges &
  BillingChanges &
  DunningChanges &
  CheckupChanges &
  NoticeChanges &
  LateFeeChanges &
  CauseChanges &
  OrganisationChanges &
  PaymentChanges &
  RefundChanges &
  TaskChanges &
  TopUpChanges &
  WebhookChanges & {
    readonly subscriptions?: readonly Subscription[];
    readonly mandates?: readonly Mandate[];
    readonly invoices?: readonly Invoice[];
    readonly debits?: readonly Debit[];
    readonly notices?: readonly Notice[];
    readonly attempts?: readonly Attempt[];
    readonly payments?: readonly Payment[];
    readonly journals?: readonly Journal[];
    readonly events?: readonly NewEvent[];
  };

/** A piece of work that can be resumed: an import, a day's debits, a bill. */
export type Run = {
  readonly id: RunId;
  readonly merchantId: MerchantId;
  readonly kind: string;
  /** What it works on (a file's hash, a date): one run per kind and key. */
  readonly key: string;
  readonly state: 'running' | 'done';
  /** Counts and the place to resume from; flat JSON. */
  readonly progress: Readonly<Record<string, unknown>>;
  readonly startedAt: Temporal.Instant;
  readonly finishedAt?: Temporal.Instant;
};

export type AccountBalance = {
  readonly account: string;
  readonly debitMinor: bigint;
  readonly creditMinor: bigint;
};

/** One broken invariant in the database, naming the row that breaks it. */
export type Violation = {
  /** I1 … I20 of the invariants, or a sub-rule of one ("I5 journal"). */
  readonly invariant: string;
  readonly table: string;
  readonly id: string;
  readonly sentence: string;
};

/** How many rows of each kind are due: what a progress bar's end is made of. */
/** What the workers of some buckets find to do now: one question for a whole look. */
export type DueCounts = {
  /** 1 while the merchant is in quarantine after a restore (I16), else 0. */
  readonly quarantines: number;
  /** Acknowledged events that are in no rollup yet. */
  readonly usageToFold: number;
  /** Price changes that are carried out or being withdrawn. */
  readonly priceChanges: number;
  readonly subscriptionsToBill: number;
  readonly creditsToExpire: number;
  readonly invoicesToIssue: number;
  readonly noticesToSend: number;
  /** Messages whose channel failed, or proved nothing in its time. */
  readonly noticesToFollow: number;
  /** Sent and waiting for a delivery report. */
  readonly noticesSent: number;
  readonly debitsToAnnounce: number;
  readonly debitsToSubmit: number;
  /** Scheduled debits whose rail keeps another date. */
  readonly debitsToReplan: number;
  readonly attemptsToAsk: number;
  readonly payLinksToAsk: number;
  /** Open and past their due date, and nobody has looked whether they are chased. */
  readonly overdueToSee: number;
  readonly dunningCasesToLook: number;
  readonly mandateEndsToTry: number;
  /** Open invoices past their due date of customers whose arrears nobody watches yet. */
  readonly arrearsToWatch: number;
  readonly arrearsToLook: number;
  readonly balancesToLook: number;
  /** Agreed top-ups whose balance may have crossed, and top-ups whose invoice may have ended. */
  readonly topUpsToLook: number;
  readonly topUpsToEnd: number;
  readonly refundsToExpire: number;
  readonly exceptionsToAct: number;
  readonly refundsToSubmit: number;
  readonly refundsToAsk: number;
  /** Due on the wall clock and held by nobody. */
  readonly webhooksToSend: number;
  /** Overdue invoices that may have a late fee and that nobody watches yet. */
  readonly lateFeesToWatch: number;
  readonly lateFeesToLook: number;
  /** Overdue invoices whose cause nobody has looked for under the present rules. */
  readonly arrearsToExplain: number;
  /** Explained arrears whose invoice was paid or voided since. */
  readonly arrearsEnded: number;
  /** Draft or signing, due or not. */
  readonly mandatesToSign: number;
  readonly checkupsToLook: number;
  readonly selfAuditsToSend: number;
};

export type Summary = {
  readonly customers: number;
  readonly invoices: number;
  readonly invoicedMinor: bigint;
  readonly byMethod: readonly {
    readonly method: string;
    readonly count: number;
    readonly minor: bigint;
  }[];
  /** Legal and retry notices to customers; the rail's own announcements are not counted here. */
  readonly notices: {
    readonly planned: number;
    readonly sent: number;
    readonly delivered: number;
    readonly failed: number;
    readonly announced: number;
  };
  readonly debits: {
    readonly scheduled: number;
    readonly succeeded: number;
    readonly refused: number;
    readonly unknown: number;
    readonly blocked: number;
    readonly succeededMinor: bigint;
  };
  readonly reconciliation: {
    readonly railRows: number;
    readonly matched: number;
    readonly breaks: number;
    readonly feeMinor: bigint;
  };
  readonly ledger: { readonly balanced: boolean; readonly journals: number };
};

/**
 * One database transaction of one merchant: row-level security lets it see that merchant's rows
 * only. Loads that say "lock" or "claim" hold row locks until the commit; claims skip rows that
 * another worker holds.
 */
export type Tx = BaseTx &
  ArrearsTx &
  BillingTx &
  DunningTx &
  CheckupTx &
  IdempotencyTx &
  LateFeeTx &
  CauseTx &
  NoticeTx &
  OrganisationTx &
  PaymentTx &
  PolicyTx &
  RefundTx &
  QuarantineTx &
  ReconciliationTx &
  RoutingTx &
  TopUpTx &
  UsageTx &
  WebhookTx;

/** What every part of the product reads and writes. */
export type BaseTx = {
  readonly save: (changes: Changes) => Promise<void>;

  /** Inserts customers whose external reference is new; returns the ids that were inserted. */
  readonly insertNewCustomers: (customers: readonly Customer[]) => Promise<ReadonlySet<CustomerId>>;
  readonly loadCustomers: (ids: readonly CustomerId[]) => Promise<readonly Customer[]>;
  readonly findCustomerByReference: (reference: string) => Promise<Customer | undefined>;

  /** Adds what is new by code (plans, prices) and by version; changes nothing that is there. */
  readonly addToCatalog: (catalog: Catalog) => Promise<void>;
  readonly loadCatalog: () => Promise<Catalog>;

  readonly claimSubscriptionsToBill: (claim: Claim) => Promise<readonly Subscription[]>;
  readonly claimInvoicesToIssue: (claim: Claim) => Promise<readonly Invoice[]>;
  /** Drafts that cannot be issued now are tried again from `until` on; nothing else changes. */
  readonly postponeIssue: (drafts: readonly InvoiceId[], until: Temporal.Instant) => Promise<void>;
  /** Sets them to `sending` with this wall-clock lease; expired leases are claimed again. */
  readonly claimNoticesToSend: (
    claim: Claim & { readonly wallNow: Temporal.Instant; readonly leaseUntil: Temporal.Instant },
  ) => Promise<readonly Notice[]>;
  readonly claimDebitsToAnnounce: (claim: Claim) => Promise<readonly DebitBundle[]>;
  readonly claimDebitsToSubmit: (claim: Claim) => Promise<readonly DebitBundle[]>;
  readonly claimAttemptsToAsk: (claim: Claim) => Promise<readonly Attempt[]>;

  readonly loadMandates: (query: {
    readonly buckets: BucketRange;
    readonly state: MandateState;
    readonly after?: MandateId;
    readonly limit: number;
  }) => Promise<readonly Mandate[]>;
  readonly loadActiveMandatesOf: (customers: readonly CustomerId[]) => Promise<readonly Mandate[]>;
  readonly lockMandates: (ids: readonly MandateId[]) => Promise<readonly Mandate[]>;
  /** Those that a provider may still have an answer about at `now` (`askedAbout`). */
  readonly loadSentNotices: (query: {
    readonly buckets: BucketRange;
    readonly now: Temporal.Instant;
    readonly after?: NoticeId;
    readonly limit: number;
  }) => Promise<readonly Notice[]>;
  readonly lockNotices: (ids: readonly NoticeId[]) => Promise<readonly Notice[]>;
  readonly lockDebits: (ids: readonly DebitId[]) => Promise<readonly DebitBundle[]>;
  readonly loadInvoices: (ids: readonly InvoiceId[]) => Promise<readonly Invoice[]>;
  /** The debits of these invoices, newest last. */
  readonly findDebitsOfInvoices: (ids: readonly InvoiceId[]) => Promise<readonly Debit[]>;

  /** Attempts by the rail's order number, with the payment where there is one. */
  readonly findAttemptsByOrderNumber: (
    orderNumbers: readonly string[],
  ) => Promise<readonly { readonly attempt: Attempt; readonly payment?: Payment }[]>;
  /** The debit whose attempt has this number at the rail, as payers read it on their statements. */
  readonly findDebitByRailReference: (railReference: string) => Promise<DebitId | undefined>;
  readonly findRun: (kind: string, key: string) => Promise<Run | undefined>;
  readonly saveRun: (run: Run) => Promise<void>;
  /** Adds a run; one of the same kind and key that is there stays as it is. */
  readonly addRun: (run: Run) => Promise<void>;

  readonly loadTrialBalance: () => Promise<readonly AccountBalance[]>;
  readonly loadJournalsOf: (sources: readonly Id[]) => Promise<readonly Journal[]>;
  readonly loadEventsOf: (
    customer: CustomerId,
    page: { readonly afterSequence: number; readonly limit: number },
  ) => Promise<readonly DaikouEvent[]>;
  readonly loadSummary: () => Promise<Summary>;
  readonly countDue: (due: {
    readonly buckets: BucketRange;
    readonly dueBy: Temporal.Instant;
    /** The merchant's business date: credits whose last day it is have expired. */
    readonly expiredBy: Temporal.PlainDate;
    /** The wall clock, by which webhooks are sent; `dueBy` when absent. */
    readonly wallNow?: Temporal.Instant;
  }) => Promise<DueCounts>;
  /** When the next due row of any kind falls due; undefined when nothing waits. */
  readonly findNextDue: () => Promise<Temporal.Instant | undefined>;

  readonly listCustomers: (
    page: Page & { readonly externalReference?: string },
  ) => Promise<readonly Customer[]>;
  readonly listSubscriptions: (
    page: Page & { readonly customerId?: CustomerId },
  ) => Promise<readonly Subscription[]>;
  readonly listMandates: (
    page: Page & { readonly customerId?: CustomerId; readonly state?: string },
  ) => Promise<readonly Mandate[]>;
  readonly listInvoices: (
    page: Page & { readonly customerId?: CustomerId; readonly state?: string },
  ) => Promise<readonly Invoice[]>;
  readonly listDebits: (
    page: Page & { readonly customerId?: CustomerId; readonly state?: string },
  ) => Promise<readonly Debit[]>;
  readonly loadSubscriptions: (ids: readonly SubscriptionId[]) => Promise<readonly Subscription[]>;
  readonly loadNotices: (ids: readonly NoticeId[]) => Promise<readonly Notice[]>;
};

/** The database. Opened by the backend that `DATABASE_URL` names. */
export type Store = {
  /** Runs `work` in one transaction of this merchant and commits it; an exception rolls it back. */
  readonly transact: <T>(merchant: MerchantId, work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly findMerchant: (code: string) => Promise<Merchant | undefined>;
  readonly listMerchants: () => Promise<readonly Merchant[]>;
  /** Merchants that are in quarantine after a restore. */
  readonly countQuarantines: () => Promise<number>;
  /** Daily comparisons of mandates that were not believed and that nobody has decided. */
  readonly countOpenBrakes: () => Promise<number>;
  readonly saveMerchant: (merchant: Merchant) => Promise<void>;
  /** Erases every row of a merchant that is marked as a demo; refuses any other by throwing. */
  readonly eraseDemoMerchant: (merchant: MerchantId) => Promise<void>;
  /**
   * Every invariant that rows can break, over all merchants; at most `limit` violations each. What
   * is overdue counts from `at`; absent: from the database's now. A test clock comes before both.
   */
  readonly findViolations: (limit: number, at?: Temporal.Instant) => Promise<readonly Violation[]>;
  /** SHA-256 (hex) of an API key → the merchant that it opens, or undefined. */
  readonly findMerchantByKeyHash: (keyHash: string) => Promise<Merchant | undefined>;
  /** The label of an API key, by which requests of that key are known. */
  readonly findKeyLabel: (keyHash: string) => Promise<string | undefined>;
  readonly saveApiKey: (merchant: MerchantId, keyHash: string, label: string) => Promise<void>;
  readonly countApiKeys: () => Promise<number>;
  readonly close: () => Promise<void>;
};

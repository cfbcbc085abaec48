import type { DunningCase, DunningCaseId } from '../dunning/case.ts';
import type { Try } from '../dunning/collect.ts';
import type { Moving } from '../dunning/facts.ts';
import type { CustomerId, InvoiceId } from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { BucketRange, Claim, Page } from './claims.ts';

/** An overdue invoice that was looked at, and why no case chases it where none does. */
export type SeenOverdue = {
  readonly invoiceId: InvoiceId;
  readonly merchantId: Invoice['merchantId'];
  readonly customerId: CustomerId;
  readonly caseId?: DunningCaseId;
  readonly passedOver?: string;
  /** False once its case has ended as paid: were it owed again, it would be seen anew. */
  readonly isLive: boolean;
  readonly seenAt: Temporal.Instant;
};

/** Rows of the chase after arrears to write beside the others, in the same commit. */
export type DunningChanges = {
  readonly dunningCases?: readonly DunningCase[];
  readonly seenOverdue?: readonly SeenOverdue[];
};

/** What chasing arrears reads. */
export type DunningTx = {
  readonly loadDunningCases: (ids: readonly DunningCaseId[]) => Promise<readonly DunningCase[]>;
  /** Held until the commit. */
  readonly lockDunningCases: (ids: readonly DunningCaseId[]) => Promise<readonly DunningCase[]>;
  readonly findOpenDunningCases: (
    customers: readonly CustomerId[],
  ) => Promise<readonly DunningCase[]>;
  readonly listDunningCases: (
    page: Page & { readonly customerId?: CustomerId; readonly state?: string },
  ) => Promise<readonly DunningCase[]>;
  /** Cases to look at by now, earliest first; their next look is set to `lookAgainAt`. */
  readonly claimDunningCases: (
    claim: Claim & { readonly lookAgainAt: Temporal.Instant },
  ) => Promise<readonly DunningCaseId[]>;
  /**
   * Overdue invoices that nobody has looked at, with their customers: open, due before `today` and
   * not longer ago than a campaign lasts, and held by no debit that may still collect them.
   */
  readonly findNewlyOverdue: (query: {
    readonly buckets: BucketRange;
    readonly today: Temporal.PlainDate;
    readonly limit: number;
  }) => Promise<readonly { readonly customerId: CustomerId; readonly invoiceId: InvoiceId }[]>;
  /**
   * Open invoices of a customer that were due before `today`, oldest first, without those that a
   * person has declared disputed, written off or not owed.
   */
  readonly loadOverdueInvoices: (
    customer: CustomerId,
    today: Temporal.PlainDate,
  ) => Promise<readonly Invoice[]>;
  /** Of these invoices those that a case decides about, also one that ended unpaid. */
  readonly findChasedInvoices: (invoices: readonly InvoiceId[]) => Promise<readonly InvoiceId[]>;
  /** Every try at a rail for these invoices, by whichever debit. */
  readonly loadTriesOfInvoices: (invoices: readonly InvoiceId[]) => Promise<readonly Try[]>;
  /** Why money of this customer may be on its way, or waits; undefined: none is. */
  readonly findMovingMoney: (
    customer: CustomerId,
    about: { readonly invoices: readonly InvoiceId[]; readonly now: Temporal.Instant },
  ) => Promise<Moving | undefined>;
  /** When this customer's last payments succeeded, newest first, by debit or by hand. */
  readonly loadPaidTimes: (
    customer: CustomerId,
    limit: number,
  ) => Promise<readonly Temporal.Instant[]>;
};

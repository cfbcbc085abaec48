import type { DisputeFlag, PayingHabit, RailIncident } from '../cause/history.ts';
import type { ArrearsFinding, CauseGroup, CauseSum } from '../cause/report.ts';
import type { Attempt } from '../debit/attempt.ts';
import type { Debit } from '../debit/debit.ts';
import type { CustomerId, InvoiceId, SubscriptionId } from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Mandate, RailId } from '../mandate/mandate.ts';
import type { Notice } from '../notice/notice.ts';
import type { PaymentReturn } from '../refund/return.ts';
import type { SubscriptionChange } from '../subscription/change.ts';
import type { PriceChangeConsent } from '../subscription/price-change-consent.ts';
import type { BucketRange } from './claims.ts';

/** Findings to add beside the others, in the same commit; one that is there stays as it is. */
export type CauseChanges = { readonly arrearsFindings?: readonly ArrearsFinding[] };

/** What is on file of some overdue invoices: as many statements for one as for many. */
export type ArrearsRows = {
  /** The invoice before each, of the same subscription or consolidated as it is. */
  readonly before: ReadonlyMap<InvoiceId, Invoice>;
  readonly debits: readonly Debit[];
  readonly attempts: readonly Attempt[];
  /** About these debits or invoices; none of the rail's announcements. */
  readonly notices: readonly Notice[];
  /** Of the customers, in any state. */
  readonly mandates: readonly Mandate[];
  readonly returns: readonly PaymentReturn[];
  readonly consents: readonly PriceChangeConsent[];
  readonly changes: readonly SubscriptionChange[];
  /** A person's word that an invoice is contested, while it holds. */
  readonly disputes: ReadonlyMap<InvoiceId, DisputeFlag>;
  readonly habits: ReadonlyMap<CustomerId, PayingHabit>;
};

/** What arrears causes read and write. */
export type CauseTx = {
  /**
   * Open invoices due before `today` without a finding of these rules, oldest first. Those whose
   * first try is still to come, or which a rail has taken and answers later, are not among them.
   */
  readonly findUnexplainedArrears: (query: {
    readonly buckets: BucketRange;
    readonly today: Temporal.PlainDate;
    readonly limit: number;
  }) => Promise<readonly InvoiceId[]>;
  /** Invoices with a finding that were open then and are not any more. */
  readonly findEndedArrears: (query: {
    readonly buckets: BucketRange;
    readonly limit: number;
  }) => Promise<readonly InvoiceId[]>;
  readonly loadArrearsRows: (query: {
    readonly invoices: readonly Pick<
      Invoice,
      'id' | 'customerId' | 'subscriptionId' | 'total' | 'dueDate'
    >[];
    readonly subscriptions: readonly SubscriptionId[];
    /** How far back habits and changes count. */
    readonly since: Temporal.PlainDate;
  }) => Promise<ArrearsRows>;
  /**
   * Hours between these times in which at least `least` customers of the merchant had trouble on a
   * rail.
   */
  readonly findRailIncidents: (query: {
    readonly rails: readonly RailId[];
    readonly from: Temporal.Instant;
    readonly until: Temporal.Instant;
    readonly least: number;
  }) => Promise<readonly RailIncident[]>;
  /** Findings of an invoice, newest last. */
  readonly loadFindings: (invoices: readonly InvoiceId[]) => Promise<readonly ArrearsFinding[]>;
  /**
   * Sums over the newest finding of each invoice that was due between these days (the last not
   * included): the one of the end before the one of the beginning, the newest rules first.
   */
  readonly sumCauses: (query: {
    readonly from: Temporal.PlainDate;
    readonly until: Temporal.PlainDate;
    readonly by?: CauseGroup;
  }) => Promise<readonly CauseSum[]>;
};

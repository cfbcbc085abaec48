import type { LateFee, LateFeeLine, LateFeeWaiver } from '../arrears/late-fee.ts';
import type { ApprovalId, CustomerId, InvoiceId, LateFeeId } from '../ids/ids.ts';
import type { PendingLine } from '../invoice/pending-line.ts';
import type { Money } from '../money/money.ts';
import type { BucketRange, Claim } from './claims.ts';

/** Rows of late fees to write beside the others, in the same commit. */
export type LateFeeChanges = {
  readonly lateFees?: readonly LateFee[];
  /** After the pending lines that they name; a second charge of a first day is refused. */
  readonly newLateFeeLines?: readonly LateFeeLine[];
  /** Known charges, with what was taken back of them. */
  readonly lateFeeLines?: readonly LateFeeLine[];
  readonly lateFeeWaivers?: readonly LateFeeWaiver[];
};

/** What was charged and waived of late fees, and the lines that charged it. */
export type LateFeeParts = {
  readonly charges: readonly LateFeeLine[];
  readonly waivers: readonly LateFeeWaiver[];
  readonly lines: readonly PendingLine[];
};

/** What a customer's balance paid of an invoice. */
export type BalancePayment = {
  readonly invoiceId: InvoiceId;
  readonly amount: Money;
  /** When that money came: late fees count it from then on, whenever it was put to the invoice. */
  readonly heldSince: Temporal.Instant;
};

/** How far the collection of an invoice by debits has come. */
export type FirstTry = {
  readonly invoiceId: InvoiceId;
  /**
   * When a rail refused an attempt for the payer's part, or a bank took the money back, for the
   * first time.
   */
  readonly firstRefusedAt?: Temporal.Instant;
  /** A debit of it is scheduled, on its way, or has collected it. */
  readonly isWaiting: boolean;
  /** An attempt ended unpaid by the rail's fault or ours; absent: none did. */
  readonly hasFailedWithoutPayer?: boolean;
};

/** What late fees read. */
export type LateFeeTx = {
  /**
   * Open invoices whose due date is before `on`, issued since the first late fee was published,
   * that nobody watches yet.
   */
  readonly findUnwatchedOverdue: (query: {
    readonly buckets: BucketRange;
    readonly on: Temporal.PlainDate;
    readonly limit: number;
  }) => Promise<readonly InvoiceId[]>;
  /** Adds rows, but none for an invoice that has one. */
  readonly addLateFees: (rows: readonly LateFee[]) => Promise<void>;
  /** Watched ones whose look is due, earliest first; locked, skipping locked ones. */
  readonly claimLateFeesToLook: (claim: Claim) => Promise<readonly LateFee[]>;
  /** Those of these invoices; held until the commit where `lock` says so. */
  readonly loadLateFees: (
    invoices: readonly InvoiceId[],
    lock?: 'lock' | 'look',
  ) => Promise<readonly LateFee[]>;
  readonly loadLateFeeParts: (lateFees: readonly LateFeeId[]) => Promise<LateFeeParts>;
  readonly loadWaivers: (ids: readonly ApprovalId[]) => Promise<readonly LateFeeWaiver[]>;
  readonly findLateFeeById: (id: LateFeeId) => Promise<LateFee | undefined>;
  readonly loadFirstTries: (invoices: readonly InvoiceId[]) => Promise<readonly FirstTry[]>;
  /** What grants paid of these invoices, and since when the merchant held that money. */
  readonly loadBalancePayments: (
    invoices: readonly InvoiceId[],
  ) => Promise<readonly BalancePayment[]>;
  /** Late fees of these customers, made since, that were charged or waived. */
  readonly loadLateFeesSince: (
    customers: readonly CustomerId[],
    since: Temporal.Instant,
  ) => Promise<readonly LateFee[]>;
};

import type { Payment } from '../debit/payment.ts';
import type {
  AttemptId,
  CustomerId,
  DebitId,
  MoneyExceptionId,
  PaymentId,
  RefundId,
} from '../ids/ids.ts';
import type { MoneyException } from '../refund/money-exception.ts';
import type { Refund } from '../refund/refund.ts';
import type { PaymentReturn } from '../refund/return.ts';

/** A page of rows after a cursor (an id), newest last. */
type Page = { readonly after?: string; readonly limit: number };

/** Due rows to claim: at most `limit`, due at or before `dueBy` on the merchant's clock. */
type Claim = {
  readonly buckets: { readonly from: number; readonly until: number };
  readonly dueBy: Temporal.Instant;
  readonly limit: number;
};

/** Rows of money on its way back to write beside the others, in the same commit. */
export type RefundChanges = {
  readonly exceptions?: readonly MoneyException[];
  readonly refunds?: readonly Refund[];
  /** Added; a payment is returned once. */
  readonly returns?: readonly PaymentReturn[];
};

/** What refunds, exceptions and returns read. */
export type RefundTx = {
  readonly loadPayments: (ids: readonly PaymentId[]) => Promise<readonly Payment[]>;
  readonly loadPaymentsOfDebits: (debits: readonly DebitId[]) => Promise<readonly Payment[]>;
  /** Newest last. */
  readonly loadPaymentsOfCustomer: (customer: CustomerId) => Promise<readonly Payment[]>;
  readonly loadRefunds: (ids: readonly RefundId[]) => Promise<readonly Refund[]>;
  /** Held until the commit. */
  readonly lockRefunds: (ids: readonly RefundId[]) => Promise<readonly Refund[]>;
  /** Of these orders, in any state, oldest first. */
  readonly loadRefundsOfAttempts: (attempts: readonly AttemptId[]) => Promise<readonly Refund[]>;
  readonly listRefunds: (
    page: Page & { readonly customerId?: CustomerId; readonly state?: string },
  ) => Promise<readonly Refund[]>;
  /** Approved and due, earliest first; locked, skipping locked ones. */
  readonly claimRefundsToSubmit: (claim: Claim) => Promise<readonly Refund[]>;
  readonly claimRefundsToAsk: (claim: Claim) => Promise<readonly Refund[]>;
  /** Nobody approved them in their time. */
  readonly claimRefundsToExpire: (claim: Claim) => Promise<readonly Refund[]>;
  readonly loadExceptions: (ids: readonly MoneyExceptionId[]) => Promise<readonly MoneyException[]>;
  /** Held until the commit. */
  readonly lockExceptions: (ids: readonly MoneyExceptionId[]) => Promise<readonly MoneyException[]>;
  readonly loadExceptionsOfAttempts: (
    attempts: readonly AttemptId[],
  ) => Promise<readonly MoneyException[]>;
  readonly listExceptions: (
    page: Page & { readonly customerId?: CustomerId; readonly state?: string },
  ) => Promise<readonly MoneyException[]>;
  /** Open ones that the merchant's policy acts on by itself, earliest first; locked. */
  readonly claimExceptionsToAct: (claim: Claim) => Promise<readonly MoneyException[]>;
  readonly loadReturnsOfPayments: (
    payments: readonly PaymentId[],
  ) => Promise<readonly PaymentReturn[]>;
};

import type { Customer } from '../customer/customer.ts';
import type {
  BankStatementLineId,
  CustomerId,
  HandPaymentId,
  InvoiceId,
  PayLinkId,
} from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Money } from '../money/money.ts';
import type { HandMethod, HandPayment } from '../payment/hand-payment.ts';
import type { PayLink } from '../payment/pay-link.ts';
import type { StoredBankLine } from '../reconciliation/bank-match.ts';
import type { Claim, Page } from './claims.ts';

/** Payments by hand to write beside the others, in the same commit. */
export type PaymentChanges = {
  readonly handPayments?: readonly HandPayment[];
  readonly payLinks?: readonly PayLink[];
};

/** A number under which money came, once for each method of a merchant. */
export type PaymentReference = { readonly method: HandMethod; readonly reference: string };

/** What payments by hand, claims and pay links read and write. */
export type PaymentTx = {
  readonly loadHandPayments: (ids: readonly HandPaymentId[]) => Promise<readonly HandPayment[]>;
  /** Held until the commit. */
  readonly lockHandPayments: (ids: readonly HandPaymentId[]) => Promise<readonly HandPayment[]>;
  readonly listHandPayments: (
    page: Page & { readonly customerId?: CustomerId; readonly state?: string },
  ) => Promise<readonly HandPayment[]>;
  /** Booked ones that paid these invoices. */
  readonly findHandPaymentsOfInvoices: (
    invoices: readonly InvoiceId[],
  ) => Promise<readonly HandPayment[]>;
  readonly findHandPaymentByReference: (
    reference: PaymentReference,
  ) => Promise<HandPayment | undefined>;
  /** Takes a number for a payment; false where it is taken. Who asks next waits for the commit. */
  readonly takePaymentReference: (
    reference: PaymentReference,
    payment: HandPaymentId,
  ) => Promise<boolean>;
  readonly releasePaymentReference: (reference: PaymentReference) => Promise<void>;
  /** One line of a bank statement, held until the commit. */
  readonly lockBankLine: (id: BankStatementLineId) => Promise<StoredBankLine | undefined>;
  readonly findInvoicesByNumbers: (numbers: readonly string[]) => Promise<readonly Invoice[]>;
  /** Open invoices of anybody that ask for exactly this much, oldest first. */
  readonly findOpenInvoicesOfAmount: (amount: Money, limit: number) => Promise<readonly Invoice[]>;
  /** Payers of exactly this name, oldest first. */
  readonly findPayersByName: (name: string, limit: number) => Promise<readonly Customer[]>;
  readonly loadPayLinks: (ids: readonly PayLinkId[]) => Promise<readonly PayLink[]>;
  /** Held until the commit. */
  readonly lockPayLinks: (ids: readonly PayLinkId[]) => Promise<readonly PayLink[]>;
  readonly listPayLinks: (
    page: Page & { readonly customerId?: CustomerId; readonly state?: string },
  ) => Promise<readonly PayLink[]>;
  /** Open links that name one of these invoices. */
  readonly findOpenPayLinks: (invoices: readonly InvoiceId[]) => Promise<readonly PayLink[]>;
  /** Open links whose rail is to be asked by now, earliest first; locked, skipping locked ones. */
  readonly claimPayLinksToAsk: (claim: Claim) => Promise<readonly PayLink[]>;
};

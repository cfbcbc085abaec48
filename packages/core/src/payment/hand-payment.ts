import type {
  BankStatementLineId,
  CreditGrantId,
  CustomerId,
  HandPaymentId,
  InvoiceId,
  MerchantId,
  PayLinkId,
} from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/** How money came by the payer's own hand: 转账, 收款链接, 现金. */
export type HandMethod = 'bank_transfer' | 'pay_link' | 'cash';

/** What a payment gave an invoice: all that was due of it. */
export type HandAllocation = { readonly invoiceId: InvoiceId; readonly amount: Money };

/**
 * Money that a customer paid by its own hand. It pays open invoices whole; what is left is the
 * customer's balance. `amount` = Σ `allocations` + `toBalance`, for ever.
 */
export type HandPayment = {
  readonly id: HandPaymentId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly method: HandMethod;
  /** The rail of a pay link. */
  readonly rail?: RailId;
  readonly amount: Money;
  /** The bank's, the rail's or the receipt's number: one payment of a method for each. */
  readonly reference: string;
  readonly receivedAt: Temporal.Instant;
  /** The merchant's business date of `receivedAt`, on which it is booked. */
  readonly businessDate: Temporal.PlainDate;
  /** The line of the bank statement that shows it. */
  readonly bankLineId?: BankStatementLineId;
  readonly payLinkId?: PayLinkId;
  /** A person, the holder of a key, or the rule that recognised it. */
  readonly recordedBy: string;
  readonly note: string;
  readonly recordedAt: Temporal.Instant;
  readonly allocations: readonly HandAllocation[];
  readonly toBalance: Money;
  /** The grant that holds `toBalance`, where there is any. */
  readonly grantId?: CreditGrantId;
  readonly state: 'booked' | 'reversed';
  readonly reversal?: {
    readonly at: Temporal.Instant;
    readonly by: string;
    readonly reason: string;
  };
};

import type {
  CreditGrantId,
  CreditNoteId,
  CustomerId,
  InvoiceId,
  MerchantId,
  RefundId,
} from '../ids/ids.ts';
import type { Money } from '../money/money.ts';

/** Where it goes: off what is still owed, to the customer's balance, or back to the payer. */
export type CreditDisposition = 'reduce_due' | 'to_balance' | 'to_refund';

export type CreditReason =
  | 'service_not_delivered'
  | 'billed_in_error'
  | 'goodwill'
  | 'termination'
  | 'duplicate';

/** What an issued invoice's lines take back (红字账单). Its lines never exceed what was billed. */
export type CreditNote = {
  readonly id: CreditNoteId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly invoiceId: InvoiceId;
  readonly number: string;
  readonly reason: CreditReason;
  readonly disposition: CreditDisposition;
  /** The grant that holds the money, when it went to the balance. */
  readonly grantId?: CreditGrantId;
  /** The refund that takes the money back to the payer. */
  readonly refundId?: RefundId;
  /** Amounts taken back, positive, tax included; `net` + `tax` = `amount` on each. */
  readonly lines: readonly CreditNoteLine[];
  readonly total: Money;
  readonly net: Money;
  readonly tax: Money;
  readonly issuedAt: Temporal.Instant;
};

export type CreditNoteLine = {
  /** The invoice line that it takes from. */
  readonly position: number;
  readonly amount: Money;
  readonly net: Money;
  readonly tax: Money;
};

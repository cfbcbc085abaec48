import type { CreditGrantId, CustomerId, InvoiceId, MerchantId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';

/**
 * Money or vouchers that a customer may use up on invoices (余额, 代金券). `prepaid` is the
 * customer's own money, `promotional` a gift, `credit_note` money owed back.
 */
export type CreditGrant = {
  readonly id: CreditGrantId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly kind: 'prepaid' | 'promotional' | 'credit_note';
  readonly amount: Money;
  /** What is left of `amount`; never below zero. */
  readonly left: Money;
  /** The first day on which it can no longer be used. Prepaid money does not expire by default. */
  readonly expiresOn?: Temporal.PlainDate;
  readonly nameZh: string;
  readonly nameEn: string;
  /**
   * The number under which prepaid money arrived at the bank, or under which the merchant keeps a
   * gift. A customer has one grant of a reference: the same again is the same grant.
   */
  readonly reference?: string;
  readonly createdAt: Temporal.Instant;
};

/** What an invoice took from a grant. Given back when the invoice is voided. */
export type GrantUse = {
  readonly grantId: CreditGrantId;
  readonly invoiceId: InvoiceId;
  readonly amount: Money;
};

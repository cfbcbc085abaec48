import type { AttemptRefusal } from '../debit/attempt.ts';
import type {
  AttemptId,
  CreditGrantId,
  CustomerId,
  DebitId,
  InvoiceId,
  MerchantId,
  MoneyExceptionId,
  PaymentId,
  RefundId,
} from '../ids/ids.ts';
import type { CreditReason } from '../invoice/credit-note.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/** Why a rail does not return money, in classes that all rails share. */
export type RefundRefusalClass =
  /** The merchant's own balance at the rail is too low: top up, then the same number again. */
  | 'merchant_balance'
  /** The payer's account is gone or closed: the money must go another way, by a person. */
  | 'payer_account'
  /** Past the rail's refund period, or more refunds than it allows. */
  | 'limit'
  /** More than what is left of the payment. */
  | 'amount'
  | 'technical'
  | 'merchant_fault';

export type RefundRefusal = Omit<AttemptRefusal, 'class'> & {
  readonly class: RefundRefusalClass;
};

/**
 * What we learned of one refund number, from a reply, a callback, a query or a bill line alike.
 * Anything that a rail's tables do not list is `unknown`.
 */
export type RefundOutcome =
  | {
      readonly kind: 'succeeded';
      readonly railReference: string;
      readonly refunded: Money;
      readonly refundedAt: Temporal.Instant;
    }
  /** The rail took it and answers later. */
  | { readonly kind: 'accepted'; readonly railReference?: string }
  | { readonly kind: 'refused'; readonly refusal: RefundRefusal }
  /** Taken, then failed at the payer's bank: the money is still owed, and a person decides how. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      /** When the money was with us again, where the rail tells it. */
      readonly at?: Temporal.Instant;
    }
  /** The rail has never seen the number: the same number may be sent again. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'never_sent'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * `awaiting_approval`: above the merchant's limit; nothing is booked. `approved`: the money is owed
 * and goes out when it is due. `submitting`, `accepted`, `unknown`: with the rail; only a definite
 * answer ends it. `manual_review`: still owed, and a person decides how it reaches the payer.
 * `succeeded`, `withdrawn`: ends.
 */
export type RefundState =
  | 'awaiting_approval'
  | 'approved'
  | 'submitting'
  | 'accepted'
  | 'unknown'
  | 'manual_review'
  | 'succeeded'
  | 'withdrawn';

/**
 * Why a person looks. `refused`: the rail said no for good. `bank_failed`: taken, then the payer's
 * bank failed it. `silent`: asked for a week without a definite answer, so money may have moved.
 * `other_amount`: the rail named another amount, and only its bill is believed about that.
 * `by_transfer`: no rail takes it back; it waits for a bank transfer.
 */
export type RefundReview = 'refused' | 'bank_failed' | 'silent' | 'other_amount' | 'by_transfer';

/** The order whose money goes back, as the rail knows it. */
export type PaidAttempt = {
  readonly debitId: DebitId;
  readonly attemptId: AttemptId;
  readonly rail: RailId;
  readonly orderNumber: string;
  /** The rail's number of the payment. */
  readonly paymentReference: string;
  readonly paid: Money;
  readonly paidAt: Temporal.Instant;
};

/** Money on its way back to a payer (退款). */
export type Refund = {
  readonly id: RefundId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  /** Whose money: a payment of invoices, money that was not owed, or the customer's balance. */
  readonly source: 'payment' | 'exception' | 'balance';
  readonly route: 'original' | 'bank_transfer';
  readonly paymentId?: PaymentId;
  readonly exceptionId?: MoneyExceptionId;
  /** Absent: no order can take it back, so it goes by bank transfer. */
  readonly order?: PaidAttempt;
  /** One for its whole life: every retry sends the same one. */
  readonly refundNumber: string;
  /** What the payer gets. */
  readonly amount: Money;
  /** What the merchant keeps for its work, where it declared so; zero or more. */
  readonly processing: Money;
  /** What it takes back of which invoices; they add up to the amount. */
  readonly takes: readonly { readonly invoiceId: InvoiceId; readonly amount: Money }[];
  /** What it takes of which grants; they add up to the amount and the processing. */
  readonly draws: readonly { readonly grantId: CreditGrantId; readonly amount: Money }[];
  readonly reason: CreditReason;
  /** In the words of the person who asked; may be empty. */
  readonly remark: string;
  readonly state: RefundState;
  readonly review?: RefundReview;
  readonly requestedBy: string;
  /** SHA-256 (hex) of `approvalText`: what an approver saw is what is approved. */
  readonly approvalHash: string;
  /** Until when it can be approved, while it waits for that. */
  readonly approveBy?: Temporal.Instant;
  readonly approval?: { readonly by: string; readonly at: Temporal.Instant };
  /** When it goes to the rail, while approved. The due row is the queue. */
  readonly dueAt?: Temporal.Instant;
  readonly submittedAt?: Temporal.Instant;
  readonly askAt?: Temporal.Instant;
  readonly askCount: number;
  readonly railReference?: string;
  /** The last definite word against it, kept after a retry. */
  readonly refusal?: RefundRefusal;
  /** By the rail's time, or the day of the bank transfer. */
  readonly refundedAt?: Temporal.Instant;
  /** The bank's number, where a person transferred it. */
  readonly transferReference?: string;
  /** The grant that holds the money, where it stayed as balance. */
  readonly grantId?: CreditGrantId;
  readonly endedAt?: Temporal.Instant;
  readonly createdAt: Temporal.Instant;
};

/**
 * The text that an approval is bound to: another number, amount, currency or target is another
 * text. Its SHA-256 is the approval's hash; who stores the refund computes it.
 */
export function approvalText(
  refund: Pick<Refund, 'refundNumber' | 'amount' | 'processing' | 'route' | 'order' | 'customerId'>,
): string {
  const { refundNumber, amount, processing, route, order, customerId } = refund;
  const target = order === undefined ? '' : `${order.rail}:${order.orderNumber}`;
  return JSON.stringify([
    refundNumber,
    amount.minor.toString(),
    amount.currency,
    processing.minor.toString(),
    route,
    target,
    customerId,
  ]);
}

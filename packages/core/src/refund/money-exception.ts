import type {
  AttemptId,
  CreditGrantId,
  CustomerId,
  DebitId,
  MerchantId,
  MoneyExceptionId,
} from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/**
 * `late_success`: a rail took money that nobody owed any more. `surplus`: a payment is more than
 * its invoices asked for when it came. `paid_other_amount`: the rail took another amount than we
 * asked for. `return_unmatched`: a bank took back what our books do not have as a payment.
 * `refund_unexpected`: the rail returned money of a refund that had ended without it.
 */
export type ExceptionKind =
  | 'late_success'
  | 'surplus'
  | 'paid_other_amount'
  | 'return_unmatched'
  | 'refund_unexpected';

/** `refunded`, `credited`, `booked`: ends. Never silence. */
export type ExceptionState = 'open' | 'refunding' | 'refunded' | 'credited' | 'booked';

/** Money at a rail whose purpose is not settled, parked in the books until somebody decides. */
export type MoneyException = {
  readonly id: MoneyExceptionId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly kind: ExceptionKind;
  readonly debitId: DebitId;
  readonly attemptId: AttemptId;
  readonly rail: RailId;
  readonly orderNumber: string;
  /** The rail's number of the money: one exception per order, kind and number. */
  readonly railReference: string;
  readonly amount: Money;
  /** By the rail's time. */
  readonly happenedAt: Temporal.Instant;
  /** The rail's code or our refund number; may be empty. */
  readonly detail: string;
  readonly state: ExceptionState;
  /** When the merchant's policy acts on it by itself; absent: a person decides. */
  readonly actAt?: Temporal.Instant;
  /** Who decided: a person, or the policy. */
  readonly decidedBy?: string;
  readonly grantId?: CreditGrantId;
  readonly openedAt: Temporal.Instant;
  readonly endedAt?: Temporal.Instant;
};

export type RefundContext = {
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly ids: IdSource;
};

/** Whether the money is with us (owed to somebody), or left and is missing. */
export function sideOf(kind: ExceptionKind): 'payable' | 'receivable' {
  return kind === 'return_unmatched' || kind === 'refund_unexpected' ? 'receivable' : 'payable';
}

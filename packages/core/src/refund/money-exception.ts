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
 * `refund_sent_back`: a refund had left, and the payer's bank sent it back; it is the customer's.
 * `refund_short`, `refund_excess`: the rail returned less or more than the refund asked for; the
 * difference is still the customer's, or is gone.
 */
export type ExceptionKind =
  | 'late_success'
  | 'surplus'
  | 'paid_other_amount'
  | 'return_unmatched'
  | 'refund_unexpected'
  | 'refund_sent_back'
  | 'refund_short'
  | 'refund_excess';

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
  /** The role or the person who sees to it. */
  readonly owner: string;
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

/** Who sees to money whose purpose is not settled until it is given to somebody. */
export const DEFAULT_EXCEPTION_OWNER = 'finance';

/** Characters of an owner's name, at most. */
export const EXCEPTION_OWNER_MAX_LENGTH = 100;

/** Whether the money is with us (owed to somebody), or left and is missing. */
export function sideOf(kind: ExceptionKind): 'payable' | 'receivable' {
  return LEFT.has(kind) ? 'receivable' : 'payable';
}

const LEFT: ReadonlySet<ExceptionKind> = new Set([
  'return_unmatched',
  'refund_unexpected',
  'refund_excess',
]);

/**
 * Whether it is money of a refund that did not reach the payer. The refund itself has ended and
 * counts against its order (I6), so the money goes by bank transfer or stays as balance.
 */
export function isUnpaidRefund(kind: ExceptionKind): boolean {
  return kind === 'refund_sent_back' || kind === 'refund_short';
}

/** What a person most likely does about an open exception. */
export type SuggestedAction =
  /** Back through the rail that took it. */
  | 'refund'
  /** By bank transfer, to an account that the payer names. */
  | 'transfer'
  /** Compare with the rail's bill first: it may be the merchant's or another payer's. */
  | 'ask_rail'
  /** Find out why it left; what cannot be got back is booked as a loss. */
  | 'recover';

/** The action that is suggested for each kind; who decides may do another that its kind allows. */
export function suggestedActionOf(kind: ExceptionKind): SuggestedAction {
  return SUGGESTED[kind];
}

const SUGGESTED: Readonly<Record<ExceptionKind, SuggestedAction>> = {
  late_success: 'refund',
  surplus: 'refund',
  paid_other_amount: 'ask_rail',
  return_unmatched: 'ask_rail',
  refund_unexpected: 'recover',
  refund_sent_back: 'transfer',
  refund_short: 'transfer',
  refund_excess: 'recover',
};

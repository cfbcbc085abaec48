import type { AttemptRefusal } from '../debit/attempt.ts';
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
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** The rail has never seen the number: the same number may be sent again. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'never_sent'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

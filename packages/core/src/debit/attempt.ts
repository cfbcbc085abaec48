import type { AttemptId, CustomerId, DebitId, MerchantId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/**
 * `submitting`: the intent and its number are committed; the rail may or may not have seen it.
 * `accepted`: the rail took it and answers later. `unknown`: an answer that says nothing definite.
 * `succeeded`, `refused`, `closed`, `never_sent`: ends. `late_success`: money that was not waited
 * for any more, as it came after an end or when nothing was owed; booked once if the debit still
 * lacks it, otherwise to be returned.
 */
export type AttemptState =
  | 'submitting'
  | 'accepted'
  | 'unknown'
  | 'succeeded'
  | 'refused'
  | 'closed'
  | 'never_sent'
  | 'late_success';

/** Why a rail refused, in classes that all rails share (rails.md §7). */
export type RefusalClass =
  | 'funds'
  | 'limit'
  | 'technical'
  | 'account'
  | 'mandate'
  | 'risk'
  | 'reschedule'
  | 'merchant_fault';

/**
 * Refusals of which the payer knows nothing: a fault of the rail, another date that it asks for, a
 * mistake of ours. They make nobody late.
 */
export const NOT_BY_PAYER: readonly RefusalClass[] = ['technical', 'reschedule', 'merchant_fault'];

export type AttemptRefusal = {
  readonly class: RefusalClass;
  /** The rail's own code, shown small to support. */
  readonly code: string;
  readonly message: string;
};

/** One try at the rail. */
export type Attempt = {
  readonly id: AttemptId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly debitId: DebitId;
  readonly rail: RailId;
  /** 1 for the first order number of the debit, 2 for the next … */
  readonly ordinal: number;
  readonly orderNumber: string;
  readonly state: AttemptState;
  readonly amount: Money;
  /**
   * When the intent was committed first. Sending the number again keeps it: a rail that names an
   * order by number and time would else take the one that was only late and this one (UnionPay).
   */
  readonly submittedAt: Temporal.Instant;
  /** When to ask the rail what became of it; absent once it has ended. The due row is the queue. */
  readonly askAt?: Temporal.Instant;
  readonly askCount: number;
  /** The rail's number of the order. */
  readonly railReference?: string;
  readonly refusal?: AttemptRefusal;
  /** When the outcome became definite, by the rail's time where it tells one. */
  readonly endedAt?: Temporal.Instant;
};

/**
 * What we learned of one attempt, from a reply, a callback, a query or a bill line alike.
 * Anything that a rail's tables do not list is `unknown`.
 */
export type AttemptOutcome =
  | {
      readonly kind: 'succeeded';
      readonly railReference: string;
      readonly paid: Money;
      readonly paidAt: Temporal.Instant;
    }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly refusal: AttemptRefusal }
  /** The rail closed the number without payment; it can never be paid any more. */
  | { readonly kind: 'closed' }
  /** The rail says that it has never seen the number: the same number may be sent again. */
  | { readonly kind: 'not_found' }
  /** It is proved that nothing left our process (refused before connecting). */
  | { readonly kind: 'never_sent'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

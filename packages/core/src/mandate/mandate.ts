import type { CustomerId, MandateId, MerchantId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import type { AccountLabel } from './signing.ts';

/** A rail's name as data ('…' of its folder). Shared code carries it and never compares it. */
export type RailId = string;

/**
 * `ending`: we asked the rail to end it and wait for its word. `revoke_failed`: we asked and got no
 * definite word; it is asked again. Neither lets a debit leave.
 */
export type MandateState =
  | 'draft'
  | 'signing'
  | 'active'
  | 'ending'
  | 'revoke_failed'
  | 'ended'
  | 'sign_failed';

export type MandateEnder = 'customer' | 'merchant' | 'rail' | 'expired' | 'unknown';

/** The customer's permission to debit. */
export type Mandate = {
  readonly id: MandateId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly rail: RailId;
  readonly state: MandateState;
  /** Our number of the contract at the rail; unique, never reused. */
  readonly contractCode: string;
  /** What the payer sees on the rail's own page: the customer's number, never a name or a phone. */
  readonly displayAccount: string;
  /** The rail's number of the contract, from the signed callback or the query. */
  readonly railReference?: string;
  /** The payer at the rail (openid, user id), from the signed callback only. */
  readonly payerReference?: string;
  /** What may be shown of the account behind it, where the payer's account is known. */
  readonly account?: AccountLabel;
  /** The most that one debit may take. */
  readonly singleCap: Money;
  /** The first planned debit date that the rail was told at signing, where its rule has one. */
  readonly firstPlannedDate?: Temporal.PlainDate;
  /** The date that the rail keeps for the next debit, as we know it; moves with every success. */
  readonly plannedDate?: Temporal.PlainDate;
  /** The place in the customer's own order, 1 first; absent: after those that have one, by age. */
  readonly preference?: number;
  readonly signedAt?: Temporal.Instant;
  readonly endedAt?: Temporal.Instant;
  /** Who ended it; while it is ending, who asked for it. */
  readonly endedBy?: MandateEnder;
  /** The rail's time of the last event that was applied: later events win, not later arrivals. */
  readonly lastRailEventAt?: Temporal.Instant;
  readonly createdAt: Temporal.Instant;
};

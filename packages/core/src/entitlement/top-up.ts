import type {
  CreditGrantId,
  CustomerId,
  InvoiceId,
  MerchantId,
  SubscriptionId,
  TopUpId,
  TopUpRuleId,
} from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import type { AnswerChannel } from '../subscription/price-change-grounds.ts';

/** What proves that the customer agreed. */
export type TopUpConsent = {
  readonly at: Temporal.Instant;
  readonly channel: AnswerChannel;
  /** SHA-256 of the form, the recording or the message, in hexadecimal digits. */
  readonly evidenceHash: string;
};

/** Why a low balance is not topped up now. The crossing stands, and is looked at again. */
export type TopUpHold =
  /** No active mandate takes this amount: none, another currency, or beyond its single cap. */
  | 'no_mandate'
  /** The subscription whose invoices carry the top-ups has ended. */
  | 'subscription_ended'
  /** An earlier top-up is not paid and not given up. */
  | 'earlier_top_up'
  | 'monthly_cap';

/**
 * What a customer agreed to (自动充值协议): one in force for each currency. A change is a new one with
 * its own evidence, so that what was agreed at any time can be shown.
 */
export type TopUpRule = {
  readonly id: TopUpRuleId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly subscriptionId: SubscriptionId;
  /** Topped up from this much on, inclusive. */
  readonly low: Money;
  /** What one top-up costs and brings. */
  readonly amount: Money;
  /**
   * The most that the top-ups of one calendar month (the merchant's zone) cost together, by the
   * days on which they are requested and by those on which they are debited.
   */
  readonly monthlyCap: Money;
  readonly consent: TopUpConsent;
  readonly agreedBy: string;
  readonly agreedAt: Temporal.Instant;
  readonly stopped?: { readonly by: string; readonly at: Temporal.Instant };
  /** This crossing had its top-up; the next one comes after the balance was above again. */
  readonly isLow: boolean;
  readonly heldBy?: TopUpHold;
  /** The due row is the queue. */
  readonly nextLookAt?: Temporal.Instant;
};

/**
 * `requested`: its invoice is drafted or owed. `paid`: the balance was granted. `refused`: it was
 * not paid when its day was over, or taken back before; nothing is owed and nothing was granted.
 * `returned`: its money went back after that; what was left of its balance was taken back, and what
 * had been used is owed on its invoice.
 */
export type TopUpState = 'requested' | 'paid' | 'refused' | 'returned';

/** One top-up: a crossing, its invoice and what became of it. */
export type TopUp = {
  readonly id: TopUpId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly ruleId: TopUpRuleId;
  readonly invoiceId: InvoiceId;
  readonly amount: Money;
  readonly state: TopUpState;
  /** Its business date; counts for the cap of its month, beside that of its invoice's due date. */
  readonly requestedOn: Temporal.PlainDate;
  readonly requestedAt: Temporal.Instant;
  readonly grantId?: CreditGrantId;
  readonly endedAt?: Temporal.Instant;
  /** Present while it is requested. The due row is the queue. */
  readonly nextLookAt?: Temporal.Instant;
};

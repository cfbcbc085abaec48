import type { ContactChannel, Locale } from '../customer/customer.ts';
import type { CustomerId, DebitId, MerchantId, NoticeId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';

export type NoticeState = 'planned' | 'sending' | 'sent' | 'delivered' | 'failed';

/**
 * `renewal`: the legal notice before a debit. `retry`: the notice before another try.
 * `rail`: the rail's own announcement to the payer, where the rail's rule has one.
 */
export type NoticePurpose = 'renewal' | 'retry' | 'rail';

/** The message that must be delivered before a debit. It names one amount and one date. */
export type Notice = {
  readonly id: NoticeId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly debitId: DebitId;
  readonly purpose: NoticePurpose;
  readonly channel: ContactChannel | 'rail';
  readonly locale: Locale;
  readonly state: NoticeState;
  /** The most that the debit may take under this notice. */
  readonly amount: Money;
  /** The business date that the notice names. */
  readonly collectDate: Temporal.PlainDate;
  /** When it is to be sent. The due row is the queue. */
  readonly dueAt: Temporal.Instant;
  /** A sender that died holds the notice until then; afterwards another may send it again. */
  readonly leaseUntil?: Temporal.Instant;
  readonly sentAt?: Temporal.Instant;
  readonly deliveredAt?: Temporal.Instant;
  /** The provider's number of the message (BizId, Message-ID). */
  readonly providerReference?: string;
  readonly failureCode?: string;
  /** Rail announcements: the first and last business date on which the rail takes the debit. */
  readonly windowFrom?: Temporal.PlainDate;
  readonly windowUntil?: Temporal.PlainDate;
  readonly createdAt: Temporal.Instant;
};

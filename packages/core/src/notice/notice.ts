import type { ContactChannel } from '../customer/contact.ts';
import type { Locale } from '../customer/customer.ts';
import type { CustomerId, DebitId, Id, MerchantId, NoticeId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';

export type NoticeState = 'planned' | 'sending' | 'sent' | 'delivered' | 'failed';

/**
 * `renewal`: the legal notice before a debit. `retry`: the notice before another try.
 * `rail`: the rail's own announcement to the payer, where the rail's rule has one.
 */
export type DebitPurpose = 'renewal' | 'retry' | 'rail';

/**
 * What else a customer is told. `overdue`: what is not paid yet. `service`: what arrears do to the
 * service. `balance`: prepaid money that runs low. `checkup`: what a check before a debit found.
 */
export type MessagePurpose = 'overdue' | 'service' | 'balance' | 'checkup';

export type NoticePurpose = DebitPurpose | MessagePurpose;

/** The values of a template's placeholders: fixed names, plain text in the customer's language. */
export type MessageVariables = Readonly<Record<string, string>>;

/** What every message has: whom it is for, how far it has come, and what was sent. */
type MessageRow = {
  readonly id: NoticeId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly channel: ContactChannel | 'rail';
  readonly locale: Locale;
  readonly state: NoticeState;
  /** When it is to be sent. The due row is the queue. */
  readonly dueAt: Temporal.Instant;
  /** A sender that died holds the notice until then; afterwards another may send it again. */
  readonly leaseUntil?: Temporal.Instant;
  readonly sentAt?: Temporal.Instant;
  readonly deliveredAt?: Temporal.Instant;
  /**
   * When the next channel's turn comes: at once after a failure, and after the channel's patience
   * when it took the message and no proof came. Absent: nothing follows any more.
   */
  readonly followAt?: Temporal.Instant;
  /** When its address turned out to be wrong: from then on it proves nothing (I7). */
  readonly voidedAt?: Temporal.Instant;
  /** The provider's number of the message (BizId, Message-ID). */
  readonly providerReference?: string;
  readonly failureCode?: string;
  /** The notice whose channel failed, and after which this one tries the next. */
  readonly followsId?: NoticeId;
  /** The channels that this message was tried on before. */
  readonly tried?: readonly ContactChannel[];
  /** Where it went, as the customer's contact was at that time. */
  readonly sentTo?: string;
  /** The version of the template that was sent: `daikou/1` is ours, `own/3` the merchant's. */
  readonly templateVersion?: string;
  /** SHA-256 (hex) of subject and text as they were sent. */
  readonly textHash?: string;
  readonly createdAt: Temporal.Instant;
};

/** The message that must be delivered before a debit. It names one amount and one date. */
export type DebitNotice = MessageRow & {
  readonly purpose: DebitPurpose;
  readonly debitId: DebitId;
  /** The most that the debit may take under this notice. */
  readonly amount: Money;
  /** The business date that the notice names. */
  readonly collectDate: Temporal.PlainDate;
  /** Rail announcements: the first and last business date on which the rail takes the debit. */
  readonly windowFrom?: Temporal.PlainDate;
  readonly windowUntil?: Temporal.PlainDate;
  /** What was sent: known once it is. */
  readonly templateKey?: string;
  readonly variables?: MessageVariables;
  readonly subjectId?: never;
};

/** Any other message to a customer; it lets no debit pass. */
export type CustomerMessage = MessageRow & {
  readonly purpose: MessagePurpose;
  /** What it is about: an invoice, a subscription, a case. */
  readonly subjectId: Id;
  readonly templateKey: string;
  readonly variables: MessageVariables;
  readonly debitId?: never;
  readonly amount?: never;
  readonly collectDate?: never;
  readonly windowFrom?: never;
  readonly windowUntil?: never;
};

/** Every message to a customer. */
export type Notice = DebitNotice | CustomerMessage;

/** Whether the message gates a debit. */
export function isDebitNotice(notice: Notice): notice is DebitNotice {
  return notice.debitId !== undefined;
}

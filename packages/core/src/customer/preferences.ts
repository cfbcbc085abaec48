import type { ContactChannel } from './contact.ts';

/** Messages that a customer may do without. What the law wants before a debit is not among them. */
export const OPTIONAL_MESSAGES = ['overdue', 'service', 'balance', 'checkup'] as const;
export type OptionalMessage = (typeof OPTIONAL_MESSAGES)[number];

/** How a customer wants to be told; never below the law. */
export type NoticePreferences = {
  /** Channels to try first, in this order; the others follow by their rank. */
  readonly order?: readonly ContactChannel[];
  /** The hours in which nothing is sent, in `zone`; absent: those of the merchant's rules. */
  readonly quietFrom?: Temporal.PlainTime;
  readonly quietUntil?: Temporal.PlainTime;
  /** Where the customer lives; absent: the merchant's zone. */
  readonly zone?: string;
  /** Days of notice before a renewal on top of what the rules give. */
  readonly extraDays?: number;
  /** Messages that are not sent. */
  readonly declined?: readonly OptionalMessage[];
};

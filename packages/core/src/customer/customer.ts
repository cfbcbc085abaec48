import type { CustomerId, MerchantId } from '../ids/ids.ts';
import type { ContactChannel } from './contact.ts';
import type { NoticePreferences } from './preferences.ts';

export type Locale = 'zh-CN' | 'en';

/**
 * A person or an organisation pays for itself; a department or a member uses what its organisation
 * pays for, and lives in its organisation's bucket.
 */
export type CustomerKind = 'person' | 'organisation' | 'department' | 'member';

/**
 * Who pays, or uses what an organisation pays for. Never reused for somebody else, never moved to
 * another bucket.
 */
export type Customer = {
  readonly id: CustomerId;
  readonly merchantId: MerchantId;
  readonly kind: CustomerKind;
  /** Departments and members: the organisation that pays; nobody else has one. */
  readonly payerId?: CustomerId;
  /** Organisations: all that falls due on one day is one invoice. */
  readonly consolidatedBilling?: boolean;
  /** The child of another organisation that this one continues, after a move between the two. */
  readonly movedFrom?: CustomerId;
  /** The child of another organisation that continues this one. */
  readonly movedTo?: CustomerId;
  /**
   * The merchant's own number for this customer; unique per merchant among those who pay, and per
   * organisation among its departments and members.
   */
  readonly externalReference: string;
  readonly name: string;
  readonly locale: Locale;
  readonly mail?: string;
  /** E.164 with the plus sign. */
  readonly phone?: string;
  /** Where notices go first. */
  readonly preferredChannel: ContactChannel;
  /**
   * The channels on which this customer can be reached, in turn, once contacts or preferences were
   * recorded; absent: mail and phone above.
   */
  readonly reach?: readonly ContactChannel[];
  /** How the customer wants to be told; absent: by the merchant's rules. */
  readonly noticePreferences?: NoticePreferences;
  readonly createdAt: Temporal.Instant;
};

/** Whether invoices can be addressed to this customer: departments and members never pay. */
export function isPayer(customer: Customer): boolean {
  return customer.kind === 'person' || customer.kind === 'organisation';
}

/**
 * Whether the law of consumers protects this customer. Only an organisation, with the departments
 * and members that it pays for, is dealt with as a business.
 */
export function isConsumer(customer: Customer): boolean {
  return customer.kind === 'person';
}

/**
 * Where a letter for `customer` goes by its own columns: the preferred channel when it has an
 * address, else the other. Undefined when there is neither mail nor phone.
 */
export function contactOf(
  customer: Customer,
): { readonly channel: 'mail' | 'sms'; readonly address: string } | undefined {
  const addresses = { mail: customer.mail, sms: customer.phone };
  const order =
    customer.preferredChannel === 'sms' ? (['sms', 'mail'] as const) : (['mail', 'sms'] as const);
  for (const channel of order) {
    const address = addresses[channel];
    if (address !== undefined) return { channel, address };
  }
  return undefined;
}

/** The first channel on which `customer` can be reached; undefined when there is none at all. */
export function channelOf(customer: Customer): ContactChannel | undefined {
  return customer.reach === undefined ? contactOf(customer)?.channel : customer.reach[0];
}

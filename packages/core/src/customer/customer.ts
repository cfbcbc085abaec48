import type { CustomerId, MerchantId } from '../ids/ids.ts';

export type Locale = 'zh-CN' | 'en';
export type ContactChannel = 'mail' | 'sms';

/**
 * The payer, a person or an organisation. Never reused for somebody else, never moved to another
 * bucket.
 */
export type Customer = {
  readonly id: CustomerId;
  readonly merchantId: MerchantId;
  /** The merchant's own number for this customer; unique per merchant. */
  readonly externalReference: string;
  readonly name: string;
  readonly locale: Locale;
  readonly mail?: string;
  /** E.164 with the plus sign. */
  readonly phone?: string;
  /** Where notices go first. */
  readonly preferredChannel: ContactChannel;
  readonly createdAt: Temporal.Instant;
};

/**
 * Where a notice for `customer` goes: the preferred channel when it has an address, else the other.
 * Undefined when there is no address at all.
 */
export function contactOf(
  customer: Customer,
): { readonly channel: ContactChannel; readonly address: string } | undefined {
  const addresses = { mail: customer.mail, sms: customer.phone };
  const order: readonly ContactChannel[] =
    customer.preferredChannel === 'mail' ? ['mail', 'sms'] : ['sms', 'mail'];
  for (const channel of order) {
    const address = addresses[channel];
    if (address !== undefined) return { channel, address };
  }
  return undefined;
}

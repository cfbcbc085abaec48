import type { ContactChannel } from '../customer/contact.ts';
import type { Notice } from './notice.ts';

/** An address that was never the customer's: what was delivered there told the customer nothing. */
export type WrongAddress = { readonly channel: ContactChannel; readonly address: string };

/**
 * Whether the message went, or is just going, to the address. One that waits to be sent takes the
 * corrected address by itself; one that failed told nobody anyway.
 */
export function wentTo(notice: Notice, wrong: WrongAddress): boolean {
  return (
    notice.channel === wrong.channel &&
    notice.voidedAt === undefined &&
    (notice.state === 'sending' || notice.state === 'sent' || notice.state === 'delivered') &&
    (notice.sentTo === undefined || notice.sentTo === wrong.address)
  );
}

/** The message as one that counts for nothing; what was sent, and its receipt, are kept. */
export function voided<N extends Notice>(notice: N, now: Temporal.Instant): N {
  const rest = { ...notice, voidedAt: now };
  Reflect.deleteProperty(rest, 'followAt');
  return rest;
}

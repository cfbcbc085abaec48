import { CONTACT_CHANNELS, type Contact, type ContactChannel } from '../customer/contact.ts';
import type { Customer } from '../customer/customer.ts';

/** Where one message can go. */
export type RouteStop = { readonly channel: ContactChannel; readonly address: string };

/**
 * The ways to reach a customer, in turn: those that it put first, then by rank. Mail and phone of
 * the customer itself count as contacts, unless a contact of the same channel replaces them. What
 * is switched off or opted out of is left out.
 */
export function routeOf(customer: Customer, contacts: readonly Contact[]): readonly RouteStop[] {
  const order = customer.noticePreferences?.order ?? [];
  const place = (channel: ContactChannel): number => {
    const wanted = order.indexOf(channel);
    return wanted === -1 ? order.length : wanted;
  };
  return contactsOf(customer, contacts)
    .filter(isUsable)
    .toSorted(
      (left, right) =>
        place(left.channel) - place(right.channel) ||
        left.rank - right.rank ||
        CONTACT_CHANNELS.indexOf(left.channel) - CONTACT_CHANNELS.indexOf(right.channel),
    )
    .map(({ channel, address }) => ({ channel, address }));
}

/** Every contact of a customer, with mail and phone of its own row where nothing replaces them. */
export function contactsOf(customer: Customer, contacts: readonly Contact[]): readonly Contact[] {
  const known = new Set(contacts.map(({ channel }) => channel));
  const own = (channel: 'mail' | 'sms', address: string | undefined): readonly Contact[] => {
    if (address === undefined || known.has(channel)) return [];
    const rank = customer.preferredChannel === channel ? 0 : 1;
    const { id: customerId, merchantId, createdAt: changedAt } = customer;
    return [{ customerId, merchantId, channel, address, rank, enabled: true, changedAt }];
  };
  return [...own('mail', customer.mail), ...own('sms', customer.phone), ...contacts];
}

export function isUsable(contact: Contact): boolean {
  return contact.enabled && contact.optedOutAt === undefined;
}

/** The first stop of the route that was not tried yet. */
export function nextStop(
  route: readonly RouteStop[],
  tried: readonly ContactChannel[],
): RouteStop | undefined {
  return route.find(({ channel }) => !tried.includes(channel));
}

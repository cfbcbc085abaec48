import {
  CONTACT_CHANNELS,
  type Contact,
  type ContactChannel,
  readSealedAddress,
} from '../customer/contact.ts';
import type { Customer } from '../customer/customer.ts';
import type { NoticePreferences } from '../customer/preferences.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { type MessageRefusal, messageRefusal } from './refusals.ts';
import { contactsOf, isUsable, routeOf } from './route.ts';
import type { WrongAddress } from './wrong-address.ts';

/** What is said of one way to reach a customer; what is left out stays as it was. */
export type ContactChange = {
  readonly channel: ContactChannel;
  readonly address?: string;
  readonly rank?: number;
  readonly enabled?: boolean;
  readonly isOptedOut?: boolean;
  readonly isVerified?: boolean;
  /**
   * The address of before was never the customer's. What was delivered there counts no more for
   * debits that have not left; who merely moved on was told where it was at that time.
   */
  readonly isWrong?: boolean;
};

export type ContactDecision = {
  readonly customer: Customer;
  readonly contact: Contact;
  readonly event: NewEvent;
  /** Another address, or one that is usable again: what could not be delivered goes again. */
  readonly isNewWay: boolean;
  /** The address that is given up because it was wrong. */
  readonly wrong?: WrongAddress;
};

type Known = { readonly customer: Customer; readonly contacts: readonly Contact[] };
type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

const RANK_MOST = 99;

/**
 * Adds or corrects one way to reach a customer. Refuses an address that cannot be one of its
 * channel, switching off the last way (somebody who pays must be told before every debit), and
 * calling an address wrong that stays in use.
 */
export function decideContact(
  { customer, contacts }: Known,
  change: ContactChange,
  context: Context,
): Result<ContactDecision, MessageRefusal> {
  const all = contactsOf(customer, contacts);
  const before = all.find(({ channel }) => channel === change.channel);
  const address = (change.address ?? before?.address ?? '').trim();
  // One that no key opens any more stays as it is: it can be switched off, or replaced.
  const isKept = change.address === undefined && readSealedAddress(address) !== undefined;
  if (!isKept && !ADDRESS[change.channel].test(address)) {
    return refuse(messageRefusal('address_not_valid'));
  }
  const rank = change.rank ?? before?.rank ?? all.length;
  if (!Number.isInteger(rank) || rank < 0 || rank > RANK_MOST) {
    return refuse(messageRefusal('rank_not_valid'));
  }
  const isSameAddress = before?.address === address;
  const isLeft = before !== undefined && (!isSameAddress || change.enabled === false);
  if (change.isWrong === true && !isLeft) return refuse(messageRefusal('wrong_address_stays'));
  const verifiedAt = change.isVerified === true ? context.now : before?.verifiedAt;
  const optedOutAt = optedOut(change, before, context.now);
  const contact: Contact = {
    customerId: customer.id,
    merchantId: customer.merchantId,
    channel: change.channel,
    address,
    rank,
    enabled: change.enabled ?? before?.enabled ?? true,
    ...(optedOutAt === undefined ? {} : { optedOutAt }),
    // Who proved to read one address has proved nothing of another.
    ...(verifiedAt === undefined || !(isSameAddress || change.isVerified) ? {} : { verifiedAt }),
    changedAt: context.now,
  };
  const after = [...contacts.filter(({ channel }) => channel !== change.channel), contact];
  const route = routeOf(customer, after);
  if (route.length === 0) return refuse(messageRefusal('last_channel'));
  const wasUsable = before !== undefined && isUsable(before);
  return ok({
    customer: { ...customer, reach: route.map(({ channel }) => channel) },
    contact,
    event: contactEvent(contact, change, context),
    isNewWay: isUsable(contact) && !(wasUsable && isSameAddress),
    ...(change.isWrong === true && before !== undefined
      ? { wrong: { channel: before.channel, address: before.address } }
      : {}),
  });
}

function optedOut(
  change: ContactChange,
  before: Contact | undefined,
  now: Temporal.Instant,
): Temporal.Instant | undefined {
  if (change.isOptedOut === undefined) return before?.optedOutAt;
  return change.isOptedOut ? (before?.optedOutAt ?? now) : undefined;
}

function contactEvent(contact: Contact, change: ContactChange, context: Context): NewEvent {
  return {
    id: context.ids('evt', bucketOf(contact.customerId)),
    merchantId: contact.merchantId,
    customerId: contact.customerId,
    type: 'customer.contact_changed',
    subjectId: contact.customerId,
    at: context.now,
    data: {
      channel: contact.channel,
      enabled: contact.enabled,
      opted_out: contact.optedOutAt !== undefined,
      ...(change.isWrong === true ? { was_wrong: true } : {}),
    },
  };
}

/** What an address of each channel looks like; the providers look closer. */
const ADDRESS: Readonly<Record<ContactChannel, RegExp>> = {
  mail: /^[^\s@]{1,64}@[^\s@]{1,255}$/,
  sms: /^\+[1-9]\d{6,14}$/,
  official_account: /^[\w-]{1,128}$/,
  dingtalk: /^https:\/\/\S{1,990}$/,
  wecom: /^https:\/\/\S{1,990}$/,
  inbox: /^\S{1,200}$/,
  webhook: /^https:\/\/\S{1,990}$/,
};

/** Days of notice that a customer may ask for on top: as many as lie between draft and notice. */
export const MOST_EXTRA_DAYS = 3;

/**
 * Takes a customer's wishes. Refuses an order that names a channel twice, a zone that is none, and
 * more extra days than there are. What the law wants cannot be declined.
 */
export function decidePreferences(
  { customer, contacts }: Known,
  preferences: NoticePreferences,
): Result<Customer, MessageRefusal> {
  const { order = [], extraDays = 0, zone } = preferences;
  const isKnown = order.every((channel) => CONTACT_CHANNELS.includes(channel));
  if (!isKnown || new Set(order).size !== order.length) {
    return refuse(messageRefusal('order_not_valid'));
  }
  if (!Number.isInteger(extraDays) || extraDays < 0 || extraDays > MOST_EXTRA_DAYS) {
    return refuse(messageRefusal('extra_days_not_valid'));
  }
  if (zone !== undefined && !isZone(zone)) return refuse(messageRefusal('zone_not_valid'));
  if ((preferences.quietFrom === undefined) !== (preferences.quietUntil === undefined)) {
    return refuse(messageRefusal('quiet_hours_not_whole'));
  }
  const wanted = { ...customer, noticePreferences: preferences };
  const reach = routeOf(wanted, contacts).map(({ channel }) => channel);
  return ok(reach.length === 0 ? wanted : { ...wanted, reach });
}

function isZone(zone: string): boolean {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).timeZoneId !== '';
  } catch {
    return false;
  }
}

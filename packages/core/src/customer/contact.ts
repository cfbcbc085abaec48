import type { CustomerId, MerchantId } from '../ids/ids.ts';

/**
 * A way to reach a customer. `inbox`: the messages that we keep for the customer. `webhook`: the
 * customer's own system. `dingtalk` and `wecom` are robots in a group of an organisation.
 */
export const CONTACT_CHANNELS = [
  'mail',
  'sms',
  'official_account',
  'dingtalk',
  'wecom',
  'inbox',
  'webhook',
] as const;
export type ContactChannel = (typeof CONTACT_CHANNELS)[number];

/** One way to reach a customer; one for each channel. */
export type Contact = {
  readonly customerId: CustomerId;
  readonly merchantId: MerchantId;
  readonly channel: ContactChannel;
  /** A mail address, a phone, an open id; that of a robot or a webhook lies sealed in the books. */
  readonly address: string;
  /** Lower is tried first. */
  readonly rank: number;
  /** Switched off by the merchant or the customer. */
  readonly enabled: boolean;
  /** When the customer asked not to be told here any more. */
  readonly optedOutAt?: Temporal.Instant;
  /** When somebody proved that the customer is reached here. */
  readonly verifiedAt?: Temporal.Instant;
  readonly changedAt: Temporal.Instant;
};

/** Channels whose address is a secret: who has it can write in the group, or sign for us. */
export const SECRET_CHANNELS: ReadonlySet<ContactChannel | 'rail'> = new Set([
  'dingtalk',
  'wecom',
  'webhook',
]);

const SEALED = /^sealed:([^:]*):(\S+)$/;

/** An address for the books: what of it may be shown, and the rest as only a key can open it. */
export function sealedAddress(shown: string, sealed: string): string {
  return `sealed:${shown}:${sealed}`;
}

/** The two parts of a sealed address; undefined for one in clear. */
export function readSealedAddress(
  address: string,
): { readonly shown: string; readonly sealed: string } | undefined {
  const [, shown, sealed] = SEALED.exec(address) ?? [];
  return shown === undefined || sealed === undefined ? undefined : { shown, sealed };
}

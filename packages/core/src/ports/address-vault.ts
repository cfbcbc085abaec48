import type { Contact } from '../customer/contact.ts';

/** Whose address it is: a sealed one that is copied to another contact does not open. */
export type AddressOwner = Pick<Contact, 'customerId' | 'channel'>;

/** Seals the addresses of robots and webhooks for the books, and opens them to send. */
export type AddressVault = {
  /** The address as `sealedAddress` writes it, with what of it may be shown. */
  readonly seal: (address: string, owner: AddressOwner) => string;
  /** The address in clear; undefined where no key opens it. One that is in clear stays so. */
  readonly open: (address: string, owner: AddressOwner) => string | undefined;
};

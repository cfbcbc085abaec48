import {
  type AddressOwner,
  type Contact,
  type MessageRefusal,
  messageRefusal,
  ok,
  type Result,
  readSealedAddress,
  refuse,
  SECRET_CHANNELS,
} from '@daikou/core';
import type { Job } from '../job.ts';

/** An address as it is dialled; undefined where it is sealed and no key of ours opens it. */
export function openAddress(job: Job, address: string, owner: AddressOwner): string | undefined {
  if (readSealedAddress(address) === undefined) return address;
  return job.engine.addresses?.open(address, owner);
}

/** Contacts with their addresses in clear; what no key opens stays sealed. */
export function openContacts(job: Job, contacts: readonly Contact[]): readonly Contact[] {
  return contacts.map((one) => ({
    ...one,
    address: openAddress(job, one.address, one) ?? one.address,
  }));
}

/**
 * A contact for the books: the address of a robot or a webhook sealed, anything else as it is. An
 * address that did not change keeps its sealed form, by which sent messages name it.
 */
export function sealContact(
  job: Job,
  contact: Contact,
  before: Contact | undefined,
): Result<Contact, MessageRefusal> {
  const isSecret = SECRET_CHANNELS.has(contact.channel);
  if (!isSecret || readSealedAddress(contact.address) !== undefined) return ok(contact);
  const kept = before && readSealedAddress(before.address) !== undefined ? before : undefined;
  if (kept !== undefined && openAddress(job, kept.address, kept) === contact.address) {
    return ok({ ...contact, address: kept.address });
  }
  const vault = job.engine.addresses;
  if (vault === undefined) return refuse(messageRefusal('contact_not_sealable'));
  return ok({ ...contact, address: vault.seal(contact.address, contact) });
}

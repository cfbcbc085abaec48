import { createHash } from 'node:crypto';
import type { Table } from '../books.ts';
import type { World } from '../world.ts';

/** The merchant's account at this bank. The identifier is the one that the Bundesbank gives out for
 * tests; the account is the sample of the IBAN registry. */
export const CREDITOR = {
  name: 'Daikou Beispiel GmbH',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
  creditorId: 'DE98ZZZ09999999999',
} as const;

/** What the bank knows of one collection. Dates are ISO texts of its own zone. */
export interface Collection {
  readonly id: string;
  readonly endToEndId: string;
  readonly messageId: string;
  readonly groupId: string;
  readonly mandateId: string;
  readonly iban: string;
  readonly debtor: string;
  readonly amountMinor: number;
  readonly outcome: string;
  readonly state: 'waiting' | 'booked' | 'rejected' | 'returned';
  /** When the bank acts on it next; absent: never again. */
  readonly actsOn?: string;
  readonly bookedOn?: string;
  readonly returnedOn?: string;
  readonly reason?: string;
}

/** A credit transfer of the merchant: a refund. */
export interface Transfer {
  readonly id: string;
  readonly endToEndId: string;
  readonly messageId: string;
  readonly groupId: string;
  readonly iban: string;
  readonly amountMinor: number;
  readonly outcome: string;
  readonly state: 'waiting' | 'executed' | 'rejected' | 'returned';
  readonly actsOn?: string;
  readonly executedOn?: string;
  readonly returnedOn?: string;
  readonly reason?: string;
}

/** A message that was taken, for the check against copies. */
export interface TakenMessage {
  readonly id: string;
  readonly kind: string;
  readonly file: string;
  readonly copies: number;
  readonly refused?: string;
}

/** A file of the bank that is not in the merchant's folder yet. */
export interface HeldFile {
  readonly name: string;
  readonly text: string;
}

export interface BankState {
  /** The first day that is not closed yet. */
  readonly openDay: string;
  readonly balanceMinor: number;
  readonly files: number;
}

/** The bank's books. */
export interface BankBooks {
  readonly collections: Table<Collection>;
  readonly transfers: Table<Transfer>;
  readonly messages: Table<TakenMessage>;
  readonly held: Table<HeldFile>;
  readonly state: Table<BankState>;
  readonly collectionsActingOn: (date: string) => readonly Collection[];
  readonly transfersActingOn: (date: string) => readonly Transfer[];
  readonly collectionsBookedOn: (date: string) => readonly Collection[];
  readonly collectionsReturnedOn: (date: string) => readonly Collection[];
  readonly transfersExecutedOn: (date: string) => readonly Transfer[];
  readonly transfersReturnedOn: (date: string) => readonly Transfer[];
}

export function openBankBooks({ books }: Pick<World, 'books'>): BankBooks {
  const collections = books.table<Collection>('sepa_collections');
  const transfers = books.table<Transfer>('sepa_transfers');
  return {
    collections,
    transfers,
    messages: books.table('sepa_messages'),
    held: books.table('sepa_held'),
    state: books.table('sepa_state'),
    collectionsActingOn: collections.indexBy((one) => one.actsOn),
    transfersActingOn: transfers.indexBy((one) => one.actsOn),
    collectionsBookedOn: collections.indexBy((one) => one.bookedOn),
    collectionsReturnedOn: collections.indexBy((one) => one.returnedOn),
    transfersExecutedOn: transfers.indexBy((one) => one.executedOn),
    transfersReturnedOn: transfers.indexBy((one) => one.returnedOn),
  };
}

/** The key with which the merchant of this sandbox may seal accounts: the same at every start. */
export function vaultKeyOf(world: Pick<World, 'credentials'>): string {
  const { apiV3Key } = world.credentials.wechat;
  return createHash('sha256').update(`sepa vault of ${apiV3Key}`).digest('base64');
}

/** A number that looks like a bank's reference, from the text alone. */
export function bankReference(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(parts.join('|')).digest('hex');
  return `B${digest.slice(0, 22).toUpperCase()}`;
}

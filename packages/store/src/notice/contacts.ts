import {
  bucketOf,
  type Contact,
  type Customer,
  type CustomerId,
  fromUuid,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, rowsOfIds, wantedIds, writeRows } from '../array-write.ts';
import { fromInstant, given, orNull, toInstant } from '../columns.ts';
import { fromCustomerRow } from '../customer/rows.ts';
import type { Tables } from '../schema.generated.ts';

export async function saveContacts(db: Database, contacts: readonly Contact[]): Promise<void> {
  await writeRows(db, 'contacts', { rows: contacts.map(toContactRow), rule: 'replace' });
}

/** The contacts of these customers, by customer and rank. */
export async function loadContacts(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly Contact[]> {
  if (customers.length === 0) return [];
  const rows = await readRows(
    db,
    'contacts',
    sql`select r.* from ${rowsOfIds('contacts', 'customer_id', customers)}
         order by r.customer_id, r.rank, r.channel`,
  );
  return rows.map(fromContactRow);
}

/** Those of these customers who have wishes about their notices. */
export async function loadCustomersWithWishes(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly Customer[]> {
  if (customers.length === 0) return [];
  const rows = await readRows(
    db,
    'customers',
    sql`
    select r.* from ${wantedIds(customers)} cross join lateral (
      select * from customers one
       where one.bucket = wanted.bucket and one.id = wanted.id
         and one.notice_preferences is not null
      offset 0) as r
     order by r.id`,
  );
  return rows.map(fromCustomerRow);
}

function toContactRow(contact: Contact): NewRow<'contacts'> {
  return {
    bucket: bucketOf(contact.customerId),
    merchant_id: toUuid(contact.merchantId),
    customer_id: toUuid(contact.customerId),
    channel: contact.channel,
    address: contact.address,
    rank: contact.rank,
    enabled: contact.enabled,
    opted_out_at: orNull(contact.optedOutAt, toInstant),
    verified_at: orNull(contact.verifiedAt, toInstant),
    changed_at: toInstant(contact.changedAt),
  };
}

function fromContactRow(row: Tables['contacts']): Contact {
  return {
    customerId: fromUuid('cus', row.customer_id),
    merchantId: fromUuid('mer', row.merchant_id),
    channel: row.channel as Contact['channel'],
    address: row.address,
    rank: row.rank,
    enabled: row.enabled,
    ...given('optedOutAt', row.opted_out_at, fromInstant),
    ...given('verifiedAt', row.verified_at, fromInstant),
    changedAt: fromInstant(row.changed_at),
  };
}

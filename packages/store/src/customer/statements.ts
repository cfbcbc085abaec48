import {
  bucketOf,
  bucketOfKey,
  type Customer,
  type CustomerId,
  fromUuid,
  invariant,
  type MerchantId,
  type Page,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, insertNewRows, wantedIds } from '../array-write.ts';
import { pageOf } from '../pages.ts';
import { fromCustomerRow, toCustomerRow } from './rows.ts';

/**
 * Inserts the customers whose reference is new and returns their ids. A customer lives in the
 * bucket of merchant and reference, so that a second one with the same reference meets the first.
 */
export async function insertNewCustomers(
  db: Database,
  customers: readonly Customer[],
): Promise<ReadonlySet<CustomerId>> {
  for (const { id, merchantId, externalReference } of customers) {
    invariant(
      bucketOf(id) === bucketOfKey(merchantId, externalReference),
      'a customer id carries bucketOfKey(merchantId, externalReference)',
    );
  }
  const inserted = await insertNewRows(db, 'customers', customers.map(toCustomerRow));
  return new Set(inserted.map((id) => fromUuid('cus', id)));
}

export async function loadCustomers(
  db: Database,
  ids: readonly CustomerId[],
): Promise<readonly Customer[]> {
  const rows = await readRows(
    db,
    'customers',
    sql`
    select c.* from customers c join ${wantedIds(ids)} using (bucket, id)
     order by c.id`,
  );
  return rows.map(fromCustomerRow);
}

export async function findCustomerByReference(
  db: Database,
  key: { readonly merchant: MerchantId; readonly reference: string },
): Promise<Customer | undefined> {
  const rows = await readRows(
    db,
    'customers',
    sql`
    select * from customers
     where bucket = ${bucketOfKey(key.merchant, key.reference)}
       and external_reference = ${key.reference}`,
  );
  return rows.map(fromCustomerRow).at(0);
}

export async function listCustomers(
  db: Database,
  page: Page & { readonly externalReference?: string },
): Promise<readonly Customer[]> {
  const byReference =
    page.externalReference === undefined
      ? sql`true`
      : sql`external_reference = ${page.externalReference}`;
  const rows = await readRows(
    db,
    'customers',
    sql`
    select * from customers where ${byReference} and ${pageOf(page)}`,
  );
  return rows.map(fromCustomerRow);
}

import {
  bucketOf,
  bucketOfKey,
  type Customer,
  type CustomerId,
  fromUuid,
  invariant,
  type MerchantId,
  type Page,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import {
  arrayLiteral,
  type Database,
  insertNewRows,
  wantedIds,
  writeRows,
} from '../array-write.ts';
import { pageOf } from '../pages.ts';
import { fromCustomerRow, toCustomerRow } from './rows.ts';

/**
 * Inserts the customers whose reference is new and returns their ids. Who pays lives in the bucket
 * of merchant and reference, so that a second one with the same reference meets the first; a
 * department or member lives in its payer's bucket and meets its twin there.
 */
export async function insertNewCustomers(
  db: Database,
  customers: readonly Customer[],
): Promise<ReadonlySet<CustomerId>> {
  for (const customer of customers) {
    invariant(
      bucketOf(customer.id) === homeOf(customer),
      'a customer id carries the bucket of its payer, or bucketOfKey(merchantId, reference)',
    );
  }
  const inserted = await insertNewRows(db, 'customers', customers.map(toCustomerRow));
  return new Set(inserted.map((id) => fromUuid('cus', id)));
}

function homeOf({ merchantId, payerId, externalReference }: Customer): number {
  return payerId === undefined ? bucketOfKey(merchantId, externalReference) : bucketOf(payerId);
}

/** Writes known customers whole; the number of their last event stays as it is. */
export async function saveCustomers(db: Database, customers: readonly Customer[]): Promise<void> {
  await writeRows(db, 'customers', { rows: customers.map(toCustomerRow), rule: 'replace' });
}

/** Locked until the commit, in the order of their ids. */
export async function lockCustomers(
  db: Database,
  ids: readonly CustomerId[],
): Promise<readonly Customer[]> {
  const rows = await readRows(
    db,
    'customers',
    sql`
    select c.* from customers c join ${wantedIds(ids)} using (bucket, id)
     order by c.id for no key update of c`,
  );
  return rows.map(fromCustomerRow);
}

/** The departments and members of a payer, oldest first. */
export async function listChildren(
  db: Database,
  payer: CustomerId,
  page: Page,
): Promise<readonly Customer[]> {
  const rows = await readRows(
    db,
    'customers',
    sql`
    select * from customers
     where bucket = ${bucketOf(payer)} and payer_id = ${toUuid(payer)} and ${pageOf(page)}`,
  );
  return rows.map(fromCustomerRow);
}

/** Those of a payer's departments and members that have one of these references. */
export async function findChildren(
  db: Database,
  payer: CustomerId,
  references: readonly string[],
): Promise<readonly Customer[]> {
  const rows = await readRows(
    db,
    'customers',
    sql`
    select * from customers
     where bucket = ${bucketOf(payer)} and payer_id = ${toUuid(payer)}
       and external_reference = any(${arrayLiteral('text', references)}::text[])
     order by id`,
  );
  return rows.map(fromCustomerRow);
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

/** Those of these customers who want one invoice for everything that falls due on a day. */
export async function loadConsolidatingCustomers(
  db: Database,
  ids: readonly CustomerId[],
): Promise<readonly Customer[]> {
  const rows = await readRows(
    db,
    'customers',
    sql`
    select r.* from ${wantedIds(ids)} cross join lateral (
      select * from customers one
       where one.bucket = wanted.bucket and one.id = wanted.id and one.consolidated_billing
      offset 0) as r
     order by r.id`,
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
       and external_reference = ${key.reference} and payer_id is null`,
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

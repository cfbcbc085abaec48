import {
  type BucketRange,
  type CustomerId,
  type Mandate,
  type MandateId,
  type MandateState,
  type Page,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds, writeRows } from '../array-write.ts';
import { inState, limitOf, ofCustomer, pageOf } from '../pages.ts';
import { fromMandateRow, toMandateRow } from './rows.ts';

export async function saveMandates(db: Database, mandates: readonly Mandate[]): Promise<void> {
  await writeRows(db, 'mandates', { rows: mandates.map(toMandateRow), rule: 'replace' });
}

/** Mandates of these buckets in one state, after a cursor: to walk through all of them. */
export async function loadMandates(
  db: Database,
  query: {
    readonly buckets: BucketRange;
    readonly state: MandateState;
    readonly after?: MandateId;
    readonly limit: number;
  },
): Promise<readonly Mandate[]> {
  const after = query.after === undefined ? sql`true` : sql`id > ${toUuid(query.after)}`;
  const rows = await readRows(
    db,
    'mandates',
    sql`
    select * from mandates
     where bucket >= ${query.buckets.from} and bucket < ${query.buckets.until}
       and state = ${query.state} and ${after}
     order by id limit ${limitOf(query.limit)}`,
  );
  return rows.map(fromMandateRow);
}

export async function loadActiveMandatesOf(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly Mandate[]> {
  const rows = await readRows(
    db,
    'mandates',
    sql`
    select m.* from mandates m
      join ${wantedIds(customers)} on wanted.bucket = m.bucket and wanted.id = m.customer_id
     where m.state = 'active' order by m.id`,
  );
  return rows.map(fromMandateRow);
}

/** Every mandate of these customers, whatever became of it. */
export async function loadMandatesOf(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly Mandate[]> {
  if (customers.length === 0) return [];
  const rows = await readRows(
    db,
    'mandates',
    sql`
    select m.* from mandates m
      join ${wantedIds(customers)} on wanted.bucket = m.bucket and wanted.id = m.customer_id
     order by m.id`,
  );
  return rows.map(fromMandateRow);
}

/** Mandates by id, which nobody can end before this is committed. */
export async function shareMandates(
  db: Database,
  ids: readonly MandateId[],
): Promise<readonly Mandate[]> {
  const rows = await readRows(
    db,
    'mandates',
    sql`
    select m.* from mandates m join ${wantedIds(ids)} using (bucket, id)
     order by m.id for share of m`,
  );
  return rows.map(fromMandateRow);
}

/** Mandates by id, regardless of locks. */
export async function loadMandatesById(
  db: Database,
  ids: readonly MandateId[],
): Promise<readonly Mandate[]> {
  const rows = await readRows(
    db,
    'mandates',
    sql`
    select m.* from mandates m join ${wantedIds(ids)} using (bucket, id)
     order by m.id`,
  );
  return rows.map(fromMandateRow);
}

/** Waits for the rows and locks them in the order of their ids, so that two callers never cross. */
export async function lockMandates(
  db: Database,
  ids: readonly MandateId[],
): Promise<readonly Mandate[]> {
  const rows = await readRows(
    db,
    'mandates',
    sql`
    select m.* from mandates m join ${wantedIds(ids)} using (bucket, id)
     order by m.id for update of m`,
  );
  return rows.map(fromMandateRow);
}

export async function listMandates(
  db: Database,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly Mandate[]> {
  const rows = await readRows(
    db,
    'mandates',
    sql`
    select * from mandates
     where ${ofCustomer(page.customerId)} and ${inState(page.state)}
       and ${pageOf(page)}`,
  );
  return rows.map(fromMandateRow);
}

import {
  type Arrears,
  type BucketRange,
  type Claim,
  type CustomerId,
  fromUuid,
  type Page,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds, writeRows } from '../array-write.ts';
import { toDate, toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import { fromArrearsRow, toArrearsRow } from './rows.ts';

/** Due on every clock: what changed is looked at by the next look, whenever it comes. */
export const LOOK_NOW = sql`timestamptz '1970-01-01 00:00:00+00'`;

export async function saveArrears(db: Database, arrears: readonly Arrears[]): Promise<void> {
  await writeRows(db, 'arrears_states', { rows: arrears.map(toArrearsRow), rule: 'replace' });
}

/**
 * Makes a due row for customers with an open invoice whose due date is before `before` and whom
 * nobody watches; returns how many.
 */
export async function watchOverdue(
  db: Database,
  query: {
    readonly buckets: BucketRange;
    readonly before: Temporal.PlainDate;
    readonly limit: number;
  },
): Promise<number> {
  const { buckets, before } = query;
  const { rows } = await sql<{ watched: number }>`
    with added as (
      insert into arrears_states as kept (bucket, merchant_id, customer_id, state, since,
                                          changed_at, unpaid_invoices, unpaid, next_look_at)
      select distinct i.bucket, i.merchant_id, i.customer_id, 'clear', ${toDate(before)}::date,
             ${LOOK_NOW}, 0, '[]'::jsonb, ${LOOK_NOW}
        from invoices i
       where i.bucket >= ${buckets.from} and i.bucket < ${buckets.until}
         and i.due_date < ${toDate(before)} and ${isUnwatched('i')}
       limit ${limitOf(query.limit)}
      on conflict (bucket, merchant_id, customer_id) do update set next_look_at = ${LOOK_NOW}
        where kept.next_look_at is null
      returning 1)
    select count(*)::int as watched from added`.execute(db);
  return rows[0]?.watched ?? 0;
}

/**
 * Due rows, earliest first; locked, skipping locked ones. Debits that could be sent are locked
 * before: whoever submits holds them first, so that both take their locks in one order.
 */
export async function claimArrearsToLook(db: Database, claim: Claim): Promise<readonly Arrears[]> {
  const due = sql`next_look_at <= ${toInstant(claim.dueBy)}`;
  const { rows } = await sql<{ customer_id: string }>`
    select customer_id from arrears_states
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until} and ${due}
     order by next_look_at, customer_id limit ${limitOf(claim.limit)}`.execute(db);
  if (rows.length === 0) return [];
  const ids = rows.map((row) => fromUuid('cus', row.customer_id));
  await sql`
    select d.id from debits d
      join ${wantedIds(ids)} on wanted.bucket = d.bucket and wanted.id = d.customer_id
     where d.state in ('scheduled', 'in_flight') order by d.id for update of d`.execute(db);
  const claimed = await readRows(
    db,
    'arrears_states',
    sql`
    select a.* from arrears_states a
      join ${wantedIds(ids)} on wanted.bucket = a.bucket and wanted.id = a.customer_id
     where a.next_look_at <= ${toInstant(claim.dueBy)}
     order by a.next_look_at, a.customer_id for update of a skip locked`,
  );
  return claimed.map(fromArrearsRow);
}

export async function loadArrears(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly Arrears[]> {
  const rows = await readRows(
    db,
    'arrears_states',
    sql`
    select a.* from arrears_states a
      join ${wantedIds(customers)} on wanted.bucket = a.bucket and wanted.id = a.customer_id
     order by a.customer_id`,
  );
  return rows.map(fromArrearsRow);
}

export async function listArrears(
  db: Database,
  page: Page & { readonly state?: string },
): Promise<readonly Arrears[]> {
  const after =
    page.after === undefined ? sql`true` : sql`customer_id > ${toUuid(cursorOf(page.after))}`;
  const state = page.state === undefined ? sql`state <> 'clear'` : sql`state = ${page.state}`;
  const rows = await readRows(
    db,
    'arrears_states',
    sql`
    select * from arrears_states where ${state} and ${after}
     order by customer_id limit ${limitOf(page.limit)}`,
  );
  return rows.map(fromArrearsRow);
}

function cursorOf(after: string): CustomerId {
  return after as CustomerId;
}

/** Makes the look at these customers due at once, where they are watched. */
export async function lookAtArrearsNow(
  db: Database,
  customers: readonly CustomerId[],
): Promise<void> {
  await sql`
    update arrears_states a set next_look_at = ${LOOK_NOW}
      from ${wantedIds(customers)}
     where a.bucket = wanted.bucket and a.customer_id = wanted.id
       and a.next_look_at is not null`.execute(db);
}

/** The condition of open invoices (by their own name) of customers whom nobody watches yet. */
export function isUnwatched(name: 'i' | 'invoices'): RawBuilder<unknown> {
  const i = sql.raw(name);
  return sql`
    ${i}.state = 'open' and not exists (
      select from arrears_states a
       where a.bucket = ${i}.bucket and a.merchant_id = ${i}.merchant_id
         and a.customer_id = ${i}.customer_id and a.next_look_at is not null)`;
}

import {
  type Break,
  type BreakId,
  BY_RECONCILIATION,
  fromUuid,
  type RailBillId,
  type RailDate,
  type ReconciliationTx,
  toUuid,
  type Unresolved,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, insertNewRows, writeRows } from '../array-write.ts';
import { toDate } from '../columns.ts';
import { limitOf, pageOf } from '../pages.ts';
import { bucketOfOrderNumber, fromBreakRow, toBreakRow } from './rows.ts';

type Query<K extends keyof ReconciliationTx> = Parameters<ReconciliationTx[K]>[0];

/** Adds breaks; one of the same bill, class and number stays as it is. Returns what was added. */
export async function addBreaks(
  db: Database,
  breaks: readonly Break[],
): Promise<ReadonlySet<BreakId>> {
  const added = await insertNewRows(db, 'breaks', breaks.map(toBreakRow));
  return new Set(added.map((id) => fromUuid('brk', id)));
}

/** Writes breaks that are there, whole. */
export async function saveBreaks(db: Database, breaks: readonly Break[]): Promise<void> {
  await writeRows(db, 'breaks', { rows: breaks.map(toBreakRow), rule: 'replace' });
}

export async function lockBreak(db: Database, id: BreakId): Promise<Break | undefined> {
  const rows = await readRows(
    db,
    'breaks',
    sql`
    select * from breaks where id = ${toUuid(id)} for update`,
  );
  return rows.map(fromBreakRow).at(0);
}

/** Breaks of these orders: of one bill, or of all what files did not end; held until the commit. */
export async function lockBreaksOfOrders(
  db: Database,
  { rail, orderNumbers, bill }: Query<'lockBreaksOfOrders'>,
): Promise<readonly Break[]> {
  if (orderNumbers.length === 0) return [];
  const buckets = arrayLiteral('smallint', orderNumbers.map(bucketOfOrderNumber));
  const numbers = arrayLiteral('text', orderNumbers);
  const which =
    bill === undefined
      ? sql`k.resolved_by is distinct from ${BY_RECONCILIATION}`
      : sql`k.bill_id = ${toUuid(bill)}`;
  return await read(
    db,
    sql`
    select * from breaks where (bucket, id) in (
      select f.bucket, f.id
        from unnest(${buckets}::smallint[], ${numbers}::text[]) as wanted (bucket, number)
       cross join lateral (
         select k.bucket, k.id from breaks k
          where k.bucket = wanted.bucket and k.order_number = wanted.number and k.rail = ${rail}
            and ${which}
         offset 0) as f)
     order by id for update`,
  );
}

/** Differences between a day's account statement and its bill, in any state. */
export async function lockStatementBreaks(db: Database, day: RailDate): Promise<readonly Break[]> {
  return await read(
    db,
    sql`
    select * from breaks
     where rail = ${day.rail} and business_date = ${toDate(day.businessDate)} and bill_id is null
     order by id for update`,
  );
}

export async function lockBreaksOfBill(
  db: Database,
  query: Query<'lockBreaksOfBill'>,
): Promise<readonly Break[]> {
  const which =
    query.which === 'unresolved'
      ? sql`state <> 'resolved'`
      : sql`state = 'resolved' and resolved_by <> ${BY_RECONCILIATION}`;
  return await read(
    db,
    sql`
    select * from breaks where bill_id = ${toUuid(query.bill)} and ${which}
     order by id limit ${limitOf(query.limit)} for update`,
  );
}

export async function lockUnresolvedBreaks(
  db: Database,
  { rail, state, until, after, limit }: Query<'lockUnresolvedBreaks'>,
): Promise<readonly Break[]> {
  const page = after === undefined ? sql`true` : sql`id > ${toUuid(after)}`;
  return await read(
    db,
    sql`
    select * from breaks
     where rail = ${rail} and state = ${state} and state <> 'resolved'
       and business_date <= ${toDate(until)} and ${page}
     order by id limit ${limitOf(limit)} for update`,
  );
}

export async function listBreaks(
  db: Database,
  query: Query<'listBreaks'>,
): Promise<readonly Break[]> {
  const conditions = [
    query.rail === undefined ? sql`true` : sql`rail = ${query.rail}`,
    query.businessDate === undefined
      ? sql`true`
      : sql`business_date = ${toDate(query.businessDate)}`,
    query.state === undefined ? sql`true` : sql`state = ${query.state}`,
    query.isUnresolved === true ? sql`state <> 'resolved'` : sql`true`,
    query.class === undefined ? sql`true` : sql`class = ${query.class}`,
    query.owner === undefined ? sql`true` : sql`owner = ${query.owner}`,
  ];
  const { after, limit } = query;
  return await read(
    db,
    sql`
    select * from breaks where ${sql.join(conditions, sql` and `)}
       and ${pageOf({ limit, ...(after === undefined ? {} : { after }) })}`,
  );
}

export async function countBreaksOfBill(db: Database, bill: RailBillId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from breaks where bill_id = ${toUuid(bill)}`.execute(db);
  return rows[0]?.count ?? 0;
}

export async function countUnresolved(db: Database, day: RailDate): Promise<Unresolved> {
  const { rows } = await sql<Unresolved>`
    select count(*) filter (where state = 'pooled')::int as pooled,
           count(*) filter (where state = 'open')::int as open,
           count(*) filter (where state = 'open' and owner = '')::int as unassigned
      from breaks
     where rail = ${day.rail} and business_date = ${toDate(day.businessDate)}
       and state <> 'resolved'`.execute(db);
  return rows[0] ?? { pooled: 0, open: 0, unassigned: 0 };
}

async function read(db: Database, query: RawBuilder<unknown>): Promise<readonly Break[]> {
  return (await readRows(db, 'breaks', query)).map(fromBreakRow);
}

import {
  type Break,
  fromUuid,
  type Naming,
  type RailBillLine,
  type ReconciliationTx,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database } from '../array-write.ts';
import { fromDate, toDate } from '../columns.ts';
import { bucketOfOrderNumber, fromBreakRow, fromLineRow } from './rows.ts';

type Query<K extends keyof ReconciliationTx> = Parameters<ReconciliationTx[K]>[0];

/** Where the bills of the rail that count name these numbers. */
export async function findNamings(
  db: Database,
  { rail, kind, numbers }: Query<'findNamings'>,
): Promise<readonly Naming[]> {
  if (numbers.length === 0) return [];
  const wanted = arrayLiteral('text', numbers);
  const buckets = arrayLiteral('smallint', numbers.map(bucketOfOrderNumber));
  const named =
    kind === 'refund'
      ? sql`l.refund_number = wanted.number and l.refund_number is not null`
      : sql`l.bucket = wanted.bucket and l.order_number = wanted.number and l.kind = 'payment'`;
  const { rows } = await sql<{
    number: string;
    id: string;
    business_date: string;
    is_duplicate: boolean;
  }>`
    select distinct wanted.number, b.id, b.business_date::text as business_date,
           exists (
             select from breaks k
              where k.bucket = l.bucket and k.merchant_id = l.merchant_id and k.bill_id = b.id
                and k.class = 'duplicate' and k.order_number = l.order_number
                and k.refund_number is not distinct from l.refund_number
                and abs(k.difference_minor) = k.rail_minor
                and k.resolution is distinct from 'superseded') as is_duplicate
      from unnest(${wanted}::text[], ${buckets}::smallint[]) as wanted (number, bucket)
     cross join lateral (
       select l.bill_id, l.bucket, l.merchant_id, l.order_number, l.refund_number
         from rail_bill_lines l where ${named} offset 0) as l
      join rail_bills b on b.id = l.bill_id
     where b.state = 'matched' and b.rail = ${rail}`.execute(db);
  return rows.map((row) => ({
    number: row.number,
    bill: fromUuid('bil', row.id),
    businessDate: fromDate(row.business_date),
    isDuplicate: row.is_duplicate,
  }));
}

/** First lines of the bill whose number has such a break beside it. */
export async function findLinesBeside(
  db: Database,
  query: Query<'findLinesBeside'>,
): Promise<readonly RailBillLine[]> {
  const rows = await readRows(
    db,
    'rail_bill_lines',
    sql`
    select distinct on (l.line_number) l.*
      from (${breaksBeside(query)}) as k
     cross join lateral (${firstLine(query)}) as l
     order by l.line_number`,
  );
  return rows.map(fromLineRow);
}

/** Those breaks, in the order of their dates. */
export async function lockBreaksBeside(
  db: Database,
  query: Query<'lockBreaksBeside'>,
): Promise<readonly Break[]> {
  const rows = await readRows(
    db,
    'breaks',
    sql`
    select * from breaks where (bucket, id) in (
      select k.bucket, k.id from (${breaksBeside(query)}) as k
       where exists (${firstLine(query)}))
     order by business_date, id for update`,
  );
  return rows.map(fromBreakRow);
}

function breaksBeside({ bill, nearDays }: Query<'findLinesBeside'>): RawBuilder<unknown> {
  return sql`
    select * from breaks
     where rail = ${bill.rail}
       and business_date between ${toDate(bill.businessDate.subtract({ days: nearDays }))}
                             and ${toDate(bill.businessDate.add({ days: nearDays }))}
       and ((class in ('cut_off', 'duplicate') and resolution is distinct from 'superseded')
         or (bill_id = ${toUuid(bill.id)} and class in ('duplicate', 'amount_mismatch',
                                                        'state_mismatch')))`;
}

function firstLine({ bill }: Query<'findLinesBeside'>): RawBuilder<unknown> {
  return sql`
    select l.* from rail_bill_lines l
     where l.bucket = k.bucket and l.merchant_id = k.merchant_id
       and l.bill_id = ${toUuid(bill.id)} and l.order_number = k.order_number
       and l.refund_number is not distinct from k.refund_number
     order by l.line_number limit 1`;
}

import {
  CHINA_CHART,
  clearingAccountOf,
  fromUuid,
  type MissingMoney,
  type RailBill,
  type ReconciliationTx,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { arrayLiteral, type Database } from '../array-write.ts';
import { fromAmount, toDate } from '../columns.ts';
import { limitOf } from '../pages.ts';
import { paidBeside } from './booked.ts';

type Query<K extends keyof ReconciliationTx> = Parameters<ReconciliationTx[K]>[0];

/** Money in and out on the bill's date that neither it nor a bill beside it names. */
export async function findMissingMoney(
  db: Database,
  query: Query<'findMissingMoney'>,
): Promise<readonly MissingMoney[]> {
  const bills = await findBillsBeside(db, query);
  const missing: MissingMoney[] = [];
  for (const find of [
    findMissingPayments,
    findMissingRefunds,
    findMissingReturns,
    findMissingPayLinks,
    findMissingParked,
  ]) {
    missing.push(...(await find(db, query, bills)));
    if (missing.length >= query.limit) break;
  }
  return missing;
}

/** The bill itself and those within a few days of it that count, as an array of ids. */
async function findBillsBeside(db: Database, query: Query<'findMissingMoney'>): Promise<string> {
  const { bill, near } = query;
  const { rows } = await sql<{ id: string }>`
    select id from rail_bills
     where rail = ${bill.rail} and state = 'matched'
       and business_date between ${toDate(near.from)}
                             and ${toDate(near.until)}
       and business_date <> ${toDate(bill.businessDate)}`.execute(db);
  return arrayLiteral('uuid', [toUuid(bill.id), ...rows.map(({ id }) => id)]);
}

type MissingRow = {
  readonly number: string;
  readonly minor: string;
  readonly currency: string;
  readonly refund_number: string | null;
  readonly attempt_id: string | null;
};

async function findMissingPayments(
  db: Database,
  { bill, buckets, limit }: Query<'findMissingMoney'>,
  bills: string,
): Promise<readonly MissingMoney[]> {
  const { rows } = await sql<MissingRow>`
    select a.order_number as number, p.amount_minor::text as minor, p.currency,
           null as refund_number, p.attempt_id
      from (select * from payments
             where rail = ${bill.rail} and business_date = ${toDate(bill.businessDate)}
               and bucket >= ${buckets.from} and bucket < ${buckets.until}) as p
     cross join lateral (
       select a.order_number from attempts a
        where a.bucket = p.bucket and a.merchant_id = p.merchant_id and a.id = p.attempt_id
       offset 0) as a
      left join lateral (
        select true as is_named from rail_bill_lines l
         where l.bucket = p.bucket and l.merchant_id = p.merchant_id
           and l.order_number = a.order_number and l.kind = 'payment'
           and l.bill_id = any(${bills}::uuid[])
         limit 1) as l on true
     where l.is_named is null
       and not exists (
         select from breaks k
          where k.bucket = p.bucket and k.merchant_id = p.merchant_id
            and k.order_number = a.order_number and k.class in ('shortage', 'cut_off')
            and k.bill_id = ${toUuid(bill.id)} and k.refund_number is null)
     limit ${limitOf(limit)}`.execute(db);
  return rows.map((row) => toMissing('payment', row));
}

async function findMissingRefunds(
  db: Database,
  { bill, buckets, limit, zone }: Query<'findMissingMoney'>,
  bills: string,
): Promise<readonly MissingMoney[]> {
  const { rows } = await sql<MissingRow>`
    select r.order_number as number, (r.amount_minor + coalesce(d.minor, 0))::text as minor,
           r.currency, r.refund_number, r.attempt_id
      from refunds r
      left join lateral (${paidBeside}) as d on true
     where r.rail = ${bill.rail} and r.route = 'original' and r.state = 'succeeded'
       and r.bucket >= ${buckets.from} and r.bucket < ${buckets.until}
       and (r.refunded_at at time zone ${zone})::date = ${toDate(bill.businessDate)}
       and not exists (
         select from rail_bill_lines l
          where l.merchant_id = r.merchant_id and l.refund_number = r.refund_number
            and l.bill_id = any(${bills}::uuid[]))
       and not exists (
         select from breaks k
          where k.merchant_id = r.merchant_id and k.bill_id = ${toUuid(bill.id)}
            and k.refund_number = r.refund_number)
     limit ${limitOf(limit)}`.execute(db);
  return rows.map((row) => toMissing('refund', row));
}

/** Returns by the bank: the bank's number names them, on bills and on breaks. */
async function findMissingReturns(
  db: Database,
  { bill, buckets, limit, zone }: Query<'findMissingMoney'>,
  bills: string,
): Promise<readonly MissingMoney[]> {
  const { rows } = await sql<MissingRow>`
    select a.order_number as number, r.amount_minor::text as minor, r.currency,
           r.rail_reference as refund_number, a.id as attempt_id
      from payment_returns r
      join payments p on p.bucket = r.bucket and p.merchant_id = r.merchant_id
                     and p.id = r.payment_id
      join attempts a on a.bucket = p.bucket and a.merchant_id = p.merchant_id
                     and a.id = p.attempt_id
     where r.rail = ${bill.rail} and r.bucket >= ${buckets.from} and r.bucket < ${buckets.until}
       and (r.returned_at at time zone ${zone})::date = ${toDate(bill.businessDate)}
       and ${isUnnamedRefund({ bill, bills }, 'r.rail_reference')}
     limit ${limitOf(limit)}`.execute(db);
  return rows.map((row) => toMissing('refund', row));
}

async function findMissingPayLinks(
  db: Database,
  { bill, buckets, limit }: Query<'findMissingMoney'>,
  bills: string,
): Promise<readonly MissingMoney[]> {
  const { rows } = await sql<MissingRow>`
    select l.order_number as number, p.amount_minor::text as minor, p.currency,
           null as refund_number, null as attempt_id
      from hand_payments p
      join pay_links l on l.bucket = p.bucket and l.merchant_id = p.merchant_id
                      and l.id = p.pay_link_id
     where p.rail = ${bill.rail} and p.state = 'booked'
       and p.business_date = ${toDate(bill.businessDate)}
       and p.bucket >= ${buckets.from} and p.bucket < ${buckets.until}
       and ${isUnnamedOrder({ bill, bills }, 'l')}
     limit ${limitOf(limit)}`.execute(db);
  return rows.map((row) => toMissing('payment', row));
}

/** Money that an exception took into the clearing account, or out of it. */
async function findMissingParked(
  db: Database,
  { bill, buckets, limit, zone }: Query<'findMissingMoney'>,
  bills: string,
): Promise<readonly MissingMoney[]> {
  if (!Object.hasOwn(CHINA_CHART.railClearing, bill.rail)) return [];
  const about = { bill, bills };
  const { rows } = await sql<MissingRow & { readonly is_in: boolean }>`
    select e.named as number, abs(e.minor)::text as minor, e.currency, e.attempt_id,
           e.minor > 0 as is_in, e.refund_number
      from (
        select x.*, n.minor,
               -- What was sent back stands on the bill under the number of its refund.
               case x.kind when 'refund_sent_back' then x.rail_reference
                           else x.order_number end as named,
               case when n.minor > 0 then null
                    when x.kind = 'refund_unexpected' then x.detail
                    else x.rail_reference end as refund_number
          from money_exceptions x
          join journals j on j.bucket = x.bucket and j.merchant_id = x.merchant_id
                         and j.source_id = x.id and j.template = 'exception_opened'
          join entries n on n.bucket = j.bucket and n.merchant_id = j.merchant_id
                        and n.journal_id = j.id
         where x.rail = ${bill.rail} and x.bucket >= ${buckets.from} and x.bucket < ${buckets.until}
           and (x.happened_at at time zone ${zone})::date = ${toDate(bill.businessDate)}
           and n.account = ${clearingAccountOf(CHINA_CHART, bill.rail)}
           -- Differences of a refund are looked for with it.
           and x.kind not in ('refund_short', 'refund_excess')
           -- A return whose payment has come stands among the returns.
           and not exists (
             select from payment_returns r
              where r.bucket = x.bucket and r.merchant_id = x.merchant_id and r.rail = x.rail
                and r.rail_reference = x.rail_reference)) as e
     where case when e.minor > 0 then ${isUnnamedOrder(about, 'e')}
                else ${isUnnamedRefund(about, 'e.refund_number')} end
     limit ${limitOf(limit)}`.execute(db);
  return rows.map((row) => toMissing(row.is_in ? 'payment' : 'refund', row));
}

type Unnamed = { readonly bill: RailBill; readonly bills: string };

/** No line of these bills names the order's payment, and no shortage of the bill tells it. */
function isUnnamedOrder({ bill, bills }: Unnamed, row: 'l' | 'e'): RawBuilder<boolean> {
  const number = sql.ref(row === 'e' ? 'e.named' : 'l.order_number');
  const bucket = sql.ref(`${row}.bucket`);
  return sql`(not exists (
         select from rail_bill_lines b
          where b.bucket = ${bucket} and b.order_number = ${number} and b.kind = 'payment'
            and b.bill_id = any(${bills}::uuid[]))
       and not exists (
         select from breaks k
          where k.bucket = ${bucket} and k.order_number = ${number}
            and k.class in ('shortage', 'cut_off') and k.bill_id = ${toUuid(bill.id)}
            and k.refund_number is null))`;
}

/** The same of money that left, by its number. */
function isUnnamedRefund({ bill, bills }: Unnamed, column: string): RawBuilder<boolean> {
  const number = sql.ref(column);
  return sql`(not exists (
         select from rail_bill_lines b
          where b.refund_number = ${number} and b.bill_id = any(${bills}::uuid[]))
       and not exists (
         select from breaks k
          where k.bill_id = ${toUuid(bill.id)} and k.refund_number = ${number}))`;
}

function toMissing(kind: MissingMoney['kind'], row: MissingRow): MissingMoney {
  return {
    kind,
    orderNumber: row.number,
    ...(row.refund_number === null ? {} : { refundNumber: row.refund_number }),
    ...(row.attempt_id === null ? {} : { attemptId: fromUuid('att', row.attempt_id) }),
    amount: fromAmount(BigInt(row.minor), row.currency),
  };
}

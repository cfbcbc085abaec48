import {
  type Booked,
  type BookedAt,
  bucketOf,
  CHINA_CHART,
  clearingAccountOf,
  type Money,
  parseOrderNumber,
  parsePayLinkNumber,
  parseRefundNumber,
  type RefundName,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { arrayLiteral, type Database } from '../array-write.ts';
import { fromAmount, fromDate } from '../columns.ts';
import { findAttemptsByOrderNumber } from '../debit/attempts.ts';

/**
 * What the clearing account holds for each of these orders: its payment, and the money of it that
 * an exception parked. Numbers that are none of ours are absent.
 */
export async function findBookedOrders(
  db: Database,
  at: BookedAt,
  orderNumbers: readonly string[],
): Promise<ReadonlyMap<string, Booked>> {
  const found = await findAttemptsByOrderNumber(db, orderNumbers);
  const parked = await findParkedMoney(db, at, orderNumbers);
  const booked = new Map<string, Booked>();
  for (const { attempt, payment } of found) {
    if (attempt.rail !== at.rail) continue;
    const extra = parked.get(attempt.orderNumber);
    const amounts = [payment?.amount, extra?.amount].filter((one) => one !== undefined);
    const date = payment?.businessDate ?? extra?.businessDate;
    const amount = amounts.reduce<Money | undefined>(
      (total, one) => ({ minor: (total?.minor ?? 0n) + one.minor, currency: one.currency }),
      undefined,
    );
    booked.set(attempt.orderNumber, {
      attempt,
      asked: attempt.amount,
      ...(amount && date ? { amount, businessDate: date } : {}),
    });
  }
  for (const [number, link] of await findPayLinks(db, at, orderNumbers)) booked.set(number, link);
  for (const [number, back] of await findSentBack(db, at, orderNumbers)) booked.set(number, back);
  return booked;
}

/** What came through pay links of these numbers. */
async function findPayLinks(
  db: Database,
  at: BookedAt,
  orderNumbers: readonly string[],
): Promise<ReadonlyMap<string, Booked>> {
  const links = orderNumbers.flatMap((number) => {
    const id = parsePayLinkNumber(number);
    return id === undefined ? [] : [{ number, bucket: bucketOf(id) }];
  });
  if (links.length === 0) return new Map();
  const { rows } = await sql<{
    number: string;
    currency: string;
    asked: string;
    minor: string | null;
    business_date: string | null;
  }>`
    select l.order_number as number, l.currency, l.amount_minor::text as asked,
           sum(p.amount_minor)::text as minor, min(p.business_date)::text as business_date
      from ${wantedNumbers(links)}
      join pay_links l on l.bucket = wanted.bucket and l.order_number = wanted.number
                      and l.rail = ${at.rail}
      left join hand_payments p
        on p.bucket = l.bucket and p.merchant_id = l.merchant_id and p.customer_id = l.customer_id
       and p.pay_link_id = l.id and p.state = 'booked'
     group by l.order_number, l.currency, l.amount_minor`.execute(db);
  return new Map(rows.map((row) => [row.number, toBooked(row)]));
}

/** What was asked for, and what of it came, where anything did. */
function toBooked(row: {
  readonly currency: string;
  readonly asked: string;
  readonly minor: string | null;
  readonly business_date: string | null;
}): Booked {
  const { currency, asked, minor, business_date: date } = row;
  const done =
    minor === null || date === null
      ? {}
      : { amount: fromAmount(BigInt(minor), currency), businessDate: fromDate(date) };
  return { asked: fromAmount(BigInt(asked), currency), ...done };
}

/** What payers' banks sent back of refunds of ours, by the refunds' numbers: money that came in. */
async function findSentBack(
  db: Database,
  at: BookedAt,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, Booked>> {
  const wanted = numbers.flatMap((number) => {
    const id = parseRefundNumber(number);
    return id === undefined ? [] : [{ number, bucket: bucketOf(id) }];
  });
  if (wanted.length === 0) return new Map();
  const { rows } = await sql<{
    number: string;
    currency: string;
    asked: string;
    minor: string | null;
    business_date: string | null;
  }>`
    select r.refund_number as number, r.currency, r.amount_minor::text as asked,
           e.amount_minor::text as minor,
           (e.happened_at at time zone ${at.zone})::date::text as business_date
      from ${wantedNumbers(wanted)}
      join refunds r on r.bucket = wanted.bucket and r.refund_number = wanted.number
                    and r.rail = ${at.rail} and r.route = 'original'
      left join money_exceptions e
        on e.bucket = r.bucket and e.merchant_id = r.merchant_id and e.attempt_id = r.attempt_id
       and e.kind = 'refund_sent_back' and e.rail_reference = r.refund_number`.execute(db);
  return new Map(rows.map((row) => [row.number, toBooked(row)]));
}

type Dated = { readonly amount: Money; readonly businessDate: Temporal.PlainDate };

type DatedRow = { number: string; minor: string; currency: string; business_date: string };

/** Money that exceptions of these orders took into the clearing account. */
async function findParkedMoney(
  db: Database,
  at: BookedAt,
  orderNumbers: readonly string[],
): Promise<ReadonlyMap<string, Dated>> {
  const ours = orderNumbers.flatMap((number) => {
    const parsed = parseOrderNumber(number);
    return parsed === undefined ? [] : [{ number, bucket: bucketOf(parsed.debitId) }];
  });
  // Where the chart names no clearing account, no exception could ever be posted.
  if (ours.length === 0 || !Object.hasOwn(CHINA_CHART.railClearing, at.rail)) return new Map();
  const { rows } = await sql<DatedRow>`
    select e.order_number as number, sum(n.minor)::text as minor, min(j.currency) as currency,
           min((e.happened_at at time zone ${at.zone})::date)::text as business_date
      from ${wantedNumbers(ours)}
      join money_exceptions e on e.bucket = wanted.bucket and e.order_number = wanted.number
                             and e.rail = ${at.rail}
      join journals j on j.bucket = e.bucket and j.merchant_id = e.merchant_id
                     and j.source_id = e.id and j.template = 'exception_opened'
      join entries n on n.bucket = j.bucket and n.merchant_id = j.merchant_id
                    and n.journal_id = j.id
     where n.account = ${clearingAccountOf(CHINA_CHART, at.rail)} and n.minor > 0
       and e.kind not in ('refund_sent_back', 'refund_short')
     group by e.order_number`.execute(db);
  return byNumber(rows);
}

/** What left the clearing account for each of these refunds and returns. */
export async function findBookedRefunds(
  db: Database,
  at: BookedAt,
  names: readonly RefundName[],
): Promise<ReadonlyMap<string, Booked>> {
  const refunds = names.flatMap(({ number }) => {
    const id = parseRefundNumber(number);
    return id === undefined ? [] : [{ number, bucket: bucketOf(id) }];
  });
  const returns = names.flatMap(({ number, orderNumber }) => {
    const parsed = parseOrderNumber(orderNumber);
    return parsed === undefined ? [] : [{ number, bucket: bucketOf(parsed.debitId) }];
  });
  const booked = new Map<string, Booked>(await findReturns(db, at, returns));
  for (const row of await findRefundRows(db, at, refunds)) booked.set(row.number, toBooked(row));
  return booked;
}

type Wanted = readonly { readonly number: string; readonly bucket: number }[];

/** `bucket` and `number` as a table named `wanted`. */
function wantedNumbers(wanted: Wanted): RawBuilder<unknown> {
  const buckets = arrayLiteral(
    'smallint',
    wanted.map(({ bucket }) => bucket),
  );
  const numbers = arrayLiteral(
    'text',
    wanted.map(({ number }) => number),
  );
  return sql`unnest(${buckets}::smallint[], ${numbers}::text[]) as wanted (bucket, number)`;
}

/** What the rail returned of a refund `r` beyond its amount; less than zero where it was less. */
export const paidBeside = sql`
  select sum(case x.kind when 'refund_excess' then x.amount_minor else -x.amount_minor end) as minor
    from money_exceptions x
   where x.bucket = r.bucket and x.merchant_id = r.merchant_id and x.attempt_id = r.attempt_id
     and x.kind in ('refund_short', 'refund_excess') and x.rail_reference = r.refund_number`;

async function findRefundRows(db: Database, at: BookedAt, wanted: Wanted) {
  if (wanted.length === 0) return [];
  const { rows } = await sql<
    Omit<DatedRow, 'business_date'> & {
      readonly asked: string;
      readonly business_date: string | null;
    }
  >`
    select r.refund_number as number, r.amount_minor::text as asked, r.currency,
           case when e.id is not null then e.amount_minor
                else r.amount_minor + coalesce(d.minor, 0) end::text as minor,
           case when e.id is not null then (e.happened_at at time zone ${at.zone})::date::text
                when r.state = 'succeeded' and r.transfer_reference is null
                then (r.refunded_at at time zone ${at.zone})::date::text
           end as business_date
      from ${wantedNumbers(wanted)}
      join refunds r on r.bucket = wanted.bucket and r.refund_number = wanted.number
      -- A refund that had ended without it: the exception booked what the rail returned.
      left join money_exceptions e
        on e.bucket = r.bucket and e.merchant_id = r.merchant_id and e.attempt_id = r.attempt_id
       and e.kind = 'refund_unexpected' and e.detail = r.refund_number
      left join lateral (${paidBeside}) as d on true
     -- One that a person transferred may have been with the rail before.
     where r.rail = ${at.rail}`.execute(db);
  return rows;
}

/** Money that banks took back, by the banks' numbers. */
async function findReturns(
  db: Database,
  at: BookedAt,
  wanted: Wanted,
): Promise<ReadonlyMap<string, Dated>> {
  if (wanted.length === 0) return new Map();
  const { rows } = await sql<DatedRow>`
    select wanted.number, e.amount_minor::text as minor, e.currency,
           (e.happened_at at time zone ${at.zone})::date::text as business_date
      from ${wantedNumbers(wanted)}
      join money_exceptions e on e.bucket = wanted.bucket and e.rail_reference = wanted.number
                             and e.rail = ${at.rail} and e.kind = 'return_unmatched'
    union all
    select wanted.number, r.amount_minor::text, r.currency,
           (r.returned_at at time zone ${at.zone})::date::text
      from ${wantedNumbers(wanted)}
      join payment_returns r on r.bucket = wanted.bucket and r.rail = ${at.rail}
                            and r.rail_reference = wanted.number`.execute(db);
  return byNumber(rows);
}

function byNumber(rows: readonly DatedRow[]): ReadonlyMap<string, Dated> {
  return new Map(
    rows.map(({ number, minor, currency, business_date }) => [
      number,
      { amount: fromAmount(BigInt(minor), currency), businessDate: fromDate(business_date) },
    ]),
  );
}

import type {
  BillTotals,
  MerchantId,
  RailBill,
  RailBillId,
  RailBillLine,
  RailDate,
  ReconciliationTx,
  RepeatedNumber,
} from '@daikou/core';
import { present, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, insertNewRows, writeRows } from '../array-write.ts';
import { fromCurrency, toDate } from '../columns.ts';
import { fromBillRow, fromLineRow, toBillRow, toLineRow } from './rows.ts';

type Query<K extends keyof ReconciliationTx> = Parameters<ReconciliationTx[K]>[0];

/** The bill that this very file became last, if it was read before. */
export async function findBill(
  db: Database,
  query: Query<'findBill'>,
): Promise<RailBill | undefined> {
  const rows = await readRows(
    db,
    'rail_bills',
    sql`
    select * from rail_bills
     where rail = ${query.rail} and business_date = ${toDate(query.businessDate)}
       and content_hash = ${query.contentHash}
     order by issue desc limit 1`,
  );
  return rows.map(fromBillRow).at(0);
}

/** The bill of a date that counts; the others were issued before it. */
export async function findCountedBill(db: Database, day: RailDate): Promise<RailBill | undefined> {
  const rows = await readRows(
    db,
    'rail_bills',
    sql`
    select * from rail_bills
     where rail = ${day.rail} and business_date = ${toDate(day.businessDate)}
       and state = 'matched'`,
  );
  return rows.map(fromBillRow).at(0);
}

/** Adds a bill, unless another worker has added its issue; returns the one that is there then. */
export async function addBill(db: Database, bill: RailBill): Promise<RailBill> {
  await insertNewRows(db, 'rail_bills', [toBillRow(bill)]);
  return present(await findBill(db, bill), 'the bill of a file');
}

export async function saveBill(db: Database, bill: RailBill): Promise<void> {
  await writeRows(db, 'rail_bills', { rows: [toBillRow(bill)], rule: 'replace' });
}

/** Adds lines of a bill; a line number that is there already stays as it is. */
export async function saveBillLines(
  db: Database,
  keys: { readonly merchant: MerchantId; readonly bill: RailBillId },
  lines: readonly RailBillLine[],
): Promise<void> {
  const rows = lines.map((line) => toLineRow(line, keys));
  await writeRows(db, 'rail_bill_lines', { rows, rule: 'keep' });
}

/** Counts and sums of a bill's lines, in the currency that most of them have. */
export async function sumBill(db: Database, bill: RailBillId): Promise<BillTotals> {
  const { rows } = await sql<SumRow>`
    select kind, currency, fee_currency, count(*)::int as rows, max(line_number)::int as last_line,
           sum(amount_minor)::text as amount, sum(fee_minor)::text as fee
      from rail_bill_lines where bill_id = ${toUuid(bill)}
     group by kind, currency, fee_currency`.execute(db);
  const main = mainCurrency(rows);
  const sumOf = (some: readonly SumRow[], column: 'amount' | 'fee') =>
    some.reduce((total, row) => total + BigInt(row[column]), 0n);
  const inMain = rows.filter((row) => row.currency === main);
  return {
    rows: rows.reduce((total, row) => total + row.rows, 0),
    lastLine: rows.reduce((last, row) => Math.max(last, row.last_line), 0),
    currency: main === undefined ? undefined : fromCurrency(main),
    paid: sumOf(
      inMain.filter((row) => row.kind === 'payment'),
      'amount',
    ),
    refunded: sumOf(
      inMain.filter((row) => row.kind === 'refund'),
      'amount',
    ),
    fee: sumOf(
      rows.filter((row) => row.fee_currency === main),
      'fee',
    ),
  };
}

type SumRow = {
  readonly kind: RailBillLine['kind'];
  readonly currency: string;
  readonly fee_currency: string;
  readonly rows: number;
  readonly last_line: number;
  readonly amount: string;
  readonly fee: string;
};

/** The currency that most lines have. Lines in another are breaks of their own. */
function mainCurrency(rows: readonly SumRow[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { currency, rows: count } of rows) {
    counts.set(currency, (counts.get(currency) ?? 0) + count);
  }
  return [...counts].sort(([, left], [, right]) => right - left)[0]?.[0];
}

/** Breaks beside which a line still counts as matched: its money is the same as ours. */
const BESIDE_A_MATCH = sql`('shortage', 'cut_off', 'fee_mismatch')`;

/** Lines without a break that says that their money differs. Breaks are few, so they lead. */
export async function countMatchedLines(db: Database, bill: RailBillId): Promise<number> {
  const id = toUuid(bill);
  const { rows } = await sql<{ matched: number }>`
    select ((select count(*) from rail_bill_lines where bill_id = ${id})
          - (select count(distinct l.line_number)
               from breaks k
               join rail_bill_lines l
                 on l.bucket = k.bucket and l.merchant_id = k.merchant_id and l.bill_id = k.bill_id
                and l.order_number = k.order_number
                and l.refund_number is not distinct from k.refund_number
              where k.bill_id = ${id} and k.class not in ${BESIDE_A_MATCH}
           ))::int as matched`.execute(db);
  return rows[0]?.matched ?? 0;
}

/**
 * Lines that are not plainly the same as a payment of ours. Each line looks its order up by key:
 * a planner that took the day's lines for few, or for all, would read whole tables beside them.
 */
export async function findSuspectLines(
  db: Database,
  { bill, afterLine, untilLine, terms }: Query<'findSuspectLines'>,
): Promise<readonly RailBillLine[]> {
  const feeDiffers =
    terms === undefined
      ? sql`false`
      : sql`(l.fee_currency <> l.currency
         or abs(l.fee_minor
                - round(l.amount_minor * ${terms.feeBasisPoints}::bigint / 10000.0)) > 1)`;
  const rows = await readRows(
    db,
    'rail_bill_lines',
    sql`
    select l.* from (
      select * from rail_bill_lines
       where bill_id = ${toUuid(bill.id)} and line_number > ${afterLine}
         and line_number <= ${untilLine}
       order by line_number) as l
      left join lateral (
        select p.amount_minor, p.currency, p.business_date
          from attempts a
          join payments p on p.bucket = a.bucket and p.merchant_id = a.merchant_id
                         and p.attempt_id = a.id
         where a.bucket = l.bucket and a.merchant_id = l.merchant_id and a.rail = ${bill.rail}
           and a.order_number = l.order_number
        offset 0) as b on true
     where l.kind = 'refund' or b.amount_minor is null or b.amount_minor <> l.amount_minor
        or b.currency <> l.currency or b.business_date <> ${toDate(bill.businessDate)}
        or ${feeDiffers}`,
  );
  return rows.map(fromLineRow);
}

/** Lines of a bill by their numbers, in order. */
export async function loadBillLines(
  db: Database,
  bill: RailBillId,
  lineNumbers: readonly number[],
): Promise<readonly RailBillLine[]> {
  const rows = await readRows(
    db,
    'rail_bill_lines',
    sql`
    select * from rail_bill_lines
     where bill_id = ${toUuid(bill)}
       and line_number = any(${arrayLiteral('integer', lineNumbers)}::integer[])
     order by line_number`,
  );
  return rows.map(fromLineRow);
}

/** Numbers that the bill names more than once (重复), each with its first line and its sum. */
export async function findRepeatedNumbers(
  db: Database,
  bill: RailBillId,
): Promise<readonly RepeatedNumber[]> {
  const { rows } = await sql<{
    kind: RepeatedNumber['kind'];
    number: string;
    first_line: number;
    times: number;
    total: string;
  }>`
    select kind, coalesce(refund_number, order_number) as number,
           min(line_number)::int as first_line, count(*)::int as times,
           sum(amount_minor)::text as total
      from rail_bill_lines
     where bill_id = ${toUuid(bill)}
     group by kind, coalesce(refund_number, order_number) having count(*) > 1
     order by 3`.execute(db);
  return rows.map(({ kind, number, first_line: firstLine, times, total }) => ({
    kind,
    number,
    firstLine,
    times,
    totalMinor: BigInt(total),
  }));
}

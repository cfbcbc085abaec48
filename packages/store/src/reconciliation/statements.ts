import {
  type Attempt,
  type Break,
  type MerchantId,
  type Payment,
  type RailBill,
  type RailBillId,
  type RailBillLine,
  type RailId,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, writeRows } from '../array-write.ts';
import { toDate } from '../columns.ts';
import { fromAttemptRow } from '../debit/attempt-rows.ts';
import { withPayments } from '../debit/attempts.ts';
import { limitOf } from '../pages.ts';
import { fromBillRow, fromLineRow, toBillRow, toBreakRow, toLineRow } from './rows.ts';

/** The bill that this very file became, if it was read before. */
export async function findBill(
  db: Database,
  query: {
    readonly rail: RailId;
    readonly businessDate: Temporal.PlainDate;
    readonly contentHash: string;
  },
): Promise<RailBill | undefined> {
  const rows = await readRows(
    db,
    'rail_bills',
    sql`
    select * from rail_bills
     where rail = ${query.rail} and business_date = ${toDate(query.businessDate)}
       and content_hash = ${query.contentHash}`,
  );
  return rows.map(fromBillRow).at(0);
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

export async function loadBillLines(
  db: Database,
  query: { readonly bill: RailBillId; readonly afterLine: number; readonly limit: number },
): Promise<readonly RailBillLine[]> {
  const rows = await readRows(
    db,
    'rail_bill_lines',
    sql`
    select * from rail_bill_lines
     where bill_id = ${toUuid(query.bill)} and line_number > ${query.afterLine}
     order by line_number limit ${limitOf(query.limit)}`,
  );
  return rows.map(fromLineRow);
}

/** Payments of the rail and day that the bill does not name: our side of a shortage (短款). */
export async function findPaymentsMissingFromBill(
  db: Database,
  query: {
    readonly bill: RailBillId;
    readonly rail: RailId;
    readonly businessDate: Temporal.PlainDate;
    readonly limit: number;
  },
): Promise<readonly { readonly attempt: Attempt; readonly payment: Payment }[]> {
  const rows = await readRows(
    db,
    'attempts',
    sql`
    select a.* from payments p
      join attempts a on a.bucket = p.bucket and a.merchant_id = p.merchant_id
                     and a.id = p.attempt_id
     where p.rail = ${query.rail} and p.business_date = ${toDate(query.businessDate)}
       and not exists (
         select from rail_bill_lines l
          where l.bucket = a.bucket and l.merchant_id = a.merchant_id
            and l.order_number = a.order_number and l.bill_id = ${toUuid(query.bill)}
            and l.kind = 'payment')
     order by a.id limit ${limitOf(query.limit)}`,
  );
  const settled = await withPayments(db, rows.map(fromAttemptRow));
  return settled.flatMap(({ attempt, payment }) =>
    payment === undefined ? [] : [{ attempt, payment }],
  );
}

/** Order numbers that the bill names as paid more than once (重复). */
export async function findDuplicateBillLines(
  db: Database,
  bill: RailBillId,
): Promise<readonly string[]> {
  const { rows } = await sql<{ order_number: string }>`
    select order_number from rail_bill_lines
     where bill_id = ${toUuid(bill)} and kind = 'payment'
     group by bucket, order_number having count(*) > 1
     order by order_number`.execute(db);
  return rows.map((row) => row.order_number);
}

/** Adds breaks; one of the same bill, class and order number stays as it is. */
export async function saveBreaks(db: Database, breaks: readonly Break[]): Promise<void> {
  await writeRows(db, 'breaks', { rows: breaks.map(toBreakRow), rule: 'keep' });
}

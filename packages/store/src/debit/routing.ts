import {
  type Attempt,
  type AttemptId,
  bucketOf,
  type Claim,
  type CountedAttempt,
  type CustomerId,
  type Debit,
  type DebitId,
  fromUuid,
  type InvoiceId,
  type MandateId,
  type Money,
  type Page,
  type PlannedDebit,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds } from '../array-write.ts';
import { fromAmount, fromInstant, given, toDate, toInstant } from '../columns.ts';
import { inState, limitOf, pageOf } from '../pages.ts';
import { fromAttemptRow } from './attempt-rows.ts';
import { withInvoiceIds } from './statements.ts';

// What decides by which method and on which day a debit is collected.

/** Attempts by these mandates since then, whichever debit they belong to. */
export async function loadAttemptsByMandate(
  db: Database,
  mandates: readonly MandateId[],
  since: Temporal.Instant,
): Promise<readonly (CountedAttempt & { readonly mandateId: MandateId })[]> {
  if (mandates.length === 0) return [];
  const { rows } = await sql<{
    mandate_id: string;
    state: string;
    amount_minor: string;
    currency: string;
    submitted_at: string;
    ended_at: string | null;
  }>`
    select d.mandate_id, a.state, a.amount_minor::text, a.currency,
           to_json(a.submitted_at)#>>'{}' as submitted_at, to_json(a.ended_at)#>>'{}' as ended_at
      from ${wantedIds(mandates)}
      join debits d on d.bucket = wanted.bucket and d.mandate_id = wanted.id
      join attempts a on a.bucket = d.bucket and a.merchant_id = d.merchant_id
                     and a.debit_id = d.id
     where a.submitted_at >= ${toInstant(since)}`.execute(db);
  return rows.map((row) => ({
    mandateId: fromUuid('man', row.mandate_id),
    state: row.state as Attempt['state'],
    amount: fromAmount(BigInt(row.amount_minor), row.currency),
    submittedAt: fromInstant(row.submitted_at),
    ...given('endedAt', row.ended_at, fromInstant),
  }));
}

/** The customers' last successful debits, newest first, at most `limit` of each. */
export async function loadPaidHistory(
  db: Database,
  customers: readonly CustomerId[],
  limit: number,
): Promise<readonly { readonly customerId: CustomerId; readonly amount: Money }[]> {
  if (customers.length === 0) return [];
  const { rows } = await sql<{ customer_id: string; amount_minor: string; currency: string }>`
    select paid.customer_id, paid.amount_minor::text, paid.currency
      from ${wantedIds(customers)}
      cross join lateral (
        select d.customer_id, d.amount_minor, d.currency, d.id from debits d
         where d.bucket = wanted.bucket and d.customer_id = wanted.id and d.state = 'succeeded'
         order by d.id desc limit ${limitOf(limit)}) as paid
     order by paid.customer_id, paid.id desc`.execute(db);
  return rows.map((row) => ({
    customerId: fromUuid('cus', row.customer_id),
    amount: fromAmount(BigInt(row.amount_minor), row.currency),
  }));
}

/** The mandates by which these invoices were refused definitely. */
export async function loadRefusedMandates(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly { readonly invoiceId: InvoiceId; readonly mandateId: MandateId }[]> {
  if (invoices.length === 0) return [];
  const { rows } = await sql<{ invoice_id: string; mandate_id: string }>`
    select distinct l.invoice_id, d.mandate_id
      from ${wantedIds(invoices)}
      join debit_invoices l on l.bucket = wanted.bucket and l.invoice_id = wanted.id
      join debits d on d.bucket = l.bucket and d.merchant_id = l.merchant_id and d.id = l.debit_id
     where d.state = 'failed'
       and exists (select from attempts a
                    where a.bucket = d.bucket and a.merchant_id = d.merchant_id
                      and a.debit_id = d.id and a.state = 'refused')`.execute(db);
  return rows.map((row) => ({
    invoiceId: fromUuid('inv', row.invoice_id),
    mandateId: fromUuid('man', row.mandate_id),
  }));
}

/** Writes this one date of each mandate. */
export async function savePlannedDates(
  db: Database,
  dates: readonly { readonly mandateId: MandateId; readonly plannedDate: Temporal.PlainDate }[],
): Promise<void> {
  if (dates.length === 0) return;
  const buckets = arrayLiteral(
    'smallint',
    dates.map(({ mandateId }) => bucketOf(mandateId)),
  );
  const ids = arrayLiteral(
    'uuid',
    dates.map(({ mandateId }) => toUuid(mandateId)),
  );
  const values = arrayLiteral(
    'date',
    dates.map(({ plannedDate }) => toDate(plannedDate)),
  );
  await sql`
    update mandates m set planned_date = given.planned_date
      from unnest(${buckets}::smallint[], ${ids}::uuid[], ${values}::date[])
        as given (bucket, id, planned_date)
     where m.bucket = given.bucket and m.id = given.id`.execute(db);
}

/** Debits whose rail is to be asked for another planned date by now; locked, skipping locked. */
export async function claimDebitsToReplan(db: Database, claim: Claim): Promise<readonly Debit[]> {
  const rows = await readRows(
    db,
    'debits',
    sql`
    select * from debits
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and state = 'scheduled' and blocked_by = 'planned_date_moving'
       and collect_at <= ${toInstant(claim.dueBy)}
     order by collect_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return await withInvoiceIds(db, rows);
}

/** Debits still to be sent on this business date, after a cursor. */
export async function loadDebitsPlannedOn(
  db: Database,
  query: { readonly date: Temporal.PlainDate; readonly after?: DebitId; readonly limit: number },
): Promise<readonly PlannedDebit[]> {
  const after = query.after === undefined ? sql`true` : sql`d.id > ${toUuid(query.after)}`;
  const { rows } = await sql<{
    id: string;
    rail: string;
    currency: string;
    amount_minor: string;
    collect_at: string;
    blocked_by: string | null;
    is_told: boolean;
  }>`
    select d.id, d.rail, d.currency, d.amount_minor::text,
           to_json(d.collect_at)#>>'{}' as collect_at, d.blocked_by,
           exists (select from notices n
                    where n.bucket = d.bucket and n.merchant_id = d.merchant_id
                      and n.debit_id = d.id and n.state = 'delivered' and n.purpose <> 'rail'
                      and n.voided_at is null
                      and n.collect_date = d.collect_date) as is_told
      from debits d
     where d.state = 'scheduled' and d.collect_date = ${toDate(query.date)} and ${after}
     order by d.id limit ${limitOf(query.limit)}`.execute(db);
  return rows.map((row) => ({
    id: fromUuid('dbt', row.id),
    rail: row.rail,
    amount: fromAmount(BigInt(row.amount_minor), row.currency),
    collectAt: fromInstant(row.collect_at),
    ...given('blockedBy', row.blocked_by, (text) => text),
    isTold: row.is_told,
  }));
}

/** Scheduled debits that this reason holds back. */
export async function listDebitsBlockedBy(
  db: Database,
  reason: string,
  page: Page,
): Promise<readonly Debit[]> {
  const rows = await readRows(
    db,
    'debits',
    sql`
    select * from debits
     where state = 'scheduled' and blocked_by = ${reason} and ${pageOf(page)}`,
  );
  return await withInvoiceIds(db, rows);
}

/** Attempts, oldest first; `needsPerson`: open ones whose schedule of questions is over. */
export async function listAttempts(
  db: Database,
  page: Page & { readonly state?: string; readonly needsPerson?: boolean },
): Promise<readonly Attempt[]> {
  const waits = sql`state in ('submitting', 'accepted', 'unknown') and ask_at is null`;
  const rows = await readRows(
    db,
    'attempts',
    sql`
    select * from attempts
     where ${page.needsPerson === true ? waits : sql`true`} and ${inState(page.state)}
       and ${pageOf(page)}`,
  );
  return rows.map(fromAttemptRow);
}

export async function findAttempt(db: Database, id: AttemptId): Promise<Attempt | undefined> {
  const rows = await readRows(
    db,
    'attempts',
    sql`select a.* from attempts a join ${wantedIds([id])} using (bucket, id)`,
  );
  return rows.map(fromAttemptRow).at(0);
}

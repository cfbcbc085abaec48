import {
  type BucketRange,
  bucketOf,
  CAMPAIGN_MAX_DAYS,
  type Claim,
  type CustomerId,
  type DunningCase,
  type DunningCaseId,
  fromUuid,
  type Invoice,
  type InvoiceId,
  type Page,
  type SeenOverdue,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds, writeRows } from '../array-write.ts';
import { toDate, toInstant } from '../columns.ts';
import { withLines } from '../invoice/statements.ts';
import { inState, limitOf, ofCustomer, pageOf } from '../pages.ts';
import { fromCaseRow, toCaseRow, toSeenRow } from './rows.ts';

/** Writes cases whole; ended ones first, so that a customer is free for the next one. */
export async function saveDunningCases(db: Database, cases: readonly DunningCase[]): Promise<void> {
  const ordered = [
    ...cases.filter(({ state }) => state === 'ended'),
    ...cases.filter(({ state }) => state !== 'ended'),
  ];
  await writeRows(db, 'dunning_cases', { rows: ordered.map(toCaseRow), rule: 'replace' });
}

export async function saveSeenOverdue(db: Database, seen: readonly SeenOverdue[]): Promise<void> {
  await writeRows(db, 'dunning_invoices', { rows: seen.map(toSeenRow), rule: 'replace' });
}

export async function loadDunningCases(
  db: Database,
  ids: readonly DunningCaseId[],
  lock: 'lock' | 'look' = 'look',
): Promise<readonly DunningCase[]> {
  return await readCases(
    db,
    sql`
    select c.* from dunning_cases c join ${wantedIds(ids)} using (bucket, id)
     order by c.id ${lock === 'lock' ? sql`for update of c` : sql``}`,
  );
}

export async function findOpenDunningCases(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly DunningCase[]> {
  return await readCases(
    db,
    sql`
    select c.* from dunning_cases c
      join ${wantedIds(customers)} on wanted.bucket = c.bucket and wanted.id = c.customer_id
     where c.state <> 'ended' order by c.id for update of c`,
  );
}

export async function listDunningCases(
  db: Database,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly DunningCase[]> {
  return await readCases(
    db,
    sql`
    select * from dunning_cases
     where ${ofCustomer(page.customerId)} and ${inState(page.state)} and ${pageOf(page)}`,
  );
}

/** The next look is committed with the claim: a worker that dies leaves the case for later. */
export async function claimDunningCases(
  db: Database,
  claim: Claim & { readonly lookAgainAt: Temporal.Instant },
): Promise<readonly DunningCaseId[]> {
  const { rows } = await sql<{ id: string }>`
    update dunning_cases c set next_step_at = ${toInstant(claim.lookAgainAt)}
      from (select bucket, merchant_id, id from dunning_cases
             where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
               and next_step_at <= ${toInstant(claim.dueBy)}
             order by next_step_at, id limit ${limitOf(claim.limit)}
             for update skip locked) as due
     where c.bucket = due.bucket and c.merchant_id = due.merchant_id and c.id = due.id
    returning c.id::text as id`.execute(db);
  return rows.map(({ id }) => fromUuid('dun', id));
}

/**
 * The condition of an open invoice of which nobody has looked at the arrears: no live row says
 * so, and no debit holds it that may still collect it. A debit whose mandate does not allow it
 * waits for the customer, so its invoice is overdue all the same.
 */
export function unseenOverdue(name: 'i' | 'invoices'): RawBuilder<unknown> {
  const i = sql.raw(name);
  return sql`
  ${i}.state = 'open'
  and not exists (
    select from dunning_invoices s
     where s.bucket = ${i}.bucket and s.merchant_id = ${i}.merchant_id and s.invoice_id = ${i}.id
       and s.is_live)
  and not exists (
    select from debit_invoices l
      join debits d on d.bucket = l.bucket and d.merchant_id = l.merchant_id and d.id = l.debit_id
     where l.bucket = ${i}.bucket and l.merchant_id = ${i}.merchant_id and l.invoice_id = ${i}.id
       and l.holds
       and not (d.state = 'scheduled' and coalesce(d.blocked_by, '') in
         ('mandate_not_active', 'mandate_cap_exceeded', 'mandate_currency')))`;
}

/** Days back in which arrears are looked for: a campaign ends by then, whenever it began. */
const LOOK_BACK_DAYS = CAMPAIGN_MAX_DAYS;

/** The condition of invoices (by their own name) whose arrears a worker finds to be seen today. */
export function overdueDays(today: Temporal.PlainDate): RawBuilder<unknown> {
  const since = today.subtract({ days: LOOK_BACK_DAYS });
  return sql`due_date < ${toDate(today)} and due_date >= ${toDate(since)}
    and ${unseenOverdue('invoices')}`;
}

export async function findNewlyOverdue(
  db: Database,
  query: {
    readonly buckets: BucketRange;
    readonly today: Temporal.PlainDate;
    readonly limit: number;
  },
): Promise<readonly { readonly customerId: CustomerId; readonly invoiceId: InvoiceId }[]> {
  const { rows } = await sql<{ customer_id: string; id: string }>`
    select customer_id::text, id::text from invoices
     where bucket >= ${query.buckets.from} and bucket < ${query.buckets.until}
       and ${overdueDays(query.today)}
     order by customer_id, id limit ${limitOf(query.limit)}`.execute(db);
  return rows.map((row) => ({
    customerId: fromUuid('cus', row.customer_id),
    invoiceId: fromUuid('inv', row.id),
  }));
}

export async function loadOverdueInvoices(
  db: Database,
  customer: CustomerId,
  today: Temporal.PlainDate,
): Promise<readonly Invoice[]> {
  const rows = await readRows(
    db,
    'invoices',
    sql`
    select * from invoices
     where bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}
       and state = 'open' and due_date < ${toDate(today)}
       and not exists (
         select from dunning_invoices s
           join dunning_cases c on c.bucket = s.bucket and c.merchant_id = s.merchant_id
                               and c.id = s.case_id
          where s.bucket = invoices.bucket and s.merchant_id = invoices.merchant_id
            and s.invoice_id = invoices.id and s.is_live
            and c.ended_as in ('disputed', 'written_off', 'canceled'))
     order by due_date, id limit 500`,
  );
  return await withLines(db, rows);
}

export async function findChasedInvoices(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly InvoiceId[]> {
  if (invoices.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select s.invoice_id::text as id from dunning_invoices s
      join ${wantedIds(invoices)} on wanted.bucket = s.bucket and wanted.id = s.invoice_id
      join dunning_cases c on c.bucket = s.bucket and c.merchant_id = s.merchant_id
                          and c.id = s.case_id
     where s.is_live and coalesce(c.ended_as, '') <> 'paid'`.execute(db);
  return rows.map(({ id }) => fromUuid('inv', id));
}

/**
 * Sets the cases of invoices that nobody owes any more to be looked at now: within the same commit
 * as the payment, whichever way it came. The past is due on every clock.
 */
export async function wakeDunningCases(
  db: Database,
  invoices: readonly Pick<Invoice, 'id' | 'state'>[],
): Promise<void> {
  const over = invoices.filter(({ state }) => state === 'paid' || state === 'void');
  if (over.length === 0) return;
  await sql`
    update dunning_cases c set next_step_at = c.created_at
      from dunning_invoices s
      join ${wantedIds(over.map(({ id }) => id))}
        on wanted.bucket = s.bucket and wanted.id = s.invoice_id
     where s.is_live and c.bucket = s.bucket and c.merchant_id = s.merchant_id
       and c.id = s.case_id and c.state <> 'ended'`.execute(db);
}

async function readCases(
  db: Database,
  query: RawBuilder<unknown>,
): Promise<readonly DunningCase[]> {
  return (await readRows(db, 'dunning_cases', query)).map(fromCaseRow);
}

import {
  type ArrearsRows,
  addSeconds,
  bucketOf,
  type CauseTx,
  type CustomerId,
  type DebitId,
  type DisputeFlag,
  fromUuid,
  type Invoice,
  type InvoiceId,
  type PayingHabit,
  type RailIncident,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds } from '../array-write.ts';
import { fromInstant, toDate, toInstant } from '../columns.ts';
import { loadAttemptsOf } from '../debit/attempts.ts';
import { findDebitsOfInvoices } from '../debit/statements.ts';
import { loadInvoices } from '../invoice/statements.ts';
import { fromMandateRow } from '../mandate/rows.ts';
import { fromNoticeRow } from '../notice/rows.ts';
import { fromReturnRow } from '../refund/exception-rows.ts';
import { fromChangeRow } from '../subscription/change-rows.ts';
import { fromConsentRow } from '../subscription/price-change-rows.ts';

type Query = Parameters<CauseTx['loadArrearsRows']>[0];

const HOUR_SECONDS = 3_600;

/** Everything on file of these invoices: the same number of statements for one and for many. */
export async function loadArrearsRows(db: Database, query: Query): Promise<ArrearsRows> {
  const ids = query.invoices.map(({ id }) => id);
  const customers = [...new Set(query.invoices.map(({ customerId }) => customerId))];
  const debits = await findDebitsOfInvoices(db, ids);
  const debitIds = debits.map(({ id }) => id);
  return {
    before: await loadBefore(db, query.invoices),
    debits,
    attempts: await loadAttemptsOf(db, debitIds),
    notices: await loadMessages(db, customers, [...debitIds, ...ids]),
    mandates: await loadMandatesOf(db, customers),
    returns: await loadReturns(db, debitIds),
    consents: await loadConsents(db, query),
    changes: await loadChanges(db, query),
    disputes: await loadDisputes(db, customers, ids),
    habits: await loadHabits(db, customers, query.since),
  };
}

/** The invoice before each: of the same subscription, or consolidated as it is; not void. */
async function loadBefore(
  db: Database,
  invoices: Query['invoices'],
): Promise<ReadonlyMap<InvoiceId, Invoice>> {
  const buckets = arrayLiteral(
    'smallint',
    invoices.map(({ id }) => bucketOf(id)),
  );
  const ids = arrayLiteral(
    'uuid',
    invoices.map(({ id }) => toUuid(id)),
  );
  const { rows } = await sql<{ id: string; before: string }>`
    select one.id, earlier.id as before
      from unnest(${buckets}::smallint[], ${ids}::uuid[]) as wanted (bucket, id)
      join invoices one on one.bucket = wanted.bucket and one.id = wanted.id
      cross join lateral (
        select i.id from invoices i
         where i.bucket = one.bucket and i.customer_id = one.customer_id and i.state <> 'void'
           and i.subscription_id is not distinct from one.subscription_id
           and i.currency = one.currency and i.id < one.id
         order by i.id desc limit 1) as earlier`.execute(db);
  const found = await loadInvoices(
    db,
    rows.map(({ before }) => fromUuid('inv', before)),
  );
  const byId = new Map(found.map((invoice) => [invoice.id, invoice]));
  return new Map(
    rows.flatMap(({ id, before }) => {
      const invoice = byId.get(fromUuid('inv', before));
      return invoice === undefined ? [] : [[fromUuid('inv', id), invoice] as const];
    }),
  );
}

/** Messages about these debits and invoices, oldest first. */
async function loadMessages(
  db: Database,
  customers: readonly CustomerId[],
  about: readonly (DebitId | InvoiceId)[],
) {
  const uuids = arrayLiteral('uuid', about.map(toUuid));
  const rows = await readRows(
    db,
    'notices',
    sql`
    select n.* from notices n
      join ${wantedIds(customers)} on wanted.bucket = n.bucket and wanted.id = n.customer_id
     where n.purpose <> 'rail'
       and coalesce(n.debit_id, n.subject_id) = any(${uuids}::uuid[])
     order by n.id`,
  );
  return rows.map(fromNoticeRow);
}

async function loadMandatesOf(db: Database, customers: readonly CustomerId[]) {
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

async function loadReturns(db: Database, debits: readonly DebitId[]) {
  const rows = await readRows(
    db,
    'payment_returns',
    sql`
    select r.* from payment_returns r
      join ${wantedIds(debits)} on wanted.bucket = r.bucket and wanted.id = r.debit_id
     order by r.returned_at, r.id`,
  );
  return rows.map(fromReturnRow);
}

async function loadConsents(db: Database, { subscriptions, since }: Query) {
  const rows = await readRows(
    db,
    'price_change_consents',
    sql`
    select c.* from price_change_consents c
      join ${wantedIds(subscriptions)} on wanted.bucket = c.bucket and wanted.id = c.subscription_id
     where c.created_at >= ${toDate(since)}::date
     order by c.created_at, c.price_change_id`,
  );
  return rows.map(fromConsentRow);
}

async function loadChanges(db: Database, { subscriptions, since }: Query) {
  const rows = await readRows(
    db,
    'subscription_changes',
    sql`
    select c.* from subscription_changes c
      join ${wantedIds(subscriptions)} on wanted.bucket = c.bucket and wanted.id = c.subscription_id
     where c.effective_on >= ${toDate(since)}
     order by c.id`,
  );
  return rows.map(fromChangeRow);
}

/** Invoices that a person marked as contested, and has not taken back. */
async function loadDisputes(
  db: Database,
  customers: readonly CustomerId[],
  invoices: readonly InvoiceId[],
): Promise<ReadonlyMap<InvoiceId, DisputeFlag>> {
  const { rows } = await sql<{ id: string; invoice: string; at: string }>`
    select o.id, o.invoice_id as invoice, to_json(o.created_at)#>>'{}' as at
      from entitlement_overrides o
      join ${wantedIds(customers)} on wanted.bucket = o.bucket and wanted.id = o.customer_id
     where o.kind = 'disputed_invoice' and o.withdrawn_at is null
       and o.invoice_id = any(${arrayLiteral('uuid', invoices.map(toUuid))}::uuid[])
     order by o.created_at desc`.execute(db);
  return new Map(
    rows.map(({ id, invoice, at }) => [
      fromUuid('inv', invoice),
      { ref: fromUuid('ovr', id), at: fromInstant(at) },
    ]),
  );
}

/** Invoices of each customer that are paid, since a day: how many were late or short at first. */
async function loadHabits(
  db: Database,
  customers: readonly CustomerId[],
  since: Temporal.PlainDate,
): Promise<ReadonlyMap<CustomerId, PayingHabit>> {
  const { rows } = await sql<{ id: string; invoices: number; late: number; short: number }>`
    select wanted.id, count(*)::int as invoices,
           count(*) filter (where i.paid_at >= i.due_date + 2)::int as late,
           count(*) filter (where exists (
             select from debit_invoices l
               join attempts a on a.bucket = l.bucket and a.merchant_id = l.merchant_id
                              and a.debit_id = l.debit_id
              where l.bucket = i.bucket and l.merchant_id = i.merchant_id
                and l.invoice_id = i.id and a.refusal_class = 'funds'))::int as short
      from ${wantedIds(customers)}
      join invoices i on i.bucket = wanted.bucket and i.customer_id = wanted.id
     where i.state = 'paid' and i.due_date >= ${toDate(since)}
     group by wanted.id`.execute(db);
  return new Map(
    rows.map(({ id, invoices, late, short }) => [
      fromUuid('cus', id),
      { invoices, paidLate: late, fundsRefused: short },
    ]),
  );
}

/** Hours in which at least `least` customers had trouble on a rail; neighbouring ones are one. */
export async function findRailIncidents(
  db: Database,
  query: Parameters<CauseTx['findRailIncidents']>[0],
): Promise<readonly RailIncident[]> {
  if (query.rails.length === 0) return [];
  const { rows } = await sql<{ rail: string; hour: string; customers: number }>`
    select rail, to_json(date_trunc('hour', submitted_at, 'UTC'))#>>'{}' as hour,
           count(distinct customer_id)::int as customers
      from attempts
     where rail = any(${arrayLiteral('text', query.rails)}::text[])
       and submitted_at >= ${toInstant(query.from)} and submitted_at < ${toInstant(query.until)}
       and (refusal_class = 'technical' or state in ('unknown', 'closed'))
     group by 1, 2 having count(distinct customer_id) >= ${query.least}
     order by 1, 2`.execute(db);
  return rows.map(({ rail, hour, customers }) => {
    const from = fromInstant(hour);
    return { rail, from, until: addSeconds(from, HOUR_SECONDS), customers };
  });
}

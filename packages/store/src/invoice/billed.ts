import {
  type BilledLine,
  bucketOf,
  type CustomerId,
  fromUuid,
  type Invoice,
  type InvoiceId,
  type Money,
  type PendingLine,
  type SubscriptionId,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds, writeRows } from '../array-write.ts';
import { fromAmount, toDate } from '../columns.ts';
import { limitOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';
import { fromPendingRow, toPendingRow } from './pending-rows.ts';
import { fromLineRow } from './rows.ts';
import { withLines } from './statements.ts';

export async function savePendingLines(db: Database, lines: readonly PendingLine[]): Promise<void> {
  await writeRows(db, 'pending_lines', { rows: lines.map(toPendingRow), rule: 'replace' });
}

/** Lines that wait for the next invoice of these subscriptions, oldest first. */
export async function loadPendingLines(
  db: Database,
  subscriptions: readonly SubscriptionId[],
): Promise<readonly PendingLine[]> {
  const rows = await readRows(
    db,
    'pending_lines',
    sql`
    select p.* from pending_lines p
      join ${wantedIds(subscriptions)}
        on wanted.bucket = p.bucket and wanted.id = p.subscription_id
     where p.state = 'pending' order by p.subscription_id, p.id`,
  );
  return rows.map(fromPendingRow);
}

/** Lines that waited until these invoices billed them, oldest first. */
export async function loadLinesBilledBy(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly PendingLine[]> {
  const rows = await readRows(
    db,
    'pending_lines',
    sql`
    select p.* from pending_lines p
      join ${wantedIds(invoices)} on wanted.bucket = p.bucket and wanted.id = p.invoice_id
     where p.state = 'billed' order by p.id`,
  );
  return rows.map(fromPendingRow);
}

/** Lines of invoices that are not void whose own period ends after a day, oldest invoice first. */
export async function loadBilledLines(
  db: Database,
  query: {
    readonly subscriptions: readonly SubscriptionId[];
    readonly endingAfter: Temporal.PlainDate;
  },
): Promise<readonly BilledLine[]> {
  const invoices = await loadInvoiceRowsOf(db, query.subscriptions);
  if (invoices.length === 0) return [];
  const byId = new Map(invoices.map((row) => [row.id, row]));
  const ids = invoices.map(({ id }) => fromUuid('inv', id));
  const rows = await readRows(
    db,
    'invoice_lines',
    sql`
    select l.* from invoice_lines l
      join ${wantedIds(ids)} on wanted.bucket = l.bucket and wanted.id = l.invoice_id
     where l.period_end > ${toDate(query.endingAfter)}
     order by l.invoice_id, l.position`,
  );
  const wanted = new Set(query.subscriptions);
  return rows.flatMap((row): BilledLine[] => {
    const invoice = byId.get(row.invoice_id);
    if (invoice === undefined) return [];
    const line = fromLineRow(row, invoice);
    const { subscriptionId } = line;
    if (!wanted.has(subscriptionId)) return [];
    return [{ subscriptionId, invoiceId: fromUuid('inv', row.invoice_id), line }];
  });
}

/** Invoices that are not void of these subscriptions, newest first, locked. */
export async function lockInvoicesOf(
  db: Database,
  subscriptions: readonly SubscriptionId[],
): Promise<readonly Invoice[]> {
  const found = await loadInvoiceRowsOf(db, subscriptions);
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => fromUuid('inv', id));
  const locked = await lockInvoices(db, ids);
  return locked.filter(({ state }) => state !== 'void').toReversed();
}

/** Oldest first, locked in the order of their ids: two callers never wait for each other. */
export async function lockInvoices(
  db: Database,
  ids: readonly InvoiceId[],
): Promise<readonly Invoice[]> {
  const rows = await readRows(
    db,
    'invoices',
    sql`
    select i.* from invoices i join ${wantedIds(ids)} using (bucket, id)
     order by i.id for update of i`,
  );
  return await withLines(db, rows);
}

/**
 * The consolidated invoices of these customers under these keys, and under the numbers that follow
 * each key, that are not void, locked.
 */
export async function lockDraftsByKey(
  db: Database,
  query: { readonly customers: readonly CustomerId[]; readonly billingKeys: readonly string[] },
): Promise<readonly Invoice[]> {
  const keys = arrayLiteral('text', query.billingKeys);
  const rows = await readRows(
    db,
    'invoices',
    sql`
    select i.* from invoices i
      join ${wantedIds(query.customers)} on wanted.bucket = i.bucket
       and wanted.id = coalesce(i.subscription_id, i.customer_id)
     where i.subscription_id is null and i.state <> 'void'
       and exists (select from unnest(${keys}::text[]) as wanted_key
                    where i.billing_key = wanted_key
                       or starts_with(i.billing_key, wanted_key || ':'))
     order by i.id for update of i`,
  );
  return await withLines(db, rows);
}

/** Totals of the latest invoices of each subscription that are not void, newest first. */
export async function loadRecentTotals(
  db: Database,
  query: { readonly subscriptions: readonly SubscriptionId[]; readonly count: number },
): Promise<ReadonlyMap<SubscriptionId, readonly Money[]>> {
  const { rows } = await sql<{ found: string | null }>`
    select json_agg(json_build_array(wanted.id, i.total_minor::text, i.currency))::text as found
      from ${wantedIds(query.subscriptions)}
     cross join lateral (
       select total_minor, currency from invoices
        where bucket = wanted.bucket and state <> 'void'
          and not starts_with(billing_key, 'top_up:')
          and coalesce(subscription_id, customer_id) = wanted.id
        order by created_at desc, id desc limit ${limitOf(query.count)}) as i`.execute(db);
  const text = rows[0]?.found ?? null;
  const found: readonly (readonly [string, string, string])[] =
    text === null ? [] : JSON.parse(text);
  const totals = new Map<SubscriptionId, Money[]>();
  for (const [uuid, minor, currency] of found) {
    const id = fromUuid('sub', uuid);
    const known = totals.get(id) ?? [];
    known.push(fromAmount(BigInt(minor), currency));
    totals.set(id, known);
  }
  return totals;
}

/** Invoices that are not void with lines of these subscriptions, consolidated ones as well. */
async function loadInvoiceRowsOf(
  db: Database,
  subscriptions: readonly SubscriptionId[],
): Promise<readonly Tables['invoices'][]> {
  const buckets = arrayLiteral('smallint', subscriptions.map(bucketOf));
  const ids = arrayLiteral('uuid', subscriptions.map(toUuid));
  return await readRows(
    db,
    'invoices',
    sql`
    with wanted as (
      select * from unnest(${buckets}::smallint[], ${ids}::uuid[]) as w (bucket, id)
    ), found as (
      select i.bucket, i.merchant_id, i.id from invoices i
        join wanted w on w.bucket = i.bucket
                     and w.id = coalesce(i.subscription_id, i.customer_id)
       where i.state <> 'void'
      union
      select i.bucket, i.merchant_id, i.id
        from wanted w
        join subscriptions s on s.bucket = w.bucket and s.id = w.id
        join invoices i on i.bucket = s.bucket and i.merchant_id = s.merchant_id
                       and i.customer_id = s.customer_id and i.subscription_id is null
                       and i.state <> 'void'
       where exists (
         select from invoice_lines l
          where l.bucket = i.bucket and l.merchant_id = i.merchant_id and l.invoice_id = i.id
            and l.subscription_id = s.id)
    )
    select i.* from invoices i join found using (bucket, merchant_id, id) order by i.id`,
  );
}

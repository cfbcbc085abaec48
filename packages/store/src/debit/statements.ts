import {
  bucketOf,
  type Claim,
  type CustomerId,
  type Debit,
  type DebitId,
  fromUuid,
  type InvoiceId,
  type Page,
  type Payment,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, chunksOf, type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { groupBy } from '../groups.ts';
import { inState, limitOf, ofCustomer, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';
import {
  fromDebitRow,
  holdsInvoices,
  toDebitInvoiceRows,
  toDebitRow,
  toPaymentRow,
} from './rows.ts';

/**
 * Writes debits whole, with the invoices that they collect. Debits that let go of their invoices
 * (failed, canceled, returned) go first, so that another takes them over within the same save.
 */
export async function saveDebits(db: Database, debits: readonly Debit[]): Promise<void> {
  const ordered = [
    ...debits.filter((debit) => !holdsInvoices(debit)),
    ...debits.filter((debit) => holdsInvoices(debit)),
  ];
  await writeRows(db, 'debits', { rows: ordered.map(toDebitRow), rule: 'replace' });
  for (const chunk of chunksOf(ordered)) await deleteOtherInvoices(db, chunk);
  await writeRows(db, 'debit_invoices', {
    rows: ordered.flatMap(toDebitInvoiceRows),
    rule: 'replace',
  });
}

async function deleteOtherInvoices(db: Database, debits: readonly Debit[]): Promise<void> {
  const pairs = debits.flatMap(({ id, invoiceIds }) =>
    invoiceIds.map((invoiceId) => ({ debitId: id, invoiceId })),
  );
  const buckets = arrayLiteral(
    'smallint',
    debits.map(({ id }) => bucketOf(id)),
  );
  const ids = arrayLiteral(
    'uuid',
    debits.map(({ id }) => toUuid(id)),
  );
  const debitIds = arrayLiteral(
    'uuid',
    pairs.map(({ debitId }) => toUuid(debitId)),
  );
  const invoiceIds = arrayLiteral(
    'uuid',
    pairs.map(({ invoiceId }) => toUuid(invoiceId)),
  );
  await sql`
    delete from debit_invoices l
     using unnest(${buckets}::smallint[], ${ids}::uuid[]) as saved (bucket, id)
     where l.bucket = saved.bucket and l.debit_id = saved.id
       and (l.debit_id, l.invoice_id) not in (
         select * from unnest(${debitIds}::uuid[], ${invoiceIds}::uuid[]))`.execute(db);
}

/** Scheduled debits whose rail wants an announcement by now, earliest first; locked. */
export async function claimDebitsToAnnounce(db: Database, claim: Claim): Promise<readonly Debit[]> {
  const rows = await readRows(
    db,
    'debits',
    sql`
    select * from debits
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and state = 'scheduled' and announce_at <= ${toInstant(claim.dueBy)}
     order by announce_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return await withInvoiceIds(db, rows);
}

/** Scheduled debits that may be collected by now, earliest first; locked. */
export async function claimDebitsToSubmit(db: Database, claim: Claim): Promise<readonly Debit[]> {
  const rows = await readRows(
    db,
    'debits',
    sql`
    select * from debits
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and state = 'scheduled' and collect_at <= ${toInstant(claim.dueBy)}
       and blocked_by is distinct from 'planned_date_moving'
     order by collect_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return await withInvoiceIds(db, rows);
}

/** Waits for the rows and locks them in the order of their ids. */
export async function lockDebits(db: Database, ids: readonly DebitId[]): Promise<readonly Debit[]> {
  const rows = await readRows(
    db,
    'debits',
    sql`
    select d.* from debits d join ${wantedIds(ids)} using (bucket, id)
     order by d.id for update of d`,
  );
  return await withInvoiceIds(db, rows);
}

export async function findDebitsOfInvoices(
  db: Database,
  ids: readonly InvoiceId[],
): Promise<readonly Debit[]> {
  const rows = await readRows(
    db,
    'debits',
    sql`
    select d.* from debits d
     where (d.bucket, d.merchant_id, d.id) in (
       select l.bucket, l.merchant_id, l.debit_id from debit_invoices l
         join ${wantedIds(ids)} on wanted.bucket = l.bucket and wanted.id = l.invoice_id)
     order by d.id`,
  );
  return await withInvoiceIds(db, rows);
}

export async function listDebits(
  db: Database,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly Debit[]> {
  const rows = await readRows(
    db,
    'debits',
    sql`
    select * from debits
     where ${ofCustomer(page.customerId)} and ${inState(page.state)}
       and ${pageOf(page)}`,
  );
  return await withInvoiceIds(db, rows);
}

/** Adds payments; a second one for a debit is refused by the database (I1). */
export async function addPayments(db: Database, payments: readonly Payment[]): Promise<void> {
  await writeRows(db, 'payments', { rows: payments.map(toPaymentRow), rule: 'add' });
}

/** Debits with the ids of the invoices that they collect, in their order. */
export async function withInvoiceIds(
  db: Database,
  debits: readonly Tables['debits'][],
): Promise<readonly Debit[]> {
  if (debits.length === 0) return [];
  const ids = debits.map(({ id }) => fromUuid('dbt', id));
  const rows = await readRows(
    db,
    'debit_invoices',
    sql`
    select l.* from debit_invoices l
      join ${wantedIds(ids)} on wanted.bucket = l.bucket and wanted.id = l.debit_id
     order by l.debit_id, l.position`,
  );
  const links = groupBy(rows, (row) => row.debit_id);
  return debits.map((row) =>
    fromDebitRow(
      row,
      (links.get(row.id) ?? []).map((link) => fromUuid('inv', link.invoice_id)),
    ),
  );
}

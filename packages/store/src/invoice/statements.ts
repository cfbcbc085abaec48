import {
  bucketOf,
  type Claim,
  type CustomerId,
  fromUuid,
  type Invoice,
  type InvoiceId,
  type Page,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, chunksOf, type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { groupBy } from '../groups.ts';
import { inState, limitOf, ofCustomer, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';
import { fromInvoiceRow, toInvoiceRow, toLineRows } from './rows.ts';

/**
 * Writes invoices whole: lines that they no longer have are deleted. Void ones go first, so that
 * the invoice that replaces one finds its period free within the same save.
 */
export async function saveInvoices(db: Database, invoices: readonly Invoice[]): Promise<void> {
  const ordered = [
    ...invoices.filter(({ state }) => state === 'void'),
    ...invoices.filter(({ state }) => state !== 'void'),
  ];
  await writeRows(db, 'invoices', { rows: ordered.map(toInvoiceRow), rule: 'replace' });
  await writeRows(db, 'invoice_lines', { rows: ordered.flatMap(toLineRows), rule: 'replace' });
  for (const chunk of chunksOf(ordered)) await deleteOtherLines(db, chunk);
}

async function deleteOtherLines(db: Database, invoices: readonly Invoice[]): Promise<void> {
  const lines = invoices.flatMap((invoice) =>
    invoice.lines.map(({ position }) => ({ invoice, position })),
  );
  const buckets = arrayLiteral(
    'smallint',
    invoices.map(({ id }) => bucketOf(id)),
  );
  const ids = arrayLiteral(
    'uuid',
    invoices.map(({ id }) => toUuid(id)),
  );
  const lineInvoices = arrayLiteral(
    'uuid',
    lines.map(({ invoice }) => toUuid(invoice.id)),
  );
  const positions = arrayLiteral(
    'smallint',
    lines.map(({ position }) => position),
  );
  await sql`
    delete from invoice_lines l
     using unnest(${buckets}::smallint[], ${ids}::uuid[]) as saved (bucket, id)
     where l.bucket = saved.bucket and l.invoice_id = saved.id
       and (l.invoice_id, l.position) not in (
         select * from unnest(${lineInvoices}::uuid[], ${positions}::smallint[]))`.execute(db);
}

/** Drafts that are due to be issued, earliest first; locked, skipping locked ones. */
export async function claimInvoicesToIssue(
  db: Database,
  claim: Claim,
): Promise<readonly Invoice[]> {
  const rows = await readRows(
    db,
    'invoices',
    sql`
    select * from invoices
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and state = 'draft' and issue_at <= ${toInstant(claim.dueBy)}
     order by issue_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return await withLines(db, rows);
}

export async function loadInvoices(
  db: Database,
  ids: readonly InvoiceId[],
): Promise<readonly Invoice[]> {
  const rows = await readRows(
    db,
    'invoices',
    sql`
    select i.* from invoices i join ${wantedIds(ids)} using (bucket, id)
     order by i.id`,
  );
  return await withLines(db, rows);
}

export async function listInvoices(
  db: Database,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly Invoice[]> {
  const rows = await readRows(
    db,
    'invoices',
    sql`
    select * from invoices
     where ${ofCustomer(page.customerId)} and ${inState(page.state)}
       and ${pageOf(page)}`,
  );
  return await withLines(db, rows);
}

async function withLines(
  db: Database,
  invoices: readonly Tables['invoices'][],
): Promise<readonly Invoice[]> {
  if (invoices.length === 0) return [];
  const ids = invoices.map(({ id }) => fromUuid('inv', id));
  const rows = await readRows(
    db,
    'invoice_lines',
    sql`
    select l.* from invoice_lines l
      join ${wantedIds(ids)} on wanted.bucket = l.bucket and wanted.id = l.invoice_id
     order by l.invoice_id, l.position`,
  );
  const lines = groupBy(rows, (row) => row.invoice_id);
  return invoices.map((row) => fromInvoiceRow(row, lines.get(row.id) ?? []));
}

import {
  bucketOf,
  type Claim,
  type CustomerId,
  fromUuid,
  type Invoice,
  type InvoiceId,
  invariant,
  type Page,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import {
  arrayLiteral,
  chunksOf,
  type Database,
  rowsOfIds,
  wantedIds,
  writeAndTell,
  writeRows,
} from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { groupBy } from '../groups.ts';
import { inState, limitOf, ofCustomer, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';
import { fromInvoiceRow, toInvoiceRow, toLineRows } from './rows.ts';

/**
 * Writes invoices whole: lines that they no longer have are deleted. Void ones go first, so that
 * the invoice that replaces one finds its key free within the same save. The lines of invoices that
 * were not there are only added, which is most of the work of a billing run.
 */
export async function saveInvoices(db: Database, invoices: readonly Invoice[]): Promise<void> {
  const ordered = [
    ...invoices.filter(({ state }) => state === 'void'),
    ...invoices.filter(({ state }) => state !== 'void'),
  ];
  const added = await writeAndTell(db, 'invoices', ordered.map(toInvoiceRow));
  const isNew = (invoice: Invoice) => added.has(toUuid(invoice.id));
  await writeRows(db, 'invoice_lines', {
    rows: ordered.filter(isNew).flatMap(toLineRows),
    rule: 'add',
  });
  const known = ordered.filter((invoice) => !isNew(invoice));
  await writeRows(db, 'invoice_lines', { rows: known.flatMap(toLineRows), rule: 'replace' });
  for (const chunk of chunksOf(known)) await deleteOtherLines(db, chunk);
}

async function deleteOtherLines(db: Database, invoices: readonly Invoice[]): Promise<void> {
  const buckets = arrayLiteral(
    'smallint',
    invoices.map(({ id }) => bucketOf(id)),
  );
  const ids = arrayLiteral(
    'uuid',
    invoices.map(({ id }) => toUuid(id)),
  );
  for (const { lines } of invoices) {
    const isNumbered = lines.every(({ position }, index) => position === index + 1);
    invariant(isNumbered, 'lines are numbered from 1 without gaps');
  }
  // So the lines beyond the last one are those to go.
  const counts = arrayLiteral(
    'integer',
    invoices.map(({ lines }) => lines.length),
  );
  await sql`
    delete from invoice_lines l
     using unnest(${buckets}::smallint[], ${ids}::uuid[], ${counts}::integer[])
           as saved (bucket, id, lines)
     where l.bucket = saved.bucket and l.invoice_id = saved.id
       and l.position > saved.lines`.execute(db);
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

/** Moves the moment at which these drafts are due to be issued; others are left as they are. */
export async function postponeIssue(
  db: Database,
  { drafts, until }: { readonly drafts: readonly InvoiceId[]; readonly until: Temporal.Instant },
): Promise<void> {
  await sql`
    update invoices i set issue_at = ${toInstant(until)}
      from ${wantedIds(drafts)}
     where i.bucket = wanted.bucket and i.id = wanted.id and i.state = 'draft'`.execute(db);
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

/** Invoices with their lines, in the order of the rows. */
export async function withLines(
  db: Database,
  invoices: readonly Tables['invoices'][],
): Promise<readonly Invoice[]> {
  if (invoices.length === 0) return [];
  const ids = invoices.map(({ id }) => fromUuid('inv', id));
  const rows = await readRows(
    db,
    'invoice_lines',
    sql`
    select r.* from ${rowsOfIds('invoice_lines', 'invoice_id', ids)}
     order by r.invoice_id, r.position`,
  );
  const lines = groupBy(rows, (row) => row.invoice_id);
  return invoices.map((row) => fromInvoiceRow(row, lines.get(row.id) ?? []));
}

import {
  type BucketRange,
  bucketOf,
  type CreditGrant,
  type CreditGrantId,
  type CreditNote,
  type CustomerId,
  fromUuid,
  type GrantUse,
  type InvoiceId,
  type MerchantId,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, insertNewRows, wantedIds, writeRows } from '../array-write.ts';
import { toDate } from '../columns.ts';
import { groupBy } from '../groups.ts';
import { limitOf } from '../pages.ts';
import {
  fromGrantRow,
  fromNoteRow,
  fromUseRow,
  toGrantRow,
  toNoteLineRows,
  toNoteRow,
  toUseRow,
} from './credit-rows.ts';

export async function saveGrants(db: Database, grants: readonly CreditGrant[]): Promise<void> {
  await writeRows(db, 'credit_grants', { rows: grants.map(toGrantRow), rule: 'replace' });
}

/**
 * Adds the grants whose reference their customer has none of, and returns their ids. The unique key
 * decides: a second one of the same moment waits here for the commit of the first.
 */
export async function addCreditGrants(
  db: Database,
  grants: readonly CreditGrant[],
): Promise<readonly CreditGrantId[]> {
  const added = await insertNewRows(db, 'credit_grants', grants.map(toGrantRow));
  return added.map((id) => fromUuid('crg', id));
}

/** A customer's grant of a reference, used up or not. */
export async function findGrantByReference(
  db: Database,
  { customer, reference }: { readonly customer: CustomerId; readonly reference: string },
): Promise<CreditGrant | undefined> {
  const rows = await readRows(
    db,
    'credit_grants',
    sql`
    select * from credit_grants
     where bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}
       and reference = ${reference}`,
  );
  return rows.map(fromGrantRow)[0];
}

/** Adds uses; a second use of a grant by the same invoice is our bug. */
export async function addGrantUses(
  db: Database,
  { merchant, uses }: { readonly merchant: MerchantId; readonly uses: readonly GrantUse[] },
): Promise<void> {
  await writeRows(db, 'grant_uses', {
    rows: uses.map((use) => toUseRow(use, merchant)),
    rule: 'add',
  });
}

/** Adds credit notes with their lines; a note that is there is our bug. */
export async function addCreditNotes(db: Database, notes: readonly CreditNote[]): Promise<void> {
  await writeRows(db, 'credit_notes', { rows: notes.map(toNoteRow), rule: 'add' });
  await writeRows(db, 'credit_note_lines', { rows: notes.flatMap(toNoteLineRows), rule: 'add' });
}

/** Grants with something left whose expiry day has come, locked unless another worker has them. */
export async function claimCreditsToExpire(
  db: Database,
  claim: {
    readonly buckets: BucketRange;
    readonly expiredBy: Temporal.PlainDate;
    readonly limit: number;
  },
): Promise<readonly CreditGrant[]> {
  const rows = await readRows(
    db,
    'credit_grants',
    sql`
    select * from credit_grants
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and left_minor > 0 and expires_on <= ${toDate(claim.expiredBy)}
     order by id limit ${limitOf(claim.limit)} for update skip locked`,
  );
  return rows.map(fromGrantRow);
}

/**
 * Grants with something left, locked, in the order of use: what expires first, then gifts before
 * money owed back before the customer's own, then the older one.
 */
export async function lockCreditGrants(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly CreditGrant[]> {
  const rows = await readRows(
    db,
    'credit_grants',
    sql`
    select g.* from credit_grants g
      join ${wantedIds(customers)} on wanted.bucket = g.bucket and wanted.id = g.customer_id
     where g.left_minor > 0
     order by g.customer_id, g.expires_on nulls last,
              array_position(array['promotional', 'credit_note', 'prepaid'], g.kind),
              g.created_at, g.id
     for update of g`,
  );
  return rows.map(fromGrantRow);
}

export async function loadGrantUses(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly GrantUse[]> {
  const rows = await readRows(
    db,
    'grant_uses',
    sql`
    select u.* from grant_uses u
      join ${wantedIds(invoices)} on wanted.bucket = u.bucket and wanted.id = u.invoice_id
     order by u.invoice_id, u.grant_id`,
  );
  return rows.map(fromUseRow);
}

/** Deletes the uses of these invoices; what they took is given back by who saves the grants. */
export async function releaseGrantUses(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<void> {
  await sql`
    delete from grant_uses u using ${wantedIds(invoices)}
     where wanted.bucket = u.bucket and wanted.id = u.invoice_id`.execute(db);
}

/** The credit notes of these invoices, oldest first. */
export async function loadCreditNotes(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly CreditNote[]> {
  const notes = await readRows(
    db,
    'credit_notes',
    sql`
    select n.* from credit_notes n
      join ${wantedIds(invoices)} on wanted.bucket = n.bucket and wanted.id = n.invoice_id
     order by n.id`,
  );
  if (notes.length === 0) return [];
  const ids = notes.map(({ id }) => fromUuid('cdn', id));
  const rows = await readRows(
    db,
    'credit_note_lines',
    sql`
    select l.* from credit_note_lines l
      join ${wantedIds(ids)} on wanted.bucket = l.bucket and wanted.id = l.credit_note_id
     order by l.credit_note_id, l.position`,
  );
  const lines = groupBy(rows, (row) => row.credit_note_id);
  return notes.map((row) => fromNoteRow(row, lines.get(row.id) ?? []));
}

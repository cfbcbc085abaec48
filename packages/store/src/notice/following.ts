import {
  type Claim,
  type ContactChannel,
  type CustomerId,
  type DebitId,
  fromUuid,
  type Notice,
  type NoticeId,
  type Page,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds } from '../array-write.ts';
import { fromDate, toInstant } from '../columns.ts';
import { limitOf, ofCustomer, pageOf } from '../pages.ts';
import { fromNoticeRow } from './rows.ts';

/** Messages whose channel failed, or proved nothing in its time; locked, earliest first. */
export async function claimNoticesToFollow(db: Database, claim: Claim): Promise<readonly Notice[]> {
  const rows = await readRows(
    db,
    'notices',
    sql`
    select * from notices
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and follow_at <= ${toInstant(claim.dueBy)}
     order by follow_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return rows.map(fromNoticeRow);
}

/** Those of these messages that another one follows. */
export async function findFollowed(
  db: Database,
  ids: readonly NoticeId[],
): Promise<ReadonlySet<NoticeId>> {
  const { rows } = await sql<{ follows_id: string }>`
    select n.follows_id::text as follows_id from notices n
      join ${wantedIds(ids)} on wanted.bucket = n.bucket and wanted.id = n.follows_id`.execute(db);
  return new Set(rows.map((row) => fromUuid('not', row.follows_id)));
}

/** Messages that were sent under these numbers of their providers and are not proved yet. */
export async function findNoticesByReference(
  db: Database,
  references: readonly string[],
): Promise<readonly Notice[]> {
  if (references.length === 0) return [];
  const rows = await readRows(
    db,
    'notices',
    sql`
    select * from notices
     where state = 'sent'
       and provider_reference = any(${arrayLiteral('text', references)}::text[])
     order by id limit ${limitOf(2 * references.length)}`,
  );
  return rows.map(fromNoticeRow);
}

/** The dates of those debits that are still to be collected. */
export async function findScheduledDates(
  db: Database,
  debits: readonly DebitId[],
): Promise<ReadonlyMap<DebitId, Temporal.PlainDate>> {
  if (debits.length === 0) return new Map();
  const { rows } = await sql<{ id: string; day: string }>`
    select d.id::text as id, d.collect_date::text as day from debits d
      join ${wantedIds(debits)} using (bucket, id)
     where d.state = 'scheduled'`.execute(db);
  return new Map(rows.map((row) => [fromUuid('dbt', row.id), fromDate(row.day)]));
}

/** Messages of a customer, oldest first. */
export async function listNotices(
  db: Database,
  page: Page & {
    readonly customerId: CustomerId;
    readonly channel?: ContactChannel;
    readonly from?: Temporal.Instant;
    readonly until?: Temporal.Instant;
    readonly sent?: boolean;
  },
): Promise<readonly Notice[]> {
  const { channel, from, until } = page;
  const conditions = [
    ofCustomer(page.customerId),
    ...(channel === undefined ? [] : [sql`channel = ${channel}`]),
    ...(from === undefined ? [] : [sql`created_at >= ${toInstant(from)}`]),
    ...(until === undefined ? [] : [sql`created_at < ${toInstant(until)}`]),
    ...(page.sent === true ? [sql`sent_at is not null`] : []),
    pageOf(page),
  ];
  const rows = await readRows(
    db,
    'notices',
    sql`select * from notices where ${sql.join(conditions, sql` and `)}`,
  );
  return rows.map(fromNoticeRow);
}

import {
  askedAbout,
  type BucketRange,
  type Claim,
  type DebitId,
  type DebitNotice,
  type Notice,
  type NoticeId,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import { fromDebitNoticeRow, fromNoticeRow, toNoticeRow } from './rows.ts';

export async function saveNotices(db: Database, notices: readonly Notice[]): Promise<void> {
  await writeRows(db, 'notices', { rows: notices.map(toNoticeRow), rule: 'replace' });
}

export type NoticeClaim = Claim & {
  readonly wallNow: Temporal.Instant;
  readonly leaseUntil: Temporal.Instant;
};

/**
 * Planned notices that are due, and those whose sender died before its lease ran out, earliest
 * first. Sets them to `sending` with the new lease; returns them as they are then.
 */
export async function claimNoticesToSend(
  db: Database,
  claim: NoticeClaim,
): Promise<readonly Notice[]> {
  const claimed = sql`
    with due as (
      select bucket, merchant_id, id from notices
       where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
         and state in ('planned', 'sending') and due_at <= ${toInstant(claim.dueBy)}
         and (state = 'planned' or lease_until is null
              or lease_until <= ${toInstant(claim.wallNow)})
       order by due_at, id limit ${limitOf(claim.limit)}
       for update skip locked
    ), claimed as (
      update notices n set state = 'sending', lease_until = ${toInstant(claim.leaseUntil)}
        from due
       where n.bucket = due.bucket and n.merchant_id = due.merchant_id and n.id = due.id
      returning n.*
    )`;
  const query = sql`select * from claimed order by due_at, id`;
  const rows = await readRows(db, 'notices', { before: claimed, query });
  return rows.map(fromNoticeRow);
}

/** The condition of notices that a provider may still have an answer about: one for all askers. */
export function isAskedAbout(now: Temporal.Instant): RawBuilder<unknown> {
  const { triedSince, keptSince } = askedAbout(now);
  return sql`
    (state = 'sent' and sent_at > ${toInstant(keptSince)}
     and (follow_at is not null or sent_at > ${toInstant(triedSince)}))`;
}

/** Notices that were sent and whose delivery can still be asked for, after a cursor. */
export async function loadSentNotices(
  db: Database,
  query: {
    readonly buckets: BucketRange;
    readonly now: Temporal.Instant;
    readonly after?: NoticeId;
    readonly limit: number;
  },
): Promise<readonly Notice[]> {
  const after = query.after === undefined ? sql`true` : sql`id > ${toUuid(query.after)}`;
  const rows = await readRows(
    db,
    'notices',
    sql`
    select * from notices
     where bucket >= ${query.buckets.from} and bucket < ${query.buckets.until}
       and ${isAskedAbout(query.now)} and ${after}
     order by id limit ${limitOf(query.limit)}`,
  );
  return rows.map(fromNoticeRow);
}

/** Waits for the rows and locks them in the order of their ids. */
export async function lockNotices(
  db: Database,
  ids: readonly NoticeId[],
): Promise<readonly Notice[]> {
  const rows = await readRows(
    db,
    'notices',
    sql`
    select n.* from notices n join ${wantedIds(ids)} using (bucket, id)
     order by n.id for update of n`,
  );
  return rows.map(fromNoticeRow);
}

export async function loadNotices(
  db: Database,
  ids: readonly NoticeId[],
): Promise<readonly Notice[]> {
  const rows = await readRows(
    db,
    'notices',
    sql`
    select n.* from notices n join ${wantedIds(ids)} using (bucket, id)
     order by n.id`,
  );
  return rows.map(fromNoticeRow);
}

export async function loadNoticesOf(
  db: Database,
  debits: readonly DebitId[],
): Promise<readonly DebitNotice[]> {
  const rows = await readRows(
    db,
    'notices',
    sql`
    select n.* from notices n
      join ${wantedIds(debits)} on wanted.bucket = n.bucket and wanted.id = n.debit_id
     order by n.id`,
  );
  return rows.map(fromDebitNoticeRow);
}

/** Lets go of every notice that a sender holds, as the owner: only when no sender can be alive. */
export async function releaseNotices(db: Database): Promise<void> {
  await sql`update notices set lease_until = null where state = 'sending'`.execute(db);
}

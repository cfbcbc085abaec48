import type { AttemptId, Claim, CustomerId, Id, Page, Refund, RefundId } from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { inState, limitOf, ofCustomer, pageOf } from '../pages.ts';
import { fromRefundRow, toRefundRow } from './rows.ts';

/**
 * Writes refunds whole. Those that are not with the rail go first, so that the next one of the same
 * order finds none open within the same save. Above what was paid is refused by the database (I6).
 */
export async function saveRefunds(db: Database, refunds: readonly Refund[]): Promise<void> {
  const isOpen = ({ state }: Refund) =>
    state === 'submitting' || state === 'accepted' || state === 'unknown';
  const ordered = [
    ...refunds.filter((refund) => !isOpen(refund)),
    ...refunds.filter((refund) => isOpen(refund)),
  ];
  await writeRows(db, 'refunds', { rows: ordered.map(toRefundRow), rule: 'replace' });
}

export async function loadRefunds(
  db: Database,
  ids: readonly RefundId[],
  lock: 'lock' | 'look' = 'look',
): Promise<readonly Refund[]> {
  return await readRefunds(
    db,
    sql`
    select r.* from refunds r join ${wantedIds(ids)} using (bucket, id)
     order by r.id ${lock === 'lock' ? sql`for update of r` : sql``}`,
  );
}

/** Refunds of these orders, in any state, oldest first. */
export async function loadRefundsOfAttempts(
  db: Database,
  attempts: readonly AttemptId[],
): Promise<readonly Refund[]> {
  return await readRefunds(db, of('attempt_id', attempts));
}

export async function listRefunds(
  db: Database,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly Refund[]> {
  return await readRefunds(
    db,
    sql`
    select * from refunds
     where ${ofCustomer(page.customerId)} and ${inState(page.state)} and ${pageOf(page)}`,
  );
}

/** Approved refunds that are due by now, earliest first; locked, skipping locked ones. */
export async function claimRefundsToSubmit(db: Database, claim: Claim): Promise<readonly Refund[]> {
  return await claimRefunds(db, claim, {
    column: 'due_at',
    where: sql`state = 'approved' and due_at <= ${toInstant(claim.dueBy)}`,
  });
}

/** Open refunds whose rail is to be asked by now, earliest first; locked, skipping locked ones. */
export async function claimRefundsToAsk(db: Database, claim: Claim): Promise<readonly Refund[]> {
  return await claimRefunds(db, claim, {
    column: 'ask_at',
    where: sql`state in ('submitting', 'accepted', 'unknown')
       and ask_at <= ${toInstant(claim.dueBy)}`,
  });
}

/** Refunds that nobody approved in their time; locked, skipping locked ones. */
export async function claimRefundsToExpire(db: Database, claim: Claim): Promise<readonly Refund[]> {
  return await claimRefunds(db, claim, {
    column: 'approve_by',
    where: sql`state = 'awaiting_approval' and approve_by <= ${toInstant(claim.dueBy)}`,
  });
}

async function claimRefunds(
  db: Database,
  claim: Claim,
  due: { readonly column: string; readonly where: RawBuilder<unknown> },
): Promise<readonly Refund[]> {
  return await readRefunds(
    db,
    sql`
    select * from refunds
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until} and ${due.where}
     order by ${sql.ref(due.column)}, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
}

function of(column: string, ids: readonly Id[]): RawBuilder<unknown> {
  return sql`
    select r.* from refunds r
      join ${wantedIds(ids)} on wanted.bucket = r.bucket and wanted.id = ${sql.ref(`r.${column}`)}
     order by r.id`;
}

async function readRefunds(db: Database, query: RawBuilder<unknown>): Promise<readonly Refund[]> {
  return (await readRows(db, 'refunds', query)).map(fromRefundRow);
}

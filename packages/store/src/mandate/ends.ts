import {
  bucketOf,
  type Claim,
  fromUuid,
  type MandateEnd,
  type MandateId,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, wantedIds, writeRows } from '../array-write.ts';
import { asIs, fromInstant, given, orNull, toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

export async function saveMandateEnds(db: Database, ends: readonly MandateEnd[]): Promise<void> {
  await writeRows(db, 'mandate_ends', { rows: ends.map(toEndRow), rule: 'replace' });
}

export async function findMandateEnd(
  db: Database,
  mandate: MandateId,
): Promise<MandateEnd | undefined> {
  const rows = await readRows(
    db,
    'mandate_ends',
    sql`
    select e.* from mandate_ends e
      join ${wantedIds([mandate])} on wanted.bucket = e.bucket and wanted.id = e.mandate_id`,
  );
  return rows.map(fromEndRow).at(0);
}

/** Ends whose rail is to be asked by now, earliest first; locked, skipping locked ones. */
export async function claimMandateEnds(db: Database, claim: Claim): Promise<readonly MandateEnd[]> {
  const rows = await readRows(
    db,
    'mandate_ends',
    sql`
    select * from mandate_ends
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and next_try_at <= ${toInstant(claim.dueBy)}
     order by next_try_at, mandate_id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return rows.map(fromEndRow);
}

function toEndRow(end: MandateEnd): NewRow<'mandate_ends'> {
  return {
    bucket: bucketOf(end.mandateId),
    merchant_id: toUuid(end.merchantId),
    mandate_id: toUuid(end.mandateId),
    customer_id: toUuid(end.customerId),
    asked_by: end.askedBy,
    remark: end.remark,
    asked_at: toInstant(end.askedAt),
    tries: end.tries,
    next_try_at: orNull(end.nextTryAt, toInstant),
    answer: orNull(end.answer, asIs),
    answered_at: orNull(end.answeredAt, toInstant),
  };
}

function fromEndRow(row: Tables['mandate_ends']): MandateEnd {
  return {
    mandateId: fromUuid('man', row.mandate_id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    askedBy: row.asked_by as MandateEnd['askedBy'],
    remark: row.remark,
    askedAt: fromInstant(row.asked_at),
    tries: row.tries,
    ...given('nextTryAt', row.next_try_at, fromInstant),
    ...given('answer', row.answer, asIs),
    ...given('answeredAt', row.answered_at, fromInstant),
  };
}

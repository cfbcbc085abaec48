import {
  type Attempt,
  bucketOf,
  type Claim,
  type DebitId,
  fromUuid,
  type Payment,
  parseOrderNumber,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import { fromAttemptRow, toAttemptRow } from './attempt-rows.ts';
import { fromPaymentRow } from './rows.ts';

/**
 * Writes attempts. Those that have ended go first, so that the next one of the same debit finds
 * none open within the same save.
 */
export async function saveAttempts(db: Database, attempts: readonly Attempt[]): Promise<void> {
  const ordered = [
    ...attempts.filter(({ endedAt }) => endedAt !== undefined),
    ...attempts.filter(({ endedAt }) => endedAt === undefined),
  ];
  await writeRows(db, 'attempts', { rows: ordered.map(toAttemptRow), rule: 'replace' });
}

/** Open attempts whose rail is to be asked by now, earliest first; locked, skipping locked ones. */
export async function claimAttemptsToAsk(db: Database, claim: Claim): Promise<readonly Attempt[]> {
  const rows = await readRows(
    db,
    'attempts',
    sql`
    select * from attempts
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and state in ('submitting', 'accepted', 'unknown')
       and ask_at <= ${toInstant(claim.dueBy)}
     order by ask_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return rows.map(fromAttemptRow);
}

export async function loadAttemptsOf(
  db: Database,
  debits: readonly DebitId[],
): Promise<readonly Attempt[]> {
  const rows = await readRows(
    db,
    'attempts',
    sql`
    select a.* from attempts a
      join ${wantedIds(debits)} on wanted.bucket = a.bucket and wanted.id = a.debit_id
     order by a.id`,
  );
  return rows.map(fromAttemptRow);
}

export type SettledAttempt = { readonly attempt: Attempt; readonly payment?: Payment };

/** Our number names its debit and so its bucket; a number that is none of ours is in no row. */
export async function findAttemptsByOrderNumber(
  db: Database,
  orderNumbers: readonly string[],
): Promise<readonly SettledAttempt[]> {
  const ours = orderNumbers.flatMap((number) => {
    const parsed = parseOrderNumber(number);
    return parsed === undefined ? [] : [{ number, bucket: bucketOf(parsed.debitId) }];
  });
  if (ours.length === 0) return [];
  const buckets = arrayLiteral(
    'smallint',
    ours.map(({ bucket }) => bucket),
  );
  const numbers = arrayLiteral(
    'text',
    ours.map(({ number }) => number),
  );
  const rows = await readRows(
    db,
    'attempts',
    sql`
    select a.* from attempts a
     where (a.bucket, a.order_number) in (
       select * from unnest(${buckets}::smallint[], ${numbers}::text[]))
     order by a.id`,
  );
  return await withPayments(db, rows.map(fromAttemptRow));
}

/** The debit of the attempt that the rail calls so; the newest, should two rails use one number. */
export async function findDebitByRailReference(
  db: Database,
  railReference: string,
): Promise<DebitId | undefined> {
  const { rows } = await sql<{ debit_id: string }>`
    select debit_id from attempts where rail_reference = ${railReference}
     order by id desc limit 1`.execute(db);
  const found = rows[0]?.debit_id;
  return found === undefined ? undefined : fromUuid('dbt', found);
}

/** The attempts with their payments, where there are any. */
export async function withPayments(
  db: Database,
  attempts: readonly Attempt[],
): Promise<readonly SettledAttempt[]> {
  if (attempts.length === 0) return [];
  const rows = await readRows(
    db,
    'payments',
    sql`
    select p.* from payments p
      join ${wantedIds(attempts.map(({ id }) => id))}
        on wanted.bucket = p.bucket and wanted.id = p.attempt_id`,
  );
  const payments = new Map(
    rows.map((row) => [fromUuid('att', row.attempt_id), fromPaymentRow(row)]),
  );
  return attempts.map((attempt) => {
    const payment = payments.get(attempt.id);
    return payment === undefined ? { attempt } : { attempt, payment };
  });
}

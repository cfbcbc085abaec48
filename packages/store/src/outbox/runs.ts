import { fromUuid, type Run, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, writeRows } from '../array-write.ts';
import { fromInstant, given, orNull, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export async function findRun(
  db: Database,
  { kind, key }: { readonly kind: string; readonly key: string },
): Promise<Run | undefined> {
  const rows = await readRows(
    db,
    'runs',
    sql`
    select * from runs where kind = ${kind} and key = ${key}`,
  );
  return rows.map(fromRunRow).at(0);
}

/** Writes a run whole. A second run of the same kind and key is refused by the database. */
export async function saveRun(db: Database, run: Run): Promise<void> {
  await writeRows(db, 'runs', { rows: [toRunRow(run)], rule: 'replace' });
}

/** Adds a run, unless there is one of its kind and key. */
export async function addRun(db: Database, run: Run): Promise<void> {
  await writeRows(db, 'runs', { rows: [toRunRow(run)], rule: 'keep' });
}

function toRunRow(run: Run): NewRow<'runs'> {
  return {
    merchant_id: toUuid(run.merchantId),
    id: toUuid(run.id),
    kind: run.kind,
    key: run.key,
    state: run.state,
    progress: run.progress,
    started_at: toInstant(run.startedAt),
    finished_at: orNull(run.finishedAt, toInstant),
  };
}

function fromRunRow(row: Tables['runs']): Run {
  return {
    id: fromUuid('run', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    kind: row.kind,
    key: row.key,
    state: row.state as Run['state'],
    progress: row.progress as Run['progress'],
    startedAt: fromInstant(row.started_at),
    ...given('finishedAt', row.finished_at, fromInstant),
  };
}

import {
  type AccountBalance,
  bucketOf,
  fromUuid,
  type Id,
  invariant,
  type Journal,
  type JournalId,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, ROWS_PER_STATEMENT, wantedIds, writeRows } from '../array-write.ts';
import { groupBy } from '../groups.ts';
import type { Tables } from '../schema.generated.ts';
import { fromJournalRow, toEntryRows, toJournalRow } from './rows.ts';

/** Adds journals with all their entries: a statement holds whole journals, which sum to zero. */
export async function addJournals(db: Database, journals: readonly Journal[]): Promise<void> {
  for (const { id, sourceId } of journals) {
    invariant(bucketOf(id) === bucketOf(sourceId), 'a journal lives in the bucket of its source');
  }
  await writeRows(db, 'journals', { rows: journals.map(toJournalRow), rule: 'add' });
  for (const group of wholeJournals(journals)) {
    await writeRows(db, 'entries', { rows: group.flatMap(toEntryRows), rule: 'add' });
  }
}

/** Groups of journals whose entries fit one statement. */
function wholeJournals(journals: readonly Journal[]): readonly (readonly Journal[])[] {
  const groups: Journal[][] = [];
  let entries = ROWS_PER_STATEMENT;
  for (const journal of journals) {
    invariant(journal.entries.length <= ROWS_PER_STATEMENT, 'a journal fits one statement');
    if (entries + journal.entries.length > ROWS_PER_STATEMENT) {
      groups.push([]);
      entries = 0;
    }
    groups.at(-1)?.push(journal);
    entries += journal.entries.length;
  }
  return groups;
}

/** What stands on every account of the merchant, debit and credit turnover apart. */
export async function loadTrialBalance(db: Database): Promise<readonly AccountBalance[]> {
  const { rows } = await sql<{ account: string; debit: bigint; credit: bigint }>`
    select account,
           coalesce(sum(minor) filter (where minor > 0), 0)::bigint as debit,
           coalesce(-sum(minor) filter (where minor < 0), 0)::bigint as credit
      from entries group by account order by account`.execute(db);
  return rows.map(({ account, debit, credit }) => ({
    account,
    debitMinor: debit,
    creditMinor: credit,
  }));
}

/** The journals of these facts, oldest first. */
export async function loadJournalsOf(
  db: Database,
  sources: readonly Id[],
): Promise<readonly Journal[]> {
  const journals = await readRows(
    db,
    'journals',
    sql`
    select j.* from journals j
      join ${wantedIds(sources)} on wanted.bucket = j.bucket and wanted.id = j.source_id
     order by j.id`,
  );
  return await withEntries(db, journals);
}

export async function loadJournals(
  db: Database,
  ids: readonly JournalId[],
): Promise<readonly Journal[]> {
  const journals = await readRows(
    db,
    'journals',
    sql`select j.* from journals j join ${wantedIds(ids)} using (bucket, id) order by j.id`,
  );
  return await withEntries(db, journals);
}

async function withEntries(
  db: Database,
  journals: readonly Tables['journals'][],
): Promise<readonly Journal[]> {
  const ids = journals.map(({ id }) => fromUuid('jrn', id));
  const rows = await readRows(
    db,
    'entries',
    sql`
    select e.* from entries e
      join ${wantedIds(ids)} on wanted.bucket = e.bucket and wanted.id = e.journal_id
     order by e.journal_id, e.position`,
  );
  const entries = groupBy(rows, (row) => row.journal_id);
  return journals.map((row) => fromJournalRow(row, entries.get(row.id) ?? []));
}

import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { sql } from 'kysely';
import type { Database } from '../array-write.ts';
import {
  type BackedUpMerchant,
  digestOf,
  FORMAT,
  FORMAT_VERSION,
  type Header,
  TableMeter,
  type Trailer,
} from './archive.ts';
import { BackupUnusable, fileFailure } from './failures.ts';
import { loadSchemaVersion, loadTables, SCHEMA_TABLE, type TableShape } from './tables.ts';

/** Rows that are taken from the database at once: enough to spread a round trip, few in memory. */
const ROWS_PER_FETCH = 500;

/** Told how far a long piece of work is, in rows. */
export type RowProgress = {
  readonly start: (label: 'backup' | 'verify' | 'restore', total: number) => void;
  readonly advance: (rows: number) => void;
  readonly finish: () => void;
};

export type BackUpOptions = {
  /** Replaces a file of that name. */
  readonly force?: boolean;
  readonly progress?: RowProgress;
};

export type BackUpResult = Pick<Header, 'schema' | 'madeAt' | 'rows'> & {
  readonly tables: number;
  readonly merchants: readonly BackedUpMerchant[];
};

/**
 * Writes every row of every table into one file, as one moment saw them: one repeatable-read
 * transaction that only reads, so that others go on (on the embedded database they wait, as it has
 * one connection). The file is written under another name, made durable and renamed: a name without
 * end is never there. Only this user may read it.
 */
export async function backUp(
  db: Database,
  path: string,
  options: BackUpOptions = {},
): Promise<BackUpResult> {
  if (options.force !== true && existsSync(path)) throw new BackupUnusable('file_exists');
  const draft = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const result = await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((transaction) => writeDraft(transaction, draft, options.progress));
    await giveName(draft, path, options.force === true);
    return result;
  } catch (error) {
    throw fileFailure(error, 'not_writable');
  } finally {
    await rm(draft, { force: true });
  }
}

/** Gives the finished file its name, and makes the name durable. */
async function giveName(draft: string, path: string, force: boolean): Promise<void> {
  if (force) await rename(draft, path);
  else {
    // A link fails where a file has come in the meantime; a rename would replace it.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? new BackupUnusable('file_exists') : error;
    });
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeDraft(
  db: Database,
  draft: string,
  progress: RowProgress | undefined,
): Promise<BackUpResult> {
  await prepare(db);
  const tables = (await loadTables(db)).filter(({ name }) => name !== SCHEMA_TABLE);
  const header = await makeHeader(db, tables);
  progress?.start('backup', header.rows);
  try {
    await pipeline(
      Readable.from(archiveLines(db, { header, tables, progress })),
      createGzip(),
      createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }),
    );
  } finally {
    progress?.finish();
  }
  const { schema, madeAt, rows, merchants } = header;
  return { schema, madeAt, rows, merchants, tables: tables.length };
}

/** Texts that any PostgreSQL reads back as the same values, however long it takes to write them. */
async function prepare(db: Database): Promise<void> {
  await sql`
    select set_config('statement_timeout', '0', true),
           set_config('datestyle', 'ISO, YMD', true), set_config('timezone', 'UTC', true),
           set_config('intervalstyle', 'postgres', true),
           set_config('bytea_output', 'hex', true),
           set_config('extra_float_digits', '1', true)`.execute(db);
}

async function makeHeader(db: Database, tables: readonly TableShape[]): Promise<Header> {
  let rows = 0;
  for (const { name } of tables) {
    const counted = await sql<{ rows: number }>`
      select count(*)::int as rows from ${sql.table(name)}`.execute(db);
    rows += counted.rows[0]?.rows ?? 0;
  }
  const merchants = await sql<BackedUpMerchant>`
    select code, mode from merchants order by code`.execute(db);
  const { rows: times } = await sql<{ now: string }>`
    select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`.execute(db);
  return {
    kind: 'header',
    format: FORMAT,
    version: FORMAT_VERSION,
    schema: await loadSchemaVersion(db),
    madeAt: times[0]?.now ?? '',
    merchants: merchants.rows,
    rows,
  };
}

/** The whole archive as text, a piece at a time; the next is made when the last was written. */
async function* archiveLines(
  db: Database,
  parts: {
    readonly header: Header;
    readonly tables: readonly TableShape[];
    readonly progress: RowProgress | undefined;
  },
): AsyncGenerator<string> {
  const head = JSON.stringify(parts.header);
  yield `${head}\n`;
  const digests: Trailer['tables'][number][] = [];
  for (const { name, columns } of parts.tables) {
    yield `${JSON.stringify({ kind: 'table', name, columns })}\n`;
    const meter = new TableMeter(name);
    for await (const rows of rowsOf(db, name)) {
      for (const row of rows) meter.add(row);
      parts.progress?.advance(rows.length);
      yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    }
    digests.push(meter.finish());
  }
  const trailer: Trailer = { kind: 'trailer', headerSha256: digestOf(head), tables: digests };
  yield `${JSON.stringify(trailer)}\n`;
}

/** The rows of a table in PostgreSQL's composite form, through a cursor. */
async function* rowsOf(db: Database, table: string): AsyncGenerator<readonly string[]> {
  await sql`declare backup_rows no scroll cursor for
    select (t)::text as row from ${sql.table(table)} as t`.execute(db);
  let count = ROWS_PER_FETCH;
  while (count > 0) {
    const { rows } = await sql<{ row: string }>`
      fetch forward ${sql.lit(ROWS_PER_FETCH)} from backup_rows`.execute(db);
    count = rows.length;
    if (count > 0) yield rows.map(({ row }) => row);
  }
  await sql`close backup_rows`.execute(db);
}

import { sql } from 'kysely';
import type { Database } from '../array-write.ts';
import { applyMigrations, loadMigrations } from '../migrate.ts';
import { COLUMNS, type Tables } from '../schema.generated.ts';
import { type Header, readArchive, type TableStart } from './archive.ts';
import type { RowProgress } from './back-up.ts';
import { BackupUnusable, DatabaseNotEmpty } from './failures.ts';
import { loadTables, SCHEMA_TABLE } from './tables.ts';

export type RestoreOptions = {
  /** Whether merchants are put in quarantine; told the header, as live merchants always are. */
  readonly quarantine: (header: Header) => boolean;
  readonly progress?: RowProgress;
};

export type RestoreResult = Pick<Header, 'madeAt' | 'rows' | 'merchants'> & {
  /** The schema of the backup, and what the database has now. */
  readonly from: number;
  readonly to: number;
  readonly quarantined: boolean;
};

/**
 * Loads a backup into an empty database. The whole file is read and checked before anything is
 * written; then everything is one transaction: the schema of the backup, its rows, its foreign keys
 * checked again, the migrations since, the quarantine. A failure leaves the database as it was.
 * Throws `BackupUnusable` and `DatabaseNotEmpty`.
 */
export async function restoreInto(
  db: Database,
  path: string,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const { progress } = options;
  const header = await verify(path, progress);
  const migrations = loadMigrations();
  const to = migrations.length;
  if (header.schema > to) throw new BackupUnusable('newer_schema');
  const quarantined = options.quarantine(header);
  await db.transaction().execute(async (transaction) => {
    await sql`select set_config('statement_timeout', '0', true)`.execute(transaction);
    await removeEmptySchema(transaction);
    await applyMigrations<Tables>(transaction, migrations.slice(0, header.schema));
    const keys = await dropForeignKeys(transaction);
    const tables = (await loadTables(transaction)).filter(({ name }) => name !== SCHEMA_TABLE);
    for (const { name } of tables) await alter(transaction, name, 'disable trigger user');
    await load(transaction, path, { header, shapes: tables, progress });
    for (const { name } of tables) await alter(transaction, name, 'enable trigger user');
    for (const { table, text } of keys) await alter(transaction, table, `add ${text}`);
    await applyMigrations<Tables>(transaction, migrations);
    if (quarantined) await openQuarantines(transaction, header.madeAt);
  });
  await sql`analyze`.execute(db);
  const { madeAt, rows, merchants, schema: from } = header;
  return { madeAt, rows, merchants, from, to, quarantined };
}

async function verify(path: string, progress: RowProgress | undefined): Promise<Header> {
  try {
    return await readArchive(path, {
      header: ({ rows }) => progress?.start('verify', rows),
      rows: async (rows) => progress?.advance(rows.length),
    });
  } finally {
    progress?.finish();
  }
}

/**
 * Leaves nothing of ours in the database, provided that nothing of ours has a row. Refuses for any
 * table that is not ours: a database of somebody else is not emptied, however empty it looks.
 */
async function removeEmptySchema(db: Database): Promise<void> {
  const tables = (await loadTables(db)).map(({ name }) => name);
  for (const name of tables) {
    if (name === SCHEMA_TABLE) continue;
    if (!Object.hasOwn(COLUMNS, name)) throw new DatabaseNotEmpty(name);
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(db);
    if (rows.length > 0) throw new DatabaseNotEmpty(name);
  }
  for (const name of tables) await sql`drop table ${sql.table(name)} cascade`.execute(db);
  const { rows: functions } = await sql<{ signature: string }>`
    select p.oid::regprocedure::text as signature from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.proname like 'daikou\\_%'`.execute(db);
  for (const { signature } of functions) {
    await sql`drop function ${sql.raw(signature)} cascade`.execute(db);
  }
}

type ForeignKey = { readonly table: string; readonly text: string };

/** Takes the foreign keys away, so that the order of the tables does not matter; returns them. */
async function dropForeignKeys(db: Database): Promise<readonly ForeignKey[]> {
  const { rows } = await sql<{ table: string; name: string; definition: string }>`
    select c.conrelid::regclass::text as "table", c.conname as name,
           pg_get_constraintdef(c.oid) as definition
      from pg_constraint c
     where c.contype = 'f' and c.connamespace = 'public'::regnamespace
     order by c.conrelid::regclass::text, c.conname`.execute(db);
  for (const { table, name } of rows) {
    await sql`alter table ${sql.table(table)} drop constraint ${sql.ref(name)}`.execute(db);
  }
  return rows.map(({ table, name, definition }) => ({
    table,
    text: `constraint ${name} ${definition}`,
  }));
}

async function alter(db: Database, table: string, change: string): Promise<void> {
  await sql`alter table ${sql.table(table)} ${sql.raw(change)}`.execute(db);
}

/** Loads the rows; the file is checked once more while it is read, as it may have changed. */
async function load(
  db: Database,
  path: string,
  about: {
    readonly header: Header;
    readonly shapes: readonly { readonly name: string; readonly columns: readonly string[] }[];
    readonly progress: RowProgress | undefined;
  },
): Promise<void> {
  const { shapes, progress } = about;
  const columnsOf = new Map(shapes.map(({ name, columns }) => [name, columns.join(',')]));
  let table: TableStart | undefined;
  progress?.start('restore', about.header.rows);
  try {
    const again = await readArchive(path, {
      table: async (next) => {
        if (columnsOf.get(next.name) !== next.columns.join(',')) {
          throw new BackupUnusable('other_columns', `(${next.name})`);
        }
        columnsOf.delete(next.name);
        table = next;
      },
      rows: async (rows) => {
        if (table !== undefined) await insertRows(db, table.name, rows);
        progress?.advance(rows.length);
      },
    });
    if (JSON.stringify(again) !== JSON.stringify(about.header) || columnsOf.size > 0) {
      throw new BackupUnusable('damaged');
    }
  } finally {
    progress?.finish();
  }
}

/** Rows come as one array of the table's own composite type, which PostgreSQL reads itself. */
async function insertRows(db: Database, table: string, rows: readonly string[]): Promise<void> {
  const quoted = rows.map((row) => `"${row.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  const name = sql.table(table);
  await sql`
    insert into ${name}
    select r.* from unnest((${`{${quoted.join(',')}}`}::text)::${name}[]) as r`.execute(db);
}

/**
 * A quarantine for every merchant. One that was open when the backup was made goes on: what
 * happened since the older backup is still to be learned.
 */
async function openQuarantines(db: Database, madeAt: string): Promise<void> {
  await sql`
    insert into quarantines
      (merchant_id, restored_at, backup_made_at, state, progress)
    select m.id, coalesce(m.test_clock, now()),
           least(coalesce(m.test_clock, ${madeAt}::timestamptz), q.backup_made_at), 'open', '{}'
      from merchants m
      left join quarantines q on q.merchant_id = m.id and q.state = 'open'
    on conflict (merchant_id) where state = 'open'
    do update set backup_made_at = excluded.backup_made_at, restored_at = excluded.restored_at,
                  asked_at = null`.execute(db);
}

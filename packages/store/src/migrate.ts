import { readdirSync, readFileSync } from 'node:fs';
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { NewerSchema } from './errors.ts';

export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
};

/** Our own advisory lock: every migrating process of a database waits for the one before it. */
const MIGRATION_LOCK = 0x6461696b; // "daik"

/** How long a start waits for another process that is migrating. */
const LOCK_WAIT_SECONDS = 120;

const FOLDER = new URL('./migrations/', import.meta.url);
const FOLDER_NAME = /^(\d{4})-([a-z-]+)$/;

/** All migrations of this code, oldest first. Their numbers have no gaps. */
export function loadMigrations(): readonly Migration[] {
  return readdirSync(FOLDER)
    .filter((name) => FOLDER_NAME.test(name))
    .sort()
    .map((name, index) => {
      const version = Number(name.slice(0, 4));
      if (version !== index + 1) throw new Error(`migration ${name} is not number ${index + 1}`);
      return { version, name, sql: readFileSync(new URL(`${name}/up.sql`, FOLDER), 'utf8') };
    });
}

export type MigrationResult = { readonly from: number; readonly to: number };

/**
 * Brings the schema to this code's version and returns the versions before and after. All pending
 * migrations are one transaction under an advisory lock: any number of processes may start at once,
 * and a failure or a kill leaves the schema as it was. Throws `NewerSchema` when the database is
 * ahead of the code.
 */
export async function migrate<DB>(
  db: Kysely<DB>,
  migrations: readonly Migration[] = loadMigrations(),
): Promise<MigrationResult> {
  return await db.transaction().execute((transaction) => applyMigrations(transaction, migrations));
}

/** The same inside a transaction that the caller has open; `migrations` may end before the last. */
export async function applyMigrations<DB>(
  transaction: Kysely<DB>,
  migrations: readonly Migration[],
): Promise<MigrationResult> {
  const run = (text: string) => transaction.executeQuery(CompiledQuery.raw(text, []));
  await run(`set local lock_timeout = '${LOCK_WAIT_SECONDS}s'`);
  await run('set local statement_timeout = 0');
  await run(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
  await run(
    `create table if not exists daikou_schema (
       version integer primary key, name text not null, applied_at timestamptz not null)`,
  );
  const applied = await sql<{ version: number }>`
    select coalesce(max(version), 0)::int as version from daikou_schema`.execute(transaction);
  const from = applied.rows[0]?.version ?? 0;
  const codeVersion = migrations.at(-1)?.version ?? 0;
  if (from > codeVersion) throw new NewerSchema({ databaseVersion: from, codeVersion });
  for (const migration of migrations.slice(from)) {
    for (const statement of splitStatements(migration.sql)) await run(statement);
    await sql`insert into daikou_schema (version, name, applied_at)
      values (${migration.version}, ${migration.name}, now())`.execute(transaction);
  }
  return { from, to: codeVersion };
}

/**
 * The statements of a migration file: drivers prepare one at a time. Ends a statement at a
 * semicolon that ends a line, outside `$$ … $$` bodies; comments may not end in a semicolon.
 */
export function splitStatements(text: string): readonly string[] {
  const statements: string[] = [];
  let current: string[] = [];
  let isInBody = false;
  for (const line of text.split('\n')) {
    if (line.trimStart().startsWith('--')) continue;
    current.push(line);
    const marks = line.split('$$').length - 1;
    if (marks % 2 === 1) isInBody = !isInBody;
    if (!isInBody && line.trimEnd().endsWith(';')) {
      statements.push(current.join('\n'));
      current = [];
    }
  }
  const rest = current.join('\n').trim();
  if (rest !== '') statements.push(rest);
  return statements;
}

import { sql } from 'kysely';
import type { Database } from '../array-write.ts';

/** Where the migrations are counted; it is made by them and never part of a backup. */
export const SCHEMA_TABLE = 'daikou_schema';

export type TableShape = { readonly name: string; readonly columns: readonly string[] };

/** Every table of the schema `public` with its columns, in the order of its composite text. */
export async function loadTables(db: Database): Promise<readonly TableShape[]> {
  const { rows } = await sql<{ name: string; columns: string }>`
    select c.relname as name, string_agg(a.attname, ',' order by a.attnum) as columns
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
     group by c.relname order by c.relname`.execute(db);
  return rows.map(({ name, columns }) => ({ name, columns: columns.split(',') }));
}

/** The last migration of the database; 0 where there is none. */
export async function loadSchemaVersion(db: Database): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    select coalesce(max(version), 0)::int as version from ${sql.table(SCHEMA_TABLE)}`.execute(db);
  return rows[0]?.version ?? 0;
}

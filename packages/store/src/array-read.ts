import { type RawBuilder, sql } from 'kysely';
import type { Database, TableName } from './array-write.ts';
import { COLUMNS, type Tables } from './schema.generated.ts';

/** A query that needs a `with` list, which stands before the whole statement. */
export type QueryAfter = {
  readonly before: RawBuilder<unknown>;
  readonly query: RawBuilder<unknown>;
};

/**
 * The rows of `query`, which selects all columns of `table` (`select i.* …`), in its order. They
 * travel as one JSON text: the embedded database hands over single fields so slowly that a batch of
 * invoice lines takes five times as long. One array for each column: PostgreSQL looks up how a type
 * is written once for an array of them, but for every field of a row.
 */
export async function readRows<T extends TableName>(
  db: Database,
  table: T,
  query: RawBuilder<unknown> | QueryAfter,
): Promise<readonly Tables[T][]> {
  const { before, query: select } = 'before' in query ? query : { before: sql``, query };
  const result = await sql<{ found: string | null }>`
    ${before} select case when count(*) > 0
                          then json_build_array(${sql.raw(listOf(table))})::text end as found
      from (${select}) as r`.execute(db);
  const text = result.rows[0]?.found ?? null;
  return text === null ? [] : toRows(table, JSON.parse(text));
}

function toRows<T extends TableName>(
  table: T,
  found: readonly (readonly unknown[])[],
): readonly Tables[T][] {
  const columns = Object.entries(COLUMNS[table]);
  // A copy of a row that has all columns is made at once; one that grows is moved at every few.
  const blank: Readonly<Record<string, unknown>> = Object.fromEntries(
    columns.map(([name]) => [name, null]),
  );
  const rows = (found[0] ?? []).map(() => ({ ...blank }));
  for (const [index, [name, type]] of columns.entries()) {
    const isBigint = type === 'bigint';
    for (const [place, value] of (found[index] ?? []).entries()) {
      const row = rows[place];
      if (row === undefined || value === null) continue;
      row[name] = isBigint && typeof value === 'string' ? BigInt(value) : value;
    }
  }
  return rows as unknown as readonly Tables[T][];
}

/**
 * Columns as JSON keeps them: bigint and numeric as text, because a JSON number is rounded when it
 * is read.
 */
function listOf(table: TableName): string {
  return Object.entries(COLUMNS[table])
    .map(([name, type]) => `json_agg(r.${name}${isExact(type) ? '::text' : ''})`)
    .join(', ');
}

function isExact(type: string): boolean {
  return type === 'bigint' || type.startsWith('numeric');
}

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
 * invoice lines takes five times as long.
 */
export async function readRows<T extends TableName>(
  db: Database,
  table: T,
  query: RawBuilder<unknown> | QueryAfter,
): Promise<readonly Tables[T][]> {
  const { before, query: select } = 'before' in query ? query : { before: sql``, query };
  const columns = Object.entries(COLUMNS[table]);
  const result = await sql<{ found: string | null }>`
    ${before} select json_agg(json_build_array(${sql.raw(listOf(table))}))::text as found
      from (${select}) as r`.execute(db);
  const text = result.rows[0]?.found ?? null;
  if (text === null) return [];
  const found: readonly (readonly unknown[])[] = JSON.parse(text);
  return found.map((values) => {
    const row: Record<string, unknown> = {};
    for (const [index, [name, type]] of columns.entries()) {
      const value = values[index];
      row[name] = type === 'bigint' && typeof value === 'string' ? BigInt(value) : value;
    }
    return row as Tables[T];
  });
}

/** Columns as JSON keeps them: bigint as text, because a JSON number is rounded when it is read. */
function listOf(table: TableName): string {
  return Object.entries(COLUMNS[table])
    .map(([name, type]) => `r.${name}${type === 'bigint' ? '::text' : ''}`)
    .join(', ');
}

import { bucketOf, type Id, toUuid } from '@daikou/core';
import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import { arrayLiteral, type Columns, type GivenRows, giveRows } from './array-columns.ts';
import { COLUMNS, DEFAULTS, KEYS, type Tables } from './schema.generated.ts';

export { arrayLiteral } from './array-columns.ts';

/** The typed handle of every statement: a Kysely instance, or one of its transactions. */
export type Database = Kysely<Tables>;

export type TableName = keyof Tables & keyof typeof COLUMNS;

/** A whole row to write: every column but those that the database fills in itself. */
export type NewRow<T extends TableName> = Omit<Tables[T], (typeof DEFAULTS)[T][number]>;

/**
 * `replace`: a known key gets the new values, and is not touched when nothing differs.
 * `keep`: a row that is there (by any unique key) stays as it is. `add`: a known key is an error.
 */
export type WriteRule = 'replace' | 'keep' | 'add';

/** Rows of one statement. Above it, messages to the database grow without making it faster. */
export const ROWS_PER_STATEMENT = 5_000;

/**
 * Writes whole rows by array statements, one parameter per column. The only place that knows how
 * arrays travel: Citus would want multi-row `values` here, which go straight to the shard.
 */
export async function writeRows<T extends TableName>(
  db: Database,
  table: T,
  { rows, rule }: { readonly rows: readonly NewRow<T>[]; readonly rule: WriteRule },
): Promise<void> {
  for (const chunk of chunksOf(rows)) {
    const given = giveRows(writtenColumns(table), chunk);
    await db.executeQuery(CompiledQuery.raw(statementOf(table, rule, given), given.params));
  }
}

/** Inserts the rows that collide with none, by any unique key; returns their ids. */
export async function insertNewRows<T extends TableName>(
  db: Database,
  table: T,
  rows: readonly NewRow<T>[],
): Promise<readonly string[]> {
  const inserted: string[] = [];
  for (const chunk of chunksOf(rows)) {
    const given = giveRows(writtenColumns(table), chunk);
    const text = `${statementOf(table, 'keep', given)} returning id`;
    const result = await db.executeQuery<{ id: string }>(
      CompiledQuery.raw(text, given.params) as CompiledQuery<{ id: string }>,
    );
    for (const { id } of result.rows) inserted.push(id);
  }
  return inserted;
}

/** Writes whole rows by the rule `replace`; returns the ids of those that were not there before. */
export async function writeAndTell<T extends TableName>(
  db: Database,
  table: T,
  rows: readonly NewRow<T>[],
): Promise<ReadonlySet<string>> {
  const added = new Set<string>();
  for (const chunk of chunksOf(rows)) {
    const given = giveRows(writtenColumns(table), chunk);
    // PostgreSQL leaves xmax at 0 in a row that no other transaction and no conflict has touched.
    const text = `with kept as (
        ${statementOf(table, 'replace', given)} returning kept.id, kept.xmax = 0 as is_new)
      select string_agg(id::text, ',') as added from kept where is_new`;
    const result = await db.executeQuery<{ added: string | null }>(
      CompiledQuery.raw(text, given.params) as CompiledQuery<{ added: string | null }>,
    );
    for (const id of result.rows[0]?.added?.split(',') ?? []) added.add(id);
  }
  return added;
}

/** `items` in pieces of at most `size`. */
export function chunksOf<T>(items: readonly T[], size = ROWS_PER_STATEMENT): readonly T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    chunks.push(items.slice(start, start + size));
  }
  return chunks;
}

/** `bucket` and `id` of each id as a table named `wanted`, to find rows by their key. */
export function wantedIds(ids: readonly Id[]): RawBuilder<unknown> {
  const buckets = arrayLiteral('smallint', ids.map(bucketOf));
  const uuids = arrayLiteral('uuid', ids.map(toUuid));
  return sql`unnest(${buckets}::smallint[], ${uuids}::uuid[]) as wanted (bucket, id)`;
}

/**
 * The rows of `table` whose `column` is one of these ids, each looked up by its key on its own: the
 * planner does not know how few they are, and would read the whole table beside them.
 */
export function rowsOfIds(
  table: TableName,
  column: 'id' | `${string}_id`,
  ids: readonly Id[],
): RawBuilder<unknown> {
  return sql`${wantedIds(ids)} cross join lateral (
    select * from ${sql.table(table)} as one
     where one.bucket = wanted.bucket and ${sql.ref(`one.${column}`)} = wanted.id offset 0) as r`;
}

const written = new Map<TableName, Columns>();

function writtenColumns(table: TableName): Columns {
  const known = written.get(table);
  if (known !== undefined) return known;
  const defaults: readonly string[] = DEFAULTS[table];
  const columns = Object.entries(COLUMNS[table]).filter(([name]) => !defaults.includes(name));
  written.set(table, columns);
  return columns;
}

function statementOf(table: TableName, rule: WriteRule, { select }: GivenRows): string {
  const columns = writtenColumns(table);
  const names = columns.map(([name]) => name).join(', ');
  const insert = `insert into ${table} as kept (${names}) ${select}`;
  if (rule === 'add') return insert;
  if (rule === 'keep') return `${insert} on conflict do nothing`;
  const keys: readonly string[] = KEYS[table];
  const values = columns.map(([name]) => name).filter((name) => !keys.includes(name));
  const set = values.map((name) => `${name} = excluded.${name}`).join(', ');
  const kept = values.map((name) => `kept.${name}`).join(', ');
  const excluded = values.map((name) => `excluded.${name}`).join(', ');
  return `${insert} on conflict (${keys.join(', ')}) do update set ${set}
    where (${kept}) is distinct from (${excluded})`;
}

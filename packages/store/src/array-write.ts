import { bucketOf, type Id, invariant, toUuid } from '@daikou/core';
import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import { COLUMNS, DEFAULTS, KEYS, type Tables } from './schema.generated.ts';

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
  const text = statementOf(table, rule);
  for (const chunk of chunksOf(rows)) {
    await db.executeQuery(CompiledQuery.raw(text, toArrays(table, chunk)));
  }
}

/** Inserts the rows that collide with none, by any unique key; returns their ids. */
export async function insertNewRows<T extends TableName>(
  db: Database,
  table: T,
  rows: readonly NewRow<T>[],
): Promise<readonly string[]> {
  const text = `${statementOf(table, 'keep')} returning id`;
  const inserted: string[] = [];
  for (const chunk of chunksOf(rows)) {
    const result = await db.executeQuery<{ id: string }>(
      CompiledQuery.raw(text, toArrays(table, chunk)) as CompiledQuery<{ id: string }>,
    );
    for (const { id } of result.rows) inserted.push(id);
  }
  return inserted;
}

function toArrays<T extends TableName>(table: T, rows: readonly NewRow<T>[]): string[] {
  return writtenColumns(table).map(([name, type]) =>
    arrayLiteral(
      type,
      rows.map((row) => (row as Readonly<Record<string, unknown>>)[name]),
    ),
  );
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

/** A PostgreSQL array literal, the same text for every driver. */
export function arrayLiteral(type: string, values: readonly unknown[]): string {
  const isPlain = PLAIN_TYPES.has(type);
  let text = '{';
  for (const [index, value] of values.entries()) {
    invariant(value !== undefined, 'a column without a value is null, never undefined');
    if (index > 0) text += ',';
    if (value === null) text += 'NULL';
    else if (isPlain) text += String(value);
    else text += quoted(type === 'jsonb' ? JSON.stringify(value) : String(value));
  }
  return `${text}}`;
}

/** Types whose text has no character that means something inside an array literal. */
const PLAIN_TYPES = new Set([
  'smallint',
  'integer',
  'bigint',
  'uuid',
  'date',
  'timestamp with time zone',
  'boolean',
]);

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function writtenColumns(table: TableName): readonly (readonly [string, string])[] {
  const defaults: readonly string[] = DEFAULTS[table];
  return Object.entries(COLUMNS[table]).filter(([name]) => !defaults.includes(name));
}

const statements = new Map<string, string>();

function statementOf(table: TableName, rule: WriteRule): string {
  const name = `${table} ${rule}`;
  const known = statements.get(name);
  if (known !== undefined) return known;
  const text = composeStatement(table, rule);
  statements.set(name, text);
  return text;
}

function composeStatement(table: TableName, rule: WriteRule): string {
  const columns = writtenColumns(table);
  const names = columns.map(([name]) => name).join(', ');
  const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');
  const insert = `insert into ${table} as kept (${names}) select * from unnest(${arrays})`;
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

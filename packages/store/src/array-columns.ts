import { BUCKET_COUNT, invariant } from '@daikou/core';

/** Names and types of columns, in the order in which they are given. */
export type Columns = readonly (readonly [name: string, type: string])[];

/** Rows on their way into a statement: a `select` that gives them, and its parameters. */
export type GivenRows = { readonly select: string; readonly params: string[] };

/**
 * Rows as one array parameter per column. A column with the same value in every row travels once:
 * in a billing run most columns are like that (the merchant, the state, the currency, what is
 * absent), and neither side has to write and read them thousands of times. `unnest` in the select
 * list hands rows over one by one; in `from` each array would become a stored table first.
 * `before`: parameters that the statement has already.
 */
export function giveRows(
  columns: Columns,
  rows: readonly object[],
  before: readonly string[] = [],
): GivenRows {
  const params = [...before];
  const given: string[] = [];
  for (const [index, [name, type]] of columns.entries()) {
    const values = rows.map((row) => (row as Readonly<Record<string, unknown>>)[name]);
    // One column is always an array, to say how many rows there are.
    const isOne = index > 0 && values.every((value) => value === values[0]);
    params.push(arrayLiteral(type, isOne ? [values[0]] : values));
    const array = `$${params.length}::${type}[]`;
    given.push(isOne ? `(${array})[1] as ${name}` : `unnest(${array}) as ${name}`);
  }
  return { select: `select ${given.join(', ')}`, params };
}

/**
 * A condition that all of these rows fulfil. The planner takes them for few because of it and looks
 * each one up by its key; it would read a whole table beside a thousand, however large it is.
 */
export function areFew(rows: string): string {
  return `${rows}.bucket >= 0 and ${rows}.bucket < ${BUCKET_COUNT}`;
}

/** A PostgreSQL array literal, the same text for every driver. */
export function arrayLiteral(type: string, values: readonly unknown[]): string {
  const isPlain = PLAIN_TYPES.has(type) || type.startsWith('numeric');
  const isJson = type === 'jsonb';
  // The plainest columns are most of them, and joining is what the engine does fastest.
  if (isPlain && !values.includes(null) && !values.includes(undefined))
    return `{${values.join(',')}}`;
  const texts = values.map((value) => {
    invariant(value !== undefined, 'a column without a value is null, never undefined');
    if (value === null) return 'NULL';
    if (isPlain) return String(value);
    return quoted(isJson ? JSON.stringify(value) : String(value));
  });
  return `{${texts.join(',')}}`;
}

/** Types whose text has no character that means something inside an array literal. */
const PLAIN_TYPES = new Set([
  'smallint',
  'integer',
  'bigint',
  'uuid',
  'date',
  'timestamp with time zone',
  'timestamptz',
  'boolean',
]);

function quoted(text: string): string {
  if (!text.includes('"') && !text.includes('\\')) return `"${text}"`;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

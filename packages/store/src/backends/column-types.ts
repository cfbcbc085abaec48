/** PostgreSQL's type numbers (pg_type.oid) of the types that need a parser of their own. */
const BIGINT = 20;
const DATE = 1082;
const TIMESTAMPTZ = 1184;

const asText = (text: string): string => text;

/**
 * Both drivers return rows through these: bigint as bigint (never a rounded number), dates and
 * instants as text (a JavaScript Date has no zone-less date and no microseconds).
 */
export const COLUMN_PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [BIGINT]: (text) => BigInt(text),
  [DATE]: asText,
  [TIMESTAMPTZ]: asText,
};

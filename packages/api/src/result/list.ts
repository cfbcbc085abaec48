import { type TSchema, Type } from 'typebox';
import { orNull } from './choice.ts';
import { exampleOf } from './example.ts';

/** Rows on a page: at least 1, at most 100, 20 when the caller does not say. */
export const PAGE_LIMIT_MAX = 100;
export const PAGE_LIMIT_DEFAULT = 20;

/** No reference of a merchant is longer; longer text is refused before it reaches a statement. */
export const REFERENCE_MAX_LENGTH = 200;

/** The parameters that every list takes. */
export const PAGE_PARAMETERS = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: PAGE_LIMIT_MAX,
      default: PAGE_LIMIT_DEFAULT,
      description: 'How many rows the page has at most.',
    }),
  ),
  after: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: REFERENCE_MAX_LENGTH,
      description: 'The next_cursor of the previous page; left out for the first page.',
    }),
  ),
} as const;

/** A page of a list. Rows are ordered by id, which is by the time at which they were made. */
export function listSchema<S extends TSchema>(title: string, row: S) {
  return Type.Object(
    {
      data: Type.Array(row, { maxItems: PAGE_LIMIT_MAX }),
      has_more: Type.Boolean({ description: 'Whether another page follows.' }),
      next_cursor: orNull(
        Type.String({ description: 'Send it as after for the next page; null on the last.' }),
      ),
    },
    {
      title,
      additionalProperties: false,
      examples: [{ data: [exampleOf(row)], has_more: false, next_cursor: null }],
    },
  );
}

export type ListWire<Row> = {
  data: Row[];
  has_more: boolean;
  next_cursor: string | null;
};

/**
 * A page from rows that were read with a limit of `limit` + 1: one row more than the page holds
 * says that another page follows.
 */
export function toListWire<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
): ListWire<Row> {
  const data = rows.slice(0, limit);
  const more = rows.length > limit;
  return { data, has_more: more, next_cursor: more ? (data.at(-1)?.id ?? null) : null };
}

import {
  bucketOf,
  type CustomerId,
  type Id,
  invariant,
  kindOfId,
  type Page,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';

/** The most rows of one claim, load or page: more would hold locks and memory too long. */
export const LARGEST_LIMIT = 50_000;

/** A limit that a statement may use; anything else is our caller's bug. */
export function limitOf(limit: number): number {
  invariant(
    Number.isSafeInteger(limit) && limit > 0 && limit <= LARGEST_LIMIT,
    `a limit is a whole number from 1 to ${LARGEST_LIMIT}`,
  );
  return limit;
}

/** Ends a `where`: rows after the cursor, oldest first, since ids are ordered by time. */
export function pageOf(page: Page): RawBuilder<unknown> {
  const limit = limitOf(page.limit);
  if (page.after === undefined) return sql`true order by id limit ${limit}`;
  invariant(kindOfId(page.after) !== undefined, 'a page cursor is one of our ids');
  return sql`id > ${toUuid(page.after as Id)} order by id limit ${limit}`;
}

/** Rows of one customer, found in its bucket; all rows when none is named. */
export function ofCustomer(customer: CustomerId | undefined): RawBuilder<unknown> {
  if (customer === undefined) return sql`true`;
  return sql`bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}`;
}

/** Rows in one state; all rows when none is named. */
export function inState(state: string | undefined): RawBuilder<unknown> {
  return state === undefined ? sql`true` : sql`state = ${state}`;
}

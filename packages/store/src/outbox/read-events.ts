import {
  BUCKET_COUNT,
  bucketOf,
  type CustomerId,
  type DaikouEvent,
  type EventId,
  type Id,
  type Page,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import { fromEventRow } from './events.ts';

/** Events by id, in the order of their ids. */
export async function loadEvents(
  db: Database,
  ids: readonly EventId[],
): Promise<readonly DaikouEvent[]> {
  const query = sql`
    select e.* from events e join ${wantedIds(ids)} using (bucket, id) order by e.id`;
  return (await readRows(db, 'events', query)).map(fromEventRow);
}

/**
 * Events after a cursor in the order of their ids, of one customer or of all. Of all, each bucket
 * is asked for its first ones by its key: an index over all events would cost every event that is
 * written, and this is read by people and their scripts.
 */
export async function listEvents(
  db: Database,
  page: Page & {
    readonly customerId?: CustomerId;
    readonly types?: readonly string[];
    readonly since?: Temporal.Instant;
  },
): Promise<readonly DaikouEvent[]> {
  const { customerId, types, since, after } = page;
  const limit = limitOf(page.limit);
  const from = customerId === undefined ? 0 : bucketOf(customerId);
  const until = customerId === undefined ? BUCKET_COUNT - 1 : from;
  const ofCustomer =
    customerId === undefined ? sql`true` : sql`customer_id = ${toUuid(customerId)}`;
  const afterId = after === undefined ? sql`true` : sql`id > ${toUuid(after as Id)}`;
  const ofTypes =
    types === undefined
      ? sql`true`
      : sql`array['*', type, split_part(type, '.', 1) || '.*']
              && ${arrayLiteral('text', types)}::text[]`;
  const query = sql`
    select e.* from generate_series(${from}::int, ${until}::int) as b
     cross join lateral (
       select * from events
        where bucket = b::smallint and merchant_id = daikou_merchant() and ${ofCustomer}
          and ${afterId} and ${ofTypes}
          and ${since === undefined ? sql`true` : sql`at >= ${toInstant(since)}`}
        order by id limit ${limit}) as e
     order by e.id limit ${limit}`;
  return (await readRows(db, 'events', query)).map(fromEventRow);
}

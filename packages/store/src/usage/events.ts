import {
  bucketOf,
  bucketOfKey,
  type CustomerEvent,
  type CustomerId,
  type FoldableEvent,
  fromUuid,
  type MerchantId,
  type OpenUsageBatch,
  toUuid,
  type UsageBatch,
  type UsageBatchId,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { arrayLiteral, type Database, wantedIds } from '../array-write.ts';
import { fromInstant, toInstant } from '../columns.ts';
import { sqlStateOf } from '../errors.ts';
import { limitOf } from '../pages.ts';

/** Customers by the merchant's own reference, found in the bucket that the reference names. */
export async function findCustomerIds(
  db: Database,
  {
    merchant,
    references,
  }: { readonly merchant: MerchantId; readonly references: readonly string[] },
): Promise<ReadonlyMap<string, CustomerId>> {
  const buckets = references.map((reference) => bucketOfKey(merchant, reference));
  const { rows } = await sql<{ found: readonly (readonly [string, string])[] | null }>`
    select json_agg(json_build_array(c.external_reference, c.id)) as found
      from unnest(${arrayLiteral('smallint', buckets)}::smallint[],
                  ${arrayLiteral('text', references)}::text[]) as w (bucket, reference)
      join customers c on c.bucket = w.bucket and c.merchant_id = ${toUuid(merchant)}
                      and c.external_reference = w.reference and c.payer_id is null`.execute(db);
  const found = rows[0]?.found ?? [];
  return new Map(found.map(([reference, id]) => [reference, fromUuid('cus', id)]));
}

/**
 * Keeps the events whose (source, id) is new and answers for each whether it was. They are written
 * in the order of their key, so that two intakes with the same events do not wait in a circle.
 *
 * Looking for the key of every event costs a quarter of the work and is nearly always in vain, so
 * unless repeats are expected the events are first inserted as if all were new; where one is not,
 * the statement is undone and they are kept one by one.
 */
export async function appendUsage(db: Database, batch: UsageBatch): Promise<readonly boolean[]> {
  const rows = placedRows(batch);
  if (!batch.expectsRepeats && (await insertAllNew(db, rows))) {
    await noteBatch(db, batch, batch.events.length);
    return batch.events.map(() => true);
  }
  const { rows: found } = await sql<{ keys: string | null }>`
    with added as (${insertOf(rows)} on conflict do nothing returning source, event_id)
    select json_agg(json_build_array(source, event_id))::text as keys from added`.execute(db);
  const keys: readonly (readonly [string, string])[] = JSON.parse(found[0]?.keys ?? '[]');
  if (keys.length > 0) await noteBatch(db, batch, keys.length);
  return keys.length === batch.events.length
    ? batch.events.map(() => true)
    : firstOfEach(batch.events, keys);
}

const UNIQUE_VIOLATION = '23505';

/** Inserts the rows; false, and nothing is changed, where one of them is there already. */
async function insertAllNew(db: Database, rows: RawBuilder<unknown>): Promise<boolean> {
  await sql`savepoint before_usage`.execute(db);
  try {
    await insertOf(rows).execute(db);
    return true;
  } catch (error) {
    if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
    await sql`rollback to savepoint before_usage`.execute(db);
    return false;
  }
}

function insertOf(rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    insert into usage_events (bucket, merchant_id, source, event_id, type, customer_id, at, day,
                              data, batch_id)
    ${rows}`;
}

async function noteBatch(db: Database, batch: UsageBatch, added: number): Promise<void> {
  const { id, merchantId, receivedAt } = batch;
  await sql`
    insert into usage_batches (bucket, merchant_id, id, received_at, event_count)
    values (${bucketOf(id)}, ${toUuid(merchantId)}, ${toUuid(id)}, ${toInstant(receivedAt)},
            ${added})`.execute(db);
}

function placedRows({ id, merchantId, events }: UsageBatch): RawBuilder<unknown> {
  const placed = events
    .map((event) => ({ event, bucket: bucketOfKey(merchantId, event.source, event.id) }))
    .sort((left, right) => left.bucket - right.bucket || compareKeys(left.event, right.event));
  const column = (type: string, read: (event: CustomerEvent) => string) =>
    arrayLiteral(
      type,
      placed.map(({ event }) => read(event)),
    );
  const buckets = arrayLiteral(
    'smallint',
    placed.map(({ bucket }) => bucket),
  );
  return sql`
    select e.bucket, ${toUuid(merchantId)}::uuid, e.source, e.event_id, e.type, e.customer_id,
           e.at, e.day, e.data, ${toUuid(id)}::uuid
      from unnest(
        ${buckets}::smallint[],
        ${column('text', (event) => event.source)}::text[],
        ${column('text', (event) => event.id)}::text[],
        ${column('text', (event) => event.type)}::text[],
        ${column('uuid', (event) => toUuid(event.customerId))}::uuid[],
        ${column('timestamp with time zone', (event) => event.time.text)}::timestamptz[],
        ${column('date', (event) => event.time.day)}::date[],
        ${column('text', (event) => event.data)}::jsonb[])
        as e (bucket, source, event_id, type, customer_id, at, day, data)`;
}

/** Of the same event twice in one batch the first is the new one. */
function firstOfEach(
  events: readonly CustomerEvent[],
  keys: readonly (readonly [string, string])[],
): readonly boolean[] {
  const fresh = new Set(keys.map(([source, id]) => `${source}\0${id}`));
  return events.map(({ source, id }) => fresh.delete(`${source}\0${id}`));
}

function compareKeys(left: CustomerEvent, right: CustomerEvent): number {
  if (left.source !== right.source) return left.source < right.source ? -1 : 1;
  if (left.id !== right.id) return left.id < right.id ? -1 : 1;
  return 0;
}

/** Open batches, oldest first; see the port for what becomes of those that others hold. */
export async function claimUsageBatches(
  db: Database,
  {
    limit,
    held,
    only,
  }: {
    readonly limit: number;
    readonly held: 'skip' | 'wait';
    readonly only?: UsageBatchId;
  },
): Promise<readonly OpenUsageBatch[]> {
  const isOnly =
    only === undefined ? sql`` : sql`and bucket = ${bucketOf(only)} and id = ${toUuid(only)}`;
  const { rows } = await sql<{ id: string; received_at: string }>`
    select id, received_at from usage_batches
     where folded_at is null and set_aside_at is null
           ${isOnly}
     order by id limit ${limitOf(limit)}
       for update ${held === 'skip' ? sql`skip locked` : sql``}`.execute(db);
  return rows.map((row) => ({
    id: fromUuid('ubt', row.id),
    receivedAt: fromInstant(row.received_at),
  }));
}

/** Takes an open batch out of the queue of the fold; false where it is not open any more. */
export async function setUsageBatchAside(
  db: Database,
  {
    batch,
    at,
    reason,
  }: { readonly batch: UsageBatchId; readonly at: Temporal.Instant; readonly reason: string },
): Promise<boolean> {
  const { rows } = await sql`
    update usage_batches set set_aside_at = ${toInstant(at)}, set_aside_reason = ${reason}
     where bucket = ${bucketOf(batch)} and id = ${toUuid(batch)}
       and folded_at is null and set_aside_at is null
    returning id`.execute(db);
  return rows.length > 0;
}

/** Puts every batch that was set aside back into the queue; returns how many. */
export async function reopenUsageBatches(db: Database): Promise<number> {
  const { rows } = await sql`
    update usage_batches set set_aside_at = null, set_aside_reason = null
     where set_aside_at is not null
    returning id`.execute(db);
  return rows.length;
}

type EventFields = readonly [
  batch: number,
  customer: string,
  type: string,
  at: string,
  day: string,
  data: Readonly<Record<string, unknown>>,
];

/** The events of batches, as one JSON text: see `readRows`. */
export async function loadUsageEvents(
  db: Database,
  batches: readonly OpenUsageBatch[],
): Promise<readonly FoldableEvent[]> {
  const ids = arrayLiteral(
    'uuid',
    batches.map(({ id }) => toUuid(id)),
  );
  const { rows } = await sql<{ found: string | null }>`
    select json_agg(json_build_array(b.place, e.customer_id, e.type, e.at, e.day, e.data))::text
             as found
      from unnest(${ids}::uuid[]) with ordinality as b (id, place)
      join usage_events e on e.batch_id = b.id`.execute(db);
  const found: readonly EventFields[] = JSON.parse(rows[0]?.found ?? '[]');
  const received = batches.map(({ receivedAt }) => receivedAt.epochMilliseconds);
  return found.map(([place, customer, type, time, day, data]) => ({
    customerId: fromUuid('cus', customer),
    type,
    time,
    day,
    data,
    receivedAt: received[place - 1] ?? 0,
  }));
}

export async function closeUsageBatches(
  db: Database,
  {
    batches,
    foldedAt,
  }: { readonly batches: readonly UsageBatchId[]; readonly foldedAt: Temporal.Instant },
): Promise<void> {
  await sql`
    update usage_batches b set folded_at = ${toInstant(foldedAt)}
      from ${wantedIds(batches)}
     where b.bucket = wanted.bucket and b.id = wanted.id`.execute(db);
}

/** Acknowledged events that wait for the fold. */
export async function countUnfoldedUsage(db: Database): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    select coalesce(sum(event_count), 0)::int as waiting
      from usage_batches where folded_at is null and set_aside_at is null`.execute(db);
  return rows[0]?.waiting ?? 0;
}

/** Deletes folded batches received before `before` with their events; returns how many events. */
export async function purgeUsage(
  db: Database,
  { before, limit }: { readonly before: Temporal.Instant; readonly limit: number },
): Promise<number> {
  // Materialized: inside the delete the planner may run the choice again for each row, each time
  // for others, and the limit holds no more.
  const { rows } = await sql<{ purged: number }>`
    with chosen as materialized (
      select bucket, merchant_id, id from usage_batches
       where folded_at is not null and received_at < ${toInstant(before)}
       order by id limit ${limitOf(limit)} for update skip locked
    ), old as (
      delete from usage_batches b using chosen c
       where b.bucket = c.bucket and b.merchant_id = c.merchant_id and b.id = c.id
      returning b.id
    ), gone as (
      delete from usage_events e using old where e.batch_id = old.id returning 1
    )
    select count(*)::int as purged from gone`.execute(db);
  return rows[0]?.purged ?? 0;
}

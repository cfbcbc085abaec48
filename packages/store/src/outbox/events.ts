import {
  bucketOf,
  type CustomerId,
  type DaikouEvent,
  fromUuid,
  type Id,
  invariant,
  type NewEvent,
  toUuid,
} from '@daikou/core';
import { CompiledQuery, sql } from 'kysely';
import { areFew, type Columns, giveRows } from '../array-columns.ts';
import { readRows } from '../array-read.ts';
import { chunksOf, type Database } from '../array-write.ts';
import { fromInstant, toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

/**
 * Adds events and numbers them per customer without gaps, in the order given. The customer's row
 * carries the last number; its lock keeps writers of one customer in line until the commit. Rows
 * are looked up in the order of their ids, so that two writers seldom wait for each other; where
 * the planner chose another order and they did, the transaction that lost is run again.
 * Each event gets a delivery for every endpoint of the merchant that wants its type, due at once on
 * the wall clock, which is the time in the event's id.
 */
export async function addEvents(db: Database, events: readonly NewEvent[]): Promise<void> {
  for (const chunk of chunksOf(events)) {
    const { rows, counts } = numberOf(chunk);
    const given = giveRows(GIVEN, rows);
    const counted = giveRows(COUNTED, counts, given.params);
    const text = `
      with given as (${given.select}
      ), bumped as (
        update customers c set event_sequence = c.event_sequence + n.events
          from (select * from (${counted.select}) as counted order by customer_id offset 0) n
         where c.bucket = n.bucket and c.merchant_id = n.merchant_id and c.id = n.customer_id
           and ${areFew('n')}
        returning c.bucket, c.merchant_id, c.id, c.event_sequence - n.events as base
      ), added as (
        insert into events (bucket, merchant_id, id, customer_id, sequence, type, subject_kind,
                            subject_id, at, data)
        select g.bucket, g.merchant_id, g.id, g.customer_id, b.base + g.place, g.type,
               g.subject_kind, g.subject_id, g.at, g.data
          from given g
          join bumped b on b.bucket = g.bucket and b.merchant_id = g.merchant_id
                       and b.id = g.customer_id
        returning bucket, merchant_id, id, customer_id, type
      ), delivered as (
        insert into webhook_deliveries (bucket, merchant_id, id, customer_id, event_id, endpoint_id,
                                        round, state, attempt_count, due_at, created_at)
        select a.bucket, a.merchant_id, daikou_delivery_id(a.id, w.id, 1), a.customer_id, a.id,
               w.id, 1, 'pending', 0, daikou_made_at(a.id), daikou_made_at(a.id)
          from added a
          join webhook_endpoints w on w.merchant_id = a.merchant_id
           and w.state in ('enabled', 'failing')
           and w.types ?| array['*', a.type, split_part(a.type, '.', 1) || '.*']
      )
      select count(*)::int as added from added`;
    const { rows: found } = await db.executeQuery<{ added: number }>(
      CompiledQuery.raw(text, counted.params) as CompiledQuery<{ added: number }>,
    );
    invariant(found[0]?.added === chunk.length, 'every event has a customer of this merchant');
  }
}

const GIVEN: Columns = [
  ['bucket', 'smallint'],
  ['merchant_id', 'uuid'],
  ['id', 'uuid'],
  ['customer_id', 'uuid'],
  ['place', 'bigint'],
  ['type', 'text'],
  ['subject_kind', 'text'],
  ['subject_id', 'uuid'],
  ['at', 'timestamptz'],
  ['data', 'jsonb'],
];

const COUNTED: Columns = [
  ['bucket', 'smallint'],
  ['merchant_id', 'uuid'],
  ['customer_id', 'uuid'],
  ['events', 'bigint'],
];

type Counted = {
  readonly bucket: number;
  readonly merchant_id: string;
  readonly customer_id: string;
  events: number;
};

/** Each event with its place among those of its customer, and how many each customer has. */
function numberOf(events: readonly NewEvent[]) {
  const counts = new Map<CustomerId, Counted>();
  const rows = events.map((event) => {
    const bucket = bucketOf(event.customerId);
    const known = counts.get(event.customerId);
    const ids = known ?? {
      bucket,
      merchant_id: toUuid(event.merchantId),
      customer_id: toUuid(event.customerId),
      events: 0,
    };
    if (known === undefined) counts.set(event.customerId, ids);
    ids.events += 1;
    return {
      bucket,
      merchant_id: ids.merchant_id,
      id: toUuid(event.id),
      customer_id: ids.customer_id,
      place: ids.events,
      type: event.type,
      subject_kind: event.subjectId.slice(0, 3),
      subject_id: toUuid(event.subjectId),
      at: toInstant(event.at),
      data: event.data,
    };
  });
  return { rows, counts: [...counts.values()] };
}

/** A customer's events after a sequence number, in order. */
export async function loadEventsOf(
  db: Database,
  query: {
    readonly customer: CustomerId;
    readonly afterSequence: number;
    readonly limit: number;
  },
): Promise<readonly DaikouEvent[]> {
  const rows = await readRows(
    db,
    'events',
    sql`
    select * from events
     where bucket = ${bucketOf(query.customer)} and customer_id = ${toUuid(query.customer)}
       and sequence > ${query.afterSequence}
     order by sequence limit ${limitOf(query.limit)}`,
  );
  return rows.map(fromEventRow);
}

export function fromEventRow(row: Tables['events']): DaikouEvent {
  return {
    id: fromUuid('evt', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    type: row.type as DaikouEvent['type'],
    subjectId: fromUuid(row.subject_kind as 'inv', row.subject_id) as Id,
    at: fromInstant(row.at),
    data: row.data as DaikouEvent['data'],
    sequence: Number(row.sequence),
  };
}

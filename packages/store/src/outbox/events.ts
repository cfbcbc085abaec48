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
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, chunksOf, type Database } from '../array-write.ts';
import { fromInstant, toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

/**
 * Adds events and numbers them per customer without gaps, in the order given. The customer's row
 * carries the last number; its lock keeps writers of one customer in line until the commit, and
 * rows are locked in the order of their ids, so that two writers never wait for each other.
 */
export async function addEvents(db: Database, events: readonly NewEvent[]): Promise<void> {
  for (const chunk of chunksOf(events)) {
    const { rows } = await sql<{ added: number }>`
      with given as (
        select * from unnest(${columnOf('smallint', chunk, (event) => bucketOf(event.customerId))}
          ::smallint[], ${columnOf('uuid', chunk, (event) => toUuid(event.merchantId))}::uuid[],
          ${columnOf('uuid', chunk, (event) => toUuid(event.id))}::uuid[],
          ${columnOf('uuid', chunk, (event) => toUuid(event.customerId))}::uuid[],
          ${columnOf('text', chunk, (event) => event.type)}::text[],
          ${columnOf('text', chunk, (event) => event.subjectId.slice(0, 3))}::text[],
          ${columnOf('uuid', chunk, (event) => toUuid(event.subjectId))}::uuid[],
          ${columnOf('timestamptz', chunk, (event) => toInstant(event.at))}::timestamptz[],
          ${columnOf('jsonb', chunk, (event) => event.data)}::jsonb[]) with ordinality
          as g (bucket, merchant_id, id, customer_id, type, subject_kind, subject_id, at, data,
                place)
      ), counted as (
        select bucket, merchant_id, customer_id, count(*) as events from given
         group by bucket, merchant_id, customer_id
      ), locked as (
        select c.bucket, c.merchant_id, c.id, c.event_sequence as base, n.events
          from customers c
          join counted n on n.bucket = c.bucket and n.merchant_id = c.merchant_id
                        and n.customer_id = c.id
         order by c.id for no key update of c
      ), bumped as (
        update customers c set event_sequence = l.base + l.events
          from locked l
         where c.bucket = l.bucket and c.merchant_id = l.merchant_id and c.id = l.id
        returning c.bucket, c.merchant_id, c.id, l.base
      ), added as (
        insert into events (bucket, merchant_id, id, customer_id, sequence, type, subject_kind,
                            subject_id, at, data)
        select g.bucket, g.merchant_id, g.id, g.customer_id,
               b.base + row_number() over (partition by g.customer_id order by g.place),
               g.type, g.subject_kind, g.subject_id, g.at, g.data
          from given g
          join bumped b on b.bucket = g.bucket and b.merchant_id = g.merchant_id
                       and b.id = g.customer_id
        returning 1
      )
      select count(*)::int as added from added`.execute(db);
    invariant(rows[0]?.added === chunk.length, 'every event has a customer of this merchant');
  }
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

function fromEventRow(row: Tables['events']): DaikouEvent {
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

function columnOf(
  type: string,
  events: readonly NewEvent[],
  read: (event: NewEvent) => unknown,
): string {
  return arrayLiteral(type, events.map(read));
}

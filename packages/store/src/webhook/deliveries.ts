import {
  type BucketRange,
  bucketOf,
  type CustomerId,
  type EventId,
  LONGEST_PAUSE_SECONDS,
  type Page,
  toUuid,
  type WebhookDelivery,
  type WebhookDeliveryId,
  type WebhookEndpointId,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { inState, limitOf, ofCustomer, pageOf } from '../pages.ts';
import { fromDeliveryRow, toDeliveryRow } from './rows.ts';

export async function saveWebhookDeliveries(
  db: Database,
  deliveries: readonly WebhookDelivery[],
): Promise<void> {
  const rows = deliveries.map(toDeliveryRow);
  await writeRows(db, 'webhook_deliveries', { rows, rule: 'replace' });
}

/** No lease is longer (seconds); one that ends later was given by a clock set back since. */
const LONGEST_LEASE_SECONDS = 3_600;

/**
 * A delivery that may be tried now. A due time or a lease further ahead than any can be was written
 * before the wall clock was set back; nothing waits for that clock to come round again.
 */
export function isDueNow(wallNow: Temporal.Instant): RawBuilder<unknown> {
  const now = sql`${toInstant(wallNow)}::timestamptz`;
  const pause = sql`make_interval(secs => ${LONGEST_PAUSE_SECONDS})`;
  const lease = sql`make_interval(secs => ${LONGEST_LEASE_SECONDS})`;
  return sql`state in ('pending', 'failed')
         and (due_at <= ${now} or due_at > ${now} + ${pause})
         and (lease_until is null or lease_until <= ${now} or lease_until > ${now} + ${lease})`;
}

/** Sets the lease; returns the rows as they are then, earliest first. */
export async function claimWebhookDeliveries(
  db: Database,
  claim: {
    readonly endpointId: WebhookEndpointId;
    readonly buckets: BucketRange;
    readonly wallNow: Temporal.Instant;
    readonly leaseUntil: Temporal.Instant;
    readonly limit: number;
  },
): Promise<readonly WebhookDelivery[]> {
  const before = sql`
    with due as (
      select bucket, merchant_id, id from webhook_deliveries
       where endpoint_id = ${toUuid(claim.endpointId)} and ${inRange(claim.buckets)}
         and ${isDueNow(claim.wallNow)}
       order by due_at, id limit ${limitOf(claim.limit)}
       for update skip locked
    ), claimed as (
      update webhook_deliveries d set lease_until = ${toInstant(claim.leaseUntil)}
        from due
       where d.bucket = due.bucket and d.merchant_id = due.merchant_id and d.id = due.id
      returning d.*
    )`;
  const query = sql`select * from claimed order by due_at, id`;
  return (await readRows(db, 'webhook_deliveries', { before, query })).map(fromDeliveryRow);
}

/** Waits for the rows and locks them in the order of their ids. */
export async function lockWebhookDeliveries(
  db: Database,
  ids: readonly WebhookDeliveryId[],
): Promise<readonly WebhookDelivery[]> {
  const query = sql`
    select d.* from webhook_deliveries d join ${wantedIds(ids)} using (bucket, id)
     order by d.id for update of d`;
  return (await readRows(db, 'webhook_deliveries', query)).map(fromDeliveryRow);
}

export async function releaseWebhookDeliveries(
  db: Database,
  ids: readonly WebhookDeliveryId[],
): Promise<void> {
  await sql`
    update webhook_deliveries d set lease_until = null from ${wantedIds(ids)}
     where d.bucket = wanted.bucket and d.id = wanted.id`.execute(db);
}

/** Lets go of everything that a sender holds, as the owner: only when no sender can be alive. */
export async function releaseAllWebhookDeliveries(db: Database): Promise<void> {
  await sql`
    update webhook_deliveries set lease_until = null where lease_until is not null`.execute(db);
}

/** Ends whatever waits for these endpoints; returns how many. */
export async function giveUpWebhookDeliveries(
  db: Database,
  given: {
    readonly endpoints: readonly WebhookEndpointId[];
    readonly buckets: BucketRange;
    readonly code: string;
    readonly wallNow: Temporal.Instant;
  },
): Promise<number> {
  const endpoints = arrayLiteral('uuid', given.endpoints.map(toUuid));
  const { rows } = await sql<{ ended: number }>`
    with ended as (
      update webhook_deliveries
         set state = 'given_up', last_code = ${given.code}, lease_until = null,
             ended_at = ${toInstant(given.wallNow)}
       where endpoint_id = any(${endpoints}::uuid[]) and ${inRange(given.buckets)}
         and state in ('pending', 'failed')
      returning 1)
    select count(*)::int as ended from ended`.execute(db);
  return rows[0]?.ended ?? 0;
}

/** Deletes what ended long ago; returns how many rows. */
export async function purgeWebhookDeliveries(
  db: Database,
  purge: {
    readonly delivered: Temporal.Instant;
    readonly givenUp: Temporal.Instant;
    readonly limit: number;
  },
): Promise<number> {
  const [delivered, givenUp] = [toInstant(purge.delivered), toInstant(purge.givenUp)];
  const round = (than: '<' | '>') => sql`
    exists (select 1 from webhook_deliveries o
             where o.bucket = d.bucket and o.merchant_id = d.merchant_id
               and o.event_id = d.event_id and o.endpoint_id = d.endpoint_id
               and o.round ${sql.raw(than)} d.round)`;
  const { rows } = await sql<{ purged: number }>`
    with old as materialized (
      select d.bucket, d.merchant_id, d.id from webhook_deliveries d
       where d.state in ('delivered', 'given_up') and d.ended_at < ${delivered}::timestamptz
         and (d.state = 'delivered' or d.ended_at < ${givenUp}::timestamptz or ${round('>')})
         and not ${round('<')}
       order by d.ended_at limit ${limitOf(purge.limit)} for update skip locked
    ), gone as (
      delete from webhook_deliveries d using old o
       where d.bucket = o.bucket and d.merchant_id = o.merchant_id and d.id = o.id
      returning 1)
    select count(*)::int as purged from gone`.execute(db);
  return rows[0]?.purged ?? 0;
}

export async function listWebhookDeliveries(
  db: Database,
  page: Page & {
    readonly endpointId?: WebhookEndpointId;
    readonly customerId?: CustomerId;
    readonly eventId?: EventId;
    readonly state?: string;
  },
): Promise<readonly WebhookDelivery[]> {
  const { endpointId, eventId } = page;
  const ofEndpoint =
    endpointId === undefined ? sql`true` : sql`endpoint_id = ${toUuid(endpointId)}`;
  const ofEvent =
    eventId === undefined
      ? sql`true`
      : sql`bucket = ${bucketOf(eventId)} and event_id = ${toUuid(eventId)}`;
  const query = sql`
    select * from webhook_deliveries
     where ${ofCustomer(page.customerId)} and ${ofEndpoint} and ${ofEvent}
       and ${inState(page.state)} and ${pageOf(page)}`;
  return (await readRows(db, 'webhook_deliveries', query)).map(fromDeliveryRow);
}

function inRange({ from, until }: BucketRange): RawBuilder<unknown> {
  return sql`bucket >= ${from} and bucket < ${until}`;
}

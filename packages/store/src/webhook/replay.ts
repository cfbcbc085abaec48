import { type ReplayChoice, toUuid, type WebhookEndpoint } from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { type Database, wantedIds } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';

/**
 * Has the chosen events delivered to the endpoint again: a delivery that waits becomes due, an
 * event without one that waits gets another. Events that the endpoint does not want are left out,
 * unless they are named one by one. Returns how many events it is of; above `limit` it writes
 * nothing.
 */
export async function replayWebhook(
  db: Database,
  replay: {
    readonly endpoint: WebhookEndpoint;
    readonly choice: ReplayChoice;
    readonly wallNow: Temporal.Instant;
    readonly limit: number;
  },
): Promise<number> {
  const { choice, limit } = replay;
  const endpoint = toUuid(replay.endpoint.id);
  const now = sql`${toInstant(replay.wallNow)}::timestamptz`;
  const { rows } = await sql<{ found: number }>`
    with chosen as materialized (
      select e.bucket, e.merchant_id, e.id, e.customer_id,
             n.bucket as known_bucket, n.id as known_id, n.state, coalesce(n.round, 0) as round
        from ${eventsOf(choice)}
        left join lateral (
          select d.bucket, d.id, d.state, d.round from webhook_deliveries d
           where d.bucket = e.bucket and d.merchant_id = e.merchant_id and d.event_id = e.id
             and d.endpoint_id = ${endpoint}
           order by d.round desc limit 1) as n on true
       where ${conditionOf(choice, replay.endpoint)}
       limit ${limitOf(limit + 1)}
    ), size as (
      select count(*)::int as found from chosen
    ), pulled as (
      update webhook_deliveries d
         set due_at = least(d.due_at, ${now}), created_at = ${now}
        from chosen c, size s
       where s.found <= ${limit} and c.state in ('pending', 'failed')
         and d.bucket = c.known_bucket and d.merchant_id = c.merchant_id and d.id = c.known_id
      returning 1
    ), added as (
      insert into webhook_deliveries (bucket, merchant_id, id, customer_id, event_id, endpoint_id,
                                      round, state, attempt_count, due_at, created_at)
      select c.bucket, c.merchant_id, daikou_delivery_id(c.id, ${endpoint}, c.round + 1),
             c.customer_id, c.id, ${endpoint}, c.round + 1, 'pending', 0, ${now}, ${now}
        from chosen c, size s
       where s.found <= ${limit} and coalesce(c.state, '') not in ('pending', 'failed')
      on conflict do nothing
      returning 1
    )
    select s.found from size s`.execute(db);
  return rows[0]?.found ?? 0;
}

function eventsOf(choice: ReplayChoice): RawBuilder<unknown> {
  if (!('events' in choice)) return sql`events e`;
  return sql`${wantedIds(choice.events)}
        join events e on e.bucket = wanted.bucket and e.id = wanted.id`;
}

function conditionOf(choice: ReplayChoice, endpoint: WebhookEndpoint): RawBuilder<unknown> {
  if ('events' in choice) return sql`true`;
  const { since, until, failedOnly } = choice;
  const before = until === undefined ? sql`true` : sql`e.at < ${toInstant(until)}`;
  const failed = failedOnly ? sql`n.state = 'given_up'` : sql`true`;
  return sql`e.at >= ${toInstant(since)} and ${before} and ${failed}
         and ${JSON.stringify(endpoint.types)}::jsonb ?| ${NAMES}`;
}

/** What an endpoint can have named to be told of an event: `namesOfType` of core, in SQL. */
const NAMES = sql.raw("array['*', e.type, split_part(e.type, '.', 1) || '.*']");

import {
  bucketOf,
  type LockedRollup,
  type MerchantId,
  type RollupIncrement,
  type RollupKey,
  type RollupState,
  toUuid,
  type UsageQuery,
  type UsageTotal,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { arrayLiteral, chunksOf, type Database } from '../array-write.ts';
import { fromDecimal, toDate, toDecimal } from '../columns.ts';

/** Adds to plain rollups. The keys are sorted: two folders wait for each other in one direction. */
export async function growRollups(
  db: Database,
  merchant: MerchantId,
  increments: readonly RollupIncrement[],
): Promise<void> {
  for (const chunk of chunksOf(increments)) {
    const units = arrayLiteral(
      'numeric',
      chunk.map((row) => toDecimal(row.units)),
    );
    const events = arrayLiteral(
      'bigint',
      chunk.map((row) => row.events),
    );
    await sql`
      insert into usage_rollups as kept
        (bucket, merchant_id, customer_id, meter_id, day, group_key, units, event_count)
      select k.bucket, ${toUuid(merchant)}::uuid, k.customer_id, k.meter_id, k.day, k.group_key,
             k.units, k.event_count
        from unnest(${keyArrays(chunk)}, ${units}::numeric[], ${events}::bigint[])
          as k (bucket, customer_id, meter_id, day, group_key, units, event_count)
      on conflict (bucket, merchant_id, customer_id, meter_id, day, group_key) do update
        set units = kept.units + excluded.units,
            event_count = kept.event_count + excluded.event_count`.execute(db);
  }
}

/**
 * The states of these keys, held until the commit. A key that is new is made first, empty: the
 * insert waits for another folder that is making it, and the lock then reads what that one wrote.
 */
export async function lockRollups(
  db: Database,
  merchant: MerchantId,
  keys: readonly RollupKey[],
): Promise<readonly LockedRollup[]> {
  const locked: LockedRollup[] = [];
  for (const chunk of chunksOf(keys)) {
    await sql`
      insert into usage_rollups
        (bucket, merchant_id, customer_id, meter_id, day, group_key, units, event_count)
      select k.bucket, ${toUuid(merchant)}::uuid, k.customer_id, k.meter_id, k.day, k.group_key,
             0, 0
        from unnest(${keyArrays(chunk)}) as k (bucket, customer_id, meter_id, day, group_key)
      on conflict do nothing`.execute(db);
    const { rows } = await sql<{ place: number; state: string | null }>`
      select k.place::int as place, r.state::text as state
        from unnest(${keyArrays(chunk)}) with ordinality
          as k (bucket, customer_id, meter_id, day, group_key, place)
        join usage_rollups r
          on r.bucket = k.bucket and r.merchant_id = ${toUuid(merchant)}
         and r.customer_id = k.customer_id and r.meter_id = k.meter_id and r.day = k.day
         and r.group_key = k.group_key
       order by k.place for update of r`.execute(db);
    for (const { place, state } of rows) {
      const key = chunk[place - 1];
      if (key === undefined) continue;
      const { customerId, meterId, day, groupKey } = key;
      const read: unknown = state === null ? null : JSON.parse(state);
      locked.push({ customerId, meterId, day, groupKey, state: read });
    }
  }
  return locked;
}

/** Writes states that are held, and counts their new events. */
export async function saveRollupStates(
  db: Database,
  merchant: MerchantId,
  states: readonly RollupState[],
): Promise<void> {
  for (const chunk of chunksOf(states)) {
    const units = arrayLiteral(
      'numeric',
      chunk.map((row) => toDecimal(row.units)),
    );
    const events = arrayLiteral(
      'bigint',
      chunk.map((row) => row.events),
    );
    const json = arrayLiteral(
      'jsonb',
      chunk.map((row) => row.state),
    );
    await sql`
      update usage_rollups r
         set units = k.units, event_count = r.event_count + k.events, state = k.state
        from unnest(${keyArrays(chunk)}, ${units}::numeric[], ${events}::bigint[], ${json}::jsonb[])
          as k (bucket, customer_id, meter_id, day, group_key, units, events, state)
       where r.bucket = k.bucket and r.merchant_id = ${toUuid(merchant)}
         and r.customer_id = k.customer_id and r.meter_id = k.meter_id and r.day = k.day
         and r.group_key = k.group_key`.execute(db);
  }
}

function keyArrays(keys: readonly RollupKey[]): RawBuilder<unknown> {
  return sql`
    ${arrayLiteral(
      'smallint',
      keys.map(({ customerId }) => bucketOf(customerId)),
    )}::smallint[],
    ${arrayLiteral(
      'uuid',
      keys.map(({ customerId }) => toUuid(customerId)),
    )}::uuid[],
    ${arrayLiteral(
      'uuid',
      keys.map(({ meterId }) => toUuid(meterId)),
    )}::uuid[],
    ${arrayLiteral(
      'date',
      keys.map(({ day }) => day),
    )}::date[],
    ${arrayLiteral(
      'text',
      keys.map(({ groupKey }) => groupKey),
    )}::text[]`;
}

type TotalFields = readonly [
  place: number,
  groupKey: string,
  units: string,
  events: string,
  states: readonly unknown[] | null,
  unitsBefore: string,
  statesBefore: readonly unknown[] | null,
];

/** Day one of all usage: what is read from when the days before a period count as well. */
const FIRST_DAY = '0001-01-01';

/** For each query its groups, in the order of the queries: one statement, one JSON text. */
export async function loadUsage(
  db: Database,
  merchant: MerchantId,
  queries: readonly UsageQuery[],
): Promise<readonly (readonly UsageTotal[])[]> {
  if (queries.length === 0) return [];
  const { rows } = await sql<{ found: string | null }>`
    select json_agg(json_build_array(place, group_key, units, events, states, units_before,
                                     states_before) order by place, group_key)::text as found
      from (
        select q.place, r.group_key,
               coalesce(sum(r.units) filter (where r.day >= q.day_from), 0)::text as units,
               coalesce(sum(r.event_count) filter (where r.day >= q.day_from), 0)::text as events,
               json_agg(r.state order by r.day)
                 filter (where r.day >= q.day_from and r.state is not null) as states,
               coalesce(sum(r.units) filter (where r.day < q.day_from), 0)::text as units_before,
               json_agg(r.state order by r.day)
                 filter (where r.day < q.day_from and r.state is not null and q.with_states)
                 as states_before
          from ${queryArrays(queries)}
          join usage_rollups r
            on r.bucket = q.bucket and r.merchant_id = ${toUuid(merchant)}
           and r.customer_id = q.customer_id and r.meter_id = q.meter_id
           and r.day >= q.read_from and r.day < q.day_until
         group by q.place, r.group_key) as t`.execute(db);
  const found: readonly TotalFields[] = JSON.parse(rows[0]?.found ?? '[]');
  const totals: UsageTotal[][] = queries.map(() => []);
  for (const [place, groupKey, units, events, states, unitsBefore, statesBefore] of found) {
    totals[place - 1]?.push({
      groupKey,
      units: fromDecimal(units),
      events: BigInt(events),
      states: states ?? [],
      unitsBefore: fromDecimal(unitsBefore),
      statesBefore: statesBefore ?? [],
    });
  }
  return totals;
}

/** The first day that a query reads: its period's, or all days before as well. */
function readFrom({ period, before }: UsageQuery): string {
  return before === undefined ? toDate(period.start) : FIRST_DAY;
}

function queryArrays(queries: readonly UsageQuery[]): RawBuilder<unknown> {
  const dates = (read: (query: UsageQuery) => string) => arrayLiteral('date', queries.map(read));
  return sql`unnest(
      ${arrayLiteral(
        'smallint',
        queries.map(({ customerId }) => bucketOf(customerId)),
      )}::smallint[],
      ${arrayLiteral(
        'uuid',
        queries.map(({ customerId }) => toUuid(customerId)),
      )}::uuid[],
      ${arrayLiteral(
        'uuid',
        queries.map(({ meterId }) => toUuid(meterId)),
      )}::uuid[],
      ${dates(readFrom)}::date[],
      ${dates(({ period }) => toDate(period.start))}::date[],
      ${dates(({ period }) => toDate(period.end))}::date[],
      ${arrayLiteral(
        'boolean',
        queries.map(({ before }) => before === 'states'),
      )}::boolean[])
      with ordinality
      as q (bucket, customer_id, meter_id, read_from, day_from, day_until, with_states, place)`;
}

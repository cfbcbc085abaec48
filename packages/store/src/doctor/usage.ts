import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I10 for usage: a batch is the sum of its events, and a pack of what was burnt of it. */
export const findWrongUsage: readonly Check[] = [
  {
    invariant: 'I10 usage batch counts its events',
    table: 'usage_batches',
    prefix: 'ubt',
    find: sql<Found>`
      select b.id, format('The batch counts %s events; %s are there.', b.event_count,
                          coalesce(e.events, 0)) as sentence
        from usage_batches b
        left join (select batch_id, count(*) as events from usage_events group by batch_id) e
          on e.batch_id = b.id
       where coalesce(e.events, 0) <> b.event_count`,
  },
  {
    invariant: 'I10 acknowledged usage is counted',
    table: 'usage_batches',
    prefix: 'ubt',
    find: sql<Found>`
      select id, format('The usage batch of %s events could not be folded (%s). Once the cause is '
                        'mended, daikou usage refold counts it.', event_count,
                        set_aside_reason) as sentence
        from usage_batches
       where set_aside_at is not null`,
  },
  {
    invariant: 'I10 rollup of a count',
    table: 'usage_rollups',
    prefix: 'cus',
    find: sql<Found>`
      select r.customer_id as id, format('Meter %s counts %s units of %s events on %s.', m.code,
                                         r.units, r.event_count, r.day) as sentence
        from usage_rollups r
        join meters m on m.merchant_id = r.merchant_id and m.id = r.meter_id
       where m.aggregation = 'count' and r.units <> r.event_count`,
  },
  {
    invariant: 'I10 pack is what was bought less what was burnt',
    table: 'resource_packs',
    prefix: 'rsp',
    find: sql<Found>`
      select p.id, format('The pack has %s of %s units left; %s were burnt.', p.units_left,
                          p.units_bought, coalesce(sum(b.units), 0)) as sentence
        from resource_packs p
        left join resource_pack_burns b on b.bucket = p.bucket and b.merchant_id = p.merchant_id
                                       and b.pack_id = p.id
       group by p.bucket, p.merchant_id, p.id, p.units_left, p.units_bought
      having p.units_left + coalesce(sum(b.units), 0) <> p.units_bought`,
  },
];

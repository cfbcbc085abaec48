import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I18: a customer's events are numbered from 1 without gaps. */
export const findBrokenSequences: readonly Check[] = [
  {
    invariant: 'I18 gap-free sequence',
    table: 'customers',
    prefix: 'cus',
    find: sql<Found>`
      select c.id, format('The customer has %s events up to number %s, and counts %s.',
                          count(e.sequence), coalesce(max(e.sequence), 0), c.event_sequence)
               as sentence
        from customers c
        left join events e on e.bucket = c.bucket and e.merchant_id = c.merchant_id
                          and e.customer_id = c.id
       group by c.bucket, c.merchant_id, c.id, c.event_sequence
      having count(e.sequence) <> c.event_sequence
          or coalesce(max(e.sequence), 0) <> c.event_sequence`,
  },
];

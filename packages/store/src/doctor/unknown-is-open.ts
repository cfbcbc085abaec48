import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I3: an unknown outcome is not a failure; while one attempt is open nothing else moves. */
export const findNewWhileOpen: readonly Check[] = [
  {
    invariant: 'I3 unknown is not failed',
    table: 'debits',
    prefix: 'dbt',
    find: sql<Found>`
      select d.id, format('The debit is %s while attempt %s is open.', d.state, a.order_number)
               as sentence
        from debits d
        join attempts a on a.bucket = d.bucket and a.merchant_id = d.merchant_id
                       and a.debit_id = d.id
       where d.state in ('scheduled', 'failed', 'canceled')
         and a.state in ('submitting', 'accepted', 'unknown')`,
  },
  {
    invariant: 'I3 one open attempt',
    table: 'debits',
    prefix: 'dbt',
    find: sql<Found>`
      select debit_id as id, format('The debit has %s open attempts.', count(*)) as sentence
        from attempts where state in ('submitting', 'accepted', 'unknown')
       group by bucket, merchant_id, debit_id having count(*) > 1`,
  },
];

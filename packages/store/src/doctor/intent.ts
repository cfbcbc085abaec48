import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I2: no rail saw a number that the database did not commit before. */
export const findAttemptsBeforeIntent: readonly Check[] = [
  {
    invariant: 'I2 intent first',
    table: 'attempts',
    prefix: 'att',
    // The end is told by the rail's clock, and two clocks may differ: rails themselves accept a
    // signed time within five minutes of theirs.
    find: sql<Found>`
      select id, format('The attempt ended at %s, before its intent of %s.', ended_at, submitted_at)
               as sentence
        from attempts where submitted_at > ended_at + interval '5 minutes'`,
  },
  {
    invariant: 'I2 payment has its attempt',
    table: 'payments',
    prefix: 'pay',
    find: sql<Found>`
      select p.id, 'The payment has no attempt.' as sentence
        from payments p
        left join attempts a on a.bucket = p.bucket and a.merchant_id = p.merchant_id
                            and a.id = p.attempt_id
       where a.id is null`,
  },
];

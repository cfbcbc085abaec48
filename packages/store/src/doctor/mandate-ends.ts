import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I12: what a customer ended here is ended at the rail too, or somebody is still asking for it. */
export const findForgottenEnds: readonly Check[] = [
  {
    invariant: 'I12 end is under way',
    table: 'mandates',
    prefix: 'man',
    find: sql<Found>`
      select m.id, format('The mandate is %s and no next try to end it is planned.', m.state)
               as sentence
        from mandates m
       where m.state in ('ending', 'revoke_failed')
         and not exists (
         select from mandate_ends e
          where e.bucket = m.bucket and e.merchant_id = m.merchant_id and e.mandate_id = m.id
            and e.next_try_at is not null)`,
  },
  {
    invariant: 'I12 nothing after the wish to end',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select a.id, format('The attempt is of %s; the end of its mandate was asked for at %s.',
                          a.submitted_at, e.asked_at) as sentence
        from mandate_ends e
        join debits d on d.bucket = e.bucket and d.merchant_id = e.merchant_id
                     and d.mandate_id = e.mandate_id
        join attempts a on a.bucket = d.bucket and a.merchant_id = d.merchant_id
                       and a.debit_id = d.id
       where e.asked_by <> 'drift' and a.submitted_at > e.asked_at`,
  },
];

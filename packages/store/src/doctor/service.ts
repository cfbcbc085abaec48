import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** The worker looks every few seconds; a look that is this late is one that nobody makes. */
const LOOK_PATIENCE = sql`interval '10 minutes'`;

/** I3 for services: nobody is stopped while money is under way, or for longer than it is owed. */
export const findWrongStops: readonly Check[] = [
  {
    invariant: 'I3 no stop while an attempt is open',
    table: 'arrears_states',
    prefix: 'cus',
    find: sql<Found>`
      select s.customer_id as id,
             format('The service was stopped at %s while attempt %s had no definite end.',
                    s.changed_at, a.order_number) as sentence
        from arrears_states s
        join debits d on d.bucket = s.bucket and d.merchant_id = s.merchant_id
                     and d.customer_id = s.customer_id
        join attempts a on a.bucket = d.bucket and a.merchant_id = d.merchant_id
                       and a.debit_id = d.id
       where s.state = 'suspended' and a.submitted_at < s.changed_at
         and (a.ended_at is null or a.ended_at > s.changed_at)`,
  },
  {
    invariant: 'I7 nobody is suspended unwarned',
    table: 'arrears_states',
    prefix: 'cus',
    // Told: a warning that was delivered, or a person who said so. A merchant's own zone is at most
    // a day away from the database's.
    find: sql<Found>`
      select s.customer_id as id,
             format('The service is suspended since %s and no warning was delivered.', s.since)
               as sentence
        from arrears_states s
       where s.state = 'suspended'
         and not exists (
         select from notices n
          where n.bucket = s.bucket and n.merchant_id = s.merchant_id
            and n.customer_id = s.customer_id and n.template_key = 'service_warned'
            and n.state = 'delivered' and n.created_at >= s.warned_on - 1
            and n.delivered_at <= s.changed_at)
         and not exists (
         select from tasks t
          where t.bucket = s.bucket and t.merchant_id = s.merchant_id
            and t.subject_id = s.customer_id and t.kind = 'arrears' and t.state = 'done'
            and t.data ->> 'about' = 'warning_undelivered'
            and t.opened_at >= s.warned_on - 1 and t.ended_at <= s.changed_at)`,
  },
  {
    invariant: 'I3 who paid is restored',
    table: 'arrears_states',
    prefix: 'cus',
    // A row that is due belongs to the worker's next look; one that is not due will be forgotten.
    find: (now) => sql<Found>`
      select s.customer_id as id,
             format('The service is %s since %s, and no invoice of the customer is overdue.',
                    s.state, s.since) as sentence
        from arrears_states s
        join merchants m on m.id = s.merchant_id
       where s.state in ('suspended', 'retained', 'deletable')
         and (s.next_look_at is null
              or s.next_look_at > coalesce(m.test_clock, ${now})
              or (m.test_clock is null and s.next_look_at > timestamptz 'epoch'
                  and s.next_look_at < ${now} - ${LOOK_PATIENCE}))
         and not exists (
         select from invoices i
          where i.bucket = s.bucket and i.merchant_id = s.merchant_id
            and i.customer_id = s.customer_id and i.state = 'open'
            and i.due_date < (coalesce(m.test_clock, ${now}) at time zone m.zone)::date)`,
  },
];

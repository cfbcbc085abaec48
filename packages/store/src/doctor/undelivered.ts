import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** Ends that nobody is to hear of: the debit moved, the arrears are paid, or it was declined. */
const NOT_WANTED = sql`('debit_canceled', 'debit_moved', 'declined', 'case_ended')`;

/** A warning that reached nobody is a decision about arrears. */
const TASK_KIND = sql`
  (case when n.template_key = 'service_warned' then 'arrears' else 'notice_undelivered' end)`;

/** Nobody waits for a warning whose arrears were paid or have gone on. */
const IS_AWAITED = sql`
  (n.template_key is distinct from 'service_warned' or exists (
     select from arrears_states s
      where s.bucket = n.bucket and s.merchant_id = n.merchant_id
        and s.customer_id = n.customer_id and s.state = 'warned'
        and s.changed_at <= n.created_at))`;

/** I7: a message that reached nobody goes by another channel, or a person is asked to look. */
export const findForgottenNotices: readonly Check[] = [
  {
    invariant: 'I7 undelivered has a task',
    table: 'notices',
    prefix: 'not',
    find: sql<Found>`
      select n.id, format('The %s message failed on %s (%s); nothing follows and nobody is told.',
                          n.purpose, n.channel, n.failure_code) as sentence
        from notices n
        left join debits d on d.bucket = n.bucket and d.merchant_id = n.merchant_id
                          and d.id = n.debit_id
       where n.state = 'failed' and n.follow_at is null
         and n.failure_code not in ${NOT_WANTED}
         and (n.debit_id is null
              or (d.state = 'scheduled' and d.collect_date = n.collect_date))
         and ${IS_AWAITED}
         and not exists (
           select from notices f
            where f.bucket = n.bucket and f.merchant_id = n.merchant_id and f.follows_id = n.id)
         and not exists (
           select from tasks t
            where t.bucket = n.bucket and t.merchant_id = n.merchant_id
              and t.kind = ${TASK_KIND}
              and t.subject_id = coalesce(n.debit_id, n.customer_id))`,
  },
  {
    invariant: 'I7 evidence is whole',
    table: 'notices',
    prefix: 'not',
    find: sql<Found>`
      select id, 'What was sent is kept in part only: version, words, hash or address is missing.'
                 as sentence
        from notices
       where (text_hash is null, template_version is null, sent_to is null)
             not in ((true, true, true), (false, false, false))
          or (text_hash is not null and variables is null)`,
  },
];

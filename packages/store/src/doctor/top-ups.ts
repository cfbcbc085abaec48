import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I7 and I10 of automatic top-ups: within what was agreed, and granted once it was paid. */
export const findWrongTopUps: readonly Check[] = [
  {
    invariant: 'I7 top-ups are within the monthly cap',
    table: 'top_up_rules',
    prefix: 'tur',
    find: sql<Found>`
      select a.id, format('The top-ups of the month of %s came to %s, and the cap is %s.',
                          min(t.requested_on), sum(t.amount_minor), a.monthly_cap_minor) as sentence
        from top_ups t
        join top_up_rules a on a.bucket = t.bucket and a.merchant_id = t.merchant_id
                                and a.id = t.rule_id
       where t.state <> 'refused'
       group by a.bucket, a.merchant_id, a.id, a.monthly_cap_minor,
                date_trunc('month', t.requested_on)
      having sum(t.amount_minor) > a.monthly_cap_minor`,
  },
  {
    invariant: 'I10 top-up is granted once it is paid',
    table: 'top_ups',
    prefix: 'tup',
    find: sql<Found>`
      select t.id, format('The top-up is %s, its invoice is %s and the balance got %s of %s.',
                          t.state, i.state, coalesce(g.amount_minor, 0),
                          i.total_minor - i.credited_minor) as sentence
        from top_ups t
        join invoices i on i.bucket = t.bucket and i.merchant_id = t.merchant_id
                       and i.id = t.invoice_id
        left join credit_grants g on g.bucket = t.bucket and g.merchant_id = t.merchant_id
                                 and g.customer_id = t.customer_id
                                 and g.reference = 'top-up ' || i.number
       where case t.state
               when 'paid' then g.id is distinct from t.grant_id or i.paid_at is null
                                or g.amount_minor > i.total_minor
               when 'returned' then g.id is distinct from t.grant_id
                                    or g.amount_minor > i.total_minor
               else g.id is not null
                    or (t.state = 'refused' and i.state <> 'void'
                        and i.total_minor > i.credited_minor)
             end`,
  },
];

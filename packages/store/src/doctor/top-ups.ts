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
  {
    invariant: 'I10 top-up is granted for a payment',
    table: 'top_ups',
    prefix: 'tup',
    find: sql<Found>`
      select t.id, format('The balance of %s was granted and no payment covers invoice %s.',
                          t.amount_minor, i.number) as sentence
        from top_ups t
        join invoices i on i.bucket = t.bucket and i.merchant_id = t.merchant_id
                       and i.id = t.invoice_id
       where t.state = 'paid'
         and not exists (
           select from debit_invoices l
             join payments p on p.bucket = l.bucket and p.merchant_id = l.merchant_id
                            and p.debit_id = l.debit_id
             join debits d on d.bucket = l.bucket and d.merchant_id = l.merchant_id
                          and d.id = l.debit_id and d.returned_at is null
            where l.bucket = i.bucket and l.merchant_id = i.merchant_id and l.invoice_id = i.id)
         and not exists (
           select from hand_payment_allocations h
            where h.bucket = i.bucket and h.merchant_id = i.merchant_id and h.invoice_id = i.id
              and h.live)`,
  },
  {
    invariant: 'I10 top-up is granted once',
    table: 'top_ups',
    prefix: 'tup',
    find: sql<Found>`
      select t.id, format('The top-up of %s was granted %s times, %s in all.', t.amount_minor,
                          count(*), sum(g.amount_minor)) as sentence
        from top_ups t
        join invoices i on i.bucket = t.bucket and i.merchant_id = t.merchant_id
                       and i.id = t.invoice_id
        join credit_grants g on g.bucket = t.bucket and g.merchant_id = t.merchant_id
                            and g.customer_id = t.customer_id
                            and (g.reference = 'top-up ' || i.number or g.id = t.grant_id)
       group by t.bucket, t.merchant_id, t.id, t.amount_minor
      having count(*) > 1`,
  },
];

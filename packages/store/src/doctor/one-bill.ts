import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I9: one bill for a period, which is the sum of its lines. */
export const findWrongBills: readonly Check[] = [
  {
    invariant: 'I9 one invoice per period',
    table: 'subscriptions',
    prefix: 'sub',
    find: sql<Found>`
      select subscription_id as id,
             format('The subscription has %s invoices for the period from %s.', count(*),
                    period_start) as sentence
        from invoices where state <> 'void'
       group by bucket, merchant_id, subscription_id, period_start having count(*) > 1`,
  },
  {
    invariant: 'I9 invoice is the sum of its lines',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select i.id, format('The invoice is %s = %s + %s and its lines are %s = %s + %s.',
                          i.total_minor, i.net_minor, i.tax_minor,
                          coalesce(sum(l.amount_minor), 0), coalesce(sum(l.net_minor), 0),
                          coalesce(sum(l.tax_minor), 0)) as sentence
        from invoices i
        left join invoice_lines l on l.bucket = i.bucket and l.merchant_id = i.merchant_id
                                 and l.invoice_id = i.id
       group by i.bucket, i.merchant_id, i.id, i.total_minor, i.net_minor, i.tax_minor
      having coalesce(sum(l.amount_minor), 0) <> i.total_minor
          or coalesce(sum(l.net_minor), 0) <> i.net_minor
          or coalesce(sum(l.tax_minor), 0) <> i.tax_minor`,
  },
  {
    invariant: 'I9 net and tax make the amount',
    table: 'invoice_lines',
    prefix: 'inv',
    find: sql<Found>`
      select invoice_id as id,
             format('Line %s of the invoice is %s and its net and tax are %s + %s.', position,
                    amount_minor, net_minor, tax_minor) as sentence
        from invoice_lines where net_minor + tax_minor <> amount_minor`,
  },
  {
    invariant: 'I9 billed periods are behind the subscription',
    table: 'subscriptions',
    prefix: 'sub',
    find: sql<Found>`
      select distinct s.id, format('The subscription would bill the period from %s again.',
                                   i.period_start) as sentence
        from subscriptions s
        join invoices i on i.bucket = s.bucket and i.merchant_id = s.merchant_id
                       and i.subscription_id = s.id and i.state <> 'void'
       where i.period_start >= (s.anchor + s.interval_count * s.next_period_index
               * case s.interval_unit when 'week' then interval '1 week'
                                      when 'month' then interval '1 month'
                                      else interval '1 year' end)::date`,
  },
];

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
             format('The subscription has %s invoices for %s.', count(*), billing_key) as sentence
        from invoices where state <> 'void' and subscription_id is not null
       group by bucket, merchant_id, subscription_id, billing_key having count(*) > 1`,
  },
  {
    invariant: 'I9 one consolidated invoice per period',
    table: 'customers',
    prefix: 'cus',
    find: sql<Found>`
      select customer_id as id,
             format('The customer has %s invoices for %s.', count(*), billing_key) as sentence
        from invoices where state <> 'void' and subscription_id is null
       group by bucket, merchant_id, customer_id, billing_key having count(*) > 1`,
  },
  {
    invariant: 'I9 item is billed once for a day',
    table: 'subscription_items',
    prefix: 'sit',
    find: sql<Found>`
      select distinct item_id as id, format('The days from %s are billed by two invoices.',
                                            first) as sentence
        from (
          select l.bucket, l.merchant_id, l.item_id, min(l.period_start) as first,
                 lag(max(l.period_end)) over (
                   partition by l.bucket, l.merchant_id, l.item_id
                   order by min(l.period_start), l.invoice_id) as before
            from invoice_lines l
            join invoices i on i.bucket = l.bucket and i.merchant_id = l.merchant_id
                           and i.id = l.invoice_id and i.state <> 'void'
           where l.item_id is not null and l.rule in ('list_price', 'agreed_price')
           group by l.bucket, l.merchant_id, l.item_id, l.invoice_id) as spans
       where before > first`,
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
    invariant: 'I9 discount comes off the line',
    table: 'invoice_lines',
    prefix: 'inv',
    find: sql<Found>`
      select invoice_id as id,
             format('Line %s of the invoice is %s less a discount of %s and its amount is %s.',
                    position, subtotal_minor, discount_minor, amount_minor) as sentence
        from invoice_lines
       where discount_minor < 0
          or subtotal_minor - discount_minor not in (amount_minor, net_minor)`,
  },
  {
    invariant: 'I9 waiting line is billed once',
    table: 'pending_lines',
    prefix: 'pli',
    find: sql<Found>`
      select p.id, format('The line is %s and %s.', p.state,
                          case when p.invoice_id is null then 'names no invoice'
                               else 'its invoice does not have it as often' end) as sentence
        from (
          select *, row_number() over (
                   partition by bucket, merchant_id, invoice_id, price_version_id, rule,
                                period_start, period_end, subtotal_minor order by id) as turn
            from pending_lines) as p
       where (p.state = 'billed') <> (p.invoice_id is not null)
          or (p.invoice_id is not null and p.turn > (
            select count(*) from invoice_lines l
             where l.bucket = p.bucket and l.merchant_id = p.merchant_id
               and l.invoice_id = p.invoice_id and l.price_version_id = p.price_version_id
               and l.rule = p.rule and l.period_start = p.period_start
               and l.period_end = p.period_end and l.subtotal_minor = p.subtotal_minor))`,
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
       where i.period_start >= greatest(s.billed_through, s.arrears_through)`,
  },
];

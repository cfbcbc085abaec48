import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I10: what takes from an invoice or a promise never takes more than there is. */
export const findWrongCredits: readonly Check[] = [
  {
    invariant: 'I10 credit is within its line',
    table: 'invoice_lines',
    prefix: 'inv',
    find: sql<Found>`
      select l.invoice_id as id,
             format('Line %s of the invoice billed %s and credit notes take back %s.', l.position,
                    l.amount_minor, sum(c.amount_minor)) as sentence
        from credit_note_lines c
        join invoice_lines l on l.bucket = c.bucket and l.merchant_id = c.merchant_id
                            and l.invoice_id = c.invoice_id and l.position = c.position
       group by l.bucket, l.merchant_id, l.invoice_id, l.position, l.amount_minor, l.net_minor,
                l.tax_minor
      having sum(c.amount_minor) > l.amount_minor or sum(c.net_minor) > l.net_minor
          or sum(c.tax_minor) > l.tax_minor`,
  },
  {
    invariant: 'I10 credit note is the sum of its lines',
    table: 'credit_notes',
    prefix: 'cdn',
    find: sql<Found>`
      select n.id, format('The credit note is %s and its lines are %s.', n.total_minor,
                          coalesce(sum(c.amount_minor), 0)) as sentence
        from credit_notes n
        left join credit_note_lines c on c.bucket = n.bucket and c.merchant_id = n.merchant_id
                                     and c.credit_note_id = n.id
       group by n.bucket, n.merchant_id, n.id, n.total_minor, n.net_minor, n.tax_minor
      having coalesce(sum(c.amount_minor), 0) <> n.total_minor
          or coalesce(sum(c.net_minor), 0) <> n.net_minor
          or coalesce(sum(c.tax_minor), 0) <> n.tax_minor`,
  },
  {
    invariant: 'I10 credited is what credit notes take off',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select i.id, format('The invoice says %s is credited and its credit notes say %s.',
                          i.credited_minor, coalesce(sum(n.total_minor), 0)) as sentence
        from invoices i
        left join credit_notes n on n.bucket = i.bucket and n.merchant_id = i.merchant_id
                                and n.invoice_id = i.id and n.disposition = 'reduce_due'
       where i.state <> 'void'
       group by i.bucket, i.merchant_id, i.id, i.credited_minor
      having coalesce(sum(n.total_minor), 0) <> i.credited_minor`,
  },
  {
    invariant: 'I10 grant is what was used and what is left',
    table: 'credit_grants',
    prefix: 'crg',
    find: sql<Found>`
      select g.id, format('The grant of %s has %s left and %s was used.', g.amount_minor,
                          g.left_minor, coalesce(sum(u.amount_minor), 0)) as sentence
        from credit_grants g
        left join grant_uses u on u.bucket = g.bucket and u.merchant_id = g.merchant_id
                              and u.grant_id = g.id
        cross join lateral (
          select coalesce(sum((draw -> 'amount' ->> 'minor')::bigint), 0) as minor
            from refunds r cross join jsonb_array_elements(r.draws) as draw
           where r.bucket = g.bucket and r.merchant_id = g.merchant_id
             and r.customer_id = g.customer_id and r.source = 'balance'
             and draw ->> 'grant_id' = 'crg_' || replace(g.id::text, '-', '')) as drawn
       group by g.bucket, g.merchant_id, g.id, g.amount_minor, g.left_minor, drawn.minor
      having g.left_minor + coalesce(sum(u.amount_minor), 0) + drawn.minor <> g.amount_minor
         and not (g.left_minor = 0 and sum(u.amount_minor) is null and exists (
                    select from hand_payments h
                     where h.bucket = g.bucket and h.merchant_id = g.merchant_id
                       and h.grant_id = g.id and h.state = 'reversed'))
         and not (g.left_minor = 0 and max(g.expires_on) is not null
                  and coalesce(sum(u.amount_minor), 0) + drawn.minor < g.amount_minor)`,
  },
  {
    invariant: 'I10 balance applied is what grants gave',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select i.id, format('The invoice took %s from the balance and its grants gave %s.',
                          i.balance_applied_minor, coalesce(sum(u.amount_minor), 0)) as sentence
        from invoices i
        left join grant_uses u on u.bucket = i.bucket and u.merchant_id = i.merchant_id
                              and u.invoice_id = i.id and u.currency = i.currency
       where i.state <> 'void'
       group by i.bucket, i.merchant_id, i.id, i.balance_applied_minor
      having coalesce(sum(u.amount_minor), 0) <> i.balance_applied_minor`,
  },
  {
    invariant: 'I10 coupon is redeemed within its limit',
    table: 'coupons',
    prefix: 'cpn',
    find: sql<Found>`
      select c.id, format('The coupon can be redeemed %s times and was %s times.',
                          c.maximum_redemptions, count(*)) as sentence
        from coupons c
        join redemptions r on r.merchant_id = c.merchant_id and r.coupon_id = c.id
       group by c.merchant_id, c.id, c.maximum_redemptions
      having count(*) > c.maximum_redemptions`,
  },
  {
    invariant: 'I10 redemption is used within its coupon',
    table: 'redemptions',
    prefix: 'red',
    find: sql<Found>`
      select r.id, format('The coupon gives for %s; it took off %s times, %s in all.',
                          coalesce(c.periods::text || ' periods', c.duration), r.used_periods,
                          coalesce(r.used_minor, 0)) as sentence
        from redemptions r
        join coupons c on c.merchant_id = r.merchant_id and c.id = r.coupon_id
       where r.used_periods > c.periods
          or (c.duration = 'once' and c.amount_minor is null and r.used_periods > 1)
          or (c.duration = 'once' and r.used_minor > c.amount_minor)`,
  },
];

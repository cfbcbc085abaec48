import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** What a payment `p` was beyond what its invoices asked for when it came: parked, not theirs. */
const PARKED_SURPLUS = sql`
  select coalesce(sum(x.amount_minor), 0) as minor from money_exceptions x
   where x.bucket = p.bucket and x.merchant_id = p.merchant_id and x.attempt_id = p.attempt_id
     and x.kind = 'surplus'`;

/** I1: money is taken at most once for an obligation. */
export const findCollectedTwice: readonly Check[] = [
  {
    invariant: 'I1 one success',
    table: 'debits',
    prefix: 'dbt',
    find: sql<Found>`
      select debit_id as id,
             format('The debit has %s succeeded attempts.', count(*)) as sentence
        from attempts where state = 'succeeded'
       group by bucket, merchant_id, debit_id having count(*) > 1`,
  },
  {
    invariant: 'I1 one payment',
    table: 'debits',
    prefix: 'dbt',
    find: sql<Found>`
      select debit_id as id, format('The debit has %s payments.', count(*)) as sentence
        from payments group by bucket, merchant_id, debit_id having count(*) > 1`,
  },
  {
    invariant: 'I1 success is booked',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select a.id, 'The attempt succeeded and has no payment.' as sentence
        from attempts a
        left join payments p on p.bucket = a.bucket and p.merchant_id = a.merchant_id
                            and p.attempt_id = a.id
       where a.state = 'succeeded' and p.id is null`,
  },
  {
    invariant: 'I1 payment has its success',
    table: 'payments',
    prefix: 'pay',
    find: sql<Found>`
      select p.id, format('The payment stands on an attempt that is %s and a debit that is %s.',
                          coalesce(a.state, 'missing'), coalesce(d.state, 'missing')) as sentence
        from payments p
        left join attempts a on a.bucket = p.bucket and a.merchant_id = p.merchant_id
                            and a.id = p.attempt_id and a.debit_id = p.debit_id
        left join debits d on d.bucket = p.bucket and d.merchant_id = p.merchant_id
                          and d.id = p.debit_id
       where a.id is null or a.state not in ('succeeded', 'late_success')
          or d.id is null or d.state <> 'succeeded'
          or p.amount_minor <> a.amount_minor or p.currency <> a.currency
          or p.rail_reference is distinct from a.rail_reference`,
  },
  {
    invariant: 'I1 success is paid',
    table: 'debits',
    prefix: 'dbt',
    find: sql<Found>`
      select d.id, 'The debit succeeded and has no payment.' as sentence
        from debits d
        left join payments p on p.bucket = d.bucket and p.merchant_id = d.merchant_id
                            and p.debit_id = d.id
       where d.state = 'succeeded' and p.id is null`,
  },
  {
    invariant: 'I1 paid invoice has its payment',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select i.id, 'The invoice is paid by debit and no payment covers it.' as sentence
        from invoices i
       where i.state = 'paid' and i.collection = 'auto_debit'
         and i.total_minor - i.balance_applied_minor - i.credited_minor > 0
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
    invariant: 'I1 payment pays its invoices',
    table: 'payments',
    prefix: 'pay',
    find: sql<Found>`
      select p.id, format('The payment is %s and its invoices total %s, of which %s are paid.',
                          p.amount_minor, coalesce(sum(i.total_minor - i.balance_applied_minor
                                                              - i.credited_minor), 0),
                          count(*) filter (where i.state = 'paid')) as sentence
        from payments p
        left join debit_invoices l on l.bucket = p.bucket and l.merchant_id = p.merchant_id
                                  and l.debit_id = p.debit_id
        left join invoices i on i.bucket = l.bucket and i.merchant_id = l.merchant_id
                            and i.id = l.invoice_id
        cross join lateral (${PARKED_SURPLUS}) as parked
       where not exists (
         select from payment_returns r
          where r.bucket = p.bucket and r.merchant_id = p.merchant_id and r.payment_id = p.id)
       group by p.bucket, p.merchant_id, p.id, p.amount_minor, parked.minor
      having coalesce(sum(i.total_minor - i.balance_applied_minor - i.credited_minor), 0)
             <> p.amount_minor - parked.minor
          or count(*) filter (where i.state = 'paid') <> count(*)`,
  },
  {
    invariant: 'I1 one payment per invoice',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select l.invoice_id as id,
             format('The invoice is covered by %s payments.', count(*)) as sentence
        from debit_invoices l
        join payments p on p.bucket = l.bucket and p.merchant_id = l.merchant_id
                       and p.debit_id = l.debit_id
        join debits d on d.bucket = l.bucket and d.merchant_id = l.merchant_id
                     and d.id = l.debit_id and d.returned_at is null
       group by l.bucket, l.merchant_id, l.invoice_id having count(*) > 1`,
  },
  {
    invariant: 'I1 one debit holds an invoice',
    table: 'debits',
    prefix: 'dbt',
    find: sql<Found>`
      select d.id, format('The debit is %s and its hold on an invoice says otherwise.', d.state)
               as sentence
        from debits d
        join debit_invoices l on l.bucket = d.bucket and l.merchant_id = d.merchant_id
                             and l.debit_id = d.id
       where l.holds <> (d.state not in ('failed', 'canceled') and d.returned_at is null)`,
  },
];

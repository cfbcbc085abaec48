import { HAND_TEMPLATES, JOURNAL_TEMPLATES } from '@daikou/core';
import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I1, I5: money by hand is booked once, whole, and never beside another way of paying. */
export const findWrongHandPayments: readonly Check[] = [
  {
    invariant: 'I5 hand payment is its parts',
    table: 'hand_payments',
    prefix: 'hpy',
    find: sql<Found>`
      select p.id, format('The payment is %s and it gave %s to invoices and %s to the balance.',
                          p.amount_minor, coalesce(sum(a.amount_minor), 0), p.to_balance_minor)
               as sentence
        from hand_payments p
        left join hand_payment_allocations a on a.bucket = p.bucket
          and a.merchant_id = p.merchant_id and a.hand_payment_id = p.id
       group by p.bucket, p.merchant_id, p.id, p.amount_minor, p.to_balance_minor
      having coalesce(sum(a.amount_minor), 0) + p.to_balance_minor <> p.amount_minor`,
  },
  {
    invariant: 'I5 hand payment is booked',
    table: 'hand_payments',
    prefix: 'hpy',
    find: sql<Found>`
      select p.id, format('The payment is %s and the books say %s.', p.amount_minor,
                          coalesce(sum(e.minor)::text, 'nothing')) as sentence
        from hand_payments p
        left join journals j on j.bucket = p.bucket and j.merchant_id = p.merchant_id
                            and j.source_id = p.id and j.template = ${HAND_TEMPLATES.received}
        left join entries e on e.bucket = j.bucket and e.merchant_id = j.merchant_id
                           and e.journal_id = j.id and e.minor > 0
       group by p.bucket, p.merchant_id, p.id, p.amount_minor
      having sum(e.minor) is distinct from p.amount_minor`,
  },
  {
    invariant: 'I5 reversed hand payment is taken back',
    table: 'hand_payments',
    prefix: 'hpy',
    find: sql<Found>`
      select p.id, format('The payment is %s and its journal has %s reversals.', p.state,
                          count(r.id)) as sentence
        from hand_payments p
        left join journals j on j.bucket = p.bucket and j.merchant_id = p.merchant_id
                            and j.source_id = p.id and j.template = ${HAND_TEMPLATES.received}
        left join journals r on r.bucket = j.bucket and r.merchant_id = j.merchant_id
                            and r.source_id = j.id and r.template = ${JOURNAL_TEMPLATES.reversal}
       group by p.bucket, p.merchant_id, p.id, p.state
      having (p.state = 'reversed') <> (count(r.id) = 1)`,
  },
  {
    invariant: 'I1 one hand payment per number',
    table: 'hand_payments',
    prefix: 'hpy',
    find: sql<Found>`
      select id, format('The payment has the number %s of another one.', reference) as sentence
        from (select id, reference, row_number() over (
                       partition by merchant_id, method, rail, reference order by id) as turn
                from hand_payments where state = 'booked') as numbered
       where turn > 1`,
  },
  {
    invariant: 'I1 invoice is paid one way',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select a.invoice_id as id, 'The invoice is paid by hand and by a debit.' as sentence
        from hand_payment_allocations a
        join debit_invoices l on l.bucket = a.bucket and l.merchant_id = a.merchant_id
                             and l.invoice_id = a.invoice_id
        join payments p on p.bucket = l.bucket and p.merchant_id = l.merchant_id
                       and p.debit_id = l.debit_id
        join debits d on d.bucket = l.bucket and d.merchant_id = l.merchant_id
                     and d.id = l.debit_id and d.returned_at is null
       where a.live`,
  },
  {
    invariant: 'I1 hand payment pays its invoices',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select a.invoice_id as id,
             format('The invoice is %s and asks for %s, and by hand came %s for it.', i.state,
                    i.total_minor - i.balance_applied_minor - i.credited_minor, a.amount_minor)
               as sentence
        from hand_payment_allocations a
        join invoices i on i.bucket = a.bucket and i.merchant_id = a.merchant_id
                       and i.id = a.invoice_id
       where a.live and (i.state <> 'paid' or i.currency <> a.currency
         or i.total_minor - i.balance_applied_minor - i.credited_minor <> a.amount_minor)`,
  },
  {
    invariant: 'I1 claimed line has its payment',
    table: 'bank_statement_lines',
    prefix: 'bsl',
    find: sql<Found>`
      select b.id, format('The line is %s and %s payments stand on it.', b.state, count(p.id))
               as sentence
        from bank_statement_lines b
        left join hand_payments p on p.merchant_id = b.merchant_id and p.bank_line_id = b.id
                                 and p.state = 'booked'
       where b.state = 'claimed' or p.id is not null
       group by b.bucket, b.merchant_id, b.id, b.state
      having count(p.id) <> 1 or b.state <> 'claimed'`,
  },
];

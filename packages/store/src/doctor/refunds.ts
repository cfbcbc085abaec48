import { CHINA_CHART, CREDIT_TEMPLATES, JOURNAL_TEMPLATES, REFUND_TEMPLATES } from '@daikou/core';
import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

const { suspensePayable: PAYABLE, suspenseReceivable: RECEIVABLE } = CHINA_CHART.roles;
const T = REFUND_TEMPLATES;

/** Refunds whose money is owed in the books at this moment, apart from those of an exception. */
const OWED = sql`('approved', 'submitting', 'accepted', 'unknown', 'manual_review')`;

/** Kinds of parked money that is with us, and of money that left. */
const CAME = sql`('late_success', 'surplus', 'paid_other_amount', 'refund_sent_back',
  'refund_short')`;
const LEFT = sql`('return_unmatched', 'refund_unexpected', 'refund_excess')`;

/** I6: money that goes back is within what came, owed in the books, and never silent. */
export const findWrongRefunds: readonly Check[] = [
  {
    invariant: 'I6 refunds are within the payment',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select attempt_id as id,
             format('The order paid %s and its refunds are %s.', min(paid_minor),
                    sum(amount_minor)) as sentence
        from refunds where attempt_id is not null and state <> 'withdrawn'
       group by bucket, merchant_id, attempt_id having sum(amount_minor) > min(paid_minor)`,
  },
  {
    invariant: 'I6 one refund is with the rail',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select attempt_id as id, format('The order has %s refunds with the rail.', count(*))
               as sentence
        from refunds where state in ('submitting', 'accepted', 'unknown')
       group by bucket, merchant_id, attempt_id having count(*) > 1`,
  },
  {
    invariant: 'I6 refund number is used once',
    table: 'refunds',
    prefix: 'rfd',
    find: sql<Found>`
      select id, format('The refund has the number %s of another one.', refund_number) as sentence
        from (select id, refund_number, row_number() over (
                       partition by merchant_id, refund_number order by id) as turn
                from refunds) as numbered
       where turn > 1`,
  },
  {
    invariant: 'I6 refund state has its times',
    table: 'refunds',
    prefix: 'rfd',
    find: sql<Found>`
      select id, format('The refund is %s and its end is %s.', state,
                        coalesce(ended_at::text, 'missing')) as sentence
        from refunds
       where (state in ('succeeded', 'withdrawn')) <> (ended_at is not null)
          or (state in ('submitting', 'accepted', 'unknown') and submitted_at is null)
          or (state = 'approved' and due_at is null)`,
  },
  {
    invariant: 'I6 refund of a payment takes back its invoices',
    table: 'refunds',
    prefix: 'rfd',
    find: sql<Found>`
      select r.id, format('The refund is %s and its credit notes are %s.', r.amount_minor,
                          coalesce(sum(n.total_minor), 0)) as sentence
        from refunds r
        left join credit_notes n on n.bucket = r.bucket and n.merchant_id = r.merchant_id
                                and n.refund_id = r.id and n.disposition = 'to_refund'
       where r.source = 'payment' and (r.state in ${OWED} or r.state = 'succeeded')
       group by r.bucket, r.merchant_id, r.id, r.amount_minor
      having coalesce(sum(n.total_minor), 0) <> r.amount_minor`,
  },
  {
    invariant: 'I6 refund is booked',
    table: 'refunds',
    prefix: 'rfd',
    find: sql<Found>`
      select r.id, format('The refund returned %s and the books say %s.',
                          r.amount_minor + r.processing_minor,
                          coalesce(sum(e.minor)::text, 'nothing')) as sentence
        from refunds r
        left join journals j on j.bucket = r.bucket and j.merchant_id = r.merchant_id
                            and j.source_id = r.id and j.template = ${T.refundPaid}
        left join entries e on e.bucket = j.bucket and e.merchant_id = j.merchant_id
                           and e.journal_id = j.id and e.minor > 0
       where r.state = 'succeeded'
       group by r.bucket, r.merchant_id, r.id, r.amount_minor, r.processing_minor
      having sum(e.minor) is distinct from r.amount_minor + r.processing_minor`,
  },
  {
    invariant: 'I6 late money has its place',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select a.id, 'Money of the attempt came late and is neither booked nor parked.' as sentence
        from attempts a
       where a.state = 'late_success'
         and not exists (
           select from payments p
            where p.bucket = a.bucket and p.merchant_id = a.merchant_id and p.attempt_id = a.id)
         and not exists (
           select from money_exceptions x
            where x.bucket = a.bucket and x.merchant_id = a.merchant_id and x.attempt_id = a.id
              and x.kind = 'late_success')
         and not exists (
           select from attempts o
            where o.bucket = a.bucket and o.merchant_id = a.merchant_id
              and o.debit_id = a.debit_id and o.state in ('submitting', 'accepted', 'unknown'))`,
  },
  {
    invariant: 'I6 exception ends with its refund',
    table: 'money_exceptions',
    prefix: 'exc',
    find: sql<Found>`
      select x.id, format('The exception is %s and its refund is %s.', x.state,
                          coalesce(max(r.state), 'missing')) as sentence
        from money_exceptions x
        left join refunds r on r.bucket = x.bucket and r.merchant_id = x.merchant_id
                           and r.exception_id = x.id and r.state <> 'withdrawn'
       where x.state in ('refunding', 'refunded') or r.id is not null
       group by x.bucket, x.merchant_id, x.id, x.state
      having x.state is distinct from case when max(r.state) is null then null
                                           when max(r.state) = 'succeeded' then 'refunded'
                                           else 'refunding' end`,
  },
  {
    invariant: 'I6 returned payment is owed again',
    table: 'debits',
    prefix: 'dbt',
    find: sql<Found>`
      select d.id, format('The debit is returned on %s and its payment on %s.',
                          coalesce(d.returned_at::text, 'no day'),
                          coalesce(r.returned_at::text, 'no day')) as sentence
        from debits d
        left join payment_returns r on r.bucket = d.bucket and r.merchant_id = d.merchant_id
                                   and r.debit_id = d.id
       where d.returned_at is distinct from r.returned_at`,
  },
  {
    invariant: 'I6 owed money stands in its account',
    table: 'merchants',
    prefix: 'mer',
    find: sql<Found>`
      select m.id, format('Account %s holds %s for refunds and parked money, and %s are owed.',
                          ${PAYABLE}::text, books.minor, owed.minor) as sentence
        from merchants m
        cross join lateral (
          select coalesce(-sum(e.minor), 0) as minor
            from journals j
            join entries e on e.bucket = j.bucket and e.merchant_id = j.merchant_id
                          and e.journal_id = j.id
           where j.merchant_id = m.id and e.account = ${PAYABLE}
             and (j.template in (${CREDIT_TEMPLATES.toRefund}, ${T.balanceRefundOwed},
                    ${T.exceptionOpened}, ${T.refundPaid}, ${T.refundToBalance},
                    ${T.exceptionCredited}, ${T.exceptionBooked})
                  or (j.template = ${JOURNAL_TEMPLATES.reversal} and exists (
                    select from journals o
                     where o.bucket = j.bucket and o.merchant_id = j.merchant_id
                       and o.id = j.source_id and o.template = ${T.exceptionOpened}))))
          as books
        cross join lateral (
          select coalesce((select sum(r.amount_minor + r.processing_minor) from refunds r
                            where r.merchant_id = m.id and (
                              (r.source = 'payment' and r.state in ${OWED})
                              or (r.source = 'balance' and r.state not in
                                  ('succeeded', 'withdrawn')))), 0)
               + coalesce((select sum(x.amount_minor) from money_exceptions x
                            where x.merchant_id = m.id and x.state in ('open', 'refunding')
                              and x.kind in ${CAME}), 0)
                 as minor) as owed
       where books.minor <> owed.minor`,
  },
  {
    invariant: 'I6 missing money stands in its account',
    table: 'merchants',
    prefix: 'mer',
    find: sql<Found>`
      select m.id, format('Account %s holds %s for money that left, and %s is to be found.',
                          ${RECEIVABLE}::text, books.minor, missing.minor) as sentence
        from merchants m
        cross join lateral (
          select coalesce(sum(e.minor), 0) as minor
            from journals j
            join entries e on e.bucket = j.bucket and e.merchant_id = j.merchant_id
                          and e.journal_id = j.id
           where j.merchant_id = m.id and e.account = ${RECEIVABLE}
             and (j.template in (${T.exceptionOpened}, ${T.exceptionBooked})
                  or (j.template = ${JOURNAL_TEMPLATES.reversal} and exists (
                    select from journals o
                     where o.bucket = j.bucket and o.merchant_id = j.merchant_id
                       and o.id = j.source_id and o.template = ${T.exceptionOpened}))))
          as books
        cross join lateral (
          select coalesce(sum(x.amount_minor), 0) as minor from money_exceptions x
           where x.merchant_id = m.id and x.state = 'open'
             and x.kind in ${LEFT}) as missing
       where books.minor <> missing.minor`,
  },
];

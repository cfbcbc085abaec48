import { CHINA_CHART, JOURNAL_TEMPLATES } from '@daikou/core';
import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

const LATE_FEE_INCOME = CHINA_CHART.roles.lateFeeIncome;

/** I5 and I10 of late fees: each day once, never above the cap, and booked as what they are. */
export const findWrongLateFees: readonly Check[] = [
  {
    invariant: 'I10 late fee charges a day once',
    table: 'late_fees',
    prefix: 'ltf',
    find: sql<Found>`
      select a.late_fee_id as id,
             format('The days from %s to %s and from %s to %s were both charged for.',
                    a.first_day, a.last_day, b.first_day, b.last_day) as sentence
        from late_fee_lines a
        join late_fee_lines b on b.bucket = a.bucket and b.merchant_id = a.merchant_id
                             and b.late_fee_id = a.late_fee_id
                             and b.first_day > a.first_day and b.first_day <= a.last_day
                             and b.part = a.part
       where a.taken_back_minor < a.amount_minor and b.taken_back_minor < b.amount_minor`,
  },
  {
    invariant: 'I10 late fee is within its cap',
    table: 'late_fees',
    prefix: 'ltf',
    // The cap is a share of what was unpaid, which is the whole invoice at most.
    find: sql<Found>`
      select f.id, format('The late fee came to %s, and the most for an invoice of %s is %s.',
                          charged.minor, i.total_minor, coalesce(most.minor, 0)) as sentence
        from late_fees f
        join invoices i on i.bucket = f.bucket and i.merchant_id = f.merchant_id
                       and i.id = f.invoice_id
        left join policies p on p.merchant_id = f.merchant_id and p.id = f.policy_id
        cross join lateral (
          select coalesce(sum(l.amount_minor - l.taken_back_minor), 0) as minor
            from late_fee_lines l
           where l.bucket = f.bucket and l.merchant_id = f.merchant_id
             and l.late_fee_id = f.id) as charged
        cross join lateral (
          select least(floor(i.total_minor * (p.body #>> '{cap,basis_points}')::numeric / 10000),
                       (p.body #>> array['cap', 'amounts', i.currency::text])::numeric) as minor
        ) as most
       where charged.minor > coalesce(most.minor, 0)`,
  },
  {
    invariant: 'I5 late fee is booked',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select i.id, format('Its late fees are %s without tax, and the books say %s.', fees.minor,
                          booked.minor) as sentence
        from invoices i
        join (select bucket, merchant_id, invoice_id, sum(net_minor) as minor
                from invoice_lines where rule = 'late_fee'
               group by bucket, merchant_id, invoice_id) as fees
          on fees.bucket = i.bucket and fees.merchant_id = i.merchant_id
         and fees.invoice_id = i.id
        cross join lateral (
          select coalesce(-sum(e.minor), 0) as minor
            from journals j
            join entries e on e.bucket = j.bucket and e.merchant_id = j.merchant_id
                          and e.journal_id = j.id and e.account = ${LATE_FEE_INCOME}
           where j.bucket = i.bucket and j.merchant_id = i.merchant_id and j.source_id = i.id
             and j.template = ${JOURNAL_TEMPLATES.invoiceIssued}) as booked
       where i.state in ('open', 'paid') and booked.minor <> fees.minor`,
  },
];

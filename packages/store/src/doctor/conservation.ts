import { CHINA_CHART, JOURNAL_TEMPLATES } from '@daikou/core';
import { sql } from 'kysely';
import { findUnaccountedBills } from './bills.ts';
import type { Check, Found } from './check.ts';

const RECEIVABLE = CHINA_CHART.roles.receivable;

/** I5: nothing is lost between the facts and the books. */
export const findUnbalancedBooks: readonly Check[] = [
  {
    invariant: 'I5 journal sums to zero',
    table: 'journals',
    prefix: 'jrn',
    find: sql<Found>`
      select j.id, format('The journal has %s of %s entries, which sum to %s.', count(e.minor),
                          j.entry_count, coalesce(sum(e.minor), 0)) as sentence
        from journals j
        left join entries e on e.bucket = j.bucket and e.merchant_id = j.merchant_id
                           and e.journal_id = j.id
       group by j.bucket, j.merchant_id, j.id, j.entry_count
      having coalesce(sum(e.minor), 0) <> 0 or count(e.minor) <> j.entry_count`,
  },
  {
    invariant: 'I5 payment is booked',
    table: 'payments',
    prefix: 'pay',
    find: sql<Found>`
      select p.id, format('The payment is %s and the books say %s.', p.amount_minor,
                          coalesce(sum(e.minor)::text, 'nothing')) as sentence
        from payments p
        left join journals j on j.bucket = p.bucket and j.merchant_id = p.merchant_id
                            and j.source_id = p.id
                            and j.template = ${JOURNAL_TEMPLATES.paymentReceived}
        left join entries e on e.bucket = j.bucket and e.merchant_id = j.merchant_id
                           and e.journal_id = j.id and e.minor > 0
       group by p.bucket, p.merchant_id, p.id, p.amount_minor
      having sum(e.minor) is distinct from p.amount_minor`,
  },
  {
    invariant: 'I5 invoice is booked',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select i.id, format('The issued invoice is %s and the books say %s.', i.total_minor,
                          coalesce(sum(e.minor)::text, 'nothing')) as sentence
        from invoices i
        left join journals j on j.bucket = i.bucket and j.merchant_id = i.merchant_id
                            and j.source_id = i.id
                            and j.template = ${JOURNAL_TEMPLATES.invoiceIssued}
        left join entries e on e.bucket = j.bucket and e.merchant_id = j.merchant_id
                           and e.journal_id = j.id and e.minor > 0
       where i.state in ('open', 'paid') and i.total_minor > 0
       group by i.bucket, i.merchant_id, i.id, i.total_minor
      having sum(e.minor) is distinct from i.total_minor`,
  },
  {
    invariant: 'I5 receivables are the open invoices',
    table: 'merchants',
    prefix: 'mer',
    find: sql<Found>`
      select m.id, format('Account %s stands at %s and the open invoices ask for %s.',
                          ${RECEIVABLE}::text, books.minor, owed.minor) as sentence
        from merchants m
        cross join lateral (
          select coalesce(sum(e.minor), 0) as minor from entries e
           where e.merchant_id = m.id and e.account = ${RECEIVABLE}) as books
        cross join lateral (
          select coalesce(sum(i.total_minor - i.balance_applied_minor - i.credited_minor), 0)
                 as minor
            from invoices i
           where i.merchant_id = m.id and i.state = 'open') as owed
       where books.minor <> owed.minor`,
  },
  ...findUnaccountedBills,
];

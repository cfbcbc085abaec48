import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I10: a batch is the sum of its items, and a debit is the sum of its invoices. */
export const findWrongSums: readonly Check[] = [
  {
    invariant: 'I10 debit is the sum of its invoices',
    table: 'debits',
    prefix: 'dbt',
    find: sql<Found>`
      select d.id, format('The debit is %s and its invoices total %s.', d.amount_minor,
                          coalesce(sum(i.total_minor), 0)) as sentence
        from debits d
        left join debit_invoices l on l.bucket = d.bucket and l.merchant_id = d.merchant_id
                                  and l.debit_id = d.id
        left join invoices i on i.bucket = l.bucket and i.merchant_id = l.merchant_id
                            and i.id = l.invoice_id and i.currency = d.currency
       where d.state <> 'canceled'
       group by d.bucket, d.merchant_id, d.id, d.amount_minor
      having coalesce(sum(i.total_minor), 0) <> d.amount_minor`,
  },
];

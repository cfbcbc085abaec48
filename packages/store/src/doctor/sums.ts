import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I10: a batch is the sum of its items, and a debit is the sum of its invoices. */
export const findWrongSums: readonly Check[] = [
  {
    invariant: 'I10 debit is the sum of its invoices',
    table: 'debits',
    prefix: 'dbt',
    find: sql<Found>`
      select d.id, format('The debit is %s and its invoices ask for %s.', d.amount_minor,
                          coalesce(sum(i.total_minor - i.balance_applied_minor
                                       - i.credited_minor), 0)) as sentence
        from debits d
        left join debit_invoices l on l.bucket = d.bucket and l.merchant_id = d.merchant_id
                                  and l.debit_id = d.id
        left join invoices i on i.bucket = l.bucket and i.merchant_id = l.merchant_id
                            and i.id = l.invoice_id and i.currency = d.currency
        cross join lateral (
          select coalesce(sum(x.amount_minor), 0) as minor from money_exceptions x
           where x.bucket = d.bucket and x.merchant_id = d.merchant_id and x.debit_id = d.id
             and x.kind = 'surplus') as parked
       where d.state not in ('canceled', 'failed') and d.returned_at is null
       group by d.bucket, d.merchant_id, d.id, d.amount_minor, parked.minor
      having coalesce(sum(i.total_minor - i.balance_applied_minor - i.credited_minor), 0)
             <> d.amount_minor - parked.minor`,
  },
  {
    invariant: 'I10 bill counts its lines',
    table: 'rail_bills',
    prefix: 'bil',
    find: sql<Found>`
      select b.id, format('The bill counts %s matched lines; %s have no break.', b.matched_count,
                          count(l.line_number)) as sentence
        from rail_bills b
        left join rail_bill_lines l
          on l.merchant_id = b.merchant_id and l.bill_id = b.id
         and not exists (
           select from breaks k
            where k.merchant_id = b.merchant_id and k.bill_id = b.id
              and k.order_number = l.order_number
              and k.refund_number is not distinct from l.refund_number
              and k.class not in ('shortage', 'cut_off', 'fee_mismatch'))
       where b.state = 'matched'
       group by b.merchant_id, b.id, b.matched_count
      having count(l.line_number) <> b.matched_count`,
  },
];

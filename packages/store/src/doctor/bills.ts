import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I5 after reconciliation: every difference between a rail's bill and our books is a break row. */
export const findUnaccountedBills: readonly Check[] = [
  {
    invariant: 'I5 bill is whole',
    table: 'rail_bills',
    prefix: 'bil',
    find: sql<Found>`
      select b.id, format('The bill has %s rows and %s breaks; %s and %s are stored.',
                          b.row_count, b.break_count, lines.stored, found.stored) as sentence
        from rail_bills b
        cross join lateral (select count(*) as stored from rail_bill_lines l
                             where l.merchant_id = b.merchant_id and l.bill_id = b.id) as lines
        cross join lateral (select count(*) as stored from breaks k
                             where k.merchant_id = b.merchant_id and k.bill_id = b.id) as found
       where b.state = 'matched'
         and (b.row_count <> lines.stored or b.break_count <> found.stored)`,
  },
  {
    invariant: 'I5 bill line is matched or a break',
    table: 'rail_bills',
    prefix: 'bil',
    find: sql<Found>`
      select b.id, format('Line %s (%s) of the bill is neither our payment nor a break.',
                          l.line_number, l.order_number) as sentence
        from rail_bills b
        join rail_bill_lines l on l.merchant_id = b.merchant_id and l.bill_id = b.id
       where b.state = 'matched' and l.kind = 'payment'
         and not exists (
           select from attempts a
             join payments p on p.bucket = a.bucket and p.merchant_id = a.merchant_id
                            and p.attempt_id = a.id
            where a.bucket = l.bucket and a.merchant_id = l.merchant_id and a.rail = b.rail
              and a.order_number = l.order_number
              and p.amount_minor = l.amount_minor and p.currency = l.currency)
         and not exists (
           select from breaks k
            where k.bucket = l.bucket and k.merchant_id = l.merchant_id and k.bill_id = b.id
              and k.order_number = l.order_number)`,
  },
  {
    invariant: 'I5 payment is in the bill or a break',
    table: 'payments',
    prefix: 'pay',
    find: sql<Found>`
      select p.id, format('The bill of %s has no line and no break for order %s.',
                          b.business_date, a.order_number) as sentence
        from rail_bills b
        join payments p on p.merchant_id = b.merchant_id and p.rail = b.rail
                       and p.business_date = b.business_date
        join attempts a on a.bucket = p.bucket and a.merchant_id = p.merchant_id
                       and a.id = p.attempt_id
       where b.state = 'matched'
         and not exists (
           select from rail_bill_lines l
            where l.bucket = a.bucket and l.merchant_id = a.merchant_id and l.bill_id = b.id
              and l.order_number = a.order_number and l.kind = 'payment')
         and not exists (
           select from breaks k
            where k.bucket = a.bucket and k.merchant_id = a.merchant_id and k.bill_id = b.id
              and k.order_number = a.order_number)`,
  },
];

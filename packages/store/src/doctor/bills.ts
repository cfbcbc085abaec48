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
    // Money that an exception parked is in the books as well: the exception keeps it in sight.
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
           select from money_exceptions e
            where e.bucket = l.bucket and e.merchant_id = l.merchant_id and e.rail = b.rail
              and (e.order_number = l.order_number
                   or e.kind = 'refund_sent_back' and e.rail_reference = l.order_number))
         and not exists (
           select from pay_links y
             join hand_payments h on h.bucket = y.bucket and h.merchant_id = y.merchant_id
                                 and h.pay_link_id = y.id and h.amount_minor = l.amount_minor
            where y.merchant_id = l.merchant_id and y.order_number = l.order_number
              and y.rail = b.rail)
         and not exists (
           select from breaks k
            where k.bucket = l.bucket and k.merchant_id = l.merchant_id and k.bill_id = b.id
              and k.order_number = l.order_number)`,
  },
  {
    invariant: 'I5 payment is in the bill or a break',
    table: 'payments',
    prefix: 'pay',
    // A bill of a day beside it may name it (cut-off).
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
             join rail_bills o on o.merchant_id = l.merchant_id and o.id = l.bill_id
            where l.bucket = a.bucket and l.merchant_id = a.merchant_id
              and l.order_number = a.order_number and l.kind = 'payment'
              and o.state = 'matched' and o.rail = b.rail
              and o.business_date between b.business_date - 2 and b.business_date + 2)
         and not exists (
           select from breaks k
            where k.bucket = a.bucket and k.merchant_id = a.merchant_id and k.bill_id = b.id
              and k.order_number = a.order_number)`,
  },
  {
    invariant: 'I5 open break is parked',
    table: 'breaks',
    prefix: 'brk',
    // Breaks of before the postings of breaks have no difference; those are left to people.
    find: sql<Found>`
      select k.id, format('The break (%s) of order %s is open and its difference is not parked.',
                          k.class, k.order_number) as sentence
        from breaks k
       where k.state = 'open' and k.class <> 'fee_mismatch' and k.difference_minor <> 0
         and not exists (
           select from journals j
            where j.merchant_id = k.merchant_id and j.source_id = k.id
              and j.id = k.parked_by and j.template = 'break_parked')`,
  },
  {
    invariant: 'I5 resolved break holds nothing',
    table: 'breaks',
    prefix: 'brk',
    find: sql<Found>`
      select k.id, format('The break of order %s is resolved, and its amount is still parked.',
                          k.order_number) as sentence
        from breaks k
       where k.state = 'resolved' and k.parked_by is not null
         and not exists (
           select from journals j
            where j.merchant_id = k.merchant_id and j.source_id = k.id
              and j.template in ('break_unparked', 'break_written_off'))`,
  },
  {
    invariant: 'I5 closed day is whole',
    table: 'reconciliation_days',
    prefix: 'bil',
    find: sql<Found>`
      select d.bill_id as id, format('The day %s of %s is closed while breaks of it are pooled.',
                                     d.business_date, d.rail) as sentence
        from reconciliation_days d
       where d.state = 'closed' and d.bill_id is not null
         and exists (
           select from breaks k
            where k.merchant_id = d.merchant_id and k.rail = d.rail
              and k.business_date = d.business_date and k.state = 'pooled')`,
  },
  {
    invariant: 'I5 payout is booked',
    table: 'settlements',
    prefix: 'stl',
    find: sql<Found>`
      select s.id, format('The payout %s of %s has %s of its journals.', s.reference, s.rail,
                          booked.count) as sentence
        from settlements s
        cross join lateral (
          select count(*) as count from journals j
           where j.merchant_id = s.merchant_id and j.source_id = s.id) as booked
       where booked.count <> (case when s.source = 'statement' then 1 else 0 end
                            + case when s.state = 'arrived' then 1 else 0 end)`,
  },
];

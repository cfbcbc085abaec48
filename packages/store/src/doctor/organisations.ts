import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** Organisations pay for their departments and members, and a day of service has one payer. */
export const findWrongPayers: readonly Check[] = [
  {
    invariant: 'I14 payer is an organisation',
    table: 'customers',
    prefix: 'cus',
    find: sql<Found>`
      select c.id, format('The payer of the %s is a %s.', c.kind, p.kind) as sentence
        from customers c
        join customers p on p.bucket = c.bucket and p.merchant_id = c.merchant_id
                        and p.id = c.payer_id
       where p.kind <> 'organisation'`,
  },
  {
    invariant: 'I14 departments never pay',
    table: 'customers',
    prefix: 'cus',
    find: sql<Found>`
      select c.id, format('The %s pays for a subscription, an invoice or a debit itself.', c.kind)
               as sentence
        from customers c
       where c.payer_id is not null
         and (exists (select from subscriptions s
                       where s.bucket = c.bucket and s.merchant_id = c.merchant_id
                         and s.customer_id = c.id)
              or exists (select from invoices i
                          where i.bucket = c.bucket and i.merchant_id = c.merchant_id
                            and i.customer_id = c.id)
              or exists (select from debits d
                          where d.bucket = c.bucket and d.merchant_id = c.merchant_id
                            and d.customer_id = c.id))`,
  },
  {
    invariant: 'I14 beneficiary belongs to the payer',
    table: 'subscriptions',
    prefix: 'sub',
    find: sql<Found>`
      select s.id, 'The subscription is for somebody whom its payer does not pay for.' as sentence
        from subscriptions s
        join customers b on b.bucket = s.bucket and b.merchant_id = s.merchant_id
                        and b.id = s.beneficiary_id
       where b.payer_id is distinct from s.customer_id`,
  },
  {
    invariant: 'I9 transfer has two sides',
    table: 'subscription_transfers',
    prefix: 'sub',
    find: sql<Found>`
      select t.subscription_id as id,
             format('The transfer %s another subscription has no other side.', t.direction)
               as sentence
        from subscription_transfers t
       where not exists (
         select from subscription_transfers o
          where o.merchant_id = t.merchant_id and o.subscription_id = t.other_subscription_id
            and o.other_subscription_id = t.subscription_id and o.direction <> t.direction
            and o.on_date = t.on_date)`,
  },
  {
    invariant: 'I9 a day has one payer',
    table: 'subscriptions',
    prefix: 'sub',
    find: sql<Found>`
      select s.id, format('The subscription was transferred on %s and ends %s.', t.on_date,
                          coalesce(s.ends_on::text, 'never')) as sentence
        from subscription_transfers t
        join subscriptions s on s.bucket = t.bucket and s.merchant_id = t.merchant_id
                            and s.id = t.subscription_id
       where t.direction = 'to' and (s.ends_on is null or s.ends_on > t.on_date)`,
  },
];

import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/**
 * I7: nobody pays a higher price than what it agreed to (民法典 Art. 543). Ids of price versions
 * stand in documents with their prefix.
 */
export const findRisesWithoutConsent: readonly Check[] = [
  {
    invariant: 'I7 rise has consent',
    table: 'price_change_consents',
    prefix: 'sub',
    find: sql<Found>`
      select subscription_id as id,
             format('A rise was applied to this subscription of a %s whose answer is %s.',
                    audience, answer) as sentence
        from price_change_consents
       where outcome = 'applied' and direction = 'rise' and answer <> 'acknowledged'
         and not (audience = 'business' and answer = 'silent' and noticed_at is not null)`,
  },
  {
    invariant: 'I7 rise is billed with consent',
    table: 'invoices',
    prefix: 'inv',
    find: sql<Found>`
      select distinct i.id,
             format('The invoice bills a higher price that its payer did not agree to (%s).',
                    c.outcome) as sentence
        from price_change_consents c
        join price_changes p on p.merchant_id = c.merchant_id and p.id = c.price_change_id
        cross join lateral jsonb_array_elements(p.steps) as step
        join invoices i on i.bucket = c.bucket and i.merchant_id = c.merchant_id
                       and i.customer_id = c.customer_id and i.state <> 'void'
        join invoice_lines l on l.bucket = i.bucket and l.merchant_id = i.merchant_id
                            and l.invoice_id = i.id
                            and coalesce(l.subscription_id, i.subscription_id) = c.subscription_id
                            and l.price_version_id = replace(step ->> 'to', 'prv_', '')::uuid
       where c.direction = 'rise' and c.outcome in ('waiting', 'left', 'withdrawn')
         and not exists (
           select from subscription_changes h
            where h.bucket = c.bucket and h.merchant_id = c.merchant_id
              and h.subscription_id = c.subscription_id
              and (h.type in ('plan', 'add_item')
                   or h.command -> 'grounds' ->> 'type' = 'consent'))`,
  },
];

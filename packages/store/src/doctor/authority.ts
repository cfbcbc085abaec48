import { LEGAL_NOTICE_DAYS } from '@daikou/core';
import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** The business date of an attempt's intent, in its merchant's zone. */
const SUBMITTED_ON = sql`(a.submitted_at at time zone m.zone)::date`;

/**
 * Its intent is these books' own. A number that was learned from the rail after a restore had its
 * notice and its mandate in the books that were lost; what proves them went with those.
 */
const IS_OUR_INTENT = sql`not exists (
  select from quarantine_findings f
   where f.merchant_id = a.merchant_id and f.rail = a.rail and f.number = a.order_number)`;

/** A notice whose address was known to be wrong by then had told nobody. */
const COUNTED = sql`(n.voided_at is null or n.voided_at > a.submitted_at)`;

/** I7: at the moment of the intent there was a mandate, a cap and a delivered notice. */
export const findUnauthorisedAttempts: readonly Check[] = [
  {
    invariant: 'I7 delivered notice',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select a.id, format('No notice of at least %s for %s was delivered before the attempt.',
                          a.amount_minor, ${SUBMITTED_ON}) as sentence
        from attempts a
        join merchants m on m.id = a.merchant_id
       where ${IS_OUR_INTENT} and not exists (
         select from notices n
          where n.bucket = a.bucket and n.merchant_id = a.merchant_id and n.debit_id = a.debit_id
            and n.purpose in ('renewal', 'retry') and n.state = 'delivered'
            and n.amount_minor >= a.amount_minor and n.currency = a.currency
            and n.collect_date = ${SUBMITTED_ON} and n.delivered_at <= a.submitted_at
            and ${COUNTED})`,
  },
  {
    invariant: 'I7 legal notice',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select a.id, format('No renewal notice of at least %s was delivered %s days before its date.',
                          a.amount_minor, ${LEGAL_NOTICE_DAYS}::int) as sentence
        from attempts a
        join merchants m on m.id = a.merchant_id
        join debits d on d.bucket = a.bucket and d.merchant_id = a.merchant_id
                     and d.id = a.debit_id
       where ${IS_OUR_INTENT} and not exists (
         select from notices n
          where n.bucket = a.bucket and n.merchant_id = a.merchant_id
            and n.debit_id in (d.id, d.moved_from)
            and n.purpose = 'renewal' and n.state = 'delivered'
            and n.amount_minor >= a.amount_minor and n.currency = a.currency
            and n.delivered_at <= a.submitted_at and ${COUNTED}
            and (n.delivered_at at time zone m.zone)::date + ${LEGAL_NOTICE_DAYS}::int
                <= n.collect_date)`,
  },
  {
    invariant: 'I7 amount and cap',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select a.id, format('The attempt is %s; its debit is %s and the cap of its mandate %s.',
                          a.amount_minor, d.amount_minor, m.single_cap_minor) as sentence
        from attempts a
        join debits d on d.bucket = a.bucket and d.merchant_id = a.merchant_id
                     and d.id = a.debit_id
        join mandates m on m.bucket = d.bucket and m.merchant_id = d.merchant_id
                       and m.id = d.mandate_id
       where a.amount_minor <> d.amount_minor or a.amount_minor > m.single_cap_minor
          or a.currency <> d.currency or a.currency <> m.currency`,
  },
  {
    invariant: 'I7 active mandate',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select a.id, format('The attempt is of %s; its mandate was signed %s and ended %s.',
                          a.submitted_at, coalesce(m.signed_at::text, 'never'),
                          coalesce(m.ended_at::text, 'never')) as sentence
        from attempts a
        join debits d on d.bucket = a.bucket and d.merchant_id = a.merchant_id
                     and d.id = a.debit_id
        join mandates m on m.bucket = d.bucket and m.merchant_id = d.merchant_id
                       and m.id = d.mandate_id
       where (m.state not in ('active', 'ending', 'revoke_failed', 'ended')
          or m.signed_at is null or m.signed_at > a.submitted_at or m.ended_at < a.submitted_at)
         and ${IS_OUR_INTENT}`,
  },
  {
    invariant: 'I7 announced window',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select a.id, format('The rail was told another window than %s.', ${SUBMITTED_ON}) as sentence
        from attempts a
        join merchants m on m.id = a.merchant_id
       where ${IS_OUR_INTENT} and exists (
         select from notices n
          where n.bucket = a.bucket and n.merchant_id = a.merchant_id and n.debit_id = a.debit_id
            and n.purpose = 'rail' and n.state = 'delivered' and n.window_from is not null)
         and not exists (
         select from notices n
          where n.bucket = a.bucket and n.merchant_id = a.merchant_id and n.debit_id = a.debit_id
            and n.purpose = 'rail' and n.state = 'delivered'
            and n.amount_minor >= a.amount_minor and n.delivered_at <= a.submitted_at
            and ${SUBMITTED_ON} between n.window_from and n.window_until)`,
  },
];

import type { IdPrefix } from '@daikou/core';
import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** Tables whose rows belong to a customer, with the column that names it. */
const OWNED: readonly (readonly [table: string, prefix: IdPrefix, customer: string])[] = [
  ['customers', 'cus', 'id'],
  ['subscriptions', 'sub', 'customer_id'],
  ['invoices', 'inv', 'customer_id'],
  ['pending_lines', 'pli', 'customer_id'],
  ['redemptions', 'red', 'customer_id'],
  ['credit_grants', 'crg', 'customer_id'],
  ['credit_notes', 'cdn', 'customer_id'],
  ['subscription_changes', 'chg', 'customer_id'],
  ['mandates', 'man', 'customer_id'],
  ['debits', 'dbt', 'customer_id'],
  ['notices', 'not', 'customer_id'],
  ['attempts', 'att', 'customer_id'],
  ['payments', 'pay', 'customer_id'],
  ['money_exceptions', 'exc', 'customer_id'],
  ['refunds', 'rfd', 'customer_id'],
  ['dunning_cases', 'dun', 'customer_id'],
  ['payment_returns', 'rtn', 'customer_id'],
  ['hand_payments', 'hpy', 'customer_id'],
  ['pay_links', 'plk', 'customer_id'],
  ['journals', 'jrn', 'customer_id'],
  ['events', 'evt', 'customer_id'],
  ['webhook_deliveries', 'whd', 'customer_id'],
];

/** I14: a row lives in its customer's bucket and tenant; the last ten bits of its id say so. */
export const findMisplacedRows: readonly Check[] = OWNED.map(([table, prefix, customer]) => ({
  invariant: 'I14 bucket and tenant',
  table,
  prefix,
  find: sql<Found>`
    select t.id, format('The row is in bucket %s, its id says %s, and its customer there is %s.',
                        t.bucket, ${bucketIn('t.id')},
                        case when c.id is null then 'missing' else 'known' end) as sentence
      from ${sql.table(table)} t
      left join customers c on c.bucket = t.bucket and c.merchant_id = t.merchant_id
                           and c.id = ${sql.ref(`t.${customer}`)}
     where t.bucket <> ${bucketIn('t.id')}
        or (${sql.ref(`t.${customer}`)} is not null and c.id is null)`,
}));

function bucketIn(column: string) {
  return sql`(('x' || right(${sql.ref(column)}::text, 3))::bit(12)::int & 1023)`;
}

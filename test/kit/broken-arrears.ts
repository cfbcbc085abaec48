import { fromUuid, toUuid } from '../../packages/core/src/index.ts';
import { type Broken, uuid } from './broken-billing.ts';
import type { Life } from './life.ts';

// Services that are off and should not be, for the doctor to find.

/** A suspended customer: stopped at `changedAt`, looked at next at `nextLookAt` (SQL). */
function suspend({ customer }: Life, times: { changedAt: string; nextLookAt: string }): string {
  return `insert into arrears_states (bucket, merchant_id, customer_id, state, since, changed_at,
      warned_on, earliest_unpaid, unpaid_invoices, unpaid, next_look_at)
    select bucket, merchant_id, id, 'suspended', '2026-03-20', ${times.changedAt}, '2019-12-01',
           '2026-03-10', 1, '[]', ${times.nextLookAt}
      from customers where id = '${toUuid(customer.id)}';`;
}

/** A person who told the customer, long before it was suspended. */
function tell({ customer }: Life): string {
  return `insert into tasks (bucket, merchant_id, id, customer_id, kind, subject_kind, subject_id,
      owner, state, data, due_at, opened_at, ended_at, ended_by)
    select bucket, merchant_id, id, id, 'arrears', 'cus', id, 'support', 'done',
           '{"about":"warning_undelivered"}', '2019-12-02', '2019-12-02', '2019-12-02', 'Anna'
      from customers where id = '${toUuid(customer.id)}';`;
}

/** A top-up with its rule; both have the customer's UUID as their own. */
function topUp(life: Life, amount: number, ended: string, grantId = 'null'): string {
  const [customer, invoice] = [toUuid(life.customer.id), toUuid(life.invoice.id)];
  return `insert into top_up_rules (bucket, merchant_id, id, customer_id, subscription_id, currency,
      low_minor, amount_minor, monthly_cap_minor, consent_at, consent_channel, consent_hash,
      agreed_by, agreed_at, is_low)
    select bucket, merchant_id, customer_id, customer_id, subscription_id, 'CNY', 0, 100, 100,
           '2026-01-01', 'portal', '${'a'.repeat(64)}', 'Anna', '2026-01-01', true
      from invoices where id = '${invoice}';
    insert into top_ups (bucket, merchant_id, id, customer_id, rule_id, invoice_id, currency,
      amount_minor, requested_on, requested_at, state, ended_at, next_look_at, grant_id)
    select bucket, merchant_id, customer_id, customer_id, '${customer}', id, 'CNY', ${amount},
           '2026-03-01', '2026-03-01', ${ended}, ${grantId}
      from invoices where id = '${invoice}';`;
}

/** The balance that the invoice brought as a top-up; its id is this column of the invoice. */
function grant({ invoice }: Life, id: 'id' | 'customer_id'): string {
  return `insert into credit_grants (bucket, merchant_id, id, customer_id, kind, currency,
      amount_minor, left_minor, name_zh, name_en, created_at, reference)
    select bucket, merchant_id, ${id}, customer_id, 'prepaid', 'CNY', 100, 100, 'X', 'X',
           '2026-03-02', 'top-up ' || number
      from invoices where id = '${toUuid(invoice.id)}';`;
}

/** A late fee of the invoice, of 30 % at most; it and its policy have the invoice's UUID. */
function lateFee({ invoice }: Life): string {
  const body = JSON.stringify({ cap: { basis_points: 3000, amounts: { CNY: 50_000 } } });
  return `insert into policies
      (merchant_id, id, kind, code, version, body, published_by, published_at)
    select merchant_id, id, 'late_fee', 'default', 1, '${body}', 'Anna', '2026-01-01'
      from invoices where id = '${toUuid(invoice.id)}';
    insert into late_fees (bucket, merchant_id, id, customer_id, invoice_id, policy_id, state,
      ended_for, stops, created_at)
    select bucket, merchant_id, id, customer_id, id, id, 'ended', 'paid', '[]', '2026-03-11'
      from invoices where id = '${toUuid(invoice.id)}';`;
}

/** What was charged for some days of that late fee. */
function charge(
  { invoice }: Life,
  { days, minor }: { readonly days: readonly [string, string]; readonly minor: string },
): string {
  const [first, last] = days;
  return `insert into late_fee_lines (bucket, merchant_id, late_fee_id, first_day, last_day, part,
      pending_line_id, currency, amount_minor, taken_back_minor)
    select bucket, merchant_id, id, '${first}', '${last}', 1, id, 'CNY', ${minor}, 0
      from invoices where id = '${toUuid(invoice.id)}';`;
}

export const BROKEN_ARREARS: readonly Broken[] = [
  {
    invariant: 'I3 no stop while an attempt is open',
    sql: (life) =>
      tell(life) +
      suspend(life, {
        changedAt: `(select submitted_at + interval '1 millisecond' from attempts
                      where id = '${uuid(life.attempt)}')`,
        nextLookAt: "timestamptz 'epoch'",
      }),
    id: ({ customer }) => customer.id,
  },
  {
    invariant: 'I3 who paid is restored',
    sql: (life) =>
      tell(life) +
      suspend(life, { changedAt: "'2020-01-01'", nextLookAt: "now() + interval '30 days'" }),
    id: ({ customer }) => customer.id,
  },
  {
    invariant: 'I7 nobody is suspended unwarned',
    sql: (life) => suspend(life, { changedAt: "'2020-01-01'", nextLookAt: "timestamptz 'epoch'" }),
    id: ({ customer }) => customer.id,
  },
  {
    invariant: 'I7 top-ups are within the monthly cap',
    sql: (life) => topUp(life, 101, "'requested', null, now()"),
    id: ({ customer }) => fromUuid('tur', toUuid(customer.id)),
  },
  {
    invariant: 'I10 top-up is granted once it is paid',
    sql: (life) => topUp(life, 100, "'refused', now(), null"),
    id: ({ customer }) => fromUuid('tup', toUuid(customer.id)),
  },
  {
    invariant: 'I10 top-up is granted for a payment',
    sql: (life) =>
      `${topUp(life, 100, "'paid', now(), null", 'id')}${grant(life, 'id')}
       delete from payments where id = '${uuid(life.payment)}';`,
    id: ({ customer }) => fromUuid('tup', toUuid(customer.id)),
    also: ['I1 success is booked', 'I1 success is paid', 'I1 paid invoice has its payment'],
  },
  {
    invariant: 'I10 top-up is granted once',
    sql: (life) =>
      topUp(life, 100, "'paid', now(), null", 'id') +
      grant(life, 'id') +
      grant(life, 'customer_id'),
    id: ({ customer }) => fromUuid('tup', toUuid(customer.id)),
    also: ['I10 top-up is granted once it is paid'],
  },
  {
    invariant: 'I10 late fee charges a day once',
    sql: (life) =>
      lateFee(life) +
      charge(life, { days: ['2026-03-13', '2026-03-20'], minor: '10' }) +
      charge(life, { days: ['2026-03-20', '2026-03-27'], minor: '10' }),
    id: ({ invoice }) => fromUuid('ltf', toUuid(invoice.id)),
  },
  {
    invariant: 'I10 late fee is within its cap',
    sql: (life) =>
      lateFee(life) +
      charge(life, { days: ['2026-03-13', '2026-03-20'], minor: 'total_minor * 3 / 10 + 1' }),
    id: ({ invoice }) => fromUuid('ltf', toUuid(invoice.id)),
  },
  {
    invariant: 'I5 late fee is booked',
    sql: ({ invoice }) =>
      `update invoice_lines set rule = 'late_fee' where invoice_id = '${uuid(invoice)}';`,
    id: ({ invoice }) => invoice.id,
  },
];

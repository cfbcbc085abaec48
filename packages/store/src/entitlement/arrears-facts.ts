import {
  type CustomerId,
  fromUuid,
  type OverdueInvoice,
  type StoredArrearsFacts,
  type WarningFact,
} from '@daikou/core';
import { sql } from 'kysely';
import { type Database, wantedIds } from '../array-write.ts';
import { asIs, fromAmount, fromDate, given, toDate, toInstant } from '../columns.ts';
import { fromOverrideRow } from './overrides.ts';

type FactRow = {
  readonly customer_id: string;
  readonly overdue:
    | readonly {
        readonly id: string;
        readonly due_date: string;
        readonly currency: string;
        readonly minor: string;
        readonly unasked: boolean;
      }[]
    | null;
  readonly last_failure: string | null;
  readonly attempt_open: boolean;
  readonly payment_waits: boolean;
  readonly told_on: string | null;
  readonly person_asked: boolean;
  readonly warning_goes: boolean;
  readonly overrides: readonly Parameters<typeof fromOverrideRow>[0][] | null;
};

/**
 * Whether a debit still collects the invoice and no debit of it was ever tried: nobody has asked
 * for the money. One that waits for the customer (a mandate that ended, a cap too low) does not
 * excuse; nor does a new debit after a refusal or a returned payment.
 */
const IS_UNASKED = sql`(exists (
  select from debit_invoices l
    join debits d on d.bucket = l.bucket and d.merchant_id = l.merchant_id and d.id = l.debit_id
   where l.bucket = i.bucket and l.merchant_id = i.merchant_id and l.invoice_id = i.id and l.holds
     and d.state = 'scheduled' and coalesce(d.blocked_by, '') not in
       ('mandate_not_active', 'mandate_cap_exceeded', 'mandate_currency'))
  and not exists (
  select from debit_invoices l
    join attempts t on t.bucket = l.bucket and t.merchant_id = l.merchant_id
                   and t.debit_id = l.debit_id
   where l.bucket = i.bucket and l.merchant_id = i.merchant_id and l.invoice_id = i.id
     and t.state <> 'never_sent'))`;

/** The warnings (`n`) of the arrears that stand, by the customer's row `s` with its `warned_on`. */
const warningsOf = (zone: string) => sql`
  n.bucket = s.bucket and n.merchant_id = s.merchant_id and n.customer_id = s.customer_id
  and n.template_key = 'service_warned' and n.voided_at is null
  and n.created_at >= (s.warned_on::timestamp at time zone ${zone})`;

/** Tasks (`t`) about a warning that no channel delivered, of the arrears that stand. */
const warningTasksOf = (zone: string) => sql`
  t.bucket = s.bucket and t.merchant_id = s.merchant_id and t.subject_id = s.customer_id
  and t.kind = 'arrears' and t.data ->> 'about' = 'warning_undelivered'
  and t.opened_at >= (s.warned_on::timestamp at time zone ${zone})`;

/**
 * How far the warning of who is warned has come. A task that a person ended says that the customer
 * was told on that day. One in the database's words each: day, asked, goes on.
 */
const warningColumns = (zone: string) => sql`
  (select (min(told.at) at time zone ${zone})::date from (
     select n.delivered_at as at from notices n
      where ${warningsOf(zone)} and n.state = 'delivered'
     union all
     select t.ended_at from tasks t
      where ${warningTasksOf(zone)} and t.state = 'done') told) as told_on,
  exists (select from tasks t where ${warningTasksOf(zone)} and t.state = 'open') as person_asked,
  exists (select from notices n
     where ${warningsOf(zone)}
       and (n.state in ('planned', 'sending') or n.follow_at is not null)) as warning_goes`;

/**
 * What decides about the arrears of these customers, in one statement. A pay link holds nothing
 * back while it can be paid, as most never are; past its end and without the rail's word it may
 * have been.
 */
export async function loadArrearsFacts(
  db: Database,
  customers: readonly CustomerId[],
  at: {
    readonly before: Temporal.PlainDate;
    readonly now: Temporal.Instant;
    readonly zone: string;
  },
): Promise<readonly StoredArrearsFacts[]> {
  const { before, now, zone } = at;
  const { rows } = await sql<FactRow>`
    select c.id as customer_id,
      (select json_agg(json_build_object('id', i.id, 'due_date', i.due_date, 'currency', i.currency,
                'minor', (i.total_minor - i.balance_applied_minor - i.credited_minor)::text,
                'unasked', ${IS_UNASKED})
                order by i.due_date, i.id)
         from invoices i
        where i.bucket = c.bucket and i.merchant_id = c.merchant_id and i.customer_id = c.id
          and i.state = 'open' and i.due_date < ${toDate(before)}) as overdue,
      (select t.refusal_class from debits d
         join attempts t on t.bucket = d.bucket and t.merchant_id = d.merchant_id
                        and t.debit_id = d.id
        where d.bucket = c.bucket and d.merchant_id = c.merchant_id and d.customer_id = c.id
          and t.state = 'refused'
        order by t.ended_at desc limit 1) as last_failure,
      exists (select from debits d
         join attempts t on t.bucket = d.bucket and t.merchant_id = d.merchant_id
                        and t.debit_id = d.id
        where d.bucket = c.bucket and d.merchant_id = c.merchant_id and d.customer_id = c.id
          and t.state in ('submitting', 'accepted', 'unknown')) as attempt_open,
      exists (select from pay_links l
        where l.bucket = c.bucket and l.merchant_id = c.merchant_id and l.customer_id = c.id
          and l.state = 'open' and l.expires_at <= ${toInstant(now)})
      or exists (select from money_exceptions e
        where e.bucket = c.bucket and e.merchant_id = c.merchant_id and e.customer_id = c.id
          and e.state = 'open' and e.kind in ('late_success', 'surplus', 'paid_other_amount'))
        as payment_waits,
      (select json_agg(o order by o.id) from entitlement_overrides o
        where o.bucket = c.bucket and o.merchant_id = c.merchant_id and o.customer_id = c.id
          and o.withdrawn_at is null and o.until >= ${toDate(before)}) as overrides,
      ${warningColumns(zone)}
      from ${wantedIds(customers)}
      join customers c on c.bucket = wanted.bucket and c.id = wanted.id
      left join arrears_states s on s.bucket = c.bucket and s.merchant_id = c.merchant_id
                                and s.customer_id = c.id
     order by c.id`.execute(db);
  return rows.map(fromFactRow);
}

function fromFactRow(row: FactRow): StoredArrearsFacts {
  return {
    customerId: fromUuid('cus', row.customer_id),
    overdue: (row.overdue ?? []).map(
      (one): OverdueInvoice => ({
        id: fromUuid('inv', one.id),
        dueDate: fromDate(one.due_date),
        balance: fromAmount(BigInt(one.minor), one.currency),
        isDisputed: false,
        isUnasked: one.unasked,
      }),
    ),
    ...given('lastFailure', row.last_failure, asIs),
    ...underWayOf(row),
    ...warningOf(row),
    overrides: (row.overrides ?? []).map(fromOverrideRow),
  };
}

function underWayOf(row: FactRow): Pick<StoredArrearsFacts, 'moneyUnderWay'> {
  if (row.attempt_open) return { moneyUnderWay: 'attempt_unknown' };
  return row.payment_waits ? { moneyUnderWay: 'payment_waits' } : {};
}

function warningOf(row: FactRow): { readonly warning?: WarningFact } {
  if (row.told_on !== null) return { warning: fromDate(row.told_on) };
  if (row.person_asked) return { warning: 'person_asked' };
  return row.warning_goes ? { warning: 'under_way' } : {};
}

import {
  bucketOf,
  type CustomerId,
  fromUuid,
  type InvoiceId,
  type Moving,
  type Try,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { type Database, wantedIds } from '../array-write.ts';
import { fromInstant, given, toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';

// What decides whether and when money is asked for again.

export async function loadTriesOfInvoices(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly Try[]> {
  if (invoices.length === 0) return [];
  const { rows } = await sql<{
    invoice_id: string;
    mandate_id: string;
    state: string;
    refusal_class: string | null;
    at: string;
  }>`
    select l.invoice_id::text, d.mandate_id::text, a.state, a.refusal_class,
           to_json(coalesce(a.ended_at, a.submitted_at))#>>'{}' as at
      from ${wantedIds(invoices)}
      join debit_invoices l on l.bucket = wanted.bucket and l.invoice_id = wanted.id
      join debits d on d.bucket = l.bucket and d.merchant_id = l.merchant_id and d.id = l.debit_id
      join attempts a on a.bucket = d.bucket and a.merchant_id = d.merchant_id
                     and a.debit_id = d.id
     order by a.submitted_at, a.id`.execute(db);
  return rows.map((row) => ({
    invoiceId: fromUuid('inv', row.invoice_id),
    mandateId: fromUuid('man', row.mandate_id),
    state: row.state as Try['state'],
    ...given('refusalClass', row.refusal_class, (one) => one as NonNullable<Try['refusalClass']>),
    at: fromInstant(row.at),
  }));
}

/** Asks everything by which money of a customer may be on its way, in one statement. */
export async function findMovingMoney(
  db: Database,
  customer: CustomerId,
  about: { readonly invoices: readonly InvoiceId[]; readonly now: Temporal.Instant },
): Promise<Moving | undefined> {
  const mine = sql`bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}`;
  const { rows } = await sql<{ why: string }>`
    select 'attempt_open' as why from ${wantedIds(about.invoices)}
      join debit_invoices l on l.bucket = wanted.bucket and l.invoice_id = wanted.id
      join debits d on d.bucket = l.bucket and d.merchant_id = l.merchant_id and d.id = l.debit_id
     where d.state = 'in_flight' or exists (
       select from attempts a where a.bucket = d.bucket and a.merchant_id = d.merchant_id
          and a.debit_id = d.id and a.state in ('submitting', 'accepted', 'unknown'))
    union all
    select 'pay_link_settling' from pay_links
     where ${mine} and state = 'open' and expires_at <= ${toInstant(about.now)}
    union all
    select 'refund_on_its_way' from refunds
     where ${mine} and state in ('approved', 'submitting', 'accepted', 'unknown')
    union all
    select 'money_waits_for_person' from money_exceptions where ${mine} and state = 'open'
    union all
    select 'invoice_disputed' from ${wantedIds(about.invoices)}
      join entitlement_overrides o on o.bucket = wanted.bucket and o.invoice_id = wanted.id
      join merchants m on m.id = o.merchant_id
     where o.kind = 'disputed_invoice' and o.withdrawn_at is null
       and o.until > (${toInstant(about.now)}::timestamptz at time zone m.zone)::date
    limit 1`.execute(db);
  return rows[0]?.why as Moving | undefined;
}

export async function loadPaidTimes(
  db: Database,
  customer: CustomerId,
  limit: number,
): Promise<readonly Temporal.Instant[]> {
  const mine = sql`bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}`;
  const { rows } = await sql<{ at: string }>`
    select to_json(at)#>>'{}' as at from (
      select ended_at as at from attempts
       where ${mine} and state = 'succeeded' and ended_at is not null
      union all
      select received_at from hand_payments where ${mine} and state = 'booked') as paid
     order by paid.at desc limit ${limitOf(limit)}`.execute(db);
  return rows.map(({ at }) => fromInstant(at));
}

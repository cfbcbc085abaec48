import {
  type AttemptRefusal,
  type CustomerId,
  fromUuid,
  type LastRefusal,
  type MandateDrift,
  type MandateId,
  type PriceChangeConsent,
  type Subscription,
  type SubscriptionApproval,
  type UpcomingAmount,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds } from '../array-write.ts';
import { fromAmount, fromDate, fromInstant } from '../columns.ts';
import { fromDriftRow } from '../mandate/drifts.ts';
import { fromConsentRow } from '../subscription/price-change-rows.ts';
import { loadSubscriptions } from '../subscription/statements.ts';

// What a look before a debit reads of other concepts, a statement for each question.

/** Subscriptions of these payers that have not ended. */
export async function loadRunningSubscriptions(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly Subscription[]> {
  if (customers.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select s.id from ${wantedIds(customers)}
      join subscriptions s on s.bucket = wanted.bucket and s.customer_id = wanted.id
     where s.state <> 'ended'`.execute(db);
  if (rows.length === 0) return [];
  return await loadSubscriptions(
    db,
    rows.map(({ id }) => fromUuid('sub', id)),
  );
}

/** Of each subscription's invoices that wait for their debit, the soonest. */
export async function loadUpcoming(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly UpcomingAmount[]> {
  if (customers.length === 0) return [];
  const { rows } = await sql<{
    subscription_id: string;
    due_date: string;
    amount_minor: string;
    currency: string;
  }>`
    select distinct on (billed.subscription_id) billed.subscription_id,
           billed.due_date::text, billed.amount_minor::text, billed.currency
      from (
        select coalesce(l.subscription_id, i.subscription_id) as subscription_id,
               i.due_date, i.currency, i.id, sum(l.amount_minor) as amount_minor
          from ${wantedIds(customers)}
          join invoices i on i.bucket = wanted.bucket and i.customer_id = wanted.id
          join invoice_lines l on l.bucket = i.bucket and l.merchant_id = i.merchant_id
                              and l.invoice_id = i.id
         where i.state in ('draft', 'open') and i.collection = 'auto_debit'
         group by 1, i.due_date, i.currency, i.id) as billed
     order by billed.subscription_id, billed.due_date, billed.id`.execute(db);
  return rows.map((row) => ({
    subscriptionId: fromUuid('sub', row.subscription_id),
    on: fromDate(row.due_date),
    amount: fromAmount(BigInt(row.amount_minor), row.currency),
  }));
}

/** The newest attempt with a definite answer by each mandate, where it was a refusal. */
export async function loadLastRefusals(
  db: Database,
  mandates: readonly MandateId[],
): Promise<readonly (LastRefusal & { readonly mandateId: MandateId })[]> {
  if (mandates.length === 0) return [];
  const { rows } = await sql<{
    mandate_id: string;
    id: string;
    refusal_class: string;
    refusal_code: string | null;
    refusal_message: string | null;
    ended_at: string;
  }>`
    select wanted.id as mandate_id, last.id, last.refusal_class, last.refusal_code,
           last.refusal_message, to_json(last.ended_at)#>>'{}' as ended_at
      from ${wantedIds(mandates)}
      cross join lateral (
        select a.* from debits d
          join attempts a on a.bucket = d.bucket and a.merchant_id = d.merchant_id
                         and a.debit_id = d.id
         where d.bucket = wanted.bucket and d.mandate_id = wanted.id
           and a.state in ('succeeded', 'refused', 'late_success')
         order by a.id desc limit 1) as last
     where last.state = 'refused' and last.refusal_class is not null
       and last.ended_at is not null`.execute(db);
  return rows.map((row) => ({
    mandateId: fromUuid('man', row.mandate_id),
    attemptId: fromUuid('att', row.id),
    refusal: {
      class: row.refusal_class as AttemptRefusal['class'],
      code: row.refusal_code ?? '',
      message: row.refusal_message ?? '',
    },
    at: fromInstant(row.ended_at),
  }));
}

export async function loadOpenDrifts(
  db: Database,
  mandates: readonly MandateId[],
): Promise<readonly MandateDrift[]> {
  const rows = await readRows(
    db,
    'mandate_drifts',
    sql`
    select d.* from mandate_drifts d
      join ${wantedIds(mandates)} on wanted.bucket = d.bucket and wanted.id = d.mandate_id
     where d.state = 'open' order by d.id`,
  );
  return rows.map(fromDriftRow);
}

/** Consents that wait for an answer, and those that were acknowledged. */
export async function loadConsentsOf(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly PriceChangeConsent[]> {
  const rows = await readRows(
    db,
    'price_change_consents',
    sql`
    select c.* from price_change_consents c
      join ${wantedIds(customers)} on wanted.bucket = c.bucket and wanted.id = c.customer_id
     where c.answer = 'acknowledged' or (c.answer = 'silent' and c.outcome = 'waiting')
     order by c.price_change_id, c.subscription_id`,
  );
  return rows.map(fromConsentRow);
}

/** Subscriptions that a person approved by accepting that nobody else was recorded. */
export async function loadApprovals(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly SubscriptionApproval[]> {
  if (customers.length === 0) return [];
  const { rows } = await sql<{ id: string; subscription: string; by: string; at: string }>`
    select f.id, s.subscription, f.accepted_by as by, to_json(f.ended_at)#>>'{}' as at
      from ${wantedIds(customers)}
      join checkup_findings f on f.bucket = wanted.bucket and f.customer_id = wanted.id
      cross join lateral jsonb_array_elements_text(f.evidence) as s (subscription)
     where f.state = 'accepted' and f.code = 'approver_missing'
     order by f.id`.execute(db);
  return rows.map((row) => ({
    subscriptionId: row.subscription as SubscriptionApproval['subscriptionId'],
    by: row.by,
    at: fromInstant(row.at),
    evidence: fromUuid('cfd', row.id),
  }));
}

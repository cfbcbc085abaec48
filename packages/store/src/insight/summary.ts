import type { Summary } from '@daikou/core';
import { sql } from 'kysely';
import type { Database } from '../array-write.ts';

type Counts = {
  customers: number;
  invoices: number;
  invoiced: bigint;
  notices_planned: number;
  notices_sent: number;
  notices_delivered: number;
  notices_failed: number;
  announced: number;
  scheduled: number;
  succeeded: number;
  refused: number;
  unknown: number;
  blocked: number;
  succeeded_minor: bigint;
  rail_rows: number;
  matched: number;
  breaks: number;
  fee_minor: bigint;
  balanced: boolean;
  journals: number;
};

/** One consistent picture of a merchant: a single statement sees a single moment. */
export async function loadSummary(db: Database): Promise<Summary> {
  const { rows } = await sql<Counts>`
    select
      (select count(*)::int from customers) as customers,
      invoices.*, notices.*, debits.*, bills.*, ledger.*,
      (select count(*)::int from breaks where state <> 'resolved') as breaks
    from ${invoiceCounts}, ${noticeCounts}, ${debitCounts}, ${billCounts}, ${ledgerCounts}
  `.execute(db);
  const counts = rows[0];
  if (counts === undefined) throw new Error('a select without a table gives one row');
  return { ...toSummary(counts), byMethod: await loadInvoicesByMethod(db) };
}

const invoiceCounts = sql`
  (select count(*)::int as invoices, coalesce(sum(total_minor), 0)::bigint as invoiced
     from invoices where state <> 'void') as invoices`;

/** Legal and retry notices: other messages gate no debit and are not counted with them. */
const isDebitNotice = sql`purpose in ('renewal', 'retry')`;

const noticeCounts = sql`
  (select
     count(*) filter (where ${isDebitNotice})::int as notices_planned,
     count(*) filter (where ${isDebitNotice}
       and (state in ('sent', 'delivered') or sent_at is not null))::int as notices_sent,
     count(*) filter (where ${isDebitNotice} and state = 'delivered')::int as notices_delivered,
     count(*) filter (where ${isDebitNotice} and state = 'failed')::int as notices_failed,
     count(*) filter (where purpose = 'rail' and state = 'delivered')::int as announced
   from notices) as notices`;

// A blocked debit is scheduled as well: it is counted in both. An in-flight one is unknown until
// its attempt has ended.
const debitCounts = sql`
  (select
     count(*) filter (where state = 'scheduled')::int as scheduled,
     count(*) filter (where state = 'succeeded')::int as succeeded,
     count(*) filter (where state = 'failed')::int as refused,
     count(*) filter (where state = 'in_flight' and exists (
       select from attempts a
        where a.bucket = d.bucket and a.merchant_id = d.merchant_id and a.debit_id = d.id
          and a.state in ('submitting', 'accepted', 'unknown')))::int as unknown,
     count(*) filter (where state = 'scheduled' and blocked_by is not null)::int as blocked,
     coalesce(sum(amount_minor) filter (where state = 'succeeded'), 0)::bigint as succeeded_minor
   from debits d) as debits`;

const billCounts = sql`
  (select
     coalesce(sum(row_count), 0)::int as rail_rows,
     coalesce(sum(matched_count), 0)::int as matched,
     coalesce(sum(fee_minor), 0)::bigint as fee_minor
   from rail_bills where state = 'matched') as bills`;

const ledgerCounts = sql`
  (select
     (select count(*)::int from journals) as journals,
     not exists (select from entries group by bucket, merchant_id, journal_id
                 having sum(minor) <> 0) as balanced) as ledger`;

async function loadInvoicesByMethod(db: Database): Promise<Summary['byMethod']> {
  const { rows } = await sql<{ method: string; count: number; minor: bigint }>`
    select s.payment_method_label as method, count(*)::int as count,
           sum(i.total_minor)::bigint as minor
      from invoices i
      join subscriptions s on s.bucket = i.bucket and s.merchant_id = i.merchant_id
                          and s.id = i.subscription_id
     where i.state <> 'void'
     group by s.payment_method_label order by minor desc, method`.execute(db);
  return rows;
}

function toSummary(counts: Counts): Omit<Summary, 'byMethod'> {
  return {
    customers: counts.customers,
    invoices: counts.invoices,
    invoicedMinor: counts.invoiced,
    notices: {
      planned: counts.notices_planned,
      sent: counts.notices_sent,
      delivered: counts.notices_delivered,
      failed: counts.notices_failed,
      announced: counts.announced,
    },
    debits: {
      scheduled: counts.scheduled,
      succeeded: counts.succeeded,
      refused: counts.refused,
      unknown: counts.unknown,
      blocked: counts.blocked,
      succeededMinor: counts.succeeded_minor,
    },
    reconciliation: {
      railRows: counts.rail_rows,
      matched: counts.matched,
      breaks: counts.breaks,
      feeMinor: counts.fee_minor,
    },
    ledger: { balanced: counts.balanced, journals: counts.journals },
  };
}

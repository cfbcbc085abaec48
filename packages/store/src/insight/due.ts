import type { BucketRange, DueCounts } from '@daikou/core';
import { sql } from 'kysely';
import type { Database } from '../array-write.ts';
import { fromInstant, toInstant } from '../columns.ts';

/** How many rows of each kind the workers of these buckets will find due. */
export async function countDue(
  db: Database,
  due: { readonly buckets: BucketRange; readonly dueBy: Temporal.Instant },
): Promise<DueCounts> {
  const inBuckets = sql`bucket >= ${due.buckets.from} and bucket < ${due.buckets.until}`;
  const dueBy = toInstant(due.dueBy);
  const count = (condition: ReturnType<typeof sql>, table: string) =>
    sql`(select count(*)::int from ${sql.table(table)} where ${inBuckets} and ${condition})`;
  const { rows } = await sql<DueCounts>`
    select
      ${count(sql`state in ('active', 'paused') and next_bill_at <= ${dueBy}`, 'subscriptions')}
        as "subscriptionsToBill",
      ${count(sql`state = 'draft' and issue_at <= ${dueBy}`, 'invoices')} as "invoicesToIssue",
      ${count(sql`state in ('planned', 'sending') and due_at <= ${dueBy}`, 'notices')}
        as "noticesToSend",
      ${count(sql`state = 'sent'`, 'notices')} as "noticesSent",
      ${count(sql`state = 'scheduled' and announce_at <= ${dueBy}`, 'debits')}
        as "debitsToAnnounce",
      ${count(sql`state = 'scheduled' and collect_at <= ${dueBy}`, 'debits')}
        as "debitsToSubmit",
      ${count(
        sql`state in ('submitting', 'accepted', 'unknown') and ask_at <= ${dueBy}`,
        'attempts',
      )} as "attemptsToAsk",
      ${count(sql`state = 'approved' and due_at <= ${dueBy}`, 'refunds')} as "refundsToSubmit",
      ${count(
        sql`state in ('submitting', 'accepted', 'unknown') and ask_at <= ${dueBy}`,
        'refunds',
      )} as "refundsToAsk",
      ${count(sql`state in ('draft', 'signing')`, 'mandates')} as "mandatesToSign"
  `.execute(db);
  const counts = rows[0];
  if (counts === undefined) throw new Error('a select without a table gives one row');
  return counts;
}

/**
 * When the next due row of any kind falls due on the merchant's clock; undefined when none waits.
 * Notices in `sending` are not counted: their lease runs on the wall clock.
 */
export async function findNextDue(db: Database): Promise<Temporal.Instant | undefined> {
  const { rows } = await sql<{ due: string | null }>`
    select least(
      (select min(next_bill_at) from subscriptions where state in ('active', 'paused')),
      (select min(issue_at) from invoices where state = 'draft'),
      (select min(due_at) from notices where state = 'planned'),
      (select min(collect_at) from debits where state = 'scheduled'),
      (select min(announce_at) from debits where state = 'scheduled'),
      (select min(ask_at) from attempts where state in ('submitting', 'accepted', 'unknown')),
      (select min(next_try_at) from mandate_ends),
      (select min(due_at) from refunds where state = 'approved'),
      (select min(ask_at) from refunds where state in ('submitting', 'accepted', 'unknown')),
      (select min(approve_by) from refunds where state = 'awaiting_approval'),
      (select min(act_at) from money_exceptions where state = 'open'),
      (select min(ask_at) from pay_links where ask_at is not null)
    ) as due`.execute(db);
  const due = rows[0]?.due ?? null;
  return due === null ? undefined : fromInstant(due);
}

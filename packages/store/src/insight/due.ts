import type { BucketRange, DueCounts } from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../array-write.ts';
import { fromInstant, toDate, toInstant } from '../columns.ts';

/** How many rows of each kind the workers of these buckets will find due. */
export async function countDue(
  db: Database,
  due: {
    readonly buckets: BucketRange;
    readonly dueBy: Temporal.Instant;
    readonly expiredBy: Temporal.PlainDate;
  },
): Promise<DueCounts> {
  const inBuckets = sql`bucket >= ${due.buckets.from} and bucket < ${due.buckets.until}`;
  const counts = Object.entries(dueConditions(due)).map(([name, [table, condition]]) => {
    const count = sql`select count(*)::int from ${sql.table(table)}`;
    return sql`(${count} where ${inBuckets} and ${condition}) as ${sql.ref(name)}`;
  });
  const { rows } = await sql<DueCounts>`
    select
      (select count(*)::int from quarantines where state = 'open') as "quarantines",
      (select coalesce(sum(event_count), 0)::int from usage_batches
        where folded_at is null and set_aside_at is null) as "usageToFold",
      (select count(*)::int from price_changes where state in ('published', 'withdrawn'))
        as "priceChanges",
      ${sql.join(counts)}
  `.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('a select without a table gives one row');
  return row;
}

type CountedInBuckets = Exclude<keyof DueCounts, 'quarantines' | 'usageToFold' | 'priceChanges'>;

/** The table and the condition of each kind of row that lies in a customer's bucket. */
function dueConditions(due: {
  readonly dueBy: Temporal.Instant;
  readonly expiredBy: Temporal.PlainDate;
}): Readonly<Record<CountedInBuckets, readonly [string, RawBuilder<unknown>]>> {
  const dueBy = toInstant(due.dueBy);
  const open = sql`state in ('submitting', 'accepted', 'unknown') and ask_at <= ${dueBy}`;
  const collectable = sql`state = 'scheduled' and collect_at <= ${dueBy}`;
  return {
    subscriptionsToBill: [
      'subscriptions',
      sql`state in ('active', 'paused') and next_bill_at <= ${dueBy}`,
    ],
    creditsToExpire: [
      'credit_grants',
      sql`left_minor > 0 and expires_on <= ${toDate(due.expiredBy)}`,
    ],
    invoicesToIssue: ['invoices', sql`state = 'draft' and issue_at <= ${dueBy}`],
    noticesToSend: ['notices', sql`state in ('planned', 'sending') and due_at <= ${dueBy}`],
    noticesSent: ['notices', sql`state = 'sent'`],
    debitsToAnnounce: ['debits', sql`state = 'scheduled' and announce_at <= ${dueBy}`],
    debitsToSubmit: ['debits', collectable],
    debitsToReplan: ['debits', sql`${collectable} and blocked_by = 'planned_date_moving'`],
    attemptsToAsk: ['attempts', open],
    payLinksToAsk: ['pay_links', sql`ask_at <= ${dueBy}`],
    mandateEndsToTry: ['mandate_ends', sql`next_try_at <= ${dueBy}`],
    refundsToExpire: ['refunds', sql`state = 'awaiting_approval' and approve_by <= ${dueBy}`],
    exceptionsToAct: ['money_exceptions', sql`state = 'open' and act_at <= ${dueBy}`],
    refundsToSubmit: ['refunds', sql`state = 'approved' and due_at <= ${dueBy}`],
    refundsToAsk: ['refunds', open],
    mandatesToSign: ['mandates', sql`state in ('draft', 'signing')`],
  };
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

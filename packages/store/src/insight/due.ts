import type { BucketRange, DueCounts } from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../array-write.ts';
import { isUnwatchedOverdue } from '../arrears/late-fee-statements.ts';
import { isUnwatched } from '../arrears/statements.ts';
import { hasEnded, isUnexplained } from '../cause/findings.ts';
import { fromInstant, toDate, toInstant } from '../columns.ts';
import { overdueDays, unseenOverdue } from '../dunning/statements.ts';
import { isAskedAbout } from '../notice/statements.ts';
import { isDueNow } from '../webhook/deliveries.ts';

/** How many rows of each kind the workers of these buckets will find due. */
export async function countDue(
  db: Database,
  due: {
    readonly buckets: BucketRange;
    readonly dueBy: Temporal.Instant;
    readonly expiredBy: Temporal.PlainDate;
    readonly wallNow?: Temporal.Instant;
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
  readonly wallNow?: Temporal.Instant;
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
    noticesToFollow: ['notices', sql`follow_at <= ${dueBy}`],
    noticesSent: ['notices', isAskedAbout(due.dueBy)],
    debitsToAnnounce: ['debits', sql`state = 'scheduled' and announce_at <= ${dueBy}`],
    debitsToSubmit: ['debits', collectable],
    debitsToReplan: ['debits', sql`${collectable} and blocked_by = 'planned_date_moving'`],
    attemptsToAsk: ['attempts', open],
    payLinksToAsk: ['pay_links', sql`ask_at <= ${dueBy}`],
    overdueToSee: ['invoices', overdueDays(due.expiredBy)],
    dunningCasesToLook: ['dunning_cases', sql`next_step_at <= ${dueBy}`],
    mandateEndsToTry: ['mandate_ends', sql`next_try_at <= ${dueBy}`],
    arrearsToWatch: [
      'invoices',
      sql`due_date < ${toDate(due.expiredBy)} and ${isUnwatched('invoices')}`,
    ],
    arrearsToLook: ['arrears_states', sql`next_look_at <= ${dueBy}`],
    balancesToLook: ['balance_alerts', sql`next_look_at <= ${dueBy}`],
    topUpsToLook: ['top_up_rules', sql`next_look_at <= ${dueBy}`],
    topUpsToEnd: ['top_ups', sql`state = 'requested' and next_look_at <= ${dueBy}`],
    refundsToExpire: ['refunds', sql`state = 'awaiting_approval' and approve_by <= ${dueBy}`],
    exceptionsToAct: ['money_exceptions', sql`state = 'open' and act_at <= ${dueBy}`],
    refundsToSubmit: ['refunds', sql`state = 'approved' and due_at <= ${dueBy}`],
    refundsToAsk: ['refunds', open],
    webhooksToSend: ['webhook_deliveries', isDueNow(due.wallNow ?? due.dueBy)],
    lateFeesToWatch: ['invoices', isUnwatchedOverdue(due.expiredBy)],
    lateFeesToLook: ['late_fees', sql`state = 'watched' and look_at <= ${dueBy}`],
    arrearsToExplain: ['invoices', isUnexplained(due.expiredBy)],
    arrearsEnded: ['arrears_causes_open', hasEnded],
    mandatesToSign: ['mandates', sql`state in ('draft', 'signing')`],
    checkupsToLook: ['checkups', sql`look_at <= ${dueBy}`],
    selfAuditsToSend: ['self_audits', sql`next_at <= ${dueBy}`],
  };
}

/**
 * When the next due row of any kind falls due on the merchant's clock; undefined when none waits.
 * Notices in `sending` and webhooks are not counted: their times are the wall clock's.
 */
export async function findNextDue(db: Database): Promise<Temporal.Instant | undefined> {
  const { rows } = await sql<{ due: string | null }>`
    select least(
      (select min(next_bill_at) from subscriptions where state in ('active', 'paused')),
      (select min(issue_at) from invoices where state = 'draft'),
      (select min(due_at) from notices where state = 'planned'),
      (select min(follow_at) from notices where follow_at is not null),
      (select min(collect_at) from debits where state = 'scheduled'),
      (select min(announce_at) from debits where state = 'scheduled'),
      (select min(ask_at) from attempts where state in ('submitting', 'accepted', 'unknown')),
      (select min(next_try_at) from mandate_ends),
      (select min(due_at) from refunds where state = 'approved'),
      (select min(ask_at) from refunds where state in ('submitting', 'accepted', 'unknown')),
      (select min(approve_by) from refunds where state = 'awaiting_approval'),
      (select min(act_at) from money_exceptions where state = 'open'),
      (select min(look_at) from checkups),
      (select min(next_at) from self_audits),
      (select min(look_at) from late_fees where state = 'watched'),
      (select min(ask_at) from pay_links where ask_at is not null),
      (select min(next_look_at) from balance_alerts where next_look_at is not null),
      (select min(next_look_at) from top_up_rules where next_look_at is not null),
      (select min(next_look_at) from top_ups where state = 'requested'),
      (select min(next_look_at) from arrears_states where next_look_at is not null),
      (select min((i.due_date + 1)::timestamp at time zone m.zone)
         from invoices i join merchants m on m.id = i.merchant_id where ${isUnwatched('i')}),
      (select min(next_step_at) from dunning_cases where next_step_at is not null),
      (select min((i.due_date + 1)::timestamp at time zone m.zone)
         from invoices i join merchants m on m.id = i.merchant_id
        where ${unseenOverdue('i')})
    ) as due`.execute(db);
  const due = rows[0]?.due ?? null;
  return due === null ? undefined : fromInstant(due);
}

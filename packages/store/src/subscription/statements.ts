import {
  bucketOf,
  type Claim,
  type CustomerId,
  fromUuid,
  invariant,
  type Page,
  type Subscription,
  type SubscriptionId,
  toUuid,
} from '@daikou/core';
import { CompiledQuery, sql } from 'kysely';
import { areFew, type Columns, type GivenRows, giveRows } from '../array-columns.ts';
import { readRows } from '../array-read.ts';
import {
  arrayLiteral,
  chunksOf,
  type Database,
  rowsOfIds,
  wantedIds,
  writeRows,
} from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { groupBy } from '../groups.ts';
import { lockUntilCommit } from '../locks.ts';
import { limitOf, ofCustomer, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';
import { fromSubscriptionRow, toItemRows, toSubscriptionRow } from './rows.ts';

/** Writes subscriptions whole: items that they no longer have are deleted. */
export async function saveSubscriptions(
  db: Database,
  subscriptions: readonly Subscription[],
): Promise<void> {
  await writeRows(db, 'subscriptions', {
    rows: subscriptions.map(toSubscriptionRow),
    rule: 'replace',
  });
  await writeRows(db, 'subscription_items', {
    rows: subscriptions.flatMap(toItemRows),
    rule: 'replace',
  });
  for (const chunk of chunksOf(subscriptions)) await deleteOtherItems(db, chunk);
}

/** What moving on writes: the columns of a subscription's own row, with their types. */
const MOVED = {
  bucket: 'smallint',
  merchant_id: 'uuid',
  id: 'uuid',
  state: 'text',
  ends_on: 'date',
  contract_start: 'date',
  contract_end: 'date',
  contract_terms: 'jsonb',
  billed_through: 'date',
  arrears_through: 'date',
  next_bill_at: 'timestamptz',
  parked_reason: 'text',
  parked_sentence: 'text',
  parked_at: 'timestamptz',
} as const satisfies Partial<Record<keyof Tables['subscriptions'], string>>;

const MOVED_COLUMNS: Columns = Object.entries(MOVED);

function moveStatement({ select }: GivenRows): string {
  const set = MOVED_COLUMNS.slice(3).map(([name]) => `${name} = m.${name}`);
  return `with moved as (
    update subscriptions s set ${set.join(', ')}
      from (${select}) as m
     where s.bucket = m.bucket and s.merchant_id = m.merchant_id and s.id = m.id
       and ${areFew('m')}
    returning 1)
    select count(*)::int as moved from moved`;
}

/**
 * Moves subscriptions on: what drafting, the end of a term and parking change of their own row.
 * Their items are not looked at, and one that is not there is our bug.
 */
export async function moveSubscriptions(
  db: Database,
  subscriptions: readonly Subscription[],
): Promise<void> {
  for (const chunk of chunksOf(subscriptions)) {
    const given = giveRows(MOVED_COLUMNS, chunk.map(toSubscriptionRow));
    const { rows: counted } = await db.executeQuery<{ moved: number }>(
      CompiledQuery.raw(moveStatement(given), given.params) as CompiledQuery<{ moved: number }>,
    );
    invariant(counted[0]?.moved === chunk.length, 'every subscription that moves on is there');
  }
}

/** Oldest first; locked in the order of their ids. */
export async function lockSubscriptions(
  db: Database,
  ids: readonly SubscriptionId[],
): Promise<readonly Subscription[]> {
  const rows = await readRows(
    db,
    'subscriptions',
    sql`
    select s.* from subscriptions s join ${wantedIds(ids)} using (bucket, id)
     order by s.id for update of s`,
  );
  return await withItems(db, rows);
}

/**
 * Subscriptions of one user that have not ended. The lock is on the user's number and not on rows:
 * the subscription that somebody else is about to add has no row yet.
 */
export async function lockSubscriptionsOfUser(
  db: Database,
  { payer, user }: { readonly payer: CustomerId; readonly user: CustomerId },
): Promise<readonly Subscription[]> {
  await lockUntilCommit(db, user);
  const rows = await readRows(
    db,
    'subscriptions',
    sql`
    select * from subscriptions
     where bucket = ${bucketOf(payer)} and customer_id = ${toUuid(payer)}
       and coalesce(beneficiary_id, customer_id) = ${toUuid(user)} and state <> 'ended'
     order by id`,
  );
  return await withItems(db, rows);
}

async function deleteOtherItems(
  db: Database,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const buckets = arrayLiteral(
    'smallint',
    subscriptions.map(({ id }) => bucketOf(id)),
  );
  const ids = arrayLiteral(
    'uuid',
    subscriptions.map(({ id }) => toUuid(id)),
  );
  const kept = arrayLiteral(
    'uuid',
    subscriptions.flatMap(({ items }) => items.map(({ id }) => toUuid(id))),
  );
  await sql`
    delete from subscription_items i
     using unnest(${buckets}::smallint[], ${ids}::uuid[]) as saved (bucket, id)
     where i.bucket = saved.bucket and i.subscription_id = saved.id
       and i.id not in (select unnest(${kept}::uuid[]))`.execute(db);
}

/**
 * Active subscriptions whose next bill is due, bucket by bucket and there the earliest first;
 * locked, skipping locked ones. In the order of the index, so that a claim reads its own rows only,
 * however many are due.
 */
export async function claimSubscriptionsToBill(
  db: Database,
  claim: Claim,
): Promise<readonly Subscription[]> {
  const rows = await readRows(
    db,
    'subscriptions',
    sql`
    select * from subscriptions
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and state in ('active', 'paused') and next_bill_at <= ${toInstant(claim.dueBy)}
     order by bucket, next_bill_at limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return await withItems(db, rows);
}

export async function loadSubscriptions(
  db: Database,
  ids: readonly SubscriptionId[],
): Promise<readonly Subscription[]> {
  const rows = await readRows(
    db,
    'subscriptions',
    sql`
    select s.* from subscriptions s join ${wantedIds(ids)} using (bucket, id)
     order by s.id`,
  );
  return await withItems(db, rows);
}

export async function listSubscriptions(
  db: Database,
  page: Page & { readonly customerId?: CustomerId },
): Promise<readonly Subscription[]> {
  const rows = await readRows(
    db,
    'subscriptions',
    sql`
    select * from subscriptions
     where ${ofCustomer(page.customerId)} and ${pageOf(page)}`,
  );
  return await withItems(db, rows);
}

async function withItems(
  db: Database,
  subscriptions: readonly Tables['subscriptions'][],
): Promise<readonly Subscription[]> {
  if (subscriptions.length === 0) return [];
  const ids = subscriptions.map(({ id }) => fromUuid('sub', id));
  const rows = await readRows(
    db,
    'subscription_items',
    sql`
    select r.* from ${rowsOfIds('subscription_items', 'subscription_id', ids)}
     order by r.subscription_id, r.position`,
  );
  const items = groupBy(rows, (row) => row.subscription_id);
  return subscriptions.map((row) => fromSubscriptionRow(row, items.get(row.id) ?? []));
}

import {
  bucketOf,
  type Claim,
  type CustomerId,
  fromUuid,
  type Page,
  type Subscription,
  type SubscriptionId,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, chunksOf, type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { groupBy } from '../groups.ts';
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

/** Active subscriptions whose next bill is due, earliest first; locked, skipping locked ones. */
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
       and state = 'active' and next_bill_at <= ${toInstant(claim.dueBy)}
     order by next_bill_at, id limit ${limitOf(claim.limit)}
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
    select i.* from subscription_items i
      join ${wantedIds(ids)} on wanted.bucket = i.bucket and wanted.id = i.subscription_id
     order by i.subscription_id, i.position`,
  );
  const items = groupBy(rows, (row) => row.subscription_id);
  return subscriptions.map((row) => fromSubscriptionRow(row, items.get(row.id) ?? []));
}

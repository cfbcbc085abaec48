import {
  bucketOf,
  type Coupon,
  invariant,
  type MerchantId,
  type Redemption,
  type SubscriptionChange,
  type SubscriptionId,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds, writeRows } from '../array-write.ts';
import { fromCouponRow } from '../catalog/rows.ts';
import { lockUntilCommit } from '../locks.ts';
import type { Tables } from '../schema.generated.ts';
import { fromChangeRow, fromRedemptionRow, toChangeRow, toRedemptionRow } from './change-rows.ts';

export async function addChanges(
  db: Database,
  about: { readonly merchant: MerchantId; readonly changes: readonly SubscriptionChange[] },
): Promise<void> {
  await writeRows(db, 'subscription_changes', {
    rows: about.changes.map((change) => toChangeRow(change, about.merchant)),
    rule: 'add',
  });
}

/** Everything that was done to a subscription, oldest first. */
export async function listChanges(
  db: Database,
  subscription: SubscriptionId,
): Promise<readonly SubscriptionChange[]> {
  const rows = await readRows(
    db,
    'subscription_changes',
    sql`
    select * from subscription_changes
     where bucket = ${bucketOf(subscription)} and subscription_id = ${toUuid(subscription)}
     order by id`,
  );
  return rows.map(fromChangeRow);
}

/** Ended ones first, so that the redemption that replaces one finds its place free. */
export async function saveRedemptions(
  db: Database,
  redemptions: readonly Redemption[],
): Promise<void> {
  const ordered = [
    ...redemptions.filter(({ state }) => state !== 'active'),
    ...redemptions.filter(({ state }) => state === 'active'),
  ];
  await writeRows(db, 'redemptions', { rows: ordered.map(toRedemptionRow), rule: 'replace' });
}

/** Redemptions in these states with their coupons, oldest first; the active ones by default. */
export async function loadRedemptions(
  db: Database,
  subscriptions: readonly SubscriptionId[],
  states: readonly Redemption['state'][] = ['active'],
): Promise<readonly Redemption[]> {
  const rows = await readRows(
    db,
    'redemptions',
    sql`
    select r.* from redemptions r
      join ${wantedIds(subscriptions)}
        on wanted.bucket = r.bucket and wanted.id = r.subscription_id
     where r.state = any (${arrayLiteral('text', states)}::text[])
     order by r.redeemed_at, r.id`,
  );
  return await redemptionsOf(db, rows);
}

/** Redemptions with their coupons, in the order of the rows. */
export async function redemptionsOf(
  db: Database,
  rows: readonly Tables['redemptions'][],
): Promise<readonly Redemption[]> {
  if (rows.length === 0) return [];
  const couponIds = arrayLiteral('uuid', [...new Set(rows.map((row) => row.coupon_id))]);
  const coupons = await readRows(
    db,
    'coupons',
    sql`select * from coupons where id = any (${couponIds}::uuid[])`,
  );
  const byId = new Map(coupons.map((row) => [row.id, fromCouponRow(row)]));
  return rows.map((row) => {
    const coupon = byId.get(row.coupon_id);
    invariant(coupon !== undefined, 'a redemption has its coupon');
    return fromRedemptionRow(row, coupon);
  });
}

/**
 * How many redemptions a coupon has, ended ones included. Whoever counts next waits for the commit,
 * so that the last one that is left is not given twice.
 */
export async function countRedemptions(db: Database, coupon: Coupon): Promise<number> {
  await lockUntilCommit(db, coupon.id);
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from redemptions
     where coupon_id = ${toUuid(coupon.id)}`.execute(db);
  return rows[0]?.count ?? 0;
}

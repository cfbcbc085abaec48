import type { CreditGrant, InvoiceId, PendingLine, Redemption, SubscriptionId } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds } from '../array-write.ts';
import { redemptionsOf } from '../subscription/changes.ts';
import { fromGrantRow } from './credit-rows.ts';
import { fromPendingRow } from './pending-rows.ts';

/** Lines that waited and were billed on these invoices, oldest first. */
export async function loadLinesBilledOn(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly PendingLine[]> {
  const rows = await readRows(
    db,
    'pending_lines',
    sql`
    select p.* from pending_lines p
      join ${wantedIds(invoices)} on wanted.bucket = p.bucket and wanted.id = p.invoice_id
     order by p.id`,
  );
  return rows.map(fromPendingRow);
}

/** The grants that these invoices used, empty ones as well, locked. */
export async function lockGrantsUsedBy(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly CreditGrant[]> {
  const rows = await readRows(
    db,
    'credit_grants',
    sql`
    select g.* from credit_grants g
     where exists (
       select from grant_uses u
         join ${wantedIds(invoices)} on wanted.bucket = u.bucket and wanted.id = u.invoice_id
        where u.bucket = g.bucket and u.merchant_id = g.merchant_id and u.grant_id = g.id)
     order by g.id for update of g`,
  );
  return rows.map(fromGrantRow);
}

/** Redemptions of these subscriptions in any state with their coupons, oldest first. */
export async function loadAllRedemptions(
  db: Database,
  subscriptions: readonly SubscriptionId[],
): Promise<readonly Redemption[]> {
  const rows = await readRows(
    db,
    'redemptions',
    sql`
    select r.* from redemptions r
      join ${wantedIds(subscriptions)}
        on wanted.bucket = r.bucket and wanted.id = r.subscription_id
     order by r.redeemed_at, r.id`,
  );
  return await redemptionsOf(db, rows);
}

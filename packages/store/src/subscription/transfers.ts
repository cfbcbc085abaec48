import {
  bucketOf,
  fromUuid,
  type SubscriptionId,
  type SubscriptionTransfer,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, wantedIds, writeRows } from '../array-write.ts';
import { fromDate, fromInstant, toDate, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

/** Adds both sides of transfers; a side that is there is our bug. */
export async function addTransfers(
  db: Database,
  transfers: readonly SubscriptionTransfer[],
): Promise<void> {
  await writeRows(db, 'subscription_transfers', { rows: transfers.map(toRow), rule: 'add' });
}

/** Where these subscriptions came from and where they went. */
export async function loadTransfers(
  db: Database,
  subscriptions: readonly SubscriptionId[],
): Promise<readonly SubscriptionTransfer[]> {
  const rows = await readRows(
    db,
    'subscription_transfers',
    sql`
    select t.* from subscription_transfers t
      join ${wantedIds(subscriptions)}
        on wanted.bucket = t.bucket and wanted.id = t.subscription_id
     order by t.subscription_id, t.direction`,
  );
  return rows.map(fromRow);
}

function toRow(transfer: SubscriptionTransfer): NewRow<'subscription_transfers'> {
  return {
    bucket: bucketOf(transfer.subscriptionId),
    merchant_id: toUuid(transfer.merchantId),
    subscription_id: toUuid(transfer.subscriptionId),
    direction: transfer.direction,
    other_subscription_id: toUuid(transfer.otherSubscriptionId),
    customer_id: toUuid(transfer.customerId),
    other_customer_id: toUuid(transfer.otherCustomerId),
    on_date: toDate(transfer.onDate),
    keep_paid: transfer.keepPaid,
    at: toInstant(transfer.at),
  };
}

function fromRow(row: Tables['subscription_transfers']): SubscriptionTransfer {
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    subscriptionId: fromUuid('sub', row.subscription_id),
    customerId: fromUuid('cus', row.customer_id),
    direction: row.direction as SubscriptionTransfer['direction'],
    otherSubscriptionId: fromUuid('sub', row.other_subscription_id),
    otherCustomerId: fromUuid('cus', row.other_customer_id),
    onDate: fromDate(row.on_date),
    keepPaid: row.keep_paid,
    at: fromInstant(row.at),
  };
}

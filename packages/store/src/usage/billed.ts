import {
  bucketOf,
  fromUuid,
  type InvoiceId,
  type SubscriptionItemId,
  toUuid,
  type UsageBilled,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, wantedIds, writeRows } from '../array-write.ts';
import { fromAmount, fromDate, fromDecimal, toDate, toDecimal } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export async function saveUsageBilled(db: Database, rows: readonly UsageBilled[]): Promise<void> {
  await writeRows(db, 'usage_billed', { rows: rows.map(toBilledRow), rule: 'add' });
}

/** What was billed of periods that end on or after `sincePeriodEnd`, older invoices first. */
export async function loadUsageBilled(
  db: Database,
  query: {
    readonly items: readonly SubscriptionItemId[];
    readonly sincePeriodEnd: Temporal.PlainDate;
  },
): Promise<readonly UsageBilled[]> {
  const rows = await readRows(
    db,
    'usage_billed',
    sql`
    select b.* from usage_billed b join ${wantedIds(query.items)}
        on b.bucket = wanted.bucket and b.subscription_item_id = wanted.id
     where b.period_end >= ${toDate(query.sincePeriodEnd)}
     order by b.subscription_item_id, b.period_start, b.invoice_id`,
  );
  return rows.map(fromBilledRow);
}

export async function deleteUsageBilled(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<void> {
  await sql`
    delete from usage_billed b using ${wantedIds(invoices)}
     where b.bucket = wanted.bucket and b.invoice_id = wanted.id`.execute(db);
}

function toBilledRow(billed: UsageBilled): NewRow<'usage_billed'> {
  return {
    bucket: bucketOf(billed.itemId),
    merchant_id: toUuid(billed.merchantId),
    customer_id: toUuid(billed.customerId),
    subscription_id: toUuid(billed.subscriptionId),
    subscription_item_id: toUuid(billed.itemId),
    meter_id: toUuid(billed.meterId),
    period_start: toDate(billed.period.start),
    period_end: toDate(billed.period.end),
    invoice_id: toUuid(billed.invoiceId),
    units: toDecimal(billed.units),
    pack_units: toDecimal(billed.packUnits),
    amount_minor: billed.amount.minor,
    currency: billed.amount.currency,
  };
}

function fromBilledRow(row: Tables['usage_billed']): UsageBilled {
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    subscriptionId: fromUuid('sub', row.subscription_id),
    itemId: fromUuid('sit', row.subscription_item_id),
    meterId: fromUuid('mtr', row.meter_id),
    period: { start: fromDate(row.period_start), end: fromDate(row.period_end) },
    invoiceId: fromUuid('inv', row.invoice_id),
    units: fromDecimal(row.units),
    packUnits: fromDecimal(row.pack_units),
    amount: fromAmount(row.amount_minor, row.currency),
  };
}

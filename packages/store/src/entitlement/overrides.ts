import {
  bucketOf,
  type CustomerId,
  type EntitlementOverride,
  fromUuid,
  type OverrideId,
  type Page,
  present,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, wantedIds, writeRows } from '../array-write.ts';
import {
  asIs,
  fromDate,
  fromInstant,
  given,
  idOrNull,
  orNull,
  toDate,
  toInstant,
} from '../columns.ts';
import { ofCustomer, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

export async function saveOverrides(
  db: Database,
  overrides: readonly EntitlementOverride[],
): Promise<void> {
  await writeRows(db, 'entitlement_overrides', {
    rows: overrides.map(toOverrideRow),
    rule: 'replace',
  });
}

/** Held until the commit. */
export async function lockOverrides(
  db: Database,
  ids: readonly OverrideId[],
): Promise<readonly EntitlementOverride[]> {
  const rows = await readRows(
    db,
    'entitlement_overrides',
    sql`
    select o.* from entitlement_overrides o join ${wantedIds(ids)} using (bucket, id)
     order by o.id for update of o`,
  );
  return rows.map(fromOverrideRow);
}

export async function loadDisputes(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly EntitlementOverride[]> {
  const rows = await readRows(
    db,
    'entitlement_overrides',
    sql`
    select o.* from entitlement_overrides o
      join ${wantedIds(customers)} on wanted.bucket = o.bucket and wanted.id = o.customer_id
     where o.kind = 'disputed_invoice' order by o.id`,
  );
  return rows.map(fromOverrideRow);
}

export async function listOverrides(
  db: Database,
  page: Page & { readonly customerId: CustomerId },
): Promise<readonly EntitlementOverride[]> {
  const rows = await readRows(
    db,
    'entitlement_overrides',
    sql`
    select * from entitlement_overrides where ${ofCustomer(page.customerId)} and ${pageOf(page)}`,
  );
  return rows.map(fromOverrideRow);
}

function toOverrideRow(one: EntitlementOverride): NewRow<'entitlement_overrides'> {
  return {
    bucket: bucketOf(one.id),
    merchant_id: toUuid(one.merchantId),
    id: toUuid(one.id),
    customer_id: toUuid(one.customerId),
    kind: one.kind,
    code: orNull(one.code, asIs),
    quantity: orNull(one.quantity, asIs),
    invoice_id: idOrNull(one.invoiceId),
    until: toDate(one.until),
    granted_by: one.by,
    why: one.why,
    created_at: toInstant(one.createdAt),
    withdrawn_at: orNull(one.withdrawn?.at, toInstant),
    withdrawn_by: orNull(one.withdrawn?.by, asIs),
  };
}

/** A row of the table, or the same as JSON has it: `quantity` is then a number or text. */
export function fromOverrideRow(
  row: Omit<Tables['entitlement_overrides'], 'quantity'> & {
    readonly quantity: bigint | number | string | null;
  },
): EntitlementOverride {
  return {
    id: fromUuid('ovr', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    kind: row.kind as EntitlementOverride['kind'],
    ...given('code', row.code, asIs),
    ...given('quantity', row.quantity, BigInt),
    ...given('invoiceId', row.invoice_id, (id) => fromUuid('inv', id)),
    until: fromDate(row.until),
    by: row.granted_by,
    why: row.why,
    createdAt: fromInstant(row.created_at),
    ...given('withdrawn', row.withdrawn_at, (at) => ({
      at: fromInstant(at),
      by: present(row.withdrawn_by, 'who withdrew an override'),
    })),
  };
}

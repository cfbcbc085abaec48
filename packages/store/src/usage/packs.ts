import {
  bucketOf,
  type CustomerId,
  fromUuid,
  type InvoiceId,
  type MerchantId,
  type PackBurn,
  type ResourcePack,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, wantedIds, writeRows } from '../array-write.ts';
import { fromDate, fromDecimal, given, idOrNull, toDate, toDecimal } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export async function saveResourcePacks(
  db: Database,
  packs: readonly ResourcePack[],
): Promise<void> {
  await writeRows(db, 'resource_packs', { rows: packs.map(toPackRow), rule: 'replace' });
}

/** Packs with something left that expire after `validAfter`, in the order of their ids, held. */
export async function lockResourcePacks(
  db: Database,
  query: { readonly customers: readonly CustomerId[]; readonly validAfter: Temporal.PlainDate },
): Promise<readonly ResourcePack[]> {
  const rows = await readRows(db, 'resource_packs', {
    before: sql`with held as (
      select p.* from resource_packs p join ${wantedIds(query.customers)}
          on p.bucket = wanted.bucket and p.customer_id = wanted.id
       where p.units_left > 0 and p.expires_on > ${toDate(query.validAfter)}
       order by p.id for update of p)`,
    query: sql`select * from held order by id`,
  });
  return rows.map(fromPackRow);
}

export async function loadResourcePacks(
  db: Database,
  customer: CustomerId,
): Promise<readonly ResourcePack[]> {
  const rows = await readRows(
    db,
    'resource_packs',
    sql`
    select * from resource_packs
     where bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}
     order by expires_on, id`,
  );
  return rows.map(fromPackRow);
}

export async function savePackBurns(
  db: Database,
  merchant: MerchantId,
  burns: readonly PackBurn[],
): Promise<void> {
  await writeRows(db, 'resource_pack_burns', {
    rows: burns.map((burn) => ({
      bucket: bucketOf(burn.packId),
      merchant_id: toUuid(merchant),
      pack_id: toUuid(burn.packId),
      invoice_id: toUuid(burn.invoiceId),
      units: toDecimal(burn.units),
    })),
    rule: 'add',
  });
}

export async function loadPackBurns(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly PackBurn[]> {
  const rows = await readRows(
    db,
    'resource_pack_burns',
    sql`
    select b.* from resource_pack_burns b join ${wantedIds(invoices)}
        on b.bucket = wanted.bucket and b.invoice_id = wanted.id
     order by b.pack_id, b.invoice_id`,
  );
  return rows.map((row) => ({
    packId: fromUuid('rsp', row.pack_id),
    invoiceId: fromUuid('inv', row.invoice_id),
    units: fromDecimal(row.units),
  }));
}

/** Gives what these invoices burnt back to their packs. */
export async function releasePackBurns(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<void> {
  await sql`
    with gone as (
      delete from resource_pack_burns b using ${wantedIds(invoices)}
       where b.bucket = wanted.bucket and b.invoice_id = wanted.id
      returning b.bucket, b.merchant_id, b.pack_id, b.units
    ), back as (
      select bucket, merchant_id, pack_id, sum(units) as units from gone
       group by bucket, merchant_id, pack_id
    )
    update resource_packs p set units_left = p.units_left + back.units
      from back
     where p.bucket = back.bucket and p.merchant_id = back.merchant_id
       and p.id = back.pack_id`.execute(db);
}

function toPackRow(pack: ResourcePack): NewRow<'resource_packs'> {
  return {
    bucket: bucketOf(pack.id),
    merchant_id: toUuid(pack.merchantId),
    id: toUuid(pack.id),
    customer_id: toUuid(pack.customerId),
    meter_id: toUuid(pack.meterId),
    units_bought: toDecimal(pack.unitsBought),
    units_left: toDecimal(pack.unitsLeft),
    valid_from: toDate(pack.validFrom),
    expires_on: toDate(pack.expiresOn),
    price_version_id: idOrNull(pack.priceVersionId),
  };
}

function fromPackRow(row: Tables['resource_packs']): ResourcePack {
  return {
    id: fromUuid('rsp', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    meterId: fromUuid('mtr', row.meter_id),
    unitsBought: fromDecimal(row.units_bought),
    unitsLeft: fromDecimal(row.units_left),
    validFrom: fromDate(row.valid_from),
    expiresOn: fromDate(row.expires_on),
    ...given('priceVersionId', row.price_version_id, (id) => fromUuid('prv', id)),
  };
}

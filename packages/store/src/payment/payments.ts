import {
  bucketOf,
  bucketOfKey,
  type CustomerId,
  fromUuid,
  type HandPayment,
  type HandPaymentId,
  type InvoiceId,
  type MerchantId,
  type Page,
  type PaymentReference,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds, writeRows } from '../array-write.ts';
import { groupBy } from '../groups.ts';
import { inState, ofCustomer, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';
import { fromAllocationRow, fromPaymentRow, toAllocationRows, toPaymentRow } from './rows.ts';

/** Writes payments whole with what they paid; reversed ones first, so that invoices are free. */
export async function saveHandPayments(
  db: Database,
  payments: readonly HandPayment[],
): Promise<void> {
  const ordered = [
    ...payments.filter(({ state }) => state === 'reversed'),
    ...payments.filter(({ state }) => state === 'booked'),
  ];
  await writeRows(db, 'hand_payments', { rows: ordered.map(toPaymentRow), rule: 'replace' });
  await writeRows(db, 'hand_payment_allocations', {
    rows: ordered.flatMap(toAllocationRows),
    rule: 'replace',
  });
}

export async function loadHandPayments(
  db: Database,
  ids: readonly HandPaymentId[],
  lock: 'lock' | 'look' = 'look',
): Promise<readonly HandPayment[]> {
  return await readPayments(
    db,
    sql`
    select p.* from hand_payments p join ${wantedIds(ids)} using (bucket, id)
     order by p.id ${lock === 'lock' ? sql`for update of p` : sql``}`,
  );
}

export async function listHandPayments(
  db: Database,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly HandPayment[]> {
  return await readPayments(
    db,
    sql`
    select * from hand_payments
     where ${ofCustomer(page.customerId)} and ${inState(page.state)} and ${pageOf(page)}`,
  );
}

export async function findHandPaymentsOfInvoices(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly HandPayment[]> {
  return await readPayments(
    db,
    sql`
    select distinct p.* from hand_payment_allocations a
      join ${wantedIds(invoices)} on wanted.bucket = a.bucket and wanted.id = a.invoice_id
      join hand_payments p on p.bucket = a.bucket and p.merchant_id = a.merchant_id
                          and p.id = a.hand_payment_id
     where a.live order by p.id`,
  );
}

export async function findHandPaymentByReference(
  db: Database,
  merchant: MerchantId,
  wanted: PaymentReference,
): Promise<HandPayment | undefined> {
  const taken = await readRows(
    db,
    'hand_payment_references',
    sql`select * from hand_payment_references where ${isReference(merchant, wanted)}`,
  );
  const ids = taken.map((row) => fromUuid('hpy', row.hand_payment_id));
  return ids.length === 0 ? undefined : (await loadHandPayments(db, ids))[0];
}

/** Takes a number for a payment; false where another one has it, once that one has committed. */
export async function takePaymentReference(
  db: Database,
  merchant: MerchantId,
  { method, reference, payment }: PaymentReference & { readonly payment: HandPaymentId },
): Promise<boolean> {
  const { rows } = await sql<{ taken: string }>`
    insert into hand_payment_references (bucket, merchant_id, method, reference, hand_payment_id)
    values (${bucketOfKey(merchant, method, reference)}, ${toUuid(merchant)}, ${method},
            ${reference}, ${toUuid(payment)})
        on conflict do nothing returning hand_payment_id as taken`.execute(db);
  return rows.length > 0;
}

export async function releasePaymentReference(
  db: Database,
  merchant: MerchantId,
  wanted: PaymentReference,
): Promise<void> {
  await sql`delete from hand_payment_references where ${isReference(merchant, wanted)}`.execute(db);
}

function isReference(
  merchant: MerchantId,
  { method, reference }: PaymentReference,
): RawBuilder<unknown> {
  return sql`bucket = ${bucketOfKey(merchant, method, reference)}
    and merchant_id = ${toUuid(merchant)} and method = ${method} and reference = ${reference}`;
}

async function readPayments(
  db: Database,
  query: RawBuilder<unknown>,
): Promise<readonly HandPayment[]> {
  const rows = await readRows(db, 'hand_payments', query);
  if (rows.length === 0) return [];
  const allocations = groupBy(await allocationsOf(db, rows), (row) => row.hand_payment_id);
  return rows.map((row) =>
    fromPaymentRow(row, (allocations.get(row.id) ?? []).map(fromAllocationRow)),
  );
}

async function allocationsOf(
  db: Database,
  payments: readonly Tables['hand_payments'][],
): Promise<readonly Tables['hand_payment_allocations'][]> {
  const ids = payments.map(({ id }) => fromUuid('hpy', id));
  const buckets = arrayLiteral('smallint', ids.map(bucketOf));
  const uuids = arrayLiteral('uuid', ids.map(toUuid));
  return await readRows(
    db,
    'hand_payment_allocations',
    sql`
    select a.* from hand_payment_allocations a
      join unnest(${buckets}::smallint[], ${uuids}::uuid[]) as wanted (bucket, id)
        on wanted.bucket = a.bucket and wanted.id = a.hand_payment_id
     order by a.invoice_id`,
  );
}

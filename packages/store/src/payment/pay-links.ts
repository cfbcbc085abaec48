import {
  type Claim,
  type CustomerId,
  fromUuid,
  type InvoiceId,
  type Page,
  type PayLink,
  type PayLinkId,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { groupBy } from '../groups.ts';
import { inState, limitOf, ofCustomer, pageOf } from '../pages.ts';
import { fromLinkRow, toLinkInvoiceRows, toLinkRow } from './rows.ts';

/** Writes links whole; ended ones first, so that their invoices are free within the same save. */
export async function savePayLinks(db: Database, links: readonly PayLink[]): Promise<void> {
  const ordered = [
    ...links.filter(({ state }) => state !== 'open'),
    ...links.filter(({ state }) => state === 'open'),
  ];
  await writeRows(db, 'pay_links', { rows: ordered.map(toLinkRow), rule: 'replace' });
  await writeRows(db, 'pay_link_invoices', {
    rows: ordered.flatMap(toLinkInvoiceRows),
    rule: 'replace',
  });
}

export async function loadPayLinks(
  db: Database,
  ids: readonly PayLinkId[],
  lock: 'lock' | 'look' = 'look',
): Promise<readonly PayLink[]> {
  return await readLinks(
    db,
    sql`
    select l.* from pay_links l join ${wantedIds(ids)} using (bucket, id)
     order by l.id ${lock === 'lock' ? sql`for update of l` : sql``}`,
  );
}

export async function listPayLinks(
  db: Database,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly PayLink[]> {
  return await readLinks(
    db,
    sql`
    select * from pay_links
     where ${ofCustomer(page.customerId)} and ${inState(page.state)} and ${pageOf(page)}`,
  );
}

export async function findOpenPayLinks(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly PayLink[]> {
  return await readLinks(
    db,
    sql`
    select distinct l.* from pay_link_invoices i
      join ${wantedIds(invoices)} on wanted.bucket = i.bucket and wanted.id = i.invoice_id
      join pay_links l on l.bucket = i.bucket and l.merchant_id = i.merchant_id
                      and l.id = i.pay_link_id
     where i.live order by l.id`,
  );
}

export async function claimPayLinksToAsk(db: Database, claim: Claim): Promise<readonly PayLink[]> {
  return await readLinks(
    db,
    sql`
    select * from pay_links
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and ask_at <= ${toInstant(claim.dueBy)}
     order by ask_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
}

async function readLinks(db: Database, query: RawBuilder<unknown>): Promise<readonly PayLink[]> {
  const rows = await readRows(db, 'pay_links', query);
  if (rows.length === 0) return [];
  const named = await readRows(
    db,
    'pay_link_invoices',
    sql`
    select i.* from pay_link_invoices i
      join ${wantedIds(rows.map(({ id }) => fromUuid('plk', id)))}
        on wanted.bucket = i.bucket and wanted.id = i.pay_link_id
     order by i.invoice_id`,
  );
  const byLink = groupBy(named, (row) => row.pay_link_id);
  return rows.map((row) =>
    fromLinkRow(
      row,
      (byLink.get(row.id) ?? []).map((one) => fromUuid('inv', one.invoice_id)),
    ),
  );
}

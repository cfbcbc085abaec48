import { type MerchantId, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import type { Database } from '../array-write.ts';
import { NotADemoMerchant } from '../errors.ts';

/** Every table with rows of a merchant, those that refer to others first. */
export const ERASED_TABLES = [
  'events',
  'breaks',
  'rail_bill_lines',
  'rail_bills',
  'entries',
  'journals',
  'payments',
  'attempts',
  'notices',
  'debit_invoices',
  'debits',
  'mandates',
  'invoice_lines',
  'invoices',
  'subscription_items',
  'subscriptions',
  'customers',
  'price_versions',
  'prices',
  'plans',
  'runs',
  'api_keys',
] as const;

/**
 * Erases every row of a demo merchant and the merchant itself, in one transaction. Throws
 * `NotADemoMerchant` for any other; the mark is read under the row's lock. Announces the erasure to
 * the append-only tables, which let only the owner of the database do this.
 */
export async function eraseDemoMerchant(db: Database, merchant: MerchantId): Promise<void> {
  const id = toUuid(merchant);
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ demo: boolean }>`
      select demo from merchants where id = ${id} for update`.execute(transaction);
    if (rows[0]?.demo !== true) throw new NotADemoMerchant(merchant);
    await sql`select set_config('daikou.erasing_demo', ${id}, true)`.execute(transaction);
    for (const table of ERASED_TABLES) {
      await sql`delete from ${sql.table(table)} where merchant_id = ${id}`.execute(transaction);
    }
    await sql`delete from merchants where id = ${id}`.execute(transaction);
  });
}

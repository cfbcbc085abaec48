import { type MerchantId, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import type { Database } from '../array-write.ts';
import { NotADemoMerchant } from '../errors.ts';

/** Every table with rows of a merchant, those that refer to others first. */
export const ERASED_TABLES = [
  'idempotency_keys',
  'arrears_causes_open',
  'arrears_causes',
  'quarantine_findings',
  'quarantines',
  'usage_threshold_crossings',
  'usage_thresholds',
  'resource_pack_burns',
  'resource_packs',
  'usage_billed',
  'usage_rollups',
  'usage_events',
  'usage_batches',
  'webhook_deliveries',
  'webhook_endpoints',
  'events',
  'bank_statement_lines',
  'bank_statements',
  'settlements',
  'settlement_lines',
  'reconciliation_day_moves',
  'reconciliation_days',
  'rail_terms',
  'breaks',
  'rail_bill_lines',
  'rail_bills',
  'entries',
  'journals',
  'hand_payment_references',
  'hand_payment_allocations',
  'hand_payments',
  'pay_link_invoices',
  'pay_links',
  'dunning_invoices',
  'dunning_cases',
  'entitlement_overrides',
  'arrears_states',
  'balance_alerts',
  'top_ups',
  'top_up_rules',
  'payment_returns',
  'refunds',
  'money_exceptions',
  'payments',
  'attempts',
  'notices',
  'contacts',
  'notice_templates',
  'debit_invoices',
  'debits',
  'mandate_sweep_brakes',
  'mandate_drifts',
  'mandate_ends',
  'mandates',
  'subscription_changes',
  'credit_note_lines',
  'credit_notes',
  'grant_uses',
  'credit_grants',
  'redemptions',
  'checkup_findings',
  'checkups',
  'self_audits',
  'tasks',
  'late_fee_waivers',
  'late_fee_lines',
  'late_fees',
  'pending_lines',
  'invoice_lines',
  'invoices',
  'price_change_consents',
  'subscription_transfers',
  'subscription_items',
  'subscriptions',
  'customers',
  'meters',
  'coupons',
  'price_changes',
  'price_versions',
  'prices',
  'products',
  'plans',
  'policies',
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

import { type Merchant, type MerchantId, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import type { Database } from '../array-write.ts';
import { orNull, toInstant } from '../columns.ts';
import { fromMerchantRow } from './rows.ts';

// Merchants belong to the installation: these statements run as the owner, not as a merchant.

export async function findMerchant(db: Database, code: string): Promise<Merchant | undefined> {
  const rows = await readRows(
    db,
    'merchants',
    sql`
    select * from merchants where code = ${code}`,
  );
  return rows.map(fromMerchantRow).at(0);
}

export async function listMerchants(db: Database): Promise<readonly Merchant[]> {
  const rows = await readRows(db, 'merchants', sql`select * from merchants order by code`);
  return rows.map(fromMerchantRow);
}

export async function saveMerchant(db: Database, merchant: Merchant): Promise<void> {
  await sql`
    insert into merchants (id, code, name, zone, mode, test_clock, demo)
    values (${toUuid(merchant.id)}, ${merchant.code}, ${merchant.name}, ${merchant.zone},
            ${merchant.mode}, ${orNull(merchant.testClock, toInstant)}, ${merchant.demo})
    on conflict (id) do update set code = excluded.code, name = excluded.name,
      zone = excluded.zone, mode = excluded.mode, test_clock = excluded.test_clock,
      demo = excluded.demo`.execute(db);
}

export async function findMerchantByKeyHash(
  db: Database,
  keyHash: string,
): Promise<Merchant | undefined> {
  const rows = await readRows(
    db,
    'merchants',
    sql`
    select m.* from api_keys k join merchants m on m.id = k.merchant_id
     where k.key_hash = ${keyHash}`,
  );
  return rows.map(fromMerchantRow).at(0);
}

/** The label of a key; undefined when there is no such key. */
export async function findKeyLabel(db: Database, keyHash: string): Promise<string | undefined> {
  const { rows } = await sql<{ label: string }>`
    select label from api_keys where key_hash = ${keyHash}`.execute(db);
  return rows[0]?.label;
}

export async function saveApiKey(
  db: Database,
  key: { readonly merchant: MerchantId; readonly keyHash: string; readonly label: string },
): Promise<void> {
  await sql`
    insert into api_keys (merchant_id, key_hash, label)
    values (${toUuid(key.merchant)}, ${key.keyHash}, ${key.label})
    on conflict (merchant_id, key_hash) do update set label = excluded.label`.execute(db);
}

export async function countApiKeys(db: Database): Promise<number> {
  const { rows } = await sql<{ keys: number }>`
    select count(*)::int as keys from api_keys`.execute(db);
  return rows[0]?.keys ?? 0;
}

import { type Customer, type Invoice, type MerchantId, type Money, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database } from '../array-write.ts';
import { fromCustomerRow } from '../customer/rows.ts';
import { withLines } from '../invoice/statements.ts';
import { limitOf } from '../pages.ts';

export async function findInvoicesByNumbers(
  db: Database,
  merchant: MerchantId,
  numbers: readonly string[],
): Promise<readonly Invoice[]> {
  if (numbers.length === 0) return [];
  const rows = await readRows(
    db,
    'invoices',
    sql`
    select * from invoices
     where merchant_id = ${toUuid(merchant)}
       and number = any(${arrayLiteral('text', numbers)}::text[])
     order by id limit ${limitOf(numbers.length)}`,
  );
  return await withLines(db, rows);
}

/** Open invoices of anybody that ask for exactly this much, oldest first. */
export async function findOpenInvoicesOfAmount(
  db: Database,
  merchant: MerchantId,
  { amount, limit }: { readonly amount: Money; readonly limit: number },
): Promise<readonly Invoice[]> {
  const rows = await readRows(
    db,
    'invoices',
    sql`
    select * from invoices
     where merchant_id = ${toUuid(merchant)} and state = 'open'
       and total_minor - balance_applied_minor - credited_minor = ${amount.minor.toString()}::bigint
       and currency = ${amount.currency}
     order by id limit ${limitOf(limit)}`,
  );
  return await withLines(db, rows);
}

/** Payers of exactly this name, oldest first. */
export async function findPayersByName(
  db: Database,
  merchant: MerchantId,
  { name, limit }: { readonly name: string; readonly limit: number },
): Promise<readonly Customer[]> {
  const rows = await readRows(
    db,
    'customers',
    sql`
    select * from customers
     where merchant_id = ${toUuid(merchant)} and name = ${name} and payer_id is null
     order by id limit ${limitOf(limit)}`,
  );
  return rows.map(fromCustomerRow);
}

import {
  bucketOf,
  fromUuid,
  type ReconciliationTx,
  type StoredBankLine,
  type StoredBankStatement,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import {
  arrayLiteral,
  type Database,
  insertNewRows,
  type NewRow,
  writeRows,
} from '../array-write.ts';
import { asIs, fromAmount, fromDate, given, orNull, toDate, toInstant } from '../columns.ts';
import { inState, limitOf, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

type Query<K extends keyof ReconciliationTx> = Parameters<ReconciliationTx[K]>[0];

/** False when this file of the account was imported before; nothing is changed then. */
export async function addBankStatement(
  db: Database,
  merchant: StoredBankLine['merchantId'],
  statement: StoredBankStatement,
): Promise<boolean> {
  const row: NewRow<'bank_statements'> = {
    bucket: bucketOf(statement.id),
    merchant_id: toUuid(merchant),
    id: toUuid(statement.id),
    account: statement.account,
    format: statement.format,
    currency: statement.currency,
    from_date: toDate(statement.from),
    until_date: toDate(statement.until),
    opening_minor: statement.opening?.minor ?? null,
    closing_minor: statement.closing?.minor ?? null,
    content_hash: statement.contentHash,
    line_count: statement.lineCount,
    imported_at: toInstant(statement.importedAt),
  };
  return (await insertNewRows(db, 'bank_statements', [row])).length > 0;
}

/** Adds lines whose bank reference is new to the account; statements may overlap. */
export async function addBankLines(
  db: Database,
  lines: readonly StoredBankLine[],
): Promise<number> {
  return (await insertNewRows(db, 'bank_statement_lines', lines.map(toLineRow))).length;
}

export async function saveBankLines(db: Database, lines: readonly StoredBankLine[]): Promise<void> {
  await writeRows(db, 'bank_statement_lines', { rows: lines.map(toLineRow), rule: 'replace' });
}

/** Lines that nothing explains yet, oldest first; held until the commit. */
export async function lockWaitingBankLines(
  db: Database,
  states: readonly ('unmatched' | 'unclaimed')[],
  limit: number,
): Promise<readonly StoredBankLine[]> {
  const rows = await readRows(
    db,
    'bank_statement_lines',
    sql`
    select * from bank_statement_lines
     where state in ('unmatched', 'unclaimed')
       and state = any(${arrayLiteral('text', states)}::text[])
     order by booked_on, id limit ${limitOf(limit)} for update`,
  );
  return rows.map(fromLineRow);
}

export async function listBankLines(
  db: Database,
  { state, after, limit }: Query<'listBankLines'>,
): Promise<readonly StoredBankLine[]> {
  const page = pageOf({ limit, ...(after === undefined ? {} : { after }) });
  const rows = await readRows(
    db,
    'bank_statement_lines',
    sql`
    select * from bank_statement_lines where ${inState(state)} and ${page}`,
  );
  return rows.map(fromLineRow);
}

/** One line, held until the commit. */
export async function lockBankLine(
  db: Database,
  id: StoredBankLine['id'],
): Promise<StoredBankLine | undefined> {
  const rows = await readRows(
    db,
    'bank_statement_lines',
    sql`
    select * from bank_statement_lines
     where bucket = ${bucketOf(id)} and id = ${toUuid(id)} for update`,
  );
  return rows.map(fromLineRow)[0];
}

function toLineRow(line: StoredBankLine): NewRow<'bank_statement_lines'> {
  return {
    bucket: bucketOf(line.id),
    merchant_id: toUuid(line.merchantId),
    id: toUuid(line.id),
    statement_id: toUuid(line.statementId),
    account: line.account,
    line_number: line.lineNumber,
    booked_on: toDate(line.bookedOn),
    value_on: orNull(line.valueOn, toDate),
    currency: line.amount.currency,
    amount_minor: line.amount.minor,
    balance_after_minor: line.balanceAfter?.minor ?? null,
    counterparty: orNull(line.counterparty, asIs),
    remittance: orNull(line.remittance, asIs),
    bank_reference: line.bankReference,
    raw_hash: line.rawHash,
    state: line.state,
  };
}

function fromLineRow(row: Tables['bank_statement_lines']): StoredBankLine {
  return {
    id: fromUuid('bsl', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    statementId: fromUuid('bst', row.statement_id),
    account: row.account,
    lineNumber: row.line_number,
    bookedOn: fromDate(row.booked_on),
    ...given('valueOn', row.value_on, fromDate),
    amount: fromAmount(row.amount_minor, row.currency),
    ...given('balanceAfter', row.balance_after_minor, (minor) => fromAmount(minor, row.currency)),
    ...given('counterparty', row.counterparty, asIs),
    ...given('remittance', row.remittance, asIs),
    bankReference: row.bank_reference,
    rawHash: row.raw_hash,
    state: row.state as StoredBankLine['state'],
  };
}

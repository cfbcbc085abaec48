import {
  bucketOf,
  bucketOfKey,
  type Currency,
  fromUuid,
  type MerchantId,
  present,
  type RailDate,
  type RailId,
  type ReconciliationTx,
  type Settlement,
  type SettlementId,
  type SettlementLine,
  type StatementTotals,
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
import {
  asIs,
  fromAmount,
  fromCurrency,
  fromDate,
  fromInstant,
  given,
  idOrNull,
  orNull,
  toDate,
  toInstant,
} from '../columns.ts';
import { inState, limitOf, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

type Query<K extends keyof ReconciliationTx> = Parameters<ReconciliationTx[K]>[0];
type Statement = RailDate & { readonly contentHash: string };

/** Adds rows of an account statement; a row that is there already stays as it is. */
export async function saveSettlementLines(
  db: Database,
  keys: { readonly merchant: MerchantId; readonly statement: Statement },
  lines: readonly SettlementLine[],
): Promise<void> {
  const { merchant, statement } = keys;
  const rows = lines.map(
    (line): NewRow<'settlement_lines'> => ({
      bucket: bucketOfKey(line.railReference),
      merchant_id: toUuid(merchant),
      rail: statement.rail,
      business_date: toDate(statement.businessDate),
      content_hash: statement.contentHash,
      line_number: line.lineNumber,
      kind: line.kind,
      currency: line.change.currency,
      change_minor: line.change.minor,
      balance_minor: line.balance?.minor ?? null,
      order_number: orNull(line.orderNumber, asIs),
      rail_reference: line.railReference,
      at: toInstant(line.at),
      wording: line.wording,
    }),
  );
  await writeRows(db, 'settlement_lines', { rows, rule: 'keep' });
}

/** The sums of a statement by kind, as the balance at the rail changed. */
export async function sumSettlementLines(
  db: Database,
  { rail, businessDate, contentHash }: Statement,
): Promise<{ readonly totals: StatementTotals; readonly currencies: readonly Currency[] }> {
  const { rows } = await sql<{ kind: keyof StatementTotals; currency: string; total: string }>`
    select kind, currency, sum(change_minor)::text as total from settlement_lines
     where rail = ${rail} and business_date = ${toDate(businessDate)}
       and content_hash = ${contentHash}
     group by kind, currency`.execute(db);
  const totals = { payment: 0n, refund: 0n, fee: 0n, payout: 0n, other: 0n };
  for (const { kind, total } of rows) totals[kind] += BigInt(total);
  const currencies = [...new Set(rows.map(({ currency }) => fromCurrency(currency)))];
  return { totals, currencies };
}

export async function loadSettlementLines(
  db: Database,
  query: Query<'loadSettlementLines'>,
): Promise<readonly SettlementLine[]> {
  const rows = await readRows(
    db,
    'settlement_lines',
    sql`
    select * from settlement_lines
     where rail = ${query.rail} and business_date = ${toDate(query.businessDate)}
       and content_hash = ${query.contentHash} and line_number > ${query.afterLine}
       and kind = any(${arrayLiteral('text', query.kinds)}::text[])
     order by line_number limit ${limitOf(query.limit)}`,
  );
  return rows.map((row) => ({
    lineNumber: row.line_number,
    kind: row.kind as SettlementLine['kind'],
    change: fromAmount(row.change_minor, row.currency),
    ...given('balance', row.balance_minor, (minor) => fromAmount(minor, row.currency)),
    ...given('orderNumber', row.order_number, asIs),
    railReference: row.rail_reference,
    at: fromInstant(row.at),
    wording: row.wording,
  }));
}

/** Adds payouts whose reference is new; returns the ids of those that were added. */
export async function addSettlements(
  db: Database,
  rows: readonly Settlement[],
): Promise<readonly SettlementId[]> {
  const added = await insertNewRows(db, 'settlements', rows.map(toSettlementRow));
  return added.map((id) => fromUuid('stl', id));
}

export async function saveSettlements(db: Database, rows: readonly Settlement[]): Promise<void> {
  await writeRows(db, 'settlements', { rows: rows.map(toSettlementRow), rule: 'replace' });
}

export async function findSettlement(
  db: Database,
  rail: RailId,
  reference: string,
): Promise<Settlement | undefined> {
  const rows = await readRows(
    db,
    'settlements',
    sql`
    select * from settlements
     where bucket = ${bucketOfKey(rail, reference)} and rail = ${rail}
       and reference = ${reference}`,
  );
  return rows.map(fromSettlementRow).at(0);
}

/** Payouts that no line of a bank statement proves yet, oldest first; held until the commit. */
export async function lockOpenSettlements(
  db: Database,
  limit: number,
): Promise<readonly Settlement[]> {
  const rows = await readRows(
    db,
    'settlements',
    sql`
    select * from settlements where state in ('sent', 'overdue')
     order by business_date, id limit ${limitOf(limit)} for update`,
  );
  return rows.map(fromSettlementRow);
}

export async function listSettlements(
  db: Database,
  { rail, state, after, limit }: Query<'listSettlements'>,
): Promise<readonly Settlement[]> {
  const rows = await readRows(
    db,
    'settlements',
    sql`
    select * from settlements
     where ${rail === undefined ? sql`true` : sql`rail = ${rail}`} and ${inState(state)}
       and ${pageOf({ limit, ...(after === undefined ? {} : { after }) })}`,
  );
  return rows.map(fromSettlementRow);
}

function toSettlementRow(row: Settlement): NewRow<'settlements'> {
  return {
    bucket: bucketOf(row.id),
    merchant_id: toUuid(row.merchantId),
    id: toUuid(row.id),
    rail: row.rail,
    business_date: toDate(row.businessDate),
    reference: row.reference,
    source: row.source,
    currency: row.amount.currency,
    amount_minor: row.amount.minor,
    state: row.state,
    bank_line_id: idOrNull(row.arrived?.lineId),
    arrived_on: orNull(row.arrived?.on, toDate),
  };
}

function fromSettlementRow(row: Tables['settlements']): Settlement {
  return {
    id: fromUuid('stl', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    rail: row.rail,
    businessDate: fromDate(row.business_date),
    reference: row.reference,
    source: row.source as Settlement['source'],
    amount: fromAmount(row.amount_minor, row.currency),
    state: row.state as Settlement['state'],
    ...given('arrived', row.bank_line_id, (line) => ({
      lineId: fromUuid('bsl', line),
      on: fromDate(present(row.arrived_on, 'the day of an arrival')),
    })),
  };
}

import {
  type DayMove,
  type DayState,
  fromUuid,
  present,
  type RailDate,
  type RailId,
  type RailTerms,
  type ReconciliationDay,
  type ReconciliationTx,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, writeRows } from '../array-write.ts';
import {
  asIs,
  fromAmount,
  fromDate,
  fromInstant,
  given,
  idOrNull,
  orNull,
  toDate,
  toInstant,
} from '../columns.ts';
import { limitOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

type Query<K extends keyof ReconciliationTx> = Parameters<ReconciliationTx[K]>[0];

export async function lockDay(db: Database, day: RailDate): Promise<ReconciliationDay | undefined> {
  const rows = await readRows(
    db,
    'reconciliation_days',
    sql`
    select * from reconciliation_days
     where rail = ${day.rail} and business_date = ${toDate(day.businessDate)} for update`,
  );
  return rows.map(fromDayRow).at(0);
}

/** The days of a rail between two dates, both included. */
export async function loadDays(
  db: Database,
  { rail, from, until }: Query<'loadDays'>,
): Promise<readonly ReconciliationDay[]> {
  const rows = await readRows(
    db,
    'reconciliation_days',
    sql`
    select * from reconciliation_days
     where rail = ${rail} and business_date between ${toDate(from)} and ${toDate(until)}
     order by business_date`,
  );
  return rows.map(fromDayRow);
}

export async function findFirstDate(
  db: Database,
  rail: RailId,
): Promise<Temporal.PlainDate | undefined> {
  const { rows } = await sql<{ first: string | null }>`
    select coalesce(
      (select min(business_date) from reconciliation_days where rail = ${rail}),
      least(
        (select min(business_date) from payments where rail = ${rail}),
        (select min(submitted_at) - interval '1 day' from attempts where rail = ${rail})::date,
        (select min(created_at) - interval '1 day' from pay_links where rail = ${rail})::date)
    )::text as first`.execute(db);
  const first = rows[0]?.first ?? null;
  return first === null ? undefined : Temporal.PlainDate.from(first);
}

export async function saveDay(db: Database, day: ReconciliationDay): Promise<void> {
  await writeRows(db, 'reconciliation_days', { rows: [toDayRow(day)], rule: 'replace' });
}

/** Newest date first, rails by name within a date. */
export async function listDays(
  db: Database,
  { rail, state, before, limit }: Query<'listDays'>,
): Promise<readonly ReconciliationDay[]> {
  const page =
    before === undefined
      ? sql`true`
      : sql`(business_date < ${toDate(before.businessDate)}
         or (business_date = ${toDate(before.businessDate)} and rail > ${before.rail}))`;
  const rows = await readRows(
    db,
    'reconciliation_days',
    sql`
    select * from reconciliation_days
     where ${rail === undefined ? sql`true` : sql`rail = ${rail}`}
       and ${state === undefined ? sql`true` : sql`state = ${state}`} and ${page}
     order by business_date desc, rail limit ${limitOf(limit)}`,
  );
  return rows.map(fromDayRow);
}

/** Adds a move after those that are there. The day's row is locked by whoever moves it. */
export async function addDayMove(db: Database, move: DayMove): Promise<void> {
  const { rows } = await sql<{ step: number }>`
    select coalesce(max(step), 0)::int + 1 as step from reconciliation_day_moves
     where rail = ${move.rail} and business_date = ${toDate(move.businessDate)}`.execute(db);
  const row: NewRow<'reconciliation_day_moves'> = {
    merchant_id: toUuid(move.merchantId),
    rail: move.rail,
    business_date: toDate(move.businessDate),
    step: present(rows[0], 'the next step').step,
    from_state: move.from,
    to_state: move.to,
    moved_by: move.by,
    moved_at: toInstant(move.at),
    note: orNull(move.note, asIs),
  };
  await writeRows(db, 'reconciliation_day_moves', { rows: [row], rule: 'add' });
}

export async function loadDayMoves(db: Database, day: RailDate): Promise<readonly DayMove[]> {
  const rows = await readRows(
    db,
    'reconciliation_day_moves',
    sql`
    select * from reconciliation_day_moves
     where rail = ${day.rail} and business_date = ${toDate(day.businessDate)} order by step`,
  );
  return rows.map((row) => ({
    merchantId: fromUuid('mer', row.merchant_id),
    rail: row.rail,
    businessDate: fromDate(row.business_date),
    from: row.from_state as DayState,
    to: row.to_state as DayState,
    by: row.moved_by,
    at: fromInstant(row.moved_at),
    ...given('note', row.note, asIs),
  }));
}

/** The terms of the contract with a rail, oldest first. */
export async function loadTerms(db: Database, rail: RailId): Promise<readonly RailTerms[]> {
  const rows = await readRows(
    db,
    'rail_terms',
    sql`
    select * from rail_terms where rail = ${rail} order by valid_from`,
  );
  return rows.map((row) => ({
    merchantId: fromUuid('mer', row.merchant_id),
    rail: row.rail,
    validFrom: fromDate(row.valid_from),
    feeBasisPoints: row.fee_basis_points,
    feeBackOnRefund: row.fee_back_on_refund,
    payerNames: row.payer_names as readonly string[],
  }));
}

export async function saveTerms(db: Database, terms: RailTerms): Promise<void> {
  const row: NewRow<'rail_terms'> = {
    merchant_id: toUuid(terms.merchantId),
    rail: terms.rail,
    valid_from: toDate(terms.validFrom),
    fee_basis_points: terms.feeBasisPoints,
    fee_back_on_refund: terms.feeBackOnRefund,
    payer_names: terms.payerNames,
  };
  await writeRows(db, 'rail_terms', { rows: [row], rule: 'replace' });
}

function toDayRow(day: ReconciliationDay): NewRow<'reconciliation_days'> {
  return {
    merchant_id: toUuid(day.merchantId),
    rail: day.rail,
    business_date: toDate(day.businessDate),
    state: day.state,
    bill: day.bill,
    bill_id: idOrNull(day.billId),
    statement: day.statement,
    statement_hash: orNull(day.statementHash, asIs),
    posted_fee_currency: day.postedFee?.currency ?? null,
    posted_fee_minor: day.postedFee?.minor ?? null,
    problem: orNull(day.problem, asIs),
    asked_at: toInstant(day.askedAt),
    closed_by: orNull(day.closed?.by, asIs),
    closed_at: orNull(day.closed?.at, toInstant),
  };
}

function fromDayRow(row: Tables['reconciliation_days']): ReconciliationDay {
  const closedAt = row.closed_at;
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    rail: row.rail,
    businessDate: fromDate(row.business_date),
    state: row.state as DayState,
    bill: row.bill as ReconciliationDay['bill'],
    ...given('billId', row.bill_id, (id) => fromUuid('bil', id)),
    statement: row.statement as ReconciliationDay['statement'],
    ...given('statementHash', row.statement_hash, asIs),
    ...given('postedFee', row.posted_fee_minor, (minor) =>
      fromAmount(minor, present(row.posted_fee_currency, 'the currency of a fee')),
    ),
    ...given('problem', row.problem, asIs),
    askedAt: fromInstant(row.asked_at),
    ...(closedAt === null
      ? {}
      : { closed: { by: present(row.closed_by, 'who closed'), at: fromInstant(closedAt) } }),
  };
}

import {
  type DebitId,
  fromUuid,
  type MandateState,
  type Money,
  type Quarantine,
  type QuarantineFinding,
  type QuarantineTx,
  type RailId,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, type NewRow, writeRows } from '../array-write.ts';
import { asIs, fromAmount, fromInstant, given, orNull, toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

/** What a merchant in quarantine reads and writes: one line for each statement function. */
export function quarantineCalls(db: Database): QuarantineTx {
  return {
    findQuarantine: () => findQuarantine(db),
    findLostUntil: () => findLostUntil(db),
    saveQuarantine: (quarantine) => saveQuarantine(db, quarantine),
    addFindings: (findings) =>
      writeRows(db, 'quarantine_findings', { rows: findings.map(toFindingRow), rule: 'keep' }),
    saveFinding: (finding) =>
      writeRows(db, 'quarantine_findings', { rows: [toFindingRow(finding)], rule: 'replace' }),
    listFindings: (limit) => listFindings(db, limit),
    listWaitingDebits: (page) => listWaitingDebits(db, page),
    listOpenNumbers: (limit) => listOpenNumbers(db, limit),
    listRailsOfMandates: (states) => listRailsOfMandates(db, states),
  };
}

/** Merchants in quarantine, over the whole installation. */
export async function countQuarantines(db: Database): Promise<number> {
  const { rows } = await sql<{ open: number }>`
    select count(*)::int as open from quarantines where state = 'open'`.execute(db);
  return rows[0]?.open ?? 0;
}

async function findQuarantine(db: Database): Promise<Quarantine | undefined> {
  const rows = await readRows(
    db,
    'quarantines',
    sql`
    select * from quarantines where state = 'open'`,
  );
  return rows.map(fromQuarantineRow).at(0);
}

async function findLostUntil(db: Database): Promise<Temporal.Instant | undefined> {
  const rows = await readRows(
    db,
    'quarantines',
    sql`
    select * from quarantines where asked_at is not null order by asked_at desc limit 1`,
  );
  return rows.map(fromQuarantineRow).at(0)?.askedAt;
}

/** Only a restore opens a quarantine, so that the application role never adds a row. */
async function saveQuarantine(db: Database, one: Quarantine): Promise<void> {
  await sql`
    update quarantines
       set state = ${one.state}, asked_at = ${orNull(one.askedAt, toInstant)},
           learned_at = ${orNull(one.learnedAt, toInstant)},
           progress = ${JSON.stringify(one.progress)}::text::jsonb,
           released_by = ${one.released?.by ?? null},
           released_at = ${orNull(one.released?.at, toInstant)}
     where merchant_id = ${toUuid(one.merchantId)}
       and restored_at = ${toInstant(one.restoredAt)}`.execute(db);
}

async function listFindings(db: Database, limit: number): Promise<readonly QuarantineFinding[]> {
  const rows = await readRows(
    db,
    'quarantine_findings',
    sql`
    select * from quarantine_findings
     order by found_at, rail, kind, number limit ${limitOf(limit)}`,
  );
  return rows.map(fromFindingRow);
}

async function listWaitingDebits(
  db: Database,
  { after, limit }: Parameters<QuarantineTx['listWaitingDebits']>[0],
): Promise<readonly DebitId[]> {
  const place = after === undefined ? sql`true` : sql`id > ${toUuid(after)}`;
  const { rows } = await sql<{ id: string }>`
    select id from debits where state in ('scheduled', 'in_flight') and ${place}
     order by id limit ${limitOf(limit)}`.execute(db);
  return rows.map(({ id }) => fromUuid('dbt', id));
}

async function listOpenNumbers(db: Database, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ number: string }>`
    select order_number as number from attempts where state in ('submitting', 'accepted', 'unknown')
    union all
    select refund_number from refunds where state in ('submitting', 'accepted', 'unknown')
    limit ${limitOf(limit)}`.execute(db);
  return rows.map(({ number }) => number);
}

async function listRailsOfMandates(
  db: Database,
  states: readonly MandateState[],
): Promise<readonly RailId[]> {
  const { rows } = await sql<{ rail: string }>`
    select distinct rail from mandates
     where state = any (${arrayLiteral('text', states)}::text[]) order by rail`.execute(db);
  return rows.map(({ rail }) => rail);
}

function fromQuarantineRow(row: Tables['quarantines']): Quarantine {
  const { released_by: by, released_at: at } = row;
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    restoredAt: fromInstant(row.restored_at),
    backupMadeAt: fromInstant(row.backup_made_at),
    state: row.state as Quarantine['state'],
    ...given('askedAt', row.asked_at, fromInstant),
    ...given('learnedAt', row.learned_at, fromInstant),
    progress: row.progress as Quarantine['progress'],
    ...(by === null || at === null ? {} : { released: { by, at: fromInstant(at) } }),
  };
}

function toFindingRow(one: QuarantineFinding): NewRow<'quarantine_findings'> {
  return {
    merchant_id: toUuid(one.merchantId),
    kind: one.kind,
    rail: one.rail,
    number: one.number,
    outcome: one.outcome,
    currency: one.amount?.currency ?? null,
    amount_minor: one.amount?.minor ?? null,
    needs_person: one.needsPerson,
    found_at: toInstant(one.foundAt),
    resolved_by: one.resolved?.by ?? null,
    resolved_at: orNull(one.resolved?.at, toInstant),
    note: one.resolved?.note ?? null,
  };
}

function fromFindingRow(row: Tables['quarantine_findings']): QuarantineFinding {
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    kind: row.kind as QuarantineFinding['kind'],
    rail: row.rail,
    number: row.number,
    outcome: row.outcome,
    ...given('amount', amountOf(row), asIs),
    needsPerson: row.needs_person,
    foundAt: fromInstant(row.found_at),
    ...given('resolved', resolutionOf(row), asIs),
  };
}

function amountOf(row: Tables['quarantine_findings']): Money | null {
  if (row.amount_minor === null || row.currency === null) return null;
  return fromAmount(row.amount_minor, row.currency);
}

function resolutionOf(
  row: Tables['quarantine_findings'],
): NonNullable<QuarantineFinding['resolved']> | null {
  const { resolved_by: by, resolved_at: at, note } = row;
  if (by === null || at === null || note === null) return null;
  return { by, at: fromInstant(at), note };
}

import { fromUuid, type SweepBrake, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, writeRows } from '../array-write.ts';
import { asIs, fromInstant, given, orNull, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

/** Comparisons with rails that were not believed and that nobody has decided, by rail. */
export async function findOpenBrakes(db: Database): Promise<readonly SweepBrake[]> {
  const rows = await readRows(
    db,
    'mandate_sweep_brakes',
    sql`select * from mandate_sweep_brakes where state = 'open' order by rail`,
  );
  return rows.map(fromBrakeRow);
}

/** Writes brakes whole. A second open one of a rail is refused by the database. */
export async function saveBrakes(db: Database, brakes: readonly SweepBrake[]): Promise<void> {
  await writeRows(db, 'mandate_sweep_brakes', { rows: brakes.map(toBrakeRow), rule: 'replace' });
}

/** How many brakes are on, of all merchants. */
export async function countOpenBrakes(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from mandate_sweep_brakes where state = 'open'`.execute(db);
  return rows[0]?.count ?? 0;
}

function toBrakeRow(brake: SweepBrake): NewRow<'mandate_sweep_brakes'> {
  return {
    merchant_id: toUuid(brake.merchantId),
    rail: brake.rail,
    compared: brake.compared,
    not_found: brake.notFound,
    state: brake.state,
    found_at: toInstant(brake.foundAt),
    decided_by: orNull(brake.decidedBy, asIs),
    ended_at: orNull(brake.endedAt, toInstant),
  };
}

function fromBrakeRow(row: Tables['mandate_sweep_brakes']): SweepBrake {
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    rail: row.rail,
    compared: row.compared,
    notFound: row.not_found,
    state: row.state as SweepBrake['state'],
    foundAt: fromInstant(row.found_at),
    ...given('decidedBy', row.decided_by, asIs),
    ...given('endedAt', row.ended_at, fromInstant),
  };
}

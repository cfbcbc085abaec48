import {
  bucketOf,
  type Crossing,
  type CustomerId,
  fromUuid,
  type Interval,
  invariant,
  toUuid,
  type UsageThreshold,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, type NewRow, wantedIds, writeRows } from '../array-write.ts';
import {
  fromAmount,
  fromDate,
  fromDecimal,
  fromInstant,
  toDate,
  toDecimal,
  toInstant,
} from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export async function saveThresholds(
  db: Database,
  thresholds: readonly UsageThreshold[],
): Promise<void> {
  await writeRows(db, 'usage_thresholds', { rows: thresholds.map(toRow), rule: 'replace' });
}

export async function loadThresholds(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly UsageThreshold[]> {
  const rows = await readRows(
    db,
    'usage_thresholds',
    sql`
    select t.* from usage_thresholds t join ${wantedIds(customers)}
        on t.bucket = wanted.bucket and t.customer_id = wanted.id
     order by t.id`,
  );
  return rows.map(fromRow);
}

/** Remembers crossings; returns those that nobody had remembered before. */
export async function addCrossings(
  db: Database,
  crossings: readonly Crossing[],
): Promise<readonly Crossing[]> {
  if (crossings.length === 0) return [];
  const column = (type: string, read: (one: Crossing) => unknown) =>
    arrayLiteral(type, crossings.map(read));
  const { rows } = await sql<{ threshold_id: string; period_start: string }>`
    insert into usage_threshold_crossings
      (bucket, merchant_id, threshold_id, period_start, crossed_at)
    select * from unnest(
      ${column('smallint', ({ thresholdId }) => bucketOf(thresholdId))}::smallint[],
      ${column('uuid', ({ merchantId }) => toUuid(merchantId))}::uuid[],
      ${column('uuid', ({ thresholdId }) => toUuid(thresholdId))}::uuid[],
      ${column('date', ({ periodStart }) => toDate(periodStart))}::date[],
      ${column('timestamp with time zone', ({ at }) => toInstant(at))}::timestamptz[])
    on conflict do nothing
    returning threshold_id, period_start`.execute(db);
  const fresh = new Set(rows.map((row) => `${row.threshold_id} ${row.period_start}`));
  return crossings.filter((one) =>
    fresh.has(`${toUuid(one.thresholdId)} ${toDate(one.periodStart)}`),
  );
}

function toRow(threshold: UsageThreshold): NewRow<'usage_thresholds'> {
  const { limit } = threshold;
  return {
    bucket: bucketOf(threshold.id),
    merchant_id: toUuid(threshold.merchantId),
    id: toUuid(threshold.id),
    customer_id: toUuid(threshold.customerId),
    meter_id: toUuid(threshold.meterId),
    kind: limit.kind,
    units: limit.kind === 'units' ? toDecimal(limit.units) : null,
    amount_minor: limit.kind === 'amount' ? limit.amount.minor : null,
    currency: limit.kind === 'amount' ? limit.amount.currency : null,
    anchor: toDate(threshold.anchor),
    interval_unit: threshold.interval.unit,
    interval_count: threshold.interval.count,
    created_at: toInstant(threshold.createdAt),
  };
}

function fromRow(row: Tables['usage_thresholds']): UsageThreshold {
  return {
    id: fromUuid('thr', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    meterId: fromUuid('mtr', row.meter_id),
    limit: limitFrom(row),
    anchor: fromDate(row.anchor),
    interval: { unit: row.interval_unit as Interval['unit'], count: row.interval_count },
    createdAt: fromInstant(row.created_at),
  };
}

function limitFrom(row: Tables['usage_thresholds']): UsageThreshold['limit'] {
  if (row.units !== null) return { kind: 'units', units: fromDecimal(row.units) };
  invariant(row.amount_minor !== null && row.currency !== null, 'a threshold has one limit');
  return { kind: 'amount', amount: fromAmount(row.amount_minor, row.currency) };
}

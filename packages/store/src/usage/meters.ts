import {
  fromUuid,
  type Meter,
  type MeterAggregation,
  type MeterFilter,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, insertNewRows, type NewRow } from '../array-write.ts';
import { asIs, fromInstant, given, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

/** Adds a meter whose code is new; false when the code is taken, and nothing changes. */
export async function addMeter(db: Database, meter: Meter): Promise<boolean> {
  return (await insertNewRows(db, 'meters', [toMeterRow(meter)])).length === 1;
}

export async function loadMeters(db: Database): Promise<readonly Meter[]> {
  const rows = await readRows(db, 'meters', sql`select * from meters order by created_at, id`);
  return rows.map(fromMeterRow);
}

function toMeterRow(meter: Meter): NewRow<'meters'> {
  return {
    merchant_id: toUuid(meter.merchantId),
    id: toUuid(meter.id),
    code: meter.code,
    name_zh: meter.nameZh,
    name_en: meter.nameEn,
    event_type: meter.eventType,
    aggregation: meter.aggregation,
    value_property: meter.valueProperty ?? null,
    filters: meter.filters,
    group_by: meter.groupBy,
    rounding_mode: meter.rounding?.mode ?? null,
    rounding_places: meter.rounding?.places ?? null,
    takes_negative: meter.takesNegative,
    keeps: meter.keeps,
    created_at: toInstant(meter.createdAt),
  };
}

function fromMeterRow(row: Tables['meters']): Meter {
  const { rounding_mode: mode, rounding_places: places } = row;
  return {
    id: fromUuid('mtr', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    code: row.code,
    nameZh: row.name_zh,
    nameEn: row.name_en,
    eventType: row.event_type,
    aggregation: row.aggregation as MeterAggregation,
    ...given('valueProperty', row.value_property, asIs),
    filters: row.filters as readonly MeterFilter[],
    groupBy: row.group_by as readonly string[],
    ...(mode === null || places === null
      ? {}
      : { rounding: { mode: mode as 'up' | 'down' | 'half_up', places } }),
    takesNegative: row.takes_negative,
    keeps: row.keeps as Meter['keeps'],
    createdAt: fromInstant(row.created_at),
  };
}

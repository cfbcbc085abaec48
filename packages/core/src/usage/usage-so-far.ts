import { spanOf } from '../calendar/local-time.ts';
import { daysIn, type Period } from '../calendar/periods.ts';
import type { Usage } from '../catalog/rate.ts';
import { roundUnits } from '../catalog/rate-units.ts';
import { addRatio, RATIO_ZERO, type Ratio, reduceRatio } from '../money/ratio.ts';
import {
  type Aggregate,
  emptyAggregate,
  mergeAggregates,
  type UsageWindow,
  unitsOf,
} from './aggregate.ts';
import { readValue } from './event.ts';
import { groupOf, isPlain, type Meter } from './meter.ts';
import { keptValues, mergeStates } from './rollup-state.ts';

/** What the rollups of a period say of one group. */
export type UsageTotal = {
  readonly groupKey: string;
  /** Σ of the days' units inside the period. */
  readonly units: Ratio;
  readonly events: bigint;
  /** States of the days inside, oldest first; empty for plain sums and counts. */
  readonly states: readonly unknown[];
  /** Σ of the units of all days before the period, for meters whose level is carried in. */
  readonly unitsBefore: Ratio;
  /** States of the days before, for unique counts: who was there when the period opened. */
  readonly statesBefore: readonly unknown[];
};

/** A customer's usage of a meter in a period, for one group. */
export type UsageGroup = {
  /** Values by property, as the meter's `groupBy` says; empty where usage is not kept apart. */
  readonly group: Readonly<Record<string, string>>;
  /** Exact, before the meter's rounding. */
  readonly units: Ratio;
  readonly events: bigint;
  /** The amount of each event, in order, where the meter keeps them. */
  readonly values?: readonly Ratio[];
};

export type UsageSpan = {
  readonly period: Period;
  /** The whole period of the price, where `period` is a part of it. */
  readonly full?: Period;
  readonly zone: string;
};

/** Meters whose level at the start of a period counts in it. */
export function carriesLevel(meter: Meter): boolean {
  switch (meter.aggregation) {
    case 'weighted_sum':
    case 'prorated_sum':
    case 'unique_count':
    case 'prorated_unique_count':
      return true;
    default:
      return false;
  }
}

/** Meters whose carried level is a set of keys and not a number. */
export function carriesKeys(meter: Meter): boolean {
  return meter.aggregation === 'unique_count' || meter.aggregation === 'prorated_unique_count';
}

/** The usage of each group of a period, from its rollups alone, in the order of the group keys. */
export function computeUsage(
  meter: Meter,
  totals: readonly UsageTotal[],
  span: UsageSpan,
): readonly UsageGroup[] {
  return totals.map((total) => ({
    group: groupOf(meter, total.groupKey),
    events: total.events,
    units: isPlain(meter) ? total.units : statefulUnits(meter, total, span),
    ...(meter.keeps === 'values' ? { values: valuesOf(total) } : {}),
  }));
}

/** The usage of a period over all groups, as rating takes it: units rounded as the meter says. */
export function computeMeteredUsage(
  meter: Meter,
  totals: readonly UsageTotal[],
  span: UsageSpan,
): Usage {
  const groups = computeUsage(meter, totals, span);
  const units = groups.reduce((sum, group) => addRatio(sum, group.units), RATIO_ZERO);
  const events = groups.reduce((sum, group) => sum + group.events, 0n);
  const usage = { units: roundedUnits(reduceRatio(units), meter), eventCount: events };
  if (meter.keeps === 'totals') return usage;
  const all = keptValues(totals.flatMap(({ states }) => states));
  return { ...usage, events: all.map(([, value]) => amountOf(value)) };
}

function roundedUnits(units: Ratio, { rounding }: Meter): Ratio {
  return rounding === undefined ? units : roundUnits(units, rounding);
}

function statefulUnits(meter: Meter, total: UsageTotal, span: UsageSpan): Ratio {
  const { period, full = period, zone } = span;
  const state = mergeStates(total.states) ?? emptyAggregate(meter.aggregation);
  const isPart = full !== period;
  const window: UsageWindow = {
    days: period,
    span: spanOf(period, zone),
    ...(isPart ? { fullPeriodDays: daysIn(full), fullSpan: spanOf(full, zone) } : {}),
  };
  const carried = carriedInto(meter, total);
  return unitsOf(state, carried === undefined ? { window } : { window, carried });
}

/** What was in force when the period opened, for the aggregations that look back. */
function carriedInto(meter: Meter, total: UsageTotal): Aggregate | undefined {
  if (carriesKeys(meter)) return mergeStates(total.statesBefore);
  const { aggregation: kind } = meter;
  if (kind !== 'weighted_sum' && kind !== 'prorated_sum') return undefined;
  return mergeAggregates(emptyAggregate(kind), {
    kind,
    total: total.unitsBefore,
    moment: RATIO_ZERO,
  });
}

function valuesOf(total: UsageTotal): readonly Ratio[] {
  return keptValues(total.states).map(([, value]) => amountOf(value));
}

/** Of a count without a value each event is 1; of keys an event has no amount. */
function amountOf(value: string): Ratio {
  const read = readValue(value);
  return read.ok ? read.value : RATIO_ZERO;
}

import type { Ratio } from '../money/ratio.ts';
import {
  type Aggregate,
  type AggregateEvent,
  addEvents,
  emptyAggregate,
  mergeAggregates,
  rawUnitsOf,
  type UsageWindow,
  unitsOf,
} from './aggregate.ts';
import type { MeterAggregation } from './meter.ts';

/** Kinds whose units outlive a period: what is in force when it opens counts in it. */
const CARRIED_KINDS: readonly MeterAggregation[] = [
  'unique_count',
  'weighted_sum',
  'prorated_sum',
  'prorated_unique_count',
];

export type PeriodUnits = {
  /** The exact units to price. */
  readonly units: Ratio;
  /** The level at the end of the period, not weighted by time. */
  readonly rawUnits: Ratio;
};

/**
 * The units of raw events: for a preview, a check of the rollups, a case of the conformance suite.
 * With a window, events from its end on are left out; earlier ones are carried in where the kind
 * keeps a level, else left out. Rating itself reads rollups (`mergeAggregates`, `unitsOf`).
 */
export function computeUnits(
  kind: MeterAggregation,
  events: readonly AggregateEvent[],
  { window, carried }: { readonly window?: UsageWindow; readonly carried?: Aggregate } = {},
): PeriodUnits {
  const empty = emptyAggregate(kind);
  if (window === undefined) {
    const state = addEvents(empty, events);
    return { units: unitsOf(state, optionally(carried)), rawUnits: rawUnitsOf(state, carried) };
  }
  const { start, end } = window.span;
  const { before = [], inside = [] } = Object.groupBy(events, ({ at }) => {
    if (Temporal.Instant.compare(at, start) < 0) return 'before';
    return Temporal.Instant.compare(at, end) < 0 ? 'inside' : 'after';
  });
  const state = addEvents(empty, inside);
  const level = CARRIED_KINDS.includes(kind) ? addEvents(empty, before) : empty;
  const whole = carried === undefined ? level : mergeAggregates(carried, level);
  return {
    units: unitsOf(state, { window, carried: whole }),
    rawUnits: rawUnitsOf(state, whole),
  };
}

function optionally(carried: Aggregate | undefined): { readonly carried?: Aggregate } {
  return carried === undefined ? {} : { carried };
}

/** Each id once, its first event; events without an id are all kept. */
export function withoutRepeatedIds<E extends { readonly id?: string }>(
  events: readonly E[],
): readonly E[] {
  const seen = new Set<string>();
  return events.filter(({ id }) => {
    if (id === undefined) return true;
    const isNew = !seen.has(id);
    seen.add(id);
    return isNew;
  });
}

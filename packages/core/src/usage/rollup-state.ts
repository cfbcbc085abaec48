import type { Ratio } from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';
import {
  type Aggregate,
  type AggregateEvent,
  addEvents,
  emptyAggregate,
  mergeAggregates,
  rawUnitsOf,
} from './aggregate.ts';
import { type AggregateJson, fromAggregateJson, toAggregateJson } from './aggregate-json.ts';
import { readValue } from './event.ts';
import { type Meter, wantsNumber } from './meter.ts';
import type { MeteredEvent } from './rollup.ts';

/** The time (RFC 3339) and the value of one event, as meters with `keeps: 'values'` keep them. */
export type KeptValue = readonly [time: string, value: string];

/** The stored state of one day: what its aggregation merges, and its events where they are kept. */
export type RollupStateJson = {
  readonly aggregate: AggregateJson;
  readonly values?: readonly KeptValue[];
};

/** A day's state after its new events, with what it says in numbers. */
export type GrownState = { readonly state: RollupStateJson; readonly units: Ratio };

/**
 * Takes events into a day's state (`null`: the day's first). Order does not matter: the same events
 * in any order and any batches give the same state.
 */
export function growState(
  meter: Meter,
  state: unknown,
  grown: { readonly day: string; readonly events: readonly MeteredEvent[] },
): GrownState {
  const before = state === null ? undefined : readState(state);
  const empty = emptyAggregate(meter.aggregation);
  const aggregate = addEvents(
    before === undefined ? empty : fromAggregateJson(before.aggregate),
    grown.events.map((event) => toAggregateEvent(meter, event, grown.day)),
  );
  const json = toAggregateJson(aggregate);
  const units = rawUnitsOf(aggregate);
  if (meter.keeps === 'totals') return { state: { aggregate: json }, units };
  const added = grown.events.map(({ time, value }): KeptValue => [time, value]);
  const values = [...(before?.values ?? []), ...added].sort(byTimeThenValue);
  return { state: { aggregate: json, values }, units };
}

/** The merged aggregate of some days' states; undefined when there are none. */
export function mergeStates(states: readonly unknown[]): Aggregate | undefined {
  let merged: Aggregate | undefined;
  for (const state of states) {
    const next = fromAggregateJson(readState(state).aggregate);
    merged = merged === undefined ? next : mergeAggregates(merged, next);
  }
  return merged;
}

/** The single events of some days' states, in the order in which they happened. */
export function keptValues(states: readonly unknown[]): readonly KeptValue[] {
  return states.flatMap((state) => readState(state).values ?? []).sort(byTimeThenValue);
}

/** A state that we wrote; anything else in the store is our bug, so it throws. */
function readState(state: unknown): RollupStateJson {
  invariant(
    typeof state === 'object' && state !== null && 'aggregate' in state,
    'a stored rollup holds an aggregate',
  );
  return state as RollupStateJson;
}

function toAggregateEvent(meter: Meter, event: MeteredEvent, day: string): AggregateEvent {
  const at = Temporal.Instant.from(event.time);
  const date = Temporal.PlainDate.from(day);
  if (!wantsNumber(meter)) {
    return { at, day: date, key: event.value, isRemoval: event.isRemoval === true };
  }
  const read = readValue(event.value);
  return read.ok ? { at, day: date, value: read.value } : { at, day: date };
}

function byTimeThenValue(left: KeptValue, right: KeptValue): number {
  if (left[0] !== right[0]) {
    const compared = Temporal.Instant.compare(left[0], right[0]);
    if (compared !== 0) return compared;
  }
  if (left[1] === right[1]) return 0;
  return left[1] < right[1] ? -1 : 1;
}

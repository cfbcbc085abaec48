import type { CustomerId, MeterId } from '../ids/ids.ts';
import { addRatio, RATIO_ONE, type Ratio, reduceRatio } from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';
import { readValue } from './event.ts';
import {
  type EventData,
  groupKeyOf,
  isCounted,
  isPlain,
  type Meter,
  textOf,
  wantsNumber,
} from './meter.ts';

/** One customer's usage of one meter on one business day, apart by group: what rating reads. */
export type RollupKey = {
  readonly customerId: CustomerId;
  readonly meterId: MeterId;
  /** YYYY-MM-DD in the merchant's zone. */
  readonly day: string;
  /** See `groupKeyOf`; '' where usage is not kept apart. */
  readonly groupKey: string;
};

/** What a day's plain sum or count grows by. */
export type RollupIncrement = RollupKey & { readonly units: Ratio; readonly events: bigint };

/** Events that a day's state takes in, for aggregations that are no plain sum. */
export type RollupEvents = RollupKey & { readonly events: readonly MeteredEvent[] };

/** What a meter makes of one event. */
export type MeteredEvent = {
  /** RFC 3339. */
  readonly time: string;
  /** The text of the value; of a count without value property, '1'. */
  readonly value: string;
  /** Unique counts: the thing went away (`operation: "remove"` in the data). */
  readonly isRemoval?: boolean;
};

/** An acknowledged event on its way into the rollups. */
export type FoldableEvent = {
  readonly customerId: CustomerId;
  readonly type: string;
  readonly time: string;
  readonly day: string;
  readonly data: EventData;
  /** When it was received, in milliseconds of the epoch: meters made later do not count it. */
  readonly receivedAt: number;
};

export type FoldDecision = {
  /** Both sorted by key, so that two folders never wait for each other in a circle. */
  readonly increments: readonly RollupIncrement[];
  readonly stateful: readonly RollupEvents[];
  /** Events without what a meter reads: they came while that meter was being made. */
  readonly unreadable: number;
};

type Growing = RollupKey & { units: Ratio; events: bigint };
type Collecting = RollupKey & { events: MeteredEvent[] };

/**
 * Decides what a batch of events adds to the rollups. Every meter of an event's type that was there
 * when it was received and whose filters hold counts it once. The same events in any order and in
 * any batches give the same rollups.
 */
export function decideFold(
  events: readonly FoldableEvent[],
  meters: ReadonlyMap<string, readonly Meter[]>,
): FoldDecision {
  const growing = new Map<string, Growing>();
  const collecting = new Map<string, Collecting>();
  let unreadable = 0;
  for (const event of events) {
    for (const meter of meters.get(event.type) ?? []) {
      if (meter.createdAt.epochMilliseconds > event.receivedAt) continue;
      if (!isCounted(meter, event.data)) continue;
      if (!isReadable(meter, event.data)) {
        unreadable += 1;
        continue;
      }
      const groupKey = groupKeyOf(meter, event.data);
      const key = `${event.customerId} ${meter.id} ${event.day} ${groupKey}`;
      if (isPlain(meter)) grow(growing, key, { event, meter, groupKey });
      else collect(collecting, key, { event, meter, groupKey });
    }
  }
  return { increments: sortedByKey(growing), stateful: sortedByKey(collecting), unreadable };
}

type Counted = { readonly event: FoldableEvent; readonly meter: Meter; readonly groupKey: string };

function grow(growing: Map<string, Growing>, key: string, counted: Counted): void {
  const { event, meter, groupKey } = counted;
  const units = unitsOfEvent(meter, event.data);
  const known = growing.get(key);
  if (known === undefined) {
    const { customerId, day } = event;
    growing.set(key, { customerId, meterId: meter.id, day, groupKey, units, events: 1n });
  } else {
    known.units = reduceIfLong(addRatio(known.units, units));
    known.events += 1n;
  }
}

/** Sums of decimals grow their denominators; whole units, the usual case, never do. */
function reduceIfLong(value: Ratio): Ratio {
  return value.denominator === 1n ? value : reduceRatio(value);
}

function collect(collecting: Map<string, Collecting>, key: string, counted: Counted): void {
  const { event, meter, groupKey } = counted;
  const metered: MeteredEvent = {
    time: event.time,
    value: valueTextOf(meter, event.data),
    ...(event.data['operation'] === 'remove' ? { isRemoval: true } : {}),
  };
  const known = collecting.get(key);
  if (known === undefined) {
    const { customerId, day } = event;
    collecting.set(key, { customerId, meterId: meter.id, day, groupKey, events: [metered] });
  } else {
    known.events.push(metered);
  }
}

function unitsOfEvent(meter: Meter, data: EventData): Ratio {
  if (meter.aggregation === 'count') return RATIO_ONE;
  return numberOf(meter, data);
}

function numberOf(meter: Meter, data: EventData): Ratio {
  const read = readValue(data[meter.valueProperty ?? '']);
  invariant(read.ok, `a counted event has a number for meter ${meter.code}`);
  return read.value;
}

/**
 * Events are checked against the meters before they are acknowledged; one that was checked a moment
 * before a meter was made may lack what that meter reads, and must not hold up the others.
 */
function isReadable(meter: Meter, data: EventData): boolean {
  if (meter.valueProperty === undefined) return true;
  const value = data[meter.valueProperty];
  return wantsNumber(meter) ? readValue(value).ok : textOf(value) !== undefined;
}

function valueTextOf(meter: Meter, data: EventData): string {
  if (meter.valueProperty === undefined) return '1';
  return textOf(data[meter.valueProperty]) ?? '';
}

function sortedByKey<T>(rows: ReadonlyMap<string, T>): readonly T[] {
  return [...rows.keys()].sort().flatMap((key) => rows.get(key) ?? []);
}

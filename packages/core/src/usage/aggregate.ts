import type { Span } from '../calendar/local-time.ts';
import { daysIn, type Period } from '../calendar/periods.ts';
import { addExactly } from '../catalog/rate-step.ts';
import {
  addRatio,
  divideRatio,
  maxRatio,
  multiplyRatio,
  RATIO_ZERO,
  type Ratio,
  ratio,
  reduceRatio,
  subtractRatio,
} from '../money/ratio.ts';
import { invariant, unreachable } from '../result/invariant.ts';
import {
  activeDays,
  activeKeys,
  type KeyHistory,
  type KeyMove,
  type KeyStates,
  lastMoves,
  laterMove,
  withMove,
} from './aggregate-keys.ts';
import type { MeterAggregation } from './meter.ts';

/** What an aggregation reads of one usage event. Without what it needs, the event is skipped. */
export type AggregateEvent = {
  readonly at: Temporal.Instant;
  /** The business day of `at` in the merchant's zone. */
  readonly day: Temporal.PlainDate;
  /** Decides between events of the same instant: the larger is the later. */
  readonly order?: bigint;
  /** The number to sum or compare; absent when the sender's value was no decimal. */
  readonly value?: Ratio;
  /** The thing that unique counts count. */
  readonly key?: string;
  /** The thing went away; otherwise it came. */
  readonly isRemoval?: boolean;
};

type LatestValue = { readonly at: bigint; readonly order: bigint; readonly value: Ratio };

/**
 * What is kept of the events of a day, so that rating never reads them again. States of one kind
 * merge in any order and grouping to the same state: a period is the merge of its days.
 *
 * The weighted kinds keep Σ value and Σ value × time (the moment), from which the weight in any
 * period follows: Σ value × (end − time) = Σ value × end − moment.
 */
export type Aggregate =
  | { readonly kind: 'count'; readonly count: bigint }
  | { readonly kind: 'sum'; readonly total: Ratio }
  | { readonly kind: 'max'; readonly max?: Ratio }
  | { readonly kind: 'latest'; readonly latest?: LatestValue }
  | { readonly kind: 'unique_count'; readonly keys: KeyStates }
  /** The moment is in nanoseconds since 1970. */
  | { readonly kind: 'weighted_sum'; readonly total: Ratio; readonly moment: Ratio }
  /** The moment is in days since 1970. */
  | { readonly kind: 'prorated_sum'; readonly total: Ratio; readonly moment: Ratio }
  | { readonly kind: 'prorated_unique_count'; readonly keys: KeyHistory };

/** The period that units are asked for; the weighted and prorated kinds need it. */
export type UsageWindow = {
  /** The period as instants: its first and the first after it. */
  readonly span: Span;
  /** The same as business days. */
  readonly days: Period;
  /** Days of the whole period when `days` is a part of it: a first or a last, shorter one. */
  readonly fullPeriodDays?: number;
  /** The same as instants: what is in force for a part of the period counts for that part. */
  readonly fullSpan?: Span;
};

const EPOCH = Temporal.PlainDate.from('1970-01-01');

export function emptyAggregate(kind: MeterAggregation): Aggregate {
  switch (kind) {
    case 'count':
      return { kind, count: 0n };
    case 'sum':
      return { kind, total: RATIO_ZERO };
    case 'max':
    case 'latest':
      return { kind };
    case 'weighted_sum':
    case 'prorated_sum':
      return { kind, total: RATIO_ZERO, moment: RATIO_ZERO };
    case 'unique_count':
    case 'prorated_unique_count':
      return { kind, keys: new Map() };
  }
}

export function addEvent(state: Aggregate, event: AggregateEvent): Aggregate {
  return mergeAggregates(state, ofEvent(state.kind, event));
}

/** As `addEvent` one after the other, but a set of keys is copied once and not for every event. */
export function addEvents(state: Aggregate, events: Iterable<AggregateEvent>): Aggregate {
  if (state.kind === 'unique_count') {
    const keys = new Map(state.keys);
    for (const event of events) addState(keys, event.key, moveOf(event));
    return { ...state, keys };
  }
  if (state.kind === 'prorated_unique_count') {
    const keys = new Map(state.keys);
    for (const event of events) addHistory(keys, event.key, [moveOf(event)]);
    return { ...state, keys };
  }
  let added: Aggregate = state;
  for (const event of events) added = addEvent(added, event);
  return added;
}

/** The state of the events of both. */
export function mergeAggregates(left: Aggregate, right: Aggregate): Aggregate {
  invariant(left.kind === right.kind, 'aggregates of two kinds do not merge');
  switch (left.kind) {
    case 'count':
      return { kind: left.kind, count: left.count + as(right, left.kind).count };
    case 'sum':
      return { kind: left.kind, total: addExactly(left.total, as(right, left.kind).total) };
    case 'max': {
      const { max } = as(right, left.kind);
      if (max === undefined || left.max === undefined) return max === undefined ? left : right;
      return { kind: left.kind, max: maxRatio(left.max, max) };
    }
    case 'latest':
      return mergeLatest(left, as(right, left.kind));
    case 'weighted_sum':
    case 'prorated_sum': {
      const other = as(right, left.kind);
      return {
        kind: left.kind,
        total: addExactly(left.total, other.total),
        moment: addExactly(left.moment, other.moment),
      };
    }
    case 'unique_count': {
      const keys = new Map(left.keys);
      for (const [key, move] of as(right, left.kind).keys) addState(keys, key, move);
      return { kind: left.kind, keys };
    }
    case 'prorated_unique_count': {
      const keys = new Map(left.keys);
      for (const [key, moves] of as(right, left.kind).keys) addHistory(keys, key, moves);
      return { kind: left.kind, keys };
    }
    default:
      return unreachable(left);
  }
}

/**
 * The exact units of a state of the events inside `window`. `carried` is the state of the events
 * before it: what is in force when the period opens counts in full. The latest value is never
 * below zero (cases of Lago).
 */
export function unitsOf(
  state: Aggregate,
  { window, carried }: { readonly window?: UsageWindow; readonly carried?: Aggregate } = {},
): Ratio {
  switch (state.kind) {
    case 'latest':
      return maxRatio(rawUnitsOf(state, carried), RATIO_ZERO);
    case 'weighted_sum': {
      const { span, fullSpan = span } = needed(window);
      const end = span.end.epochNanoseconds;
      const length = ratio(lengthOf(fullSpan));
      const inForce = multiplyRatio(totalOf(carried), divideRatio(ratio(lengthOf(span)), length));
      return addExactly(inForce, divideRatio(remainingWeight(state, end), length));
    }
    case 'prorated_sum': {
      const { days, fullPeriodDays = daysIn(days) } = needed(window);
      const inForce = multiplyRatio(totalOf(carried), ratio(BigInt(daysIn(days))));
      const added = remainingWeight(state, BigInt(epochDay(days.end)));
      return reduceRatio(divideRatio(addRatio(inForce, added), ratio(BigInt(fullPeriodDays))));
    }
    case 'prorated_unique_count': {
      const { days, fullPeriodDays = daysIn(days) } = needed(window);
      const { keys } =
        carried === undefined ? state : as(mergeAggregates(carried, state), state.kind);
      const active = activeDays(keys, { start: epochDay(days.start), end: epochDay(days.end) });
      return reduceRatio(divideRatio(active, ratio(BigInt(fullPeriodDays))));
    }
    default:
      return rawUnitsOf(state, carried);
  }
}

function lengthOf({ start, end }: Span): bigint {
  return end.epochNanoseconds - start.epochNanoseconds;
}

/** The units at the end of the period, not weighted by time: what a screen shows as the level. */
export function rawUnitsOf(state: Aggregate, carried?: Aggregate): Ratio {
  const whole = carried === undefined ? state : mergeAggregates(carried, state);
  switch (whole.kind) {
    case 'count':
      return ratio(whole.count);
    case 'sum':
    case 'weighted_sum':
    case 'prorated_sum':
      return whole.total;
    case 'max':
      return whole.max ?? RATIO_ZERO;
    case 'latest':
      return whole.latest?.value ?? RATIO_ZERO;
    case 'unique_count':
      return ratio(activeKeys(whole.keys));
    case 'prorated_unique_count':
      return ratio(activeKeys(lastMoves(whole.keys)));
    default:
      return unreachable(whole);
  }
}

/**
 * The state to carry into the next period: as large as what is in force, not as its history. Keys
 * that are gone are forgotten, so it is made of whole periods that no late event can change.
 */
export function carryOver(state: Aggregate): Aggregate {
  if (state.kind === 'unique_count') {
    return { ...state, keys: new Map([...state.keys].filter(([, move]) => !move.isRemoval)) };
  }
  if (state.kind === 'prorated_unique_count') {
    const present = [...lastMoves(state.keys)].filter(([, move]) => !move.isRemoval);
    return { ...state, keys: new Map(present.map(([key, move]) => [key, [move]])) };
  }
  return state;
}

function ofEvent(kind: MeterAggregation, event: AggregateEvent): Aggregate {
  const { at, day, order = 0n, value, key } = event;
  if (kind === 'count') return { kind, count: 1n };
  if (kind === 'unique_count') {
    return { kind, keys: new Map(key === undefined ? [] : [[key, moveOf(event)]]) };
  }
  if (kind === 'prorated_unique_count') {
    return { kind, keys: new Map(key === undefined ? [] : [[key, [moveOf(event)]]]) };
  }
  if (value === undefined) return emptyAggregate(kind);
  switch (kind) {
    case 'sum':
      return { kind, total: value };
    case 'max':
      return { kind, max: value };
    case 'latest':
      return { kind, latest: { at: at.epochNanoseconds, order, value } };
    case 'weighted_sum':
      return { kind, total: value, moment: multiplyRatio(value, ratio(at.epochNanoseconds)) };
    case 'prorated_sum':
      return { kind, total: value, moment: multiplyRatio(value, ratio(BigInt(epochDay(day)))) };
    default:
      return unreachable(kind);
  }
}

function mergeLatest(left: Kind<'latest'>, right: Kind<'latest'>): Aggregate {
  const [ours, theirs] = [left.latest, right.latest];
  if (ours === undefined || theirs === undefined) return theirs === undefined ? left : right;
  if (ours.at !== theirs.at) return ours.at > theirs.at ? left : right;
  if (ours.order !== theirs.order) return ours.order > theirs.order ? left : right;
  // Two values of one instant and order: the larger, so that it does not matter which came first.
  return maxRatio(ours.value, theirs.value) === ours.value ? left : right;
}

function addState(keys: Map<string, KeyMove>, key: string | undefined, move: KeyMove): void {
  if (key === undefined) return;
  const known = keys.get(key);
  keys.set(key, known === undefined ? move : laterMove(known, move));
}

function addHistory(
  keys: Map<string, readonly KeyMove[]>,
  key: string | undefined,
  moves: readonly KeyMove[],
): void {
  if (key === undefined) return;
  keys.set(key, moves.reduce(withMove, keys.get(key) ?? []));
}

function moveOf({ at, day, order = 0n, isRemoval = false }: AggregateEvent): KeyMove {
  return { at: at.epochNanoseconds, day: epochDay(day), order, isRemoval };
}

/** Σ value × (end − time) over the events of the state. */
function remainingWeight(
  { total, moment }: { readonly total: Ratio; readonly moment: Ratio },
  end: bigint,
): Ratio {
  return subtractRatio(multiplyRatio(total, ratio(end)), moment);
}

function totalOf(carried: Aggregate | undefined): Ratio {
  return carried === undefined ? RATIO_ZERO : rawUnitsOf(carried);
}

function needed(window: UsageWindow | undefined): UsageWindow {
  invariant(window !== undefined, 'units weighted by time are asked for with their period');
  return window;
}

function epochDay(date: Temporal.PlainDate): number {
  return daysIn({ start: EPOCH, end: date });
}

type Kind<K extends MeterAggregation> = Extract<Aggregate, { readonly kind: K }>;

function as<K extends MeterAggregation>(state: Aggregate, kind: K): Kind<K> {
  invariant(state.kind === kind, `the aggregate is a ${kind}`);
  return state as Kind<K>;
}

import { fromExactText, toExactText } from '../catalog/rate-step-json.ts';
import { invariant, unreachable } from '../result/invariant.ts';
import type { Aggregate } from './aggregate.ts';
import type { KeyMove } from './aggregate-keys.ts';

/** The stored form of a day's rollup; numbers are exact texts, whole or "numerator/denominator". */
export type AggregateJson = { readonly kind: string; readonly [field: string]: unknown };

/** One move of a key: instant (ns), business day, order, and whether it went away. */
type MoveJson = readonly [at: string, day: number, order: string, isRemoval: 0 | 1];

/** The stored form of a state. Keys are sorted, so that equal states have equal texts. */
export function toAggregateJson(state: Aggregate): AggregateJson {
  const { kind } = state;
  switch (kind) {
    case 'count':
      return { kind, count: state.count.toString() };
    case 'sum':
      return { kind, total: toExactText(state.total) };
    case 'max':
      return state.max === undefined ? { kind } : { kind, max: toExactText(state.max) };
    case 'latest': {
      if (state.latest === undefined) return { kind };
      const { at, order, value } = state.latest;
      return { kind, latest: [at.toString(), order.toString(), toExactText(value)] };
    }
    case 'weighted_sum':
    case 'prorated_sum':
      return { kind, total: toExactText(state.total), moment: toExactText(state.moment) };
    case 'unique_count':
      return { kind, keys: sorted(state.keys).map(([key, move]) => [key, toMoveJson(move)]) };
    case 'prorated_unique_count':
      return { kind, keys: sorted(state.keys).map(([key, its]) => [key, its.map(toMoveJson)]) };
    default:
      return unreachable(state);
  }
}

/** Reads what `toAggregateJson` wrote. Anything else in the store is our bug, so it throws. */
export function fromAggregateJson(json: AggregateJson): Aggregate {
  const { kind } = json;
  switch (kind) {
    case 'count':
      return { kind, count: BigInt(textOf(json['count'])) };
    case 'sum':
      return { kind, total: fromExactText(textOf(json['total'])) };
    case 'max':
      return json['max'] === undefined
        ? { kind }
        : { kind, max: fromExactText(textOf(json['max'])) };
    case 'latest': {
      if (json['latest'] === undefined) return { kind };
      const [at, order, value] = listOf(json['latest']).map(textOf);
      const latest = { at: BigInt(textOf(at)), order: BigInt(textOf(order)) };
      return { kind, latest: { ...latest, value: fromExactText(textOf(value)) } };
    }
    case 'weighted_sum':
    case 'prorated_sum':
      return {
        kind,
        total: fromExactText(textOf(json['total'])),
        moment: fromExactText(textOf(json['moment'])),
      };
    case 'unique_count':
      return { kind, keys: new Map(keysOf(json).map(([key, move]) => [key, fromMoveJson(move)])) };
    case 'prorated_unique_count':
      return {
        kind,
        keys: new Map(keysOf(json).map(([key, its]) => [key, listOf(its).map(fromMoveJson)])),
      };
    default:
      invariant(false, `a stored aggregate is of a kind that we write, not ${kind}`);
  }
}

function toMoveJson({ at, day, order, isRemoval }: KeyMove): MoveJson {
  return [at.toString(), day, order.toString(), isRemoval ? 1 : 0];
}

function fromMoveJson(json: unknown): KeyMove {
  const [at, day, order, isRemoval] = listOf(json);
  invariant(typeof day === 'number' && Number.isSafeInteger(day), 'a stored day is a whole number');
  return {
    at: BigInt(textOf(at)),
    day,
    order: BigInt(textOf(order)),
    isRemoval: isRemoval === 1,
  };
}

function keysOf(json: AggregateJson): readonly (readonly [string, unknown])[] {
  return listOf(json['keys']).map((entry) => {
    const [key, moves] = listOf(entry);
    return [textOf(key), moves] as const;
  });
}

function sorted<T>(keys: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...keys].sort(([left], [right]) => (left < right ? -1 : 1));
}

function textOf(value: unknown): string {
  invariant(typeof value === 'string', 'a stored aggregate holds texts');
  return value;
}

function listOf(value: unknown): readonly unknown[] {
  invariant(Array.isArray(value), 'a stored aggregate holds lists');
  return value;
}

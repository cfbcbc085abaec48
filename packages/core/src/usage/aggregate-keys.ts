import type { Ratio } from '../money/ratio.ts';
import { ratio } from '../money/ratio.ts';

/** A key was added or removed: a seat, a device, a user. */
export type KeyMove = {
  /** Nanoseconds since 1970 UTC. */
  readonly at: bigint;
  /** Business day, in days since 1970-01-01. */
  readonly day: number;
  /** Decides between moves of the same instant; the larger is the later. */
  readonly order: bigint;
  readonly isRemoval: boolean;
};

/** For each key the last move of each day, by day: what happened inside a day has no price. */
export type KeyHistory = ReadonlyMap<string, readonly KeyMove[]>;

/** The keys with their last move only: enough to know who is there at the end. */
export type KeyStates = ReadonlyMap<string, KeyMove>;

/**
 * The later of two moves. At the same instant and order the removal counts, so that the answer
 * does not depend on which came to us first.
 */
export function laterMove(left: KeyMove, right: KeyMove): KeyMove {
  if (left.at !== right.at) return left.at > right.at ? left : right;
  if (left.order !== right.order) return left.order > right.order ? left : right;
  return left.isRemoval ? left : right;
}

/** The history of a key with one more move; events mostly come in the order of their days. */
export function withMove(moves: readonly KeyMove[], move: KeyMove): readonly KeyMove[] {
  const last = moves.at(-1);
  if (last === undefined || last.day < move.day) return [...moves, move];
  const sameDay = moves.find(({ day }) => day === move.day);
  const kept = sameDay === undefined ? move : laterMove(sameDay, move);
  const others = moves.filter(({ day }) => day !== move.day);
  return [...others, kept].sort((left, right) => left.day - right.day);
}

export function activeKeys(keys: KeyStates): bigint {
  return BigInt([...keys.values()].filter(({ isRemoval }) => !isRemoval).length);
}

export function lastMoves(history: KeyHistory): KeyStates {
  return new Map(
    [...history].flatMap(([key, moves]) => {
      const last = moves.at(-1);
      return last === undefined ? [] : [[key, last] as const];
    }),
  );
}

/**
 * Days on which keys are active, summed over the keys. A key is active on the day of its addition
 * and not on the day of its removal: the change day belongs to the new state (DESIGN §8). Moves
 * before `start` tell who was there when the period opened; those from `end` on are later news.
 */
export function activeDays(
  history: KeyHistory,
  { start, end }: { readonly start: number; readonly end: number },
): Ratio {
  let days = 0;
  for (const moves of history.values()) {
    let activeFrom: number | undefined;
    for (const { day, isRemoval } of moves) {
      if (day >= end) break;
      const from = day < start ? start : day;
      if (activeFrom !== undefined && isRemoval) days += from - activeFrom;
      if (isRemoval) activeFrom = undefined;
      else activeFrom ??= from;
    }
    if (activeFrom !== undefined) days += end - activeFrom;
  }
  return ratio(BigInt(days));
}

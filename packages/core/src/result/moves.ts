import { invariant } from './invariant.ts';

/** Every move that a thing of this kind may make; a state that is not a key cannot exist. */
export type Moves<State extends string> = Readonly<Record<State, readonly State[]>>;

export function canMove<State extends string>(
  moves: Moves<State>,
  from: State,
  to: State,
): boolean {
  return moves[from].includes(to);
}

/** Stops when a decision of ours asks for a move that its table does not list. */
export function assertMove<State extends string>(
  moves: Moves<State>,
  from: State,
  to: State,
): void {
  invariant(canMove(moves, from, to), `no move from ${from} to ${to}`);
}

/** Ends: states that nothing leaves (I4). */
export function isEnd<State extends string>(moves: Moves<State>, state: State): boolean {
  return moves[state].length === 0;
}

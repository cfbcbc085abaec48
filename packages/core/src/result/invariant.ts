/** Thrown when our own logic is wrong. Never for bad input: that is a refusal. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

/** Stops at once when `condition` is false: going on would spread a bug of ours into the books. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantBroken(message);
}

/** Returns `value`, which our own logic says is present; throws `InvariantBroken` when absent. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new InvariantBroken(`${what} is missing`);
  return value;
}

/** A switch over a closed union ends here; a new member becomes a compile error. */
export function unreachable(value: never): never {
  throw new InvariantBroken(`unlisted case: ${String(value)}`);
}

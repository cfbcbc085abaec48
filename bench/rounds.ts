/** How often each side of a comparison is measured; the median counts. */
export const ROUNDS = 3;

/**
 * Measures both sides `ROUNDS` times and alternates which comes first, so that a machine that gets
 * slower or faster meanwhile favours neither.
 */
export async function alternate<A, B>(
  first: (round: number) => Promise<A>,
  second: (round: number) => Promise<B>,
): Promise<{ readonly first: readonly A[]; readonly second: readonly B[] }> {
  const results: { first: A[]; second: B[] } = { first: [], second: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round % 2 === 0) results.first.push(await first(round));
    results.second.push(await second(round));
    if (round % 2 === 1) results.first.push(await first(round));
  }
  return results;
}

/** The middle of an odd number of measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted[sorted.length >> 1];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

/** Seconds that `work` takes on the wall clock. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** A rate for people: whole numbers are precise enough. */
export function perSecond(count: number, seconds: number): number {
  return Math.round(count / seconds);
}

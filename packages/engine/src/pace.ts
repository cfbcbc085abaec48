import type { Clock } from '@daikou/core';

/**
 * Lets at most `perSecond` calls begin in any second of the wall clock, in the order in which they
 * ask. A rail's call budget is a declared number (`RailCapabilities.submitPerSecond`); going over
 * it burns attempts for nothing.
 */
export function makePace(
  perSecond: number,
  clock: Clock,
  sleep: (milliseconds: number) => Promise<void>,
): () => Promise<void> {
  let slot = 0;
  return async () => {
    const now = clock.now().epochMilliseconds;
    slot = Math.max(slot + 1000 / perSecond, now);
    const wait = slot - now;
    if (wait >= 1) await sleep(wait);
  };
}

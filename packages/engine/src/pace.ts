import type { Clock, Rail } from '@daikou/core';

export type Sleep = (milliseconds: number) => Promise<void>;

/**
 * Lets at most `perSecond` calls begin in any second of the wall clock, in the order in which they
 * ask. A rail's call budget is a declared number (`RailCapabilities.submitPerSecond`); going over
 * it burns attempts for nothing.
 */
export function makePace(perSecond: number, clock: Clock, sleep: Sleep): () => Promise<void> {
  let slot = 0;
  let last = 0;
  return async () => {
    const now = clock.now().epochMilliseconds;
    // A clock that is set back by hours must not make the next call wait for hours.
    if (now < last) slot -= last - now;
    last = now;
    slot = Math.max(slot + 1000 / perSecond, now);
    const wait = slot - now;
    if (wait >= 1) await sleep(wait);
  };
}

const paces = new WeakMap<Rail, () => Promise<void>>();

/**
 * The one pace of a rail of a merchant in this process: the debits, questions and sweeps of every
 * job share it, as the rail counts them together. The first caller's clock and sleep are kept.
 */
export function paceOf(rail: Rail, clock: Clock, sleep: Sleep): () => Promise<void> {
  const known = paces.get(rail);
  if (known !== undefined) return known;
  const made = makePace(rail.capabilities.submitPerSecond, clock, sleep);
  paces.set(rail, made);
  return made;
}

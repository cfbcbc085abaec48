import type { SanityBounds } from '@daikou/core';
import type { Engine } from '../job.ts';

/**
 * Beyond these a bill is looked at by a person before anybody is told of it: 50 lines a day of the
 * period, or ten times the largest of the recent bills where that is above ¥10,000.
 */
export const DEFAULT_BOUNDS: SanityBounds = {
  linesPerDay: 50,
  timesRecent: 10n,
  floorMinor: 1_000_000n,
};

export function boundsOf(engine: Engine): SanityBounds {
  return engine.bounds ?? DEFAULT_BOUNDS;
}

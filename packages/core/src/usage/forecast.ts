import { secondsBetween } from '../calendar/business-time.ts';
import { spanOf } from '../calendar/local-time.ts';
import type { Period } from '../calendar/periods.ts';
import {
  compareRatio,
  maxRatio,
  multiplyRatio,
  RATIO_ZERO,
  type Ratio,
  ratio,
  reduceRatio,
} from '../money/ratio.ts';

/**
 * How a forecast was made, told with it: `linear` extends what was used by the seconds that are
 * left; `last_period` takes the last full period, while too little of this one has passed;
 * `complete` is no forecast: the period is over.
 */
export type ForecastMethod = 'linear' | 'last_period' | 'complete';

export type UsageForecast = { readonly units: Ratio; readonly method: ForecastMethod };

/** Days of a period before which a straight line says more about chance than about usage. */
export const FORECAST_MIN_DAYS = 3;

const DAY_SECONDS = 86_400;

/** Seconds of a period that have passed at `now`, and that it has, cut at local midnight. */
export function elapsedOf(
  period: Period,
  zone: string,
  now: Temporal.Instant,
): { readonly passed: bigint; readonly whole: bigint } {
  const { start, end } = spanOf(period, zone);
  const whole = secondsBetween(start, end);
  const passed = Math.min(Math.max(secondsBetween(start, now), 0), whole);
  return { passed: BigInt(passed), whole: BigInt(whole) };
}

/**
 * Forecasts the units of a whole period from those used until `now`. Linear by elapsed seconds;
 * with less than 3 days passed the last full period's units are taken instead where they are known,
 * but never less than what is used already. For sums and counts; a level (max, latest) does not
 * grow with time and is its own forecast, which the caller says by `isLevel`.
 */
export function computeForecast(facts: {
  readonly units: Ratio;
  readonly elapsed: { readonly passed: bigint; readonly whole: bigint };
  readonly lastPeriodUnits?: Ratio;
  readonly isLevel?: boolean;
}): UsageForecast {
  const { units, elapsed, lastPeriodUnits } = facts;
  const { passed, whole } = elapsed;
  if (passed >= whole) return { units, method: 'complete' };
  if (passed < BigInt(FORECAST_MIN_DAYS * DAY_SECONDS) && lastPeriodUnits !== undefined) {
    return { units: maxRatio(units, lastPeriodUnits), method: 'last_period' };
  }
  const isFlat = facts.isLevel === true || passed === 0n || compareRatio(units, RATIO_ZERO) <= 0;
  if (isFlat) return { units, method: 'linear' };
  return { units: reduceRatio(multiplyRatio(units, ratio(whole, passed))), method: 'linear' };
}

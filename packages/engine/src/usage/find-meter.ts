import { type Meter, ok, type Refusal, type Result, refuse } from '@daikou/core';

/** The meter of this code, or a refusal of the field `meter`. */
export function findMeter(
  meters: readonly Meter[],
  code: string,
): Result<Meter, Refusal<'meter_not_found'>> {
  const meter = meters.find((one) => one.code === code);
  if (meter !== undefined) return ok(meter);
  return refuse({
    code: 'meter_not_found',
    sentence: `There is no meter “${code}”.`,
    next: 'Check the code, or make the meter first.',
    field: 'meter',
  });
}

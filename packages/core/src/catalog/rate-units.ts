import {
  ceilRatio,
  compareRatio,
  divideRatio,
  floorRatio,
  maxRatio,
  minRatio,
  multiplyRatio,
  RATIO_ZERO,
  type Ratio,
  ratio,
  reduceRatio,
  roundRatio,
  subtractRatio,
} from '../money/ratio.ts';

/**
 * Units rounded as the price wants them, before it applies: up at −2 places makes 123.456 into 200.
 * Up is towards plus and down towards minus infinity; half_up is away from zero.
 */
export function roundUnits(
  units: Ratio,
  { mode, places }: { readonly mode: 'up' | 'down' | 'half_up'; readonly places: number },
): Ratio {
  const scale = 10n ** BigInt(places < 0 ? -places : places);
  const step = places < 0 ? ratio(scale) : ratio(1n, scale);
  const steps = divideRatio(units, step);
  return reduceRatio(multiplyRatio(ratio(wholeSteps(steps, mode)), step));
}

function wholeSteps(steps: Ratio, mode: 'up' | 'down' | 'half_up'): bigint {
  switch (mode) {
    case 'half_up':
      return roundRatio(steps, 0);
    case 'up':
      return ceilRatio(steps);
    case 'down':
      return floorRatio(steps);
  }
}

export type UnitsAfterAllowance = {
  readonly billableUnits: Ratio;
  /** What was left to price of the units rated earlier in the period. */
  readonly billablePriorUnits: Ratio;
  readonly discountedUnits: Ratio;
};

/** Takes free units off usage; what was used earlier in the period consumed them first. */
export function takeFreeUnits(usage: {
  readonly units: Ratio;
  readonly priorUnits?: Ratio;
  readonly freeUnits: Ratio;
}): UnitsAfterAllowance {
  const { units, priorUnits = RATIO_ZERO, freeUnits } = usage;
  const left = notBelowZero(subtractRatio(freeUnits, priorUnits));
  const discountedUnits = notBelowZero(minRatio(units, left));
  return {
    billableUnits: subtractRatio(units, discountedUnits),
    billablePriorUnits: notBelowZero(subtractRatio(priorUnits, freeUnits)),
    discountedUnits,
  };
}

export function notBelowZero(value: Ratio): Ratio {
  return maxRatio(value, RATIO_ZERO);
}

export function isPositive(value: Ratio): boolean {
  return compareRatio(value, RATIO_ZERO) > 0;
}

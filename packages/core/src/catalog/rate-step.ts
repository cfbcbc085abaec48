import {
  addRatio,
  multiplyRatio,
  RATIO_ONE,
  RATIO_ZERO,
  type Ratio,
  reduceRatio,
} from '../money/ratio.ts';

/**
 * What a step of a rating counts:
 * - `flat`: the amount of a flat price, `tier_flat`: the amount due once in a tier;
 * - `units`: units at a unit price, `packages` and `blocks`: whole packages or blocks;
 * - `free_units`, `free_events`, `free_amount`: what an allowance covered, at a price of zero;
 * - `share`: an amount at a rate, `fixed_per_event`: events at a fixed amount each;
 * - `event_minimum`, `event_maximum`: what the bounds of single events added or took away;
 * - `carried`: the sum of the amounts that the events carry, at a multiplier;
 * - `already_rated`: what earlier lines of the same period were rated at, taken off.
 */
export type RatedStepKind =
  | 'flat'
  | 'tier_flat'
  | 'units'
  | 'packages'
  | 'blocks'
  | 'free_units'
  | 'free_events'
  | 'free_amount'
  | 'share'
  | 'fixed_per_event'
  | 'event_minimum'
  | 'event_maximum'
  | 'carried'
  | 'already_rated';

/** One step of a rating; the amounts of all steps add up to the rated amount, exactly. */
export type RatedStep = {
  readonly kind: RatedStepKind;
  /** How many: units, packages, blocks or events; for a share the amount that the rate is of. */
  readonly quantity: Ratio;
  /** Major units for one of `quantity`; for a share the rate. Absent where no price × quantity. */
  readonly price?: Ratio;
  /** Exact, in major units. */
  readonly amount: Ratio;
  /** The tier, counted from 1, and its span: above `from`, up to and including `upTo`. */
  readonly tier?: { readonly number: number; readonly from: Ratio; readonly upTo?: Ratio };
  /** Units in one package or block. */
  readonly size?: Ratio;
  /** The window of time, counted from 1, when a price is for each bucket. */
  readonly bucket?: number;
};

/** An exact amount in major units, with the steps that explain it. */
export type Rated = { readonly amount: Ratio; readonly steps: readonly RatedStep[] };

/** The rest of a step that is about a tier or about packages. */
export type StepDetail = Pick<RatedStep, 'tier' | 'size'>;

/** A step whose amount is quantity × price. */
export function pricedStep(
  kind: RatedStepKind,
  [quantity, price]: readonly [quantity: Ratio, price: Ratio],
  detail: StepDetail = {},
): RatedStep {
  return { kind, quantity, price, amount: multiplyRatio(quantity, price), ...detail };
}

/** A step for an amount that is due once. */
export function onceStep(
  kind: 'flat' | 'tier_flat',
  price: Ratio,
  detail: StepDetail = {},
): RatedStep {
  return { kind, quantity: RATIO_ONE, price, amount: price, ...detail };
}

/** A step for an amount that is no product: it counts `quantity` and comes to `amount`. */
export function plainStep(kind: RatedStepKind, quantity: Ratio, amount: Ratio): RatedStep {
  return { kind, quantity, amount };
}

export function ratedFrom(steps: readonly RatedStep[]): Rated {
  const amount = steps.reduce((total, step) => addExactly(total, step.amount), RATIO_ZERO);
  return { amount, steps };
}

/** left + right; reduced when the denominators differ, so that they stay small in long sums. */
export function addExactly(left: Ratio, right: Ratio): Ratio {
  const total = addRatio(left, right);
  return left.denominator === right.denominator ? total : reduceRatio(total);
}

import {
  compareRatio,
  multiplyRatio,
  negateRatio,
  RATIO_ZERO,
  type Ratio,
  subtractRatio,
} from '../money/ratio.ts';
import { invariant, unreachable } from '../result/invariant.ts';
import type { PriceModel } from './price-model.ts';
import { blockGraduatedSteps, blockVolumeSteps, packageSteps } from './rate-blocks.ts';
import { dynamicSteps, type EventUsage, percentageSteps } from './rate-events.ts';
import {
  onceStep,
  plainStep,
  pricedStep,
  type Rated,
  type RatedStep,
  ratedFrom,
} from './rate-step.ts';
import { graduatedSteps, type PricedTier, type UnitSpan, volumeSteps } from './rate-tiers.ts';
import { notBelowZero } from './rate-units.ts';

export { needsEvents } from './rate-events.ts';
export type { Rated, RatedStep, RatedStepKind } from './rate-step.ts';

/** What was used, in the units of the meter, or in major units of money for percentages. */
export type Usage = EventUsage & {
  /**
   * The units of this line. A period whose quantity is below zero is rated as zero: it never pays
   * money out. An event below zero, a refund, takes its percentage back.
   */
  readonly units: Ratio;
  /**
   * Units that earlier lines of the same period rated. Present, even as zero, it says that there
   * was such a line: what is due once in the period is not due again.
   */
  readonly priorUnits?: Ratio;
  /** For dynamic prices: the sum of the amounts that the events carry. */
  readonly carriedAmount?: Ratio;
  /** For buckets: the units of each window of time, in order. */
  readonly buckets?: readonly Ratio[];
};

/**
 * The exact amount of `usage` under `model` in major units, with the steps that explain it: their
 * amounts add up to it exactly. Nothing is rounded here; the line rounds once (DESIGN §8).
 *
 * With prior units it is the price of all units of the period less the price of the earlier ones,
 * so that a period rated in several lines costs the same as one rated at once.
 */
export function rate(model: PriceModel, usage: Usage): Rated {
  // The plain case, by far the most frequent: one multiplication and one step.
  if (model.type === 'per_unit' && model.freeUnits === undefined) {
    const isPlain = usage.priorUnits === undefined && usage.units.numerator >= 0n;
    if (isPlain) return ratePlainly(usage.units, model.unitAmount);
  }
  return ratedFrom(stepsFor(model, usage));
}

function ratePlainly(units: Ratio, unitAmount: Ratio): Rated {
  const amount = multiplyRatio(units, unitAmount);
  return { amount, steps: [{ kind: 'units', quantity: units, price: unitAmount, amount }] };
}

function stepsFor(model: PriceModel, usage: Usage): readonly RatedStep[] {
  switch (model.type) {
    case 'percentage':
      return percentageSteps(model, usage);
    case 'dynamic':
      return dynamicSteps(model, usage);
    case 'buckets': {
      const { buckets } = usage;
      invariant(buckets !== undefined, 'a price for each bucket is rated on buckets');
      return buckets.flatMap((units, index) =>
        stepsFor(model.price, { units }).map((step) => ({ ...step, bucket: index + 1 })),
      );
    }
    default:
      return quantitySteps(model, usage);
  }
}

/** A model whose price of a period is a function of the units used in it. */
type CumulativeModel = Exclude<PriceModel, { readonly type: 'percentage' | 'dynamic' | 'buckets' }>;

function quantitySteps(model: CumulativeModel, usage: Usage): readonly RatedStep[] {
  const total = totalOf(usage);
  const prior = usage.priorUnits === undefined ? undefined : notBelowZero(usage.priorUnits);
  const freeUnits = 'freeUnits' in model ? (model.freeUnits ?? RATIO_ZERO) : RATIO_ZERO;
  const billable = notBelowZero(subtractRatio(total, freeUnits));
  const billed = notBelowZero(subtractRatio(prior ?? RATIO_ZERO, freeUnits));
  const used = subtractRatio(total, prior ?? RATIO_ZERO);
  const free = subtractRatio(used, subtractRatio(billable, billed));
  const isFirst = prior === undefined;
  const steps =
    compareRatio(billable, billed) >= 0
      ? spanSteps(model, { from: billed, to: billable, isFirst })
      : lessAlreadyRated(model, billable, billed);
  return free.numerator === 0n ? steps : [plainStep('free_units', free, RATIO_ZERO), ...steps];
}

function totalOf({ units, priorUnits }: Usage): Ratio {
  if (priorUnits === undefined) return notBelowZero(units);
  return notBelowZero(subtractRatio(units, negateRatio(priorUnits)));
}

/** The period's units went down after a line was rated: all of them again, less what was rated. */
function lessAlreadyRated(
  model: CumulativeModel,
  billable: Ratio,
  billed: Ratio,
): readonly RatedStep[] {
  const { amount } = ratedFrom(spanSteps(model, { from: RATIO_ZERO, to: billed, isFirst: true }));
  const again = spanSteps(model, { from: RATIO_ZERO, to: billable, isFirst: true });
  return [...again, plainStep('already_rated', billed, negateRatio(amount))];
}

function spanSteps(model: CumulativeModel, span: UnitSpan): readonly RatedStep[] {
  switch (model.type) {
    case 'flat':
      return span.isFirst ? [onceStep('flat', model.amount)] : [];
    case 'per_unit':
      return [pricedStep('units', [subtractRatio(span.to, span.from), model.unitAmount])];
    case 'graduated': {
      const tiers = model.tiers.map(({ unitAmount, ...rest }) => ({ ...rest, price: unitAmount }));
      return graduatedSteps(tiers, span, 'units');
    }
    case 'graduated_percentage': {
      const tiers = model.tiers.map(({ rate: price, ...rest }) => ({ ...rest, price }));
      return graduatedSteps(tiers, span, 'share');
    }
    case 'volume': {
      const tiers: readonly PricedTier[] = model.tiers.map(({ unitAmount, ...rest }) => ({
        ...rest,
        price: unitAmount,
      }));
      return reachedSteps(span, (units) => volumeSteps(tiers, units));
    }
    case 'package':
      return packageSteps(model, span);
    case 'block_graduated':
      return blockGraduatedSteps(model.tiers, span);
    case 'block_volume':
      return reachedSteps(span, (units) => blockVolumeSteps(model.tiers, units));
    default:
      return unreachable(model);
  }
}

/** The tier reached prices everything: the whole period, less what earlier lines were rated at. */
function reachedSteps(
  { from, to, isFirst }: UnitSpan,
  stepsAt: (units: Ratio) => readonly RatedStep[],
): readonly RatedStep[] {
  if (isFirst) return stepsAt(to);
  const { amount } = ratedFrom(stepsAt(from));
  return amount.numerator === 0n
    ? stepsAt(to)
    : [...stepsAt(to), plainStep('already_rated', from, negateRatio(amount))];
}

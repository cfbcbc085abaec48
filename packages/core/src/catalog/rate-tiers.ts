import {
  compareRatio,
  maxRatio,
  minRatio,
  RATIO_ZERO,
  type Ratio,
  subtractRatio,
} from '../money/ratio.ts';
import { onceStep, pricedStep, type RatedStep, type StepDetail } from './rate-step.ts';
import { isPositive } from './rate-units.ts';

/** A tier of units or of an amount: the arithmetic is the same, a rate is the price of one yuan. */
export type PricedTier = {
  readonly upTo?: Ratio;
  readonly price: Ratio;
  readonly flatAmount: Ratio;
};

/**
 * The units from `from` (not included) up to `to` (included). `isFirst` says that nothing of the
 * period was rated before, so that the first tier's flat amount is still due.
 */
export type UnitSpan = { readonly from: Ratio; readonly to: Ratio; readonly isFirst: boolean };

/**
 * Graduated: each tier prices the units inside it, and its flat amount is due once it is entered;
 * that of the first tier even at zero usage (cases of Lago and OpenMeter).
 */
export function graduatedSteps(
  tiers: readonly PricedTier[],
  span: UnitSpan,
  kind: 'units' | 'share',
): readonly RatedStep[] {
  const steps: RatedStep[] = [];
  tiersWithFloors(tiers).forEach(({ tier, floor, ceiling, detail }, index) => {
    const top = ceiling === undefined ? span.to : minRatio(span.to, ceiling);
    const inside = subtractRatio(top, maxRatio(span.from, floor));
    const isEntered = compareRatio(span.to, floor) > 0;
    const wasEntered = !span.isFirst && (index === 0 || compareRatio(span.from, floor) > 0);
    if (isPositive(inside)) steps.push(pricedStep(kind, [inside, tier.price], detail));
    if ((index === 0 || isEntered) && !wasEntered && isPositive(tier.flatAmount)) {
      steps.push(onceStep('tier_flat', tier.flatAmount, detail));
    }
  });
  return steps;
}

/** Volume: the tier that holds all `units` (bounds inclusive) prices every one of them. */
export function volumeSteps(tiers: readonly PricedTier[], units: Ratio): readonly RatedStep[] {
  const reached = tierOf(tiers, units);
  if (reached === undefined) return [];
  const { tier, detail } = reached;
  const steps = isPositive(units) ? [pricedStep('units', [units, tier.price], detail)] : [];
  return isPositive(tier.flatAmount)
    ? [...steps, onceStep('tier_flat', tier.flatAmount, detail)]
    : steps;
}

type TierWithFloor = {
  readonly tier: PricedTier;
  readonly floor: Ratio;
  /** The inclusive bound; the last tier has none, whatever it says, so that all usage is priced. */
  readonly ceiling: Ratio | undefined;
  readonly detail: StepDetail;
};

function tiersWithFloors(tiers: readonly PricedTier[]): readonly TierWithFloor[] {
  let floor = RATIO_ZERO;
  return tiers.map((tier, index) => {
    const from = floor;
    const ceiling = index === tiers.length - 1 ? undefined : tier.upTo;
    floor = ceiling ?? floor;
    const span = ceiling === undefined ? { from } : { from, upTo: ceiling };
    return { tier, floor: from, ceiling, detail: { tier: { number: index + 1, ...span } } };
  });
}

function tierOf(tiers: readonly PricedTier[], units: Ratio): TierWithFloor | undefined {
  return tiersWithFloors(tiers).find(
    ({ ceiling }) => ceiling === undefined || compareRatio(units, ceiling) <= 0,
  );
}

import {
  addRatio,
  ceilRatio,
  divideRatio,
  floorRatio,
  multiplyRatio,
  RATIO_ZERO,
  type Ratio,
  ratio,
  subtractRatio,
} from '../money/ratio.ts';
import type { BlockTier, PackageModel } from './price-model.ts';
import { pricedStep, type RatedStep } from './rate-step.ts';
import type { UnitSpan } from './rate-tiers.ts';
import { isPositive, notBelowZero } from './rate-units.ts';

/** The packages that were started between `from` and `to`; a started one is priced whole. */
export function packageSteps(model: PackageModel, { from, to }: UnitSpan): readonly RatedStep[] {
  const packages = packagesOf(model, to) - packagesOf(model, from);
  if (packages === 0n) return [];
  const detail = { size: model.packageSize };
  return [pricedStep('packages', [ratio(packages), model.packageAmount], detail)];
}

function packagesOf({ packageSize, rounding = 'up' }: PackageModel, units: Ratio): bigint {
  const packages = divideRatio(units, packageSize);
  return rounding === 'up' ? ceilRatio(packages) : floorRatio(packages);
}

/**
 * Blocks of each tier that were started between `from` and `to` (Kill Bill's ALL_TIERS). Above a
 * bound of the last tier nothing is priced; the stored form refuses such a bound.
 */
export function blockGraduatedSteps(
  tiers: readonly BlockTier[],
  { from, to }: UnitSpan,
): readonly RatedStep[] {
  const before = blocksOf(tiers, from);
  let floor = RATIO_ZERO;
  return blocksOf(tiers, to).flatMap((blocks, index) => {
    const tier = tiers[index];
    const added = blocks - (before[index] ?? 0n);
    if (tier === undefined) return [];
    const step = blockStep(tier, added, { number: index + 1, from: floor });
    floor = step.tier.upTo ?? floor;
    return added === 0n ? [] : [step];
  });
}

/** The tier that holds all units prices every block of them (Kill Bill's TOP_TIER). */
export function blockVolumeSteps(tiers: readonly BlockTier[], units: Ratio): readonly RatedStep[] {
  const floors: Ratio[] = [];
  let floor = RATIO_ZERO;
  for (const { blockSize, maxBlocks = 0n } of tiers) {
    floors.push(floor);
    floor = addRatio(floor, multiplyRatio(blockSize, ratio(maxBlocks)));
  }
  const last = tiers.length - 1;
  const reached = tiers.findIndex(({ blockSize, maxBlocks }, index) => {
    if (maxBlocks === undefined || index === last) return true;
    const above = subtractRatio(units, floors[index] ?? RATIO_ZERO);
    return ceilRatio(divideRatio(above, blockSize)) <= maxBlocks;
  });
  const tier = tiers[reached];
  if (tier === undefined || !isPositive(units)) return [];
  const blocks = ceilRatio(divideRatio(units, tier.blockSize));
  return [blockStep(tier, blocks, { number: reached + 1, from: floors[reached] ?? RATIO_ZERO })];
}

function blockStep(
  tier: BlockTier,
  blocks: bigint,
  { number, from }: { readonly number: number; readonly from: Ratio },
): RatedStep & { readonly tier: NonNullable<RatedStep['tier']> } {
  const upTo =
    tier.maxBlocks === undefined
      ? {}
      : { upTo: addRatio(from, multiplyRatio(tier.blockSize, ratio(tier.maxBlocks))) };
  return {
    ...pricedStep('blocks', [ratio(blocks), tier.blockAmount], { size: tier.blockSize }),
    tier: { number, from, ...upTo },
  };
}

/** Blocks used in each tier, tier by tier, when `units` are used in all. */
function blocksOf(tiers: readonly BlockTier[], units: Ratio): readonly bigint[] {
  let left = units;
  return tiers.map(({ blockSize, maxBlocks }) => {
    const started = ceilRatio(divideRatio(left, blockSize));
    const used = maxBlocks === undefined || started <= maxBlocks ? started : maxBlocks;
    left = notBelowZero(subtractRatio(left, multiplyRatio(blockSize, ratio(used))));
    return used;
  });
}

import type { Ratio } from '../money/ratio.ts';

/**
 * One step of a tiered price: units above the bound of the tier before it, up to and including
 * `upTo` (inclusive bounds: DESIGN §8). Without `upTo` the tier is open and must be the last.
 */
export type Tier = {
  readonly upTo?: Ratio;
  readonly unitAmount: Ratio;
  /** Due once when the tier is entered; the first tier's is due even when nothing was used. */
  readonly flatAmount: Ratio;
};

/** A tier of a percentage: `rate` is a share (0.029 is 2.9 %) of the amount inside the tier. */
export type PercentageTier = {
  readonly upTo?: Ratio;
  readonly rate: Ratio;
  readonly flatAmount: Ratio;
};

/** At most `maxBlocks` blocks of `blockSize` units; a started block is priced whole. */
export type BlockTier = {
  readonly blockSize: Ratio;
  readonly maxBlocks?: bigint;
  readonly blockAmount: Ratio;
};

/** One amount, whatever the quantity: a base price. */
export type FlatModel = { readonly type: 'flat'; readonly amount: Ratio };

export type PerUnitModel = {
  readonly type: 'per_unit';
  readonly unitAmount: Ratio;
  readonly freeUnits?: Ratio;
};

/** Graduated: each tier prices the units inside it. Volume: the tier reached prices all units. */
export type TieredModel = {
  readonly type: 'graduated' | 'volume';
  readonly tiers: readonly Tier[];
  readonly freeUnits?: Ratio;
};

export type PackageModel = {
  readonly type: 'package';
  readonly packageSize: Ratio;
  readonly packageAmount: Ratio;
  readonly freeUnits?: Ratio;
  /** What a started package counts: a whole one (up, the default) or nothing (down). */
  readonly rounding?: 'up' | 'down';
};

/** A share of the amount of each event, with an allowance, a fixed part and bounds per event. */
export type PercentageModel = {
  readonly type: 'percentage';
  /** A share: 0.029 is 2.9 %. */
  readonly rate: Ratio;
  /** Added once for each event that is not wholly free. */
  readonly fixedAmount?: Ratio;
  /** The allowance ends when either of these is used up. */
  readonly freeEvents?: bigint;
  readonly freeAmount?: Ratio;
  /** Bounds of one event's price, after rate and fixed part. */
  readonly minimumPerEvent?: Ratio;
  readonly maximumPerEvent?: Ratio;
};

export type GraduatedPercentageModel = {
  readonly type: 'graduated_percentage';
  readonly tiers: readonly PercentageTier[];
};

/** The events carry their own amounts: a price agreed for each job, a cost that is passed on. */
export type DynamicModel = {
  readonly type: 'dynamic';
  /** What the amounts are multiplied by: 1.2 puts a fifth on top of a cost. One when absent. */
  readonly multiplier?: Ratio;
};

/** As graduated and volume, in whole blocks; the last tier's price goes on above its bound. */
export type BlockModel = {
  readonly type: 'block_graduated' | 'block_volume';
  readonly tiers: readonly BlockTier[];
};

/** Every window of time (an hour, a day) is priced on its own, then the prices are added. */
export type BucketsModel = { readonly type: 'buckets'; readonly price: QuantityModel };

/** Models that price a plain quantity. */
export type QuantityModel = FlatModel | PerUnitModel | TieredModel | PackageModel | BlockModel;

/**
 * How a quantity becomes an amount. Amounts are exact, in MAJOR units (yuan) of the price's
 * currency; whether they contain tax is said by the price version, not here.
 */
export type PriceModel =
  | QuantityModel
  | PercentageModel
  | GraduatedPercentageModel
  | DynamicModel
  | BucketsModel;

export type PriceModelType = PriceModel['type'];

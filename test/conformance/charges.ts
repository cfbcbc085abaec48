import {
  applySpendBounds,
  type BlockTier,
  divideRatio,
  formatRatio,
  type Money,
  multiplyRatio,
  type PercentageTier,
  type PriceModel,
  type QuantityModel,
  RATIO_ZERO,
  type Ratio,
  rate,
  ratio,
  roundUnits,
  type Tier,
  takeFreeUnits,
  toMoney,
  trueUp,
  type Usage,
} from '../../packages/core/src/index.ts';
import { aggregate } from './aggregates.ts';
import {
  CaseNotUnderstood,
  currencyAt,
  flagAt,
  type Given,
  has,
  listAt,
  moneyAt,
  moneyText,
  optional,
  periodAtKey,
  ratioAt,
  ratioOf,
  ratioText,
  recordAt,
  recordsAt,
  textAt,
  wholeAt,
} from './kit.ts';
import type { Operation } from './run.ts';

/** The operations of charges.json: text → core's types → core → text. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  price,
  true_up: commitment,
  usage_discount: usageDiscount,
  aggregate,
  round_units: unitRounding,
};

function price(given: Given): Readonly<Record<string, unknown>> {
  const currency = currencyAt(given);
  const usage = usageOf(given);
  const { amount } = rate(modelOf(given), usage);
  const line = toMoney(amount, currency);
  const perUnit = usage.units.numerator === 0n ? RATIO_ZERO : divideRatio(amount, usage.units);
  return {
    amount: moneyText(line),
    amount_exact: formatRatio(amount, 30),
    unit_amount_2dp: ratioText(perUnit, 2),
    ...boundsOf(given, line),
  };
}

function boundsOf(given: Given, amount: Money): Readonly<Record<string, unknown>> {
  const said = has(given, 'commitment') ? recordAt(given, 'commitment') : {};
  const { currency } = amount;
  const moneyOf = (key: string) => (has(said, key) ? moneyAt(said, key, currency) : undefined);
  const [minimum, maximum, priorBilled] = [moneyOf('min'), moneyOf('max'), moneyOf('prior_billed')];
  const spend = applySpendBounds({
    amount,
    ...(minimum && { minimum }),
    ...(maximum && { maximum }),
    ...(priorBilled && { priorBilled }),
    ...(has(said, 'discount_pct') && { discountShare: percentAt(said, 'discount_pct') }),
    isLastOfPeriod: !has(said, 'last_in_period') || flagAt(said, 'last_in_period'),
  });
  return {
    discount: moneyText(spend.discount),
    max_spend_discount: moneyText(spend.maximumCut),
    minimum_true_up: moneyText(spend.minimumTrueUp),
    total: moneyText(spend.total),
  };
}

function usageOf(given: Given): Usage {
  const events = has(given, 'events') ? listAt(given, 'events').map(eventAmount) : undefined;
  const buckets = has(given, 'bucket_units')
    ? listAt(given, 'bucket_units').map(ratioOf)
    : undefined;
  const carried = ['precise_total_amount', 'total_amount'].find((key) => has(given, key));
  const prior = priorUnitsOf(given);
  return {
    units: optional(given, 'units', ratioAt) ?? RATIO_ZERO,
    ...(events && { events }),
    ...(buckets && { buckets }),
    ...(prior && { priorUnits: prior }),
    ...(carried !== undefined && { carriedAmount: ratioAt(given, carried) }),
    ...(has(given, 'events_count') && { eventCount: BigInt(wholeAt(given, 'events_count')) }),
  };
}

/**
 * The cases write zero for "no earlier line", unless they say what one came to; for core zero says
 * that there was one.
 */
function priorUnitsOf(given: Given): Ratio | undefined {
  const prior = optional(given, 'prior_units', ratioAt);
  const said = has(given, 'commitment') ? recordAt(given, 'commitment') : {};
  const billed = optional(said, 'prior_billed', ratioAt) ?? RATIO_ZERO;
  const isFirst = prior === undefined || (prior.numerator === 0n && billed.numerator === 0n);
  return isFirst ? undefined : prior;
}

/** An event of a price case is its amount, or an object that carries it. */
function eventAmount(event: unknown): Ratio {
  if (typeof event !== 'object' || event === null) return ratioOf(event);
  const amounts = new Map(Object.entries(event));
  return ratioOf(amounts.get('amount') ?? amounts.get('value'));
}

function modelOf(given: Given): PriceModel {
  const type = textAt(given, 'model');
  switch (type) {
    case 'percentage':
      return percentageOf(given);
    case 'graduated_percentage':
      return { type, tiers: recordsAt(given, 'tiers').map(percentageTierOf) };
    case 'dynamic':
      return {
        type,
        ...(has(given, 'multiplier') && { multiplier: ratioAt(given, 'multiplier') }),
      };
    case 'buckets':
      return { type, price: quantityModelOf(recordAt(given, 'price')) };
    default:
      return quantityModelOf(given);
  }
}

function quantityModelOf(given: Given): QuantityModel {
  const type = textAt(given, 'model');
  const freeUnits = has(given, 'free_units') ? { freeUnits: ratioAt(given, 'free_units') } : {};
  switch (type) {
    case 'flat':
      return { type, amount: ratioAt(given, has(given, 'amount') ? 'amount' : 'unit_price') };
    case 'per_unit':
      return { type, unitAmount: ratioAt(given, 'unit_price'), ...freeUnits };
    case 'graduated':
    case 'volume':
      return { type, tiers: recordsAt(given, 'tiers').map(tierOf), ...freeUnits };
    case 'package':
      return {
        type,
        packageSize: ratioAt(given, 'package_size'),
        packageAmount: ratioAt(given, 'unit_price'),
        rounding: optional(given, 'rounding', textAt) === 'down' ? 'down' : 'up',
        ...freeUnits,
      };
    case 'block_graduated':
    case 'block_volume':
      return { type, tiers: recordsAt(given, 'tiers').map(blockTierOf) };
    default:
      throw new CaseNotUnderstood(`${type} is not a price model`);
  }
}

function percentageOf(given: Given): PriceModel {
  const freeEvents = optional(given, 'free_events', ratioAt);
  const amount = (key: string) => optional(given, key, ratioAt);
  const [fixedAmount, freeAmount] = [amount('fixed_per_event'), amount('free_amount')];
  const [minimumPerEvent, maximumPerEvent] = [amount('min_per_event'), amount('max_per_event')];
  return {
    type: 'percentage',
    rate: optional(given, 'rate_pct', percentAt) ?? RATIO_ZERO,
    ...(fixedAmount && { fixedAmount }),
    ...(freeAmount && { freeAmount }),
    ...(freeEvents && { freeEvents: freeEvents.numerator }),
    ...(minimumPerEvent && { minimumPerEvent }),
    ...(maximumPerEvent && { maximumPerEvent }),
  };
}

function tierOf(tier: Given): Tier {
  return {
    ...upToOf(tier),
    unitAmount: optional(tier, 'unit_price', ratioAt) ?? RATIO_ZERO,
    flatAmount: optional(tier, 'flat', ratioAt) ?? RATIO_ZERO,
  };
}

function percentageTierOf(tier: Given): PercentageTier {
  return {
    ...upToOf(tier),
    rate: percentAt(tier, 'rate_pct'),
    flatAmount: optional(tier, 'flat', ratioAt) ?? RATIO_ZERO,
  };
}

function upToOf(tier: Given): { readonly upTo?: Ratio } {
  return has(tier, 'up_to') ? { upTo: ratioAt(tier, 'up_to') } : {};
}

function blockTierOf(tier: Given): BlockTier {
  const maxBlocks = optional(tier, 'max_blocks', ratioAt);
  return {
    blockSize: ratioAt(tier, 'block_size'),
    blockAmount: ratioAt(tier, 'block_price'),
    ...(maxBlocks && { maxBlocks: maxBlocks.numerator }),
  };
}

function percentAt(given: Given, key: string): Ratio {
  return multiplyRatio(ratioAt(given, key), ratio(1n, 100n));
}

function commitment(given: Given): Readonly<Record<string, unknown>> {
  const currency = currencyAt(given);
  const service = optional(given, 'service', periodAtKey);
  const period = optional(given, 'period', periodAtKey);
  const fees = has(given, 'fees') ? listAt(given, 'fees') : [];
  const { proratedMinimum, trueUp: missing } = trueUp({
    minimum: moneyAt(given, 'minimum', currency),
    billed: fees.map((amount) => toMoney(ratioOf(amount), currency)),
    ...(service && { service }),
    ...(period && { period }),
  });
  return { minimum_prorated: moneyText(proratedMinimum), true_up: moneyText(missing) };
}

function usageDiscount(given: Given): Readonly<Record<string, unknown>> {
  const taken = takeFreeUnits({
    units: ratioAt(given, 'units'),
    priorUnits: optional(given, 'prior_units', ratioAt) ?? RATIO_ZERO,
    freeUnits: ratioAt(given, 'free_units'),
  });
  return {
    billable_units: formatRatio(taken.billableUnits),
    billable_prior_units: formatRatio(taken.billablePriorUnits),
    discounted_units: formatRatio(taken.discountedUnits),
  };
}

const ROUNDING_MODES: Readonly<Record<string, 'up' | 'down' | 'half_up'>> = {
  round: 'half_up',
  ceil: 'up',
  floor: 'down',
};

function unitRounding(given: Given): Readonly<Record<string, unknown>> {
  // A metric without a rounding function keeps its units as they are.
  if (!has(given, 'function')) return { units: formatRatio(ratioAt(given, 'units'), 30) };
  const name = textAt(given, 'function');
  const mode = ROUNDING_MODES[name];
  if (mode === undefined) throw new CaseNotUnderstood(`${name} is not a rounding`);
  const places = optional(given, 'precision', wholeAt) ?? 0;
  return { units: formatRatio(roundUnits(ratioAt(given, 'units'), { mode, places }), 30) };
}

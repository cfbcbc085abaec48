import { type Interval, isDateBefore } from '../calendar/periods.ts';
import type { PricedVersion, PriceVersion } from '../catalog/catalog.ts';
import type { PriceModel } from '../catalog/price-model.ts';
import { rate } from '../catalog/rate.ts';
import type { PriceVersionId } from '../ids/ids.ts';
import { add, type Currency, type Money, zero } from '../money/money.ts';
import {
  addRatio,
  compareRatio,
  fromBasisPoints,
  maxRatio,
  minRatio,
  multiplyRatio,
  RATIO_ONE,
  RATIO_ZERO,
  type Ratio,
  ratio,
  toMoney,
} from '../money/ratio.ts';
import type { PriceStep } from './price-change.ts';
import type { Subscription, SubscriptionItem } from './subscription.ts';

export type PriceDirection = 'rise' | 'decrease' | 'same';

/** What a price change does to one subscription. */
export type PriceEffect = {
  /** A rise as soon as one item costs more, or cannot be shown to cost no more. */
  readonly direction: PriceDirection;
  /** What the touched items cost for one period of their prices, tax included. */
  readonly before: Money;
  readonly after: Money;
  readonly items: readonly SubscriptionItem[];
};

type Prices = ReadonlyMap<PriceVersionId, PricedVersion>;

/**
 * Compares what a subscription pays for the touched items before and after; undefined when the
 * steps touch none that still holds on the day `on`. Items at an agreed price keep it, one-off
 * items are not billed again. Amounts of metered items are not known beforehand and count zero:
 * their models are compared instead.
 */
export function computePriceEffect(
  subscription: Pick<Subscription, 'items'>,
  steps: readonly PriceStep[],
  { prices, on }: { readonly prices: Prices; readonly on: Temporal.PlainDate },
): PriceEffect | undefined {
  const replaced = new Map(steps.map(({ from, to }) => [from, to]));
  const touched = subscription.items.flatMap((item) => {
    const pair = isOver(item, on) ? undefined : pairOf(item, replaced, prices);
    return pair === undefined ? [] : [{ item, ...pair }];
  });
  const [first] = touched;
  if (first === undefined) return undefined;
  const currency: Currency = first.before.currency;
  let [before, after]: [Money, Money] = [zero(currency), zero(currency)];
  let direction: PriceDirection = 'same';
  for (const { item, ...pair } of touched) {
    const [cost, newCost] = [costOf(pair.before, item), costOf(pair.after, item)];
    before = add(before, toMoney(cost ?? RATIO_ZERO, currency));
    after = add(after, toMoney(newCost ?? RATIO_ZERO, currency));
    direction = worseOf(direction, directionOf(pair, cost, newCost));
  }
  return { direction, before, after, items: touched.map(({ item }) => item) };
}

type Pair = { readonly before: PriceVersion; readonly after: PriceVersion };

function isOver({ until }: SubscriptionItem, on: Temporal.PlainDate): boolean {
  return until !== undefined && !isDateBefore(on, until);
}

function pairOf(
  item: SubscriptionItem,
  replaced: ReadonlyMap<PriceVersionId, PriceVersionId>,
  prices: Prices,
): Pair | undefined {
  const to = replaced.get(item.priceVersionId);
  if (to === undefined) return undefined;
  if (item.agreedModel !== undefined || item.kind === 'one_off') return undefined;
  const [before, after] = [prices.get(item.priceVersionId), prices.get(to)];
  if (before === undefined || after === undefined) return undefined;
  return { before: before.version, after: after.version };
}

/** The exact cost of a period in major units, tax included; undefined where usage decides it. */
function costOf(version: PriceVersion, item: SubscriptionItem): Ratio | undefined {
  if (item.kind === 'metered' || !isOfQuantity(version.model)) return undefined;
  let { amount } = rate(version.model, { units: ratio(item.quantity) });
  if (version.minimumSpend !== undefined) amount = maxRatio(amount, version.minimumSpend);
  if (version.maximumSpend !== undefined) amount = minRatio(amount, version.maximumSpend);
  return withTax(amount, version);
}

function withTax(amount: Ratio, { taxBehavior, taxBasisPoints }: PriceVersion): Ratio {
  if (taxBehavior === 'inclusive') return amount;
  return multiplyRatio(amount, addRatio(RATIO_ONE, fromBasisPoints(taxBasisPoints)));
}

function isOfQuantity(model: PriceModel): boolean {
  switch (model.type) {
    case 'percentage':
    case 'graduated_percentage':
    case 'dynamic':
    case 'buckets':
      return false;
    default:
      return true;
  }
}

function directionOf(
  { before, after }: Pair,
  cost: Ratio | undefined,
  newCost: Ratio | undefined,
): PriceDirection {
  if (!isSameInterval(before.interval, after.interval)) return 'rise';
  if (cost !== undefined && newCost !== undefined) {
    return directionOfSign(compareRatio(newCost, cost));
  }
  return compareMetered(before, after);
}

/**
 * Two metered prices without knowing the usage. Unit prices are compared where both have one;
 * anything else that is not the same cannot be shown to cost no more, and counts as a rise.
 */
function compareMetered(before: PriceVersion, after: PriceVersion): PriceDirection {
  const isSameAround =
    before.meterId === after.meterId &&
    compareRatio(after.minimumSpend ?? RATIO_ZERO, before.minimumSpend ?? RATIO_ZERO) <= 0 &&
    isCapKept(before.maximumSpend, after.maximumSpend);
  if (!isSameAround) return 'rise';
  const [old, next] = [before.model, after.model];
  if (old.type !== 'per_unit' || next.type !== 'per_unit') {
    const isSame = isSameModel(old, next) && withTaxEqual(before, after);
    return isSame ? 'same' : 'rise';
  }
  const [oldFree, newFree] = [old.freeUnits ?? RATIO_ZERO, next.freeUnits ?? RATIO_ZERO];
  if (compareRatio(newFree, oldFree) < 0) return 'rise';
  const [oldUnit, newUnit] = [withTax(old.unitAmount, before), withTax(next.unitAmount, after)];
  const direction = directionOfSign(compareRatio(newUnit, oldUnit));
  return direction === 'same' && compareRatio(newFree, oldFree) > 0 ? 'decrease' : direction;
}

function withTaxEqual(before: PriceVersion, after: PriceVersion): boolean {
  return compareRatio(withTax(RATIO_ONE, after), withTax(RATIO_ONE, before)) <= 0;
}

function isCapKept(before: Ratio | undefined, after: Ratio | undefined): boolean {
  if (before === undefined) return true;
  return after !== undefined && compareRatio(after, before) <= 0;
}

function isSameModel(left: unknown, right: unknown): boolean {
  const text = (model: unknown) =>
    JSON.stringify(model, (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
  return text(left) === text(right);
}

function isSameInterval(left: Interval, right: Interval): boolean {
  return left.unit === right.unit && left.count === right.count;
}

function directionOfSign(sign: -1 | 0 | 1): PriceDirection {
  if (sign === 0) return 'same';
  return sign > 0 ? 'rise' : 'decrease';
}

function worseOf(left: PriceDirection, right: PriceDirection): PriceDirection {
  if (left === 'rise' || right === 'rise') return 'rise';
  return left === 'decrease' ? left : right;
}

import {
  add,
  type CustomerId,
  isDateBefore,
  type Meter,
  type Money,
  needsEvents,
  type PriceModel,
  type PriceVersion,
  type PriceVersionId,
  rate,
  type Subscription,
  type SubscriptionItem,
  type Tx,
  toMoney,
  type Usage,
} from '@daikou/core';

/** A metered item with the price version that it is rated by. */
export type MeteredItem = {
  readonly item: SubscriptionItem;
  readonly version: PriceVersion;
};

/** Subscriptions of one customer that are looked at; nobody has more that use one meter. */
const SUBSCRIPTIONS_READ = 100;

/** The price versions of the catalogue by their ids. */
export async function loadVersions(tx: Tx): Promise<ReadonlyMap<PriceVersionId, PriceVersion>> {
  const { versions } = await tx.loadCatalog();
  return new Map(versions.map((version) => [version.id, version]));
}

/** The items of a subscription that price usage on `day`, in their order. */
export function meteredItems(
  subscription: Subscription,
  versions: ReadonlyMap<PriceVersionId, PriceVersion>,
  day: Temporal.PlainDate,
): readonly MeteredItem[] {
  return subscription.items.flatMap((item) => {
    const version = versions.get(item.priceVersionId);
    if (version?.meterId === undefined) return [];
    const isThere =
      !isDateBefore(day, item.from) && (item.until === undefined || isDateBefore(day, item.until));
    return isThere ? [{ item, version }] : [];
  });
}

/**
 * What usage costs so far under an item's price, before packs, discounts and bounds of the period:
 * the same rating as the invoice's, rounded once to the smallest unit. Undefined where the usage
 * does not say what the price looks at, such as single events.
 */
export function costOf(metered: MeteredItem, usage: Usage): Money | undefined {
  const model = modelOf(metered);
  if (!isRateable(model, usage)) return undefined;
  return toMoney(rate(model, usage).amount, metered.version.currency);
}

/** Whether the price is of units alone, so that it can be told of units that nobody used yet. */
export function pricesUnits(metered: MeteredItem): boolean {
  const { type } = modelOf(metered);
  return type !== 'percentage' && type !== 'dynamic' && type !== 'buckets';
}

function modelOf({ item, version }: MeteredItem): PriceModel {
  return item.agreedModel ?? version.model;
}

/** Whether the usage says enough for the model; else its cost would be a guess. */
function isRateable(model: PriceModel, usage: Usage): boolean {
  if (usage.units.numerator === 0n) return model.type !== 'buckets';
  if (model.type === 'buckets') return usage.buckets !== undefined;
  return !needsEvents(model) || usage.events !== undefined;
}

/**
 * What a customer's usage of a meter costs under the active subscriptions that price it on `day`;
 * undefined where none does, or where they are in several currencies.
 */
export async function costOfMeter(
  tx: Tx,
  about: {
    readonly customerId: CustomerId;
    readonly meter: Meter;
    readonly usage: Usage;
    readonly day: Temporal.PlainDate;
  },
): Promise<Money | undefined> {
  const { customerId, meter, usage, day } = about;
  const subscriptions = await tx.listSubscriptions({ customerId, limit: SUBSCRIPTIONS_READ });
  const versions = await loadVersions(tx);
  const costs = subscriptions
    .filter(({ state }) => state === 'active')
    .flatMap((subscription) => meteredItems(subscription, versions, day))
    .filter(({ version }) => version.meterId === meter.id)
    .flatMap((metered) => costOf(metered, usage) ?? []);
  const [first, ...others] = costs;
  if (first === undefined) return undefined;
  if (others.some(({ currency }) => currency !== first.currency)) return undefined;
  return others.reduce(add, first);
}

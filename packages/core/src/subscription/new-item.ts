import { isDateBefore } from '../calendar/periods.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Currency } from '../money/money.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { NewItem } from './change.ts';
import { fitsInto } from './intervals.ts';
import { isInArrears, type Prices } from './next-period.ts';
import { type SubscriptionRefusal, subscriptionRefusal } from './refusals.ts';
import type { Subscription, SubscriptionItem } from './subscription.ts';

/**
 * Checks that an item can be sold from `on`: its quantity, its version, its currency and rhythm.
 * `field` is where the command names it ("items.0").
 */
export function checkNewItem(
  wanted: NewItem,
  about: {
    readonly subscription: Pick<Subscription, 'interval'>;
    readonly prices: Prices;
    readonly on: Temporal.PlainDate;
    readonly currency: Currency | undefined;
    readonly field: string;
  },
): Result<PricedVersion, SubscriptionRefusal> {
  const { field, prices, on, currency } = about;
  const no = (code: Parameters<typeof subscriptionRefusal>[0], name: string) =>
    refuse(subscriptionRefusal(code, `${field}.${name}`));
  if (wanted.quantity <= 0n) return no('quantity_not_positive', 'quantity');
  const priced = prices.get(wanted.priceVersionId);
  if (priced === undefined) return no('price_version_unknown', 'priceVersionId');
  if (isDateBefore(on, priced.version.effectiveFrom)) {
    return no('price_not_effective', 'priceVersionId');
  }
  if (isSuperseded(priced, prices, on)) return no('price_superseded', 'priceVersionId');
  if (currency !== undefined && priced.version.currency !== currency) {
    return no('currency_mix', 'priceVersionId');
  }
  const { kind } = priced.price;
  if (kind !== 'one_off' && !fitsInto(priced.version.interval, about.subscription.interval)) {
    return no('interval_does_not_fit', 'priceVersionId');
  }
  return ok(priced);
}

/** An item of the subscription from `from` on. */
export function makeItem(
  wanted: NewItem,
  about: {
    readonly subscription: Pick<Subscription, 'id'>;
    readonly priced: PricedVersion;
    readonly from: Temporal.PlainDate;
    readonly ids: IdSource;
  },
): SubscriptionItem {
  return {
    id: about.ids('sit', bucketOf(about.subscription.id)),
    kind: about.priced.price.kind,
    priceVersionId: wanted.priceVersionId,
    quantity: wanted.quantity,
    from: about.from,
    ...(wanted.agreedModel === undefined ? {} : { agreedModel: wanted.agreedModel }),
  };
}

/** The currency that all items have; undefined where there are none. */
export function currencyOfItems(
  items: readonly SubscriptionItem[],
  prices: Prices,
): Currency | undefined {
  for (const item of items) {
    const priced = prices.get(item.priceVersionId);
    if (priced !== undefined) return priced.version.currency;
  }
  return undefined;
}

/** Whether any item is billed in arrears at a longer rhythm than the subscription. */
export function hasLongArrears(subscription: Subscription, prices: Prices): boolean {
  return subscription.items.some((item) => {
    const priced = prices.get(item.priceVersionId);
    if (priced === undefined || !isInArrears(item, priced)) return false;
    return !fitsInto(subscription.interval, priced.version.interval);
  });
}

function isSuperseded({ version }: PricedVersion, prices: Prices, on: Temporal.PlainDate): boolean {
  for (const { version: other } of prices.values()) {
    const isNewer = other.priceId === version.priceId && other.version > version.version;
    if (isNewer && !isDateBefore(on, other.effectiveFrom)) return true;
  }
  return false;
}

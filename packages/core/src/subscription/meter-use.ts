import { earlierDate, isDateBefore, laterDate } from '../calendar/periods.ts';
import type { MeterId } from '../ids/ids.ts';
import type { Prices } from './next-period.ts';
import { type SubscriptionRefusal, subscriptionRefusal } from './refusals.ts';
import type { Subscription, SubscriptionItem } from './subscription.ts';

/**
 * Usage belongs to a customer and a meter, not to a subscription. Two subscriptions of one user on
 * one meter would both bill every unit, so the second one is refused while the days overlap. One
 * subscription may price a meter twice: that is one seller's plan, and its invoice shows both.
 */
export function checkMeterUse(
  subscription: Subscription,
  others: readonly Subscription[],
  prices: Prices,
): SubscriptionRefusal | undefined {
  const taken = others.filter(({ id, state }) => id !== subscription.id && state !== 'ended');
  for (const item of subscription.items) {
    const meter = meterOf(item, prices);
    if (meter === undefined) continue;
    const isTaken = taken.some((other) =>
      other.items.some(
        (rival) => meterOf(rival, prices) === meter && doMeet([subscription, item], [other, rival]),
      ),
    );
    if (isTaken) return subscriptionRefusal('meter_billed_elsewhere', 'items');
  }
  return undefined;
}

type Stretch = readonly [Subscription, SubscriptionItem];

function meterOf(item: SubscriptionItem, prices: Prices): MeterId | undefined {
  return item.kind === 'metered' ? prices.get(item.priceVersionId)?.version.meterId : undefined;
}

function doMeet(left: Stretch, right: Stretch): boolean {
  const start = laterDate(startOf(left), startOf(right));
  const ends = [endOf(left), endOf(right)].filter((end) => end !== undefined);
  return ends.every((end) => isDateBefore(start, end));
}

function startOf([subscription, item]: Stretch): Temporal.PlainDate {
  return laterDate(subscription.startsOn, item.from);
}

function endOf([subscription, item]: Stretch): Temporal.PlainDate | undefined {
  if (subscription.endsOn === undefined || item.until === undefined) {
    return subscription.endsOn ?? item.until;
  }
  return earlierDate(subscription.endsOn, item.until);
}

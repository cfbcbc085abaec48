import {
  businessDate,
  compareRatio,
  computeForecast,
  computeMeteredUsage,
  divideRatio,
  elapsedOf,
  type ForecastMethod,
  firstChargedDay,
  fromMoney,
  isDateBefore,
  laterDate,
  type Meter,
  type MeterId,
  type Money,
  multiplyRatio,
  ok,
  type Period,
  periodContaining,
  present,
  type Ratio,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type SubscriptionId,
  type SubscriptionItemId,
  type Tx,
  toMoney,
  type Usage,
  type UsageTotal,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { costOf, loadVersions, type MeteredItem, meteredItems, pricesUnits } from './cost.ts';
import { foldUsage } from './fold.ts';
import { toUsageQuery } from './load.ts';

export type SubscriptionUsageRefusal = Refusal<'not_found'>;

/** What an item's usage of the current period has come to, and where it is going. */
export type ItemUsage = {
  readonly itemId: SubscriptionItemId;
  readonly meter: Meter;
  readonly period: Period;
  readonly units: Ratio;
  readonly events: bigint;
  /** Absent where the meter does not keep what the price looks at. */
  readonly cost?: Money;
  readonly forecast: {
    readonly units: Ratio;
    readonly cost?: Money;
    readonly method: ForecastMethod;
  };
};

export type SubscriptionUsage = {
  readonly subscription: Subscription;
  readonly items: readonly ItemUsage[];
};

/**
 * Usage and cost so far of a subscription's metered items in the periods that contain today, with a
 * forecast to the end of each. Costs are before packs, coupons and the period's bounds.
 */
export async function readSubscriptionUsage(
  job: Job,
  id: SubscriptionId,
): Promise<Result<SubscriptionUsage, SubscriptionUsageRefusal>> {
  await foldUsage(job);
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [subscription] = await tx.loadSubscriptions([id]);
    if (subscription === undefined) return refuse(NOT_FOUND);
    const now = nowOf(job.engine, job.merchant);
    const today = businessDate(now, job.merchant.zone);
    const items = meteredItems(subscription, await loadVersions(tx), today);
    const meters = new Map<MeterId, Meter>((await tx.loadMeters()).map((one) => [one.id, one]));
    const asked = items.flatMap((metered) => {
      const meter = meters.get(metered.version.meterId ?? 'mtr_');
      return meter === undefined
        ? []
        : [{ metered, meter, ...periodsOf(subscription, metered, today) }];
    });
    const totals = await loadBoth(tx, subscription, asked);
    return ok({
      subscription,
      items: asked.map((one, index) =>
        toItemUsage(one, {
          now,
          zone: job.merchant.zone,
          totals: present(totals[index], 'the usage of an item'),
        }),
      ),
    });
  });
}

type Asked = {
  readonly metered: MeteredItem;
  readonly meter: Meter;
  readonly period: Period;
  /** The whole period of the price that `period` is, or is a part of. */
  readonly full: Period;
  /** The full period before; absent when the service was not there for all of it. */
  readonly last?: Period;
};

type BothTotals = {
  readonly current: readonly UsageTotal[];
  readonly last?: readonly UsageTotal[];
};

function periodsOf(
  subscription: Subscription,
  { item, version }: MeteredItem,
  today: Temporal.PlainDate,
) {
  const { anchor } = subscription;
  // As it will be billed: from the item's first day, and once a trial is over not for its days.
  const charged = firstChargedDay(subscription);
  const first = isDateBefore(today, charged) ? subscription.startsOn : charged;
  const startsOn = laterDate(first, item.from);
  const { period } = periodContaining(anchor, version.interval, today);
  const dayBefore = period.start.subtract({ days: 1 });
  const last = periodContaining(anchor, version.interval, dayBefore).period;
  const clipped = isDateBefore(period.start, startsOn) ? { ...period, start: startsOn } : period;
  const found = { period: clipped, full: period };
  return isDateBefore(last.start, startsOn) ? found : { ...found, last };
}

/** Both periods of every item in one statement. */
async function loadBoth(
  tx: Tx,
  { beneficiaryId, customerId }: Subscription,
  asked: readonly Asked[],
): Promise<readonly BothTotals[]> {
  const queries = asked.flatMap(({ meter, period, last }) => [
    toUsageQuery(meter, beneficiaryId ?? customerId, period),
    toUsageQuery(meter, beneficiaryId ?? customerId, last ?? period),
  ]);
  const totals = await tx.loadUsage(queries);
  return asked.map(({ last }, index) => ({
    current: totals[index * 2] ?? [],
    ...(last === undefined ? {} : { last: totals[index * 2 + 1] ?? [] }),
  }));
}

function toItemUsage(
  { metered, meter, period, full, last }: Asked,
  about: { readonly now: Temporal.Instant; readonly zone: string; readonly totals: BothTotals },
): ItemUsage {
  const { now, zone, totals } = about;
  const usage = computeMeteredUsage(meter, totals.current, { period, full, zone });
  const lastUsage =
    last === undefined || totals.last === undefined
      ? undefined
      : computeMeteredUsage(meter, totals.last, { period: last, zone });
  const forecast = computeForecast({
    units: usage.units,
    elapsed: elapsedOf(period, zone, now),
    isLevel: meter.aggregation !== 'sum' && meter.aggregation !== 'count',
    ...(lastUsage === undefined ? {} : { lastPeriodUnits: lastUsage.units }),
  });
  const cost = costOf(metered, usage);
  const forecastCost = forecastCostOf(metered, { usage, cost, units: forecast.units });
  return {
    itemId: metered.item.id,
    meter,
    period,
    units: usage.units,
    events: usage.eventCount ?? 0n,
    ...(cost === undefined ? {} : { cost }),
    forecast: { ...forecast, ...(forecastCost === undefined ? {} : { cost: forecastCost }) },
  };
}

/** Quantities are rated anew; what is priced by event grows as the units do. */
function forecastCostOf(
  metered: MeteredItem,
  facts: { readonly usage: Usage; readonly cost: Money | undefined; readonly units: Ratio },
): Money | undefined {
  const { usage, cost, units } = facts;
  if (cost === undefined || compareRatio(usage.units, units) === 0) return cost;
  if (pricesUnits(metered)) return costOf(metered, { units });
  if (usage.units.numerator === 0n) return cost;
  const grown = multiplyRatio(fromMoney(cost), divideRatio(units, usage.units));
  return toMoney(grown, cost.currency);
}

const NOT_FOUND: SubscriptionUsageRefusal = {
  code: 'not_found',
  sentence: 'There is no such subscription.',
  next: 'Check the id.',
  field: 'id',
};

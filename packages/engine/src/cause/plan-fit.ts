import {
  advisePlan,
  businessDate,
  type Catalog,
  firstChargedDay,
  gridIndexOf,
  gridPeriod,
  type InvoiceId,
  isDateBefore,
  type Meter,
  type MeterId,
  type Money,
  moduleOf,
  ok,
  type Period,
  type PeriodUse,
  type PlanAdvice,
  type PlanOffer,
  type PricedVersion,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type SubscriptionId,
  type SubscriptionItem,
  type Tx,
  type Usage,
} from '@daikou/core';
import { pricesOf } from '../catalog/load-prices.ts';
import { type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { foldUsage } from '../usage/fold.ts';
import { loadMeteredUsage } from '../usage/load.ts';

export type PlanFitRefusal = Refusal<'not_found' | 'no_period_yet' | 'plan_cannot_be_priced'>;

export type PlanFit = {
  readonly subscription: Subscription;
  /** The periods whose use was priced, oldest first. */
  readonly periods: readonly Period[];
  readonly advice: PlanAdvice;
};

/** Periods that are compared: usually a quarter, so that one busy month decides nothing. */
const PERIODS = 3;

const NO_PERIOD: PlanFitRefusal = {
  code: 'no_period_yet',
  sentence: 'No billing period of this subscription has ended yet.',
  next: 'Ask again after the first one; the advice is made from what was truly used.',
};

const NOT_PRICED: PlanFitRefusal = {
  code: 'plan_cannot_be_priced',
  sentence: 'The present prices look at single events, which the meter does not keep.',
  next: 'Compare the plans by hand, or use a meter that keeps values.',
};

/**
 * Whether another plan fits a subscription's use better: the last three periods that ended, priced
 * under every plan of the same product, currency and rhythm. Refused before the first period has
 * ended. Reads only.
 */
export async function readPlanFit(
  job: Job,
  id: SubscriptionId,
): Promise<Result<PlanFit, PlanFitRefusal>> {
  await foldUsage(job);
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [subscription] = await tx.loadSubscriptions([id]);
    if (subscription === undefined) return refuse(notFound('subscription'));
    const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
    const periods = lastPeriods(subscription, today);
    if (periods.length === 0) return refuse(NO_PERIOD);
    const catalog = await tx.loadCatalog();
    const prices = pricesOf(catalog);
    const current = currentOffer(subscription, { catalog, today });
    const [priced] = current.prices;
    if (priced === undefined) return refuse(NOT_PRICED);
    const offers = offersOf(catalog, { current, today });
    const meters = meterIdsOf([current, ...offers]);
    const used = await usageOf(tx, job, { subscription, periods, meters });
    const advice = advisePlan(
      {
        current,
        currency: priced.version.currency,
        interval: subscription.interval,
        periods: periods.map((period, index) => ({
          ...itemsOf(subscription, prices, period),
          metered: used[index] ?? new Map(),
        })),
      },
      offers,
    );
    return advice === undefined ? refuse(NOT_PRICED) : ok({ subscription, periods, advice });
  });
}

/**
 * What the best plan would save per period on the subscription of an invoice; zero where none does,
 * undefined where it cannot be told.
 */
export async function savingOf(job: Job, id: InvoiceId): Promise<Money | undefined> {
  const [invoice] = await job.engine.store.transact(job.merchant.id, (tx) => tx.loadInvoices([id]));
  const subscriptionId = invoice?.subscriptionId;
  if (subscriptionId === undefined) return undefined;
  const fit = await readPlanFit(job, subscriptionId);
  if (!fit.ok) return undefined;
  const { best, current } = fit.value.advice;
  return best?.savingPerPeriod ?? { ...current.total, minor: 0n };
}

/** The last periods that have ended and were charged from their first day, oldest first. */
function lastPeriods(subscription: Subscription, today: Temporal.PlainDate): readonly Period[] {
  const { endsOn } = subscription;
  const until = endsOn !== undefined && isDateBefore(endsOn, today) ? endsOn : today;
  const running = gridIndexOf(subscription, until);
  return Array.from({ length: PERIODS }, (_, back) => running - PERIODS + back)
    .map((index) => gridPeriod(subscription, index))
    .filter(({ start }) => !isDateBefore(start, firstChargedDay(subscription)));
}

/** What the subscription pays today: its own versions, with the models agreed with it. */
function currentOffer(
  subscription: Subscription,
  { catalog, today }: { readonly catalog: Catalog; readonly today: Temporal.PlainDate },
): PlanOffer {
  const prices = pricesOf(catalog);
  const plan = catalog.plans.find(({ id }) => id === subscription.planId);
  const own = itemsOn(subscription, today).flatMap((item) => {
    const priced = prices.get(item.priceVersionId);
    if (priced === undefined || priced.price.kind === 'one_off') return [];
    const { agreedModel } = item;
    if (agreedModel === undefined) return [priced];
    return [{ ...priced, version: { ...priced.version, model: agreedModel } }];
  });
  const named = plan ?? { id: subscription.planId, code: '', nameZh: '', nameEn: '' };
  return { plan: named, prices: onceEach(own) };
}

/** Of a price that several items have (two stretches, two departments) the last one's version. */
function onceEach(prices: readonly PricedVersion[]): readonly PricedVersion[] {
  return [...new Map(prices.map((priced) => [priced.price.id, priced])).values()];
}

/** Every other plan that sells the same product, with the versions that hold today. */
function offersOf(
  catalog: Catalog,
  { current, today }: { readonly current: PlanOffer; readonly today: Temporal.PlainDate },
): readonly PlanOffer[] {
  const products = new Set(
    current.prices
      .filter(({ price }) => price.kind !== 'module')
      .map(({ price }) => price.productId),
  );
  return catalog.plans
    .filter(({ id }) => id !== current.plan.id)
    .map((plan): PlanOffer => {
      const own = catalog.prices.filter(
        ({ planId, kind }) => planId === plan.id && kind !== 'one_off',
      );
      const prices = own.flatMap((price) => {
        const version = catalog.versions
          .filter(
            ({ priceId, effectiveFrom }) =>
              priceId === price.id && !isDateBefore(today, effectiveFrom),
          )
          .reduce<PricedVersion['version'] | undefined>(
            (newest, one) => (newest === undefined || one.version > newest.version ? one : newest),
            undefined,
          );
        return version === undefined ? [] : [{ price, version }];
      });
      return { plan, prices };
    })
    .filter(({ prices }) =>
      prices.some(({ price }) => price.kind !== 'module' && products.has(price.productId)),
    );
}

function itemsOn(subscription: Subscription, day: Temporal.PlainDate): readonly SubscriptionItem[] {
  const { endsOn } = subscription;
  const last = endsOn?.subtract({ days: 1 });
  const on = last !== undefined && isDateBefore(last, day) ? last : day;
  return subscription.items.filter(
    ({ from, until }) =>
      !isDateBefore(on, from) && (until === undefined || isDateBefore(on, until)),
  );
}

/** Seats and modules on the last day of a period. */
function itemsOf(
  subscription: Subscription,
  prices: ReadonlyMap<string, PricedVersion>,
  period: Period,
): Pick<PeriodUse, 'seats' | 'modules'> {
  const items = itemsOn(subscription, period.end.subtract({ days: 1 }));
  const priced = items.flatMap((item) => {
    const found = prices.get(item.priceVersionId);
    return found === undefined ? [] : [{ item, price: found.price }];
  });
  return {
    seats: priced
      .filter(({ price }) => price.kind === 'seat')
      .reduce((sum, { item }) => sum + item.quantity, 0n),
    modules: priced
      .filter(({ price }) => price.kind === 'module')
      .map(({ price }) => moduleOf(price)),
  };
}

function meterIdsOf(offers: readonly PlanOffer[]): readonly MeterId[] {
  const all = offers.flatMap(({ prices }) =>
    prices.flatMap(({ version }) => version.meterId ?? []),
  );
  return [...new Set(all)];
}

/** Of each period, the use of every meter that a plan counts: one statement for all. */
async function usageOf(
  tx: Tx,
  job: Job,
  about: {
    readonly subscription: Subscription;
    readonly periods: readonly Period[];
    readonly meters: readonly MeterId[];
  },
): Promise<readonly ReadonlyMap<MeterId, Usage>[]> {
  const { subscription, periods } = about;
  const meters: readonly Meter[] = await tx.loadMeters();
  const known = new Set(meters.map(({ id }) => id));
  const wanted = about.meters.filter((id) => known.has(id));
  const customerId = subscription.beneficiaryId ?? subscription.customerId;
  const queries = periods.flatMap((period) =>
    wanted.map((meterId) => ({ customerId, meterId, period })),
  );
  const usage = await loadMeteredUsage(tx, { meters, zone: job.merchant.zone }, queries);
  return periods.map(
    (_, index) =>
      new Map(
        wanted.flatMap((meterId, place) => {
          const used = usage[index * wanted.length + place];
          return used === undefined ? [] : [[meterId, used] as const];
        }),
      ),
  );
}

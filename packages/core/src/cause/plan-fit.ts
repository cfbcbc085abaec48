import type { Interval } from '../calendar/periods.ts';
import type { Plan, PricedVersion } from '../catalog/catalog.ts';
import { needsEvents, rate, type Usage } from '../catalog/rate.ts';
import { applySpendBounds } from '../catalog/rate-bounds.ts';
import type { MeterId, PlanId } from '../ids/ids.ts';
import { add, type Currency, type Money, money, shareOf, zero } from '../money/money.ts';
import { compareRatio, RATIO_ONE, type Ratio, ratio, toMoney } from '../money/ratio.ts';
import { divideDown } from '../money/rounding.ts';
import { invariant } from '../result/invariant.ts';
import { isSameInterval } from '../subscription/intervals.ts';

/** What was truly used in one billing period. */
export type PeriodUse = {
  /** Seats at the end of the period; 0 where nothing is counted by seats. */
  readonly seats: bigint;
  /** Modules that were on, by their product or else by their price's code. */
  readonly modules: readonly string[];
  /** By meter; a meter that is missing was not used. */
  readonly metered: ReadonlyMap<MeterId, Usage>;
};

/** A plan with what a period of it costs: its recurring prices, one version of each. */
export type PlanOffer = {
  readonly plan: Pick<Plan, 'id' | 'code' | 'nameZh' | 'nameEn'>;
  readonly prices: readonly PricedVersion[];
  /** The most that it holds, where it says so. */
  readonly limits?: {
    readonly seats?: bigint;
    readonly meters?: ReadonlyMap<MeterId, Ratio>;
  };
};

/** What a subscription has and used: the prices it pays, agreed ones among them. */
export type PlanUse = {
  readonly current: PlanOffer;
  readonly currency: Currency;
  readonly interval: Interval;
  /** The periods that have ended, oldest first; at least one. */
  readonly periods: readonly PeriodUse[];
};

/** Why a plan is not compared, whatever it costs. */
export type MisfitReason =
  | 'other_currency'
  | 'other_interval'
  | 'no_seats'
  | 'seats_not_counted'
  | 'no_module'
  | 'no_meter'
  | 'too_many_seats'
  | 'too_much_use'
  | 'cannot_be_priced';

export type PlanCost = {
  readonly planId: PlanId;
  readonly code: string;
  /** Of all the periods together, tax included. */
  readonly total: Money;
  /** Less than today per period, in the smallest unit, rounded down; below zero costs more. */
  readonly savingPerPeriod: Money;
};

export type PlanAdvice = {
  readonly current: PlanCost;
  readonly periods: number;
  /** Plans that fit, the cheapest first. */
  readonly fitting: readonly PlanCost[];
  readonly misfits: readonly {
    readonly planId: PlanId;
    readonly code: string;
    readonly reason: MisfitReason;
  }[];
  /** The cheapest that fits and costs less than today; absent: stay. */
  readonly best?: PlanCost;
};

/**
 * Prices the use of the last periods under every plan, by the same rating as an invoice's, and says
 * the cheapest that fits with its saving per period. A plan that cannot hold the use (seats,
 * modules, meters, limits), bills in another rhythm or cannot be priced from what was kept is never
 * advised. Coupons, packs and one-off prices are left out on both sides. Undefined where today's
 * own prices cannot be rated from what was kept: then nothing can be compared.
 */
export function advisePlan(use: PlanUse, plans: readonly PlanOffer[]): PlanAdvice | undefined {
  invariant(use.periods.length > 0, 'plans are compared over at least one period');
  const today = totalOf(use.current, use);
  if (today === undefined) return undefined;
  const fitting: PlanCost[] = [];
  const misfits: PlanAdvice['misfits'][number][] = [];
  for (const offer of plans) {
    const { id: planId, code } = offer.plan;
    if (planId === use.current.plan.id) continue;
    const reason = misfitOf(offer, use);
    const total = reason === undefined ? totalOf(offer, use) : undefined;
    if (total === undefined) {
      misfits.push({ planId, code, reason: reason ?? 'cannot_be_priced' });
      continue;
    }
    fitting.push(costOf(offer, total, { today, periods: use.periods.length }));
  }
  const ordered = fitting.toSorted(cheaperFirst);
  const [best] = ordered;
  return {
    current: costOf(use.current, today, { today, periods: use.periods.length }),
    periods: use.periods.length,
    fitting: ordered,
    misfits,
    ...(best !== undefined && best.savingPerPeriod.minor > 0n ? { best } : {}),
  };
}

function costOf(
  { plan }: PlanOffer,
  total: Money,
  { today, periods }: { readonly today: Money; readonly periods: number },
): PlanCost {
  const saving = divideDown(today.minor - total.minor, BigInt(periods));
  const savingPerPeriod = money(saving, total.currency);
  return { planId: plan.id, code: plan.code, total, savingPerPeriod };
}

/** Of two that cost the same the one whose code comes first, so that the advice is one. */
function cheaperFirst(left: PlanCost, right: PlanCost): number {
  if (left.total.minor !== right.total.minor) return left.total.minor < right.total.minor ? -1 : 1;
  return left.code < right.code ? -1 : 1;
}

function misfitOf({ prices, limits }: PlanOffer, use: PlanUse): MisfitReason | undefined {
  const { periods, currency, interval } = use;
  if (prices.length === 0) return 'cannot_be_priced';
  if (prices.some(({ version }) => version.currency !== currency)) return 'other_currency';
  if (prices.some(({ version }) => !isSameInterval(version.interval, interval))) {
    return 'other_interval';
  }
  const usesSeats = periods.some(({ seats }) => seats > 0n);
  const hasSeats = prices.some(({ price }) => price.kind === 'seat');
  if (usesSeats && !hasSeats) return 'no_seats';
  if (!usesSeats && hasSeats) return 'seats_not_counted';
  const mostSeats = limits?.seats;
  if (mostSeats !== undefined && periods.some(({ seats }) => seats > mostSeats)) {
    return 'too_many_seats';
  }
  const modules = new Set(
    prices.filter(({ price }) => price.kind === 'module').map(({ price }) => moduleOf(price)),
  );
  if (periods.some((one) => one.modules.some((module) => !modules.has(module)))) return 'no_module';
  const meters = new Set(prices.flatMap(({ version }) => version.meterId ?? []));
  for (const [meterId, { units }] of periods.flatMap(({ metered }) => [...metered])) {
    if (units.numerator > 0n && !meters.has(meterId)) return 'no_meter';
    const most = limits?.meters?.get(meterId);
    if (most !== undefined && compareRatio(most, units) < 0) return 'too_much_use';
  }
  return undefined;
}

/** What a module is known by across plans: its product, else its price's code. */
export function moduleOf({ productId, code }: PricedVersion['price']): string {
  return productId ?? code;
}

/** What all periods cost under a plan, tax included; undefined where it cannot be rated. */
function totalOf({ prices }: PlanOffer, use: PlanUse): Money | undefined {
  let total = zero(use.currency);
  for (const period of use.periods) {
    for (const priced of prices) {
      const amount = amountOf(priced, period);
      if (amount === undefined) return undefined;
      total = add(total, amount);
    }
  }
  return total;
}

function amountOf(priced: PricedVersion, period: PeriodUse): Money | undefined {
  const { price, version } = priced;
  const usage = usageOf(priced, period);
  if (usage === undefined) return zero(version.currency);
  if (!isRateable(priced, usage)) return undefined;
  const rated = toMoney(rate(version.model, usage).amount, version.currency);
  const bound = (spend: Ratio | undefined) =>
    spend === undefined || price.kind === 'one_off' ? undefined : toMoney(spend, version.currency);
  const minimum = bound(version.minimumSpend);
  const maximum = bound(version.maximumSpend);
  const { total } = applySpendBounds({
    amount: rated,
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  });
  return version.taxBehavior === 'inclusive'
    ? total
    : add(total, shareOf(total, version.taxBasisPoints));
}

/** What a price counts of the period; undefined: it is not on. */
function usageOf({ price, version }: PricedVersion, period: PeriodUse): Usage | undefined {
  switch (price.kind) {
    case 'flat':
      return { units: RATIO_ONE };
    case 'seat':
      return { units: ratio(period.seats) };
    case 'module':
      return period.modules.includes(moduleOf(price)) ? { units: RATIO_ONE } : undefined;
    case 'metered':
      return version.meterId === undefined
        ? undefined
        : (period.metered.get(version.meterId) ?? { units: ratio(0n) });
    case 'one_off':
      return undefined;
  }
}

/** Whether the use says enough for the model; else its price would be a guess. */
function isRateable({ version }: PricedVersion, usage: Usage): boolean {
  const { model } = version;
  if (model.type === 'buckets') return usage.buckets !== undefined;
  if (usage.units.numerator === 0n) return true;
  return !needsEvents(model) || usage.events !== undefined;
}

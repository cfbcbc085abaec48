import { periodContaining } from '../calendar/grid.ts';
import { isDateBefore, type Period } from '../calendar/periods.ts';
import { needsEvents, rate, type Usage } from '../catalog/rate.ts';
import type { MeterId, SubscriptionItemId } from '../ids/ids.ts';
import { add, type Money, subtract, zero } from '../money/money.ts';
import {
  addRatio,
  compareRatio,
  RATIO_ZERO,
  type Ratio,
  ratio,
  subtractRatio,
  toMoney,
} from '../money/ratio.ts';
import {
  isInArrears,
  type NextDraft,
  nextDraft,
  type Prices,
} from '../subscription/next-period.ts';
import { serviceSpans } from '../subscription/service.ts';
import { hullOf } from '../subscription/spans.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { Timetable } from '../subscription/timetable.ts';
import type { UsageBilled } from '../usage/usage-billed.ts';
import { boundSpend, minimumLine, windowOf } from './draft-advance.ts';
import { type UsageLookup, usageKey } from './draft-facts.ts';
import {
  type BilledDays,
  type LineSubject,
  lineOf,
  modelOf,
  ONCE,
  ruleOf,
  stepsOf,
  unitAmountOf,
} from './draft-line.ts';
import type { PackShelf } from './draft-packs.ts';
import type { WaitingLine } from './invoice.ts';

const STORED_UNIT = ratio(1n, 10n ** 12n);

/** Usage that the next draft wants to read, and under which key it looks for it. */
export type UsageNeed = {
  readonly itemId: SubscriptionItemId;
  readonly meterId: MeterId;
  readonly period: Period;
  /** The whole period of the price that `period` is, or is a part of. */
  readonly full?: Period;
};

/** What was billed of a usage, before the invoice has its id. */
export type BilledUsage = Omit<UsageBilled, 'invoiceId'>;

export type UsageLines = {
  readonly lines: readonly WaitingLine[];
  readonly billed: readonly BilledUsage[];
};

/**
 * The usage that `decideDraft` reads of this subscription now: of the periods that it bills, of the
 * period before (late events of a period that had no usage), and of those billed earlier that are
 * given. A key that is missing in the look-up counts as no usage.
 */
export function usageNeeds(
  subscription: Subscription,
  about: {
    readonly prices: Prices;
    readonly timetable: Timetable;
    readonly usageBilled: readonly Pick<UsageBilled, 'itemId' | 'meterId' | 'period'>[];
  },
): readonly UsageNeed[] {
  const draft = nextDraft(subscription, about.prices, about.timetable);
  const needs = new Map<string, UsageNeed>();
  const want = (need: UsageNeed) => needs.set(usageKey(need.itemId, need.period), need);
  for (const { itemId, meterId, period } of about.usageBilled) {
    const item = subscription.items.find(({ id }) => id === itemId);
    const priced = item === undefined ? undefined : about.prices.get(item.priceVersionId);
    const subject = item && priced ? { subscription, item, priced } : undefined;
    want({ itemId, meterId, period, ...wholeOf(subject, period) });
  }
  for (const item of subscription.items) {
    const priced = about.prices.get(item.priceVersionId);
    const meterId = priced?.version.meterId;
    if (item.kind !== 'metered' || priced === undefined || meterId === undefined) continue;
    const subject = { subscription, item, priced };
    for (const period of [meteredPeriod(subject, draft), periodBefore(subject, draft)]) {
      if (period === undefined) continue;
      want({ itemId: item.id, meterId, period, ...wholeOf(subject, period) });
    }
  }
  return [...needs.values()];
}

function wholeOf(subject: LineSubject | undefined, period: Period): Pick<UsageNeed, 'full'> {
  return subject === undefined ? {} : { full: fullPeriodOf(subject, period).full };
}

/** From the first to the last day of the item's service that this draft bills in arrears. */
export function meteredPeriod(subject: LineSubject, draft: NextDraft): Period | undefined {
  const { subscription, item, priced } = subject;
  if (!isInArrears(item, priced)) return undefined;
  const window = windowOf(subscription, item, { priced, draft });
  return window === undefined ? undefined : hullOf(serviceSpans(subscription, item, window));
}

/** The days of the item that the invoice before this one looked back on. */
export function periodBefore(subject: LineSubject, draft: NextDraft): Period | undefined {
  const { subscription, item, priced } = subject;
  const lastDay = draft.arrears.start.subtract({ days: 1 });
  if (isDateBefore(lastDay, subscription.startsOn)) return undefined;
  const { period } = periodContaining(subscription.anchor, priced.version.interval, lastDay);
  const window = isDateBefore(draft.arrears.start, period.end)
    ? { start: period.start, end: draft.arrears.start }
    : period;
  return hullOf(serviceSpans(subscription, item, window));
}

/** The line of a metered item for one period, after packs, within the bounds of its price. */
export function usageLines(
  subject: LineSubject,
  period: Period,
  facts: { readonly usage: UsageLookup; readonly packs: PackShelf },
): UsageLines {
  const used = facts.usage.get(usageKey(subject.item.id, period)) ?? { units: RATIO_ZERO };
  const packUnits = burnFor(subject, used, { packs: facts.packs, already: RATIO_ZERO, period });
  const days = fullPeriodOf(subject, period);
  const rated = rateUsage(subject, { used, packUnits, days });
  const billed = toBilled(subject, { period, used, packUnits, amount: rated.total });
  const isWorthALine = rated.amount.minor !== 0n || used.units.numerator !== 0n;
  const line = lineOf(subject, days, {
    rule: ruleOf(subject.item),
    quantity: firstPositive(rated.units, used.units),
    ...unitOf(subject, packUnits),
    subtotal: rated.amount,
    why: {
      ...rated.steps,
      ...(packUnits.numerator === 0n ? {} : { packUnits }),
      usedUnits: used.units,
    },
  });
  return {
    lines: [...(isWorthALine ? [line] : []), ...minimumLine(subject, days, rated.missing)],
    billed,
  };
}

/**
 * The difference that late events made to a period that was billed: what it comes to now less what
 * it came to then, once packs took their part. Nothing when the usage is what it was.
 */
export function correctionLines(
  subject: LineSubject,
  before: Pick<UsageBilled, 'period' | 'units' | 'packUnits' | 'amount'>,
  facts: { readonly usage: UsageLookup; readonly packs: PackShelf },
): UsageLines {
  const { period } = before;
  const used = facts.usage.get(usageKey(subject.item.id, period));
  if (used === undefined || isSameUnits(used.units, before.units)) {
    return { lines: [], billed: [] };
  }
  const about = { packs: facts.packs, already: before.packUnits, period };
  const packUnits = burnFor(subject, used, about);
  const days = fullPeriodOf(subject, period);
  const rated = rateUsage(subject, { used, packUnits, days });
  const difference = subtract(rated.total, before.amount);
  const change = subtractRatio(used.units, before.units);
  const line = lineOf(subject, days, {
    rule: 'usage_correction',
    quantity: change.numerator < 0n ? subtractRatio(RATIO_ZERO, change) : change,
    subtotal: difference,
    why: {
      usedUnits: used.units,
      ...(packUnits.numerator === 0n ? {} : { packUnits }),
    },
  });
  return {
    lines: [line],
    billed: toBilled(subject, { period, used, packUnits, amount: rated.total }),
  };
}

/** Units are stored to 12 places: what differs by less is what was billed, and no late event. */
function isSameUnits(left: Ratio, right: Ratio): boolean {
  const difference = subtractRatio(left, right);
  const size = difference.numerator < 0n ? subtractRatio(RATIO_ZERO, difference) : difference;
  return compareRatio(size, STORED_UNIT) < 0;
}

type Measured = {
  readonly used: Usage;
  readonly packUnits: Ratio;
  readonly days: BilledDays;
};

function rateUsage(subject: LineSubject, { used, packUnits, days }: Measured) {
  const model = modelOf(subject);
  const units = packUnits.numerator === 0n ? used.units : subtractRatio(used.units, packUnits);
  const rated = rate(model, { ...used, units });
  const { currency } = subject.priced.version;
  const whole = toMoney(rated.amount, currency);
  const bounded = boundSpend(subject.priced, whole, days);
  const amount: Money = subtract(whole, bounded.maximumCut);
  return {
    units,
    amount,
    missing: bounded.minimumTrueUp,
    total: add(amount, bounded.minimumTrueUp),
    steps: stepsOf(model, rated),
  };
}

/** Units that packs cover: those of before and, as far as packs reach, of what came since. */
function burnFor(
  subject: LineSubject,
  used: Usage,
  about: { readonly packs: PackShelf; readonly already: Ratio; readonly period: Period },
): Ratio {
  const { meterId } = subject.priced.version;
  const model = modelOf(subject);
  // Packs hold units; a percentage of amounts has none, and its events are priced one by one.
  if (meterId === undefined || !countsUnits(model.type)) return about.already;
  if (compareRatio(used.units, about.already) <= 0) return about.already;
  const wanted = subtractRatio(used.units, about.already);
  const burnt = about.packs.burn(meterId, wanted, about.period);
  return burnt.numerator === 0n ? about.already : addRatio(about.already, burnt);
}

function countsUnits(type: ReturnType<typeof modelOf>['type']): boolean {
  switch (type) {
    case 'percentage':
    case 'graduated_percentage':
    case 'dynamic':
    case 'buckets':
      return false;
    default:
      return true;
  }
}

/** Whether the usage says enough for its model; else it would be a guess. */
export function isRateable(subject: LineSubject, used: Usage | undefined): boolean {
  if (used === undefined) return true;
  const model = modelOf(subject);
  if (model.type === 'buckets') return used.buckets !== undefined || used.units.numerator === 0n;
  return !needsEvents(model) || used.events !== undefined || used.units.numerator === 0n;
}

function toBilled(
  { subscription, item, priced }: LineSubject,
  about: {
    readonly period: Period;
    readonly used: Usage;
    readonly packUnits: Ratio;
    readonly amount: Money;
  },
): readonly BilledUsage[] {
  const { meterId } = priced.version;
  if (meterId === undefined) return [];
  return [
    {
      merchantId: subscription.merchantId,
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
      itemId: item.id,
      meterId,
      period: about.period,
      units: about.used.units,
      packUnits: about.packUnits,
      amount: about.amount,
    },
  ];
}

/** Nothing was billed of a period in which nothing was used; late events start from there. */
export function nothingBilled(subject: LineSubject, period: Period) {
  const amount = zero(subject.priced.version.currency);
  return { period, units: RATIO_ZERO, packUnits: RATIO_ZERO, amount };
}

function unitOf(subject: LineSubject, packUnits: Ratio) {
  const unitAmount = unitAmountOf(modelOf(subject), 1n);
  return unitAmount === undefined || packUnits.numerator !== 0n ? {} : { unitAmount };
}

function fullPeriodOf({ subscription, priced }: LineSubject, period: Period): BilledDays {
  const { anchor } = subscription;
  const full = periodContaining(anchor, priced.version.interval, period.start).period;
  // A period from before the boundaries were moved is whole by itself.
  if (isDateBefore(full.end, period.end)) return { service: period, full: period };
  const isWhole = full.start.equals(period.start) && full.end.equals(period.end);
  return isWhole ? { service: full, full } : { service: period, full };
}

function firstPositive(...units: readonly Ratio[]): Ratio {
  return units.find(({ numerator }) => numerator > 0n) ?? ONCE;
}

import { businessDate, instantAt } from '../calendar/business-time.ts';
import { gridBoundary, gridIndexOf, periodContaining } from '../calendar/grid.ts';
import {
  addDays,
  earlierDate,
  type Interval,
  isDateBefore,
  laterDate,
  type Period,
  periodBoundary,
} from '../calendar/periods.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import type { PriceVersionId } from '../ids/ids.ts';
import { isSameInterval } from './intervals.ts';
import { firstChargedDay, isPausedOn } from './service.ts';
import type { Subscription, SubscriptionItem, SubscriptionState } from './subscription.ts';
import type { Timetable } from './timetable.ts';

export type Prices = ReadonlyMap<PriceVersionId, PricedVersion>;

/** What the next invoice of a subscription is about. */
export type NextDraft = {
  /** The day that it is counted from: the boundary up to which everything is billed, or the end. */
  readonly boundary: Temporal.PlainDate;
  /** The last invoice: it bills nothing in advance, and the subscription ends with it. */
  readonly isFinal: boolean;
  /** What it bills in advance; the boundary alone (no days) when it is final. */
  readonly advance: Period;
  /** The whole billing period that holds `advance`: the same object when all of it is billed. */
  readonly full: Period;
  /** What it bills in arrears; without days where nothing was billed before. */
  readonly arrears: Period;
  /** T: the first possible day of its debit. */
  readonly dueDate: Temporal.PlainDate;
};

/** The first boundary after `day`, computed from the anchor. */
export function nextBoundary(
  { anchor, interval }: Pick<Subscription, 'anchor' | 'interval'>,
  day: Temporal.PlainDate,
): Temporal.PlainDate {
  const grid = { anchor, interval };
  return gridBoundary(grid, gridIndexOf(grid, day) + 1);
}

/** The whole billing period that holds `day`, whether all of it is served or not. */
export function billingPeriodOn(
  { anchor, interval }: Pick<Subscription, 'anchor' | 'interval'>,
  day: Temporal.PlainDate,
): Period {
  return periodContaining(anchor, interval, day).period;
}

/**
 * The last period from before the boundaries were moved (统一到期日), while nothing after it is
 * billed: what is looked back on in it is a share of that period. Undefined where `billedThrough`
 * is a boundary of today, the end, or the start.
 */
export function periodBeforeMove(subscription: Subscription): Period | undefined {
  const { arrearsThrough, billedThrough, endsOn, interval } = subscription;
  const isBoundary = (day: Temporal.PlainDate) =>
    billingPeriodOn(subscription, day).start.equals(day);
  if (isBoundary(billedThrough) || endsOn?.equals(billedThrough)) return undefined;
  const first = firstChargedDay(subscription);
  if (!isDateBefore(first, billedThrough)) return undefined;
  if (isBoundary(arrearsThrough) && !arrearsThrough.equals(first)) return undefined;
  const isWhole = periodBoundary(arrearsThrough, interval, 1).equals(billedThrough);
  const start = isWhole ? arrearsThrough : periodBoundary(billedThrough, interval, -1);
  return { start, end: billedThrough };
}

/** The days from `day` to the next boundary: a whole period, or a short one off the boundaries. */
export function billingPeriodFrom(subscription: Subscription, day: Temporal.PlainDate): Period {
  return { start: day, end: nextBoundary(subscription, day) };
}

/** The days that the next invoice bills in advance. */
export function periodToBill(subscription: Subscription): Period {
  return billingPeriodFrom(subscription, subscription.billedThrough);
}

/**
 * Up to which day a thing of this interval is billed in advance, once the subscription is billed up
 * to `through`: the same day, or the end of its own longer period (a year under monthly bills).
 */
export function advanceUpTo(
  subscription: Subscription,
  interval: Interval,
  through: Temporal.PlainDate,
): Temporal.PlainDate {
  if (isSameInterval(interval, subscription.interval)) return through;
  if (!isDateBefore(firstChargedDay(subscription), through)) return through;
  const { period } = periodContaining(subscription.anchor, interval, through);
  return period.start.equals(through) ? through : period.end;
}

/** Up to which day a thing of this interval is billed in arrears: its last whole period's end. */
export function arrearsUpTo(
  subscription: Subscription,
  interval: Interval,
  through: Temporal.PlainDate,
): Temporal.PlainDate {
  if (isSameInterval(interval, subscription.interval)) return through;
  return periodContaining(subscription.anchor, interval, through).period.start;
}

/** Whether it is billed after its period: what is metered, and prices whose timing says so. */
export function isInArrears(item: SubscriptionItem, priced: PricedVersion | undefined): boolean {
  return item.kind === 'metered' || priced?.version.timing === 'arrears';
}

/**
 * What the next invoice bills and when it is due. Billed in advance, T is the boundary itself.
 * Where something is billed in arrears (usage, a committed minimum), the draft waits for late
 * events until `arrearsGraceDays` after the boundary, and T moves behind it by the days that a
 * draft always has, so that the notice keeps its days.
 */
export function nextDraft(
  subscription: Subscription,
  prices: Prices,
  timetable: Timetable,
): NextDraft {
  const { boundary, isFinal, arrears, dueDate } = nextDue(subscription, prices, timetable);
  const full = billingPeriodOn(subscription, boundary);
  const isWhole = !isFinal && full.start.equals(boundary);
  const advance = isWhole ? full : { start: boundary, end: isFinal ? boundary : full.end };
  return { boundary, isFinal, advance, full, arrears, dueDate };
}

function nextDue(
  subscription: Subscription,
  prices: Prices,
  timetable: Timetable,
): Omit<NextDraft, 'advance' | 'full'> {
  const { endsOn, billedThrough } = subscription;
  const isFinal = endsOn !== undefined && !isDateBefore(billedThrough, endsOn);
  const boundary = isFinal ? endsOn : billedThrough;
  const arrears = { start: subscription.arrearsThrough, end: boundary };
  const wait = daysAfter(
    isFinal,
    hasArrears(subscription, prices, { arrears, isFinal }),
    timetable,
  );
  const dueDate = wait === 0 ? boundary : addDays(boundary, wait);
  return { boundary, isFinal, arrears, dueDate };
}

/** Days from the boundary to T. */
function daysAfter(isFinal: boolean, looksBack: boolean, timetable: Timetable): number {
  if (looksBack) return timetable.arrearsGraceDays + timetable.draftDaysBefore;
  return isFinal ? timetable.draftDaysBefore : 0;
}

/**
 * When the next draft is made: T−8, and not before the period that was drafted last has begun, so
 * that at most one period is a draft that has not begun (weekly bills are drafted at T−7).
 */
export function nextBillAt(
  subscription: Subscription,
  prices: Prices,
  { timetable, zone }: { readonly timetable: Timetable; readonly zone: string },
): Temporal.Instant {
  const { boundary, dueDate } = nextDue(subscription, prices, timetable);
  const { arrearsThrough } = subscription;
  const planned = addDays(dueDate, -timetable.draftDaysBefore);
  const isTooEarly =
    isDateBefore(planned, arrearsThrough) && isDateBefore(arrearsThrough, boundary);
  return instantAt(isTooEarly ? arrearsThrough : planned, timetable.draftTime, zone);
}

/** The subscription after its next invoice was made, or after there was nothing to bill. */
export function afterDraft(
  subscription: Subscription,
  draft: NextDraft,
  context: {
    readonly prices: Prices;
    readonly timetable: Timetable;
    readonly zone: string;
    readonly now: Temporal.Instant;
  },
): Subscription {
  if (draft.isFinal) {
    return { ...subscription, state: 'ended', arrearsThrough: draft.boundary };
  }
  const { endsOn } = subscription;
  const { end } = draft.advance;
  const moved: Subscription = {
    ...subscription,
    state: stateAt(subscription, context),
    billedThrough: endsOn === undefined ? end : earlierDate(end, endsOn),
    arrearsThrough: draft.boundary,
  };
  return { ...moved, nextBillAt: nextBillAt(moved, context.prices, context) };
}

/** Paused or active at `now`, as the pauses say; the other states stay. */
export function stateAt(
  subscription: Subscription,
  { now, zone }: { readonly now: Temporal.Instant; readonly zone: string },
): SubscriptionState {
  const { state } = subscription;
  if (state !== 'active' && state !== 'paused') return state;
  if (subscription.pauses.length === 0) return 'active';
  return isPausedOn(subscription, businessDate(now, zone)) ? 'paused' : 'active';
}

function hasArrears(
  subscription: Subscription,
  prices: Prices,
  { arrears, isFinal }: { readonly arrears: Period; readonly isFinal: boolean },
): boolean {
  if (!isDateBefore(arrears.start, arrears.end)) return false;
  if (hasMinimum(subscription, arrears)) return true;
  return subscription.items.some((item) => {
    const priced = prices.get(item.priceVersionId);
    if (priced === undefined || !isInArrears(item, priced)) return false;
    const { interval } = priced.version;
    const start = arrearsUpTo(subscription, interval, arrears.start);
    const end = isFinal ? arrears.end : arrearsUpTo(subscription, interval, arrears.end);
    const until = item.until === undefined ? end : earlierDate(end, item.until);
    return isDateBefore(laterDate(start, item.from), until);
  });
}

/** Whether a committed minimum is settled by the invoice that looks back on `arrears`. */
function hasMinimum({ contract }: Subscription, arrears: Period): boolean {
  if (contract === undefined) return false;
  if (contract.minimumPerPeriod !== undefined) return isDateBefore(arrears.start, contract.end);
  return contract.minimumForTerm !== undefined && endsWithin(contract.end, arrears);
}

/** Whether a term that ends on `end` ends in the days of `arrears`, its last boundary included. */
export function endsWithin(end: Temporal.PlainDate, arrears: Period): boolean {
  return isDateBefore(arrears.start, end) && !isDateBefore(arrears.end, end);
}

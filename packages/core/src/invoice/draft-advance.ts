import { isDateBefore, type Period } from '../calendar/periods.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import { applySpendBounds } from '../catalog/rate-bounds.ts';
import { type Money, subtract } from '../money/money.ts';
import { fromMoney, multiplyRatio, type Ratio, toMoney } from '../money/ratio.ts';
import { isSameInterval } from '../subscription/intervals.ts';
import {
  advanceUpTo,
  arrearsUpTo,
  isInArrears,
  type NextDraft,
} from '../subscription/next-period.ts';
import { prorationShare } from '../subscription/proration.ts';
import { serviceSpans } from '../subscription/service.ts';
import type { Subscription, SubscriptionItem } from '../subscription/subscription.ts';
import {
  type BilledDays,
  computeLine,
  daysBilled,
  type LineSubject,
  lineOf,
  ONCE,
  taxOf,
} from './draft-line.ts';
import type { WaitingLine } from './invoice.ts';

/**
 * The lines of one item that is priced by its quantity, for all days inside `window`: one for each
 * span of service and period of the price. `whole` says how a window is cut that is served whole,
 * where the caller knows it already.
 */
export function linesWithin(
  subject: LineSubject,
  window: Period,
  whole?: readonly BilledDays[],
): readonly WaitingLine[] {
  const spans = serviceSpans(subject.subscription, subject.item, window);
  if (spans[0] === window && whole !== undefined) {
    return whole.flatMap((days) => boundedLines(subject, days));
  }
  return spans.flatMap((span) =>
    daysBilled(subject, span).flatMap((days) => boundedLines(subject, days)),
  );
}

/** The lines of days that are cut already: one for each, with the bounds of the price. */
export function linesOfDays(
  subject: LineSubject,
  days: readonly BilledDays[],
): readonly WaitingLine[] {
  return days.flatMap((one) => boundedLines(subject, one));
}

/** The days that the draft bills of an item whose quantity is priced; none when it is not due. */
export function windowOf(
  subscription: Subscription,
  item: SubscriptionItem,
  about: { readonly priced: PricedVersion; readonly draft: NextDraft },
): Period | undefined {
  const { draft, priced } = about;
  const { interval } = priced.version;
  const isPlain = isSameInterval(interval, subscription.interval);
  if (isInArrears(item, priced)) {
    if (isPlain)
      return isDateBefore(draft.arrears.start, draft.boundary) ? draft.arrears : undefined;
    const start = arrearsUpTo(subscription, interval, draft.arrears.start);
    const end = draft.isFinal
      ? draft.boundary
      : arrearsUpTo(subscription, interval, draft.boundary);
    return isDateBefore(start, end) ? { start, end } : undefined;
  }
  if (draft.isFinal) return undefined;
  if (isPlain) return draft.advance;
  const start = advanceUpTo(subscription, interval, draft.advance.start);
  const end = advanceUpTo(subscription, interval, draft.advance.end);
  return isDateBefore(start, end) ? { start, end } : undefined;
}

/** The line, cut at the maximum of its price, and a line for what is missing to its minimum. */
function boundedLines(subject: LineSubject, days: BilledDays): readonly WaitingLine[] {
  const line = computeLine(subject, days);
  const { minimumSpend, maximumSpend } = subject.priced.version;
  if (minimumSpend === undefined && maximumSpend === undefined) return [line];
  const bounded = boundSpend(subject.priced, line.subtotal, days);
  const kept = subtract(line.subtotal, bounded.maximumCut);
  return [
    { ...line, subtotal: kept, ...taxOf(kept, subject.priced.version) },
    ...minimumLine(subject, days, bounded.minimumTrueUp),
  ];
}

/** The bounds of a price for these days, prorated as the price itself is. */
export function boundSpend({ version }: PricedVersion, amount: Money, days: BilledDays) {
  const bound = (whole: Ratio | undefined) =>
    whole === undefined
      ? undefined
      : toMoney(
          days.service === days.full
            ? whole
            : multiplyRatio(whole, prorationShare(days.service, days.full)),
          version.currency,
        );
  const minimum = bound(version.minimumSpend);
  const maximum = bound(version.maximumSpend);
  return applySpendBounds({
    amount,
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  });
}

/** The line for what is missing to the minimum of a price; none when nothing is. */
export function minimumLine(
  subject: LineSubject,
  days: BilledDays,
  missing: Money,
): readonly WaitingLine[] {
  if (missing.minor === 0n) return [];
  const { price } = subject.priced;
  return [
    lineOf(subject, days, {
      rule: 'minimum_spend',
      quantity: ONCE,
      unitAmount: fromMoney(missing),
      subtotal: missing,
      why: {},
      names: {
        nameZh: `${price.nameZh}（补足最低消费）`,
        nameEn: `${price.nameEn} (up to the minimum)`,
      },
    }),
  ];
}

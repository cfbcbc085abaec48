import { periodContaining, splitAtBoundaries } from '../calendar/grid.ts';
import { daysIn, earlierDate, isDateBefore, type Period } from '../calendar/periods.ts';
import { isSameInterval } from '../subscription/intervals.ts';
import type { Prices } from '../subscription/next-period.ts';
import type { BilledLine } from './billed-line.ts';
import { type BilledDays, daysBilled, type LineSubject } from './draft-line.ts';
import type { LineRule } from './invoice.ts';

/** Rules of lines that bill a period of a price, or a part of one. */
const PERIOD_RULES: ReadonlySet<LineRule> = new Set([
  'list_price',
  'agreed_price',
  'change_charge',
]);

/**
 * The days of a charge, each with the whole period that it is a part of. Days inside a period that
 * was billed before the boundaries were moved (统一到期日) belong to that period: what is charged for
 * them is the same share of the price as what is credited for them.
 */
export function daysToCharge(
  subject: LineSubject,
  span: Period,
  facts: { readonly billed: readonly BilledLine[]; readonly prices: Prices },
): readonly BilledDays[] {
  const old = periodsOffGrid(subject, facts);
  if (old.length === 0) return daysBilled(subject, span);
  const days: BilledDays[] = [];
  let { start } = span;
  while (isDateBefore(start, span.end)) {
    const from = start;
    const inside = old.find(({ service }) => holds(service, from));
    const end = inside === undefined ? nextStart(old, { start, end: span.end }) : span.end;
    if (inside === undefined) {
      days.push(...daysBilled(subject, { start, end }));
      start = end;
    } else {
      const until = earlierDate(end, inside.service.end);
      days.push({ service: { start, end: until }, full: inside.full });
      start = until;
    }
  }
  return days;
}

/** Billed periods of the price's rhythm that today's boundaries do not have. */
function periodsOffGrid(
  { subscription, priced }: LineSubject,
  { billed, prices }: { readonly billed: readonly BilledLine[]; readonly prices: Prices },
): readonly BilledDays[] {
  const { interval } = priced.version;
  const grid = { anchor: subscription.anchor, interval };
  return billed.flatMap(({ line }) => {
    const version = prices.get(line.priceVersionId)?.version;
    if (version === undefined || !isSameInterval(version.interval, interval)) return [];
    if (version.timing === 'arrears' || line.kind === 'metered') return [];
    if (!PERIOD_RULES.has(line.rule) || line.serviceDays === 0) return [];
    const isOnGrid =
      splitAtBoundaries(grid, line.period).length === 1 &&
      daysIn(periodContaining(grid.anchor, interval, line.period.start).period) === line.periodDays;
    if (isOnGrid) return [];
    const { end } = line.period;
    return [
      { service: line.period, full: { start: end.subtract({ days: line.periodDays }), end } },
    ];
  });
}

function holds({ start, end }: Period, day: Temporal.PlainDate): boolean {
  return !isDateBefore(day, start) && isDateBefore(day, end);
}

function nextStart(old: readonly BilledDays[], span: Period): Temporal.PlainDate {
  return old
    .map(({ service }) => service.start)
    .filter((start) => isDateBefore(span.start, start))
    .reduce(earlierDate, span.end);
}

import { invariant } from '../result/invariant.ts';
import { businessDate, isBefore } from './business-time.ts';
import { type Grid, gridIndexOf } from './grid.ts';
import type { Span } from './local-time.ts';
import { type Interval, periodBoundary } from './periods.ts';

/**
 * A line of periods between instants: the anchor's local date steps by the interval (clamped to
 * the month's end from the original day), and its local time of day is kept over clock changes.
 */
export type ZonedGrid = {
  readonly anchor: Temporal.Instant;
  readonly interval: Interval;
  readonly zone: string;
};

/** The `index`-th boundary. A local time that a clock change skips moves forward. */
export function zonedBoundary(grid: ZonedGrid, index: number): Temporal.Instant {
  const local = grid.anchor.toZonedDateTimeISO(grid.zone);
  // The anchor itself, or the second of two equal local times would become the first.
  if (index === 0) return grid.anchor;
  return periodBoundary(local.toPlainDate(), grid.interval, index)
    .toZonedDateTime({ timeZone: grid.zone, plainTime: local.toPlainTime() })
    .toInstant();
}

/** The index of the period that holds `at`; an instant on a boundary is in the period it opens. */
export function zonedIndexOf(grid: ZonedGrid, at: Temporal.Instant): number {
  const dates: Grid = { anchor: businessDate(grid.anchor, grid.zone), interval: grid.interval };
  let index = gridIndexOf(dates, businessDate(at, grid.zone));
  // The local date knows the index but for the time of day, and for a day that a zone skipped.
  while (isBefore(at, zonedBoundary(grid, index))) index -= 1;
  while (!isBefore(at, zonedBoundary(grid, index + 1))) index += 1;
  return index;
}

/** The span between the boundaries around `at`. */
export function zonedPeriodContaining(grid: ZonedGrid, at: Temporal.Instant): Span {
  const index = zonedIndexOf(grid, at);
  return { start: zonedBoundary(grid, index), end: zonedBoundary(grid, index + 1) };
}

/**
 * The `steps`-th boundary strictly after `after`, and never past `notAfter` (the end of the
 * subscription). A start before the anchor gives a short first period.
 */
export function nextBoundaryAfter(
  grid: ZonedGrid,
  after: Temporal.Instant,
  { steps = 1, notAfter }: { readonly steps?: number; readonly notAfter?: Temporal.Instant } = {},
): Temporal.Instant {
  invariant(Number.isSafeInteger(steps) && steps >= 1, 'a next boundary is one or more steps away');
  const boundary = zonedBoundary(grid, zonedIndexOf(grid, after) + steps);
  return notAfter !== undefined && isBefore(notAfter, boundary) ? notAfter : boundary;
}

/** `span` cut at every `steps`-th boundary after its start; the parts together are the span. */
export function splitSpan(grid: ZonedGrid, span: Span, steps = 1): readonly Span[] {
  const parts: Span[] = [];
  let start = span.start;
  while (isBefore(start, span.end)) {
    const end = nextBoundaryAfter(grid, start, { steps, notAfter: span.end });
    parts.push({ start, end });
    start = end;
  }
  return parts;
}

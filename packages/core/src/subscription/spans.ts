import { daysIn, earlierDate, isDateBefore, laterDate, type Period } from '../calendar/periods.ts';

/** The days of `spans` that no span of `without` has, in order; both may be unsorted. */
export function subtractSpans(
  spans: readonly Period[],
  without: readonly Period[],
): readonly Period[] {
  return without.reduce<readonly Period[]>(
    (left, hole) => left.flatMap((span) => cut(span, hole)),
    spans,
  );
}

/** The days of `spans` that `window` has as well. */
export function clipSpans(spans: readonly Period[], window: Period): readonly Period[] {
  return spans.flatMap((span) => {
    const start = laterDate(span.start, window.start);
    const end = earlierDate(span.end, window.end);
    return isDateBefore(start, end) ? [{ start, end }] : [];
  });
}

/** From the first day to the last of all spans; undefined when there are none. */
export function hullOf(spans: readonly Period[]): Period | undefined {
  const [first, ...others] = spans;
  if (first === undefined) return undefined;
  return others.reduce(
    (hull, span) => ({
      start: earlierDate(hull.start, span.start),
      end: laterDate(hull.end, span.end),
    }),
    first,
  );
}

/** Days in all spans; a day that two spans have counts twice. */
export function daysInSpans(spans: readonly Period[]): number {
  return spans.reduce((total, span) => total + daysIn(span), 0);
}

function cut(span: Period, hole: Period): readonly Period[] {
  if (!isDateBefore(hole.start, span.end) || !isDateBefore(span.start, hole.end)) return [span];
  const parts: Period[] = [];
  if (isDateBefore(span.start, hole.start)) parts.push({ start: span.start, end: hole.start });
  if (isDateBefore(hole.end, span.end)) parts.push({ start: hole.end, end: span.end });
  return parts;
}

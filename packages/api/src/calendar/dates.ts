import type { Interval, Period } from '@daikou/core';
import { Type } from 'typebox';

/** A business date, in the merchant's zone. */
export const DateSchema = Type.String({
  format: 'date',
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: "A business date in the merchant's time zone, YYYY-MM-DD.",
  examples: ['2026-03-10'],
});

/** A moment, RFC 3339 in UTC with milliseconds. */
export const InstantSchema = Type.String({
  format: 'date-time',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
  description: 'A moment in UTC, RFC 3339 with milliseconds.',
  examples: ['2026-03-09T23:30:00.000Z'],
});

/** A span of business dates: `start` belongs to it, `end` does not. */
export const PeriodSchema = Type.Object(
  { start: DateSchema, end: DateSchema },
  {
    title: 'Period',
    additionalProperties: false,
    description: 'A half-open span of business dates: start is inside, end is not.',
    examples: [{ start: '2026-03-10', end: '2026-04-10' }],
  },
);

const INTERVAL_UNITS = [
  'day',
  'week',
  'month',
  'year',
] as const satisfies readonly Interval['unit'][];

/** How often a price recurs. */
export const IntervalSchema = Type.Object(
  {
    unit: Type.Enum(INTERVAL_UNITS, { type: 'string' }),
    count: Type.Integer({ minimum: 1 }),
  },
  {
    title: 'Interval',
    additionalProperties: false,
    description: 'How often a price recurs: 3 months are a quarter.',
    examples: [{ unit: 'month', count: 1 }],
  },
);

export type PeriodWire = Type.Static<typeof PeriodSchema>;
export type IntervalWire = Type.Static<typeof IntervalSchema>;

/** "2026-03-10", always in the ISO calendar. */
export function toDateWire(date: Temporal.PlainDate): string {
  return date.toString({ calendarName: 'never' });
}

/** The moment in UTC with milliseconds; what is finer is cut off. */
export function toInstantWire(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: 'millisecond', roundingMode: 'trunc' });
}

export function toPeriodWire(period: Period): PeriodWire {
  return { start: toDateWire(period.start), end: toDateWire(period.end) };
}

export function toIntervalWire(interval: Interval): IntervalWire {
  return { unit: interval.unit, count: interval.count };
}

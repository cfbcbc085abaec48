import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import { calendarDaysBetween, spanOf, startOfDay } from './local-time.ts';
import { daysIn, type Interval, periodAt } from './periods.ts';
import {
  nextBoundaryAfter,
  splitSpan,
  type ZonedGrid,
  zonedBoundary,
  zonedIndexOf,
  zonedPeriodContaining,
} from './zoned-grid.ts';

const instant = (text: string) => Temporal.Instant.from(text);
const date = (text: string) => Temporal.PlainDate.from(text);
const NEW_YORK = 'America/New_York';
const DAY: Interval = { unit: 'day', count: 1 };
const MONTH: Interval = { unit: 'month', count: 1 };

/** Zone, first day, unit, count; calendar days and minutes of that one period. */
type Row = readonly [string, string, Interval['unit'], number, number, number];

/** Periods over a clock change, cut at local midnight, for every interval that is sold. */
const CLOCK_CHANGES: readonly Row[] = [
  [NEW_YORK, '2026-03-08', 'day', 1, 1, 23 * 60],
  [NEW_YORK, '2026-11-01', 'day', 1, 1, 25 * 60],
  [NEW_YORK, '2026-03-01', 'day', 30, 30, 719 * 60],
  [NEW_YORK, '2026-03-02', 'week', 1, 7, 167 * 60],
  [NEW_YORK, '2026-10-26', 'week', 1, 7, 169 * 60],
  [NEW_YORK, '2026-03-02', 'week', 2, 14, 335 * 60],
  [NEW_YORK, '2026-03-01', 'month', 1, 31, 743 * 60],
  [NEW_YORK, '2026-11-01', 'month', 1, 30, 721 * 60],
  [NEW_YORK, '2026-01-01', 'month', 3, 90, 2_159 * 60],
  [NEW_YORK, '2026-10-01', 'month', 3, 92, 2_209 * 60],
  [NEW_YORK, '2026-01-01', 'month', 6, 181, 4_343 * 60],
  [NEW_YORK, '2026-01-01', 'year', 1, 365, 8_760 * 60],
  ['Europe/Berlin', '2026-03-29', 'day', 1, 1, 23 * 60],
  ['Europe/Berlin', '2026-10-25', 'day', 1, 1, 25 * 60],
  ['Europe/Berlin', '2026-10-19', 'week', 1, 7, 169 * 60],
  ['Europe/Berlin', '2026-03-01', 'month', 1, 31, 743 * 60],
  ['Europe/Berlin', '2026-10-01', 'month', 1, 31, 745 * 60],
  ['Europe/Berlin', '2026-03-01', 'month', 2, 61, 1_463 * 60],
  ['Europe/Berlin', '2026-01-01', 'month', 3, 90, 2_159 * 60],
  ['Europe/Berlin', '2026-07-01', 'month', 6, 184, 4_417 * 60],
  ['Europe/Berlin', '2024-02-29', 'year', 1, 365, 8_760 * 60],
  // China has no clock changes now; it had them from 1986 to 1991.
  ['Asia/Shanghai', '2026-03-08', 'day', 1, 1, 24 * 60],
  ['Asia/Shanghai', '2026-03-01', 'month', 1, 31, 744 * 60],
  ['Asia/Shanghai', '2024-01-01', 'year', 1, 366, 8_784 * 60],
  ['Asia/Shanghai', '1991-04-14', 'day', 1, 1, 23 * 60],
  ['Asia/Shanghai', '1991-09-01', 'month', 1, 30, 721 * 60],
  // Samoa had no 30 December 2011: a day of no minutes, in a month of thirty days' time.
  ['Pacific/Apia', '2011-12-30', 'day', 1, 1, 0],
  ['Pacific/Apia', '2011-12-26', 'week', 1, 7, 144 * 60],
  ['Pacific/Apia', '2011-12-01', 'month', 1, 31, 720 * 60],
  ['Pacific/Apia', '2011-10-01', 'month', 3, 92, 2_184 * 60],
  ['Pacific/Apia', '2011-01-01', 'year', 1, 365, 8_736 * 60],
  // Half an hour, and a midnight that does not exist.
  ['Australia/Lord_Howe', '2026-10-04', 'day', 1, 1, 1_410],
  ['Australia/Lord_Howe', '2026-04-05', 'day', 1, 1, 1_470],
  ['America/Sao_Paulo', '2018-11-04', 'day', 1, 1, 23 * 60],
  ['America/Sao_Paulo', '2018-11-01', 'month', 1, 30, 719 * 60],
];

describe('clock changes, for every interval', () => {
  for (const [zone, first, unit, count, days, minutes] of CLOCK_CHANGES) {
    test(`${count} ${unit} from ${first} in ${zone}: ${days} days, ${minutes} minutes`, () => {
      const interval: Interval = { unit, count };
      const period = periodAt(date(first), interval, 0);
      const { start, end } = spanOf(period, zone);
      assert.equal(daysIn(period), days);
      assert.equal(start.until(end).total('minutes'), minutes);
      // The next span begins where this one ends: no gap and no overlap.
      assert.ok(spanOf(periodAt(date(first), interval, 1), zone).start.equals(end));
      if (minutes > 0) assert.equal(calendarDaysBetween(start, end, zone), days);
      // A grid anchored at that midnight, where it exists, has the same instants.
      if (minutes > 0 && start.toZonedDateTimeISO(zone).hour === 0) {
        assert.ok(zonedBoundary({ anchor: start, interval, zone }, 1).equals(end));
      }
    });
  }
});

describe('the next boundary', () => {
  const cases: readonly (readonly [string, ZonedGrid, string, number, string])[] = [
    [
      'keeps the local time over a clock change',
      { anchor: instant('2026-03-07T14:30:00Z'), interval: DAY, zone: NEW_YORK },
      '2026-03-07T14:30:00Z',
      1,
      '2026-03-08T13:30:00Z',
    ],
    [
      'moves a skipped time forward',
      { anchor: instant('2026-03-07T07:30:00Z'), interval: DAY, zone: NEW_YORK },
      '2026-03-07T07:30:00Z',
      1,
      '2026-03-08T07:30:00Z',
    ],
    [
      'and comes back the day after',
      { anchor: instant('2026-03-07T07:30:00Z'), interval: DAY, zone: NEW_YORK },
      '2026-03-08T07:30:00Z',
      1,
      '2026-03-09T06:30:00Z',
    ],
    [
      'takes the earlier of two equal times',
      { anchor: instant('2026-10-31T05:30:00Z'), interval: DAY, zone: NEW_YORK },
      '2026-10-31T05:30:00Z',
      1,
      '2026-11-01T05:30:00Z',
    ],
    [
      'is clamped from the original day',
      { anchor: instant('2026-01-30T16:00:00Z'), interval: MONTH, zone: 'Asia/Shanghai' },
      '2026-02-27T16:00:00Z',
      1,
      '2026-03-30T16:00:00Z',
    ],
    [
      'goes several steps',
      { anchor: instant('2026-01-30T16:00:00Z'), interval: MONTH, zone: 'Asia/Shanghai' },
      '2026-01-31T00:00:00Z',
      2,
      '2026-03-30T16:00:00Z',
    ],
    [
      'of a start before the anchor is the anchor',
      { anchor: instant('2026-04-01T04:00:00Z'), interval: MONTH, zone: NEW_YORK },
      '2026-03-15T00:00:00Z',
      1,
      '2026-04-01T04:00:00Z',
    ],
    [
      'passes over a day that a zone skipped',
      { anchor: instant('2011-12-29T10:00:00Z'), interval: DAY, zone: 'Pacific/Apia' },
      '2011-12-29T10:00:00Z',
      1,
      '2011-12-30T10:00:00Z',
    ],
  ];
  for (const [name, grid, after, steps, expected] of cases) {
    test(name, () => {
      assert.equal(nextBoundaryAfter(grid, instant(after), { steps }).toString(), expected);
    });
  }

  test('is never past the end of the subscription', () => {
    const grid: ZonedGrid = {
      anchor: instant('2026-01-01T00:00:00Z'),
      interval: MONTH,
      zone: 'UTC',
    };
    const notAfter = instant('2026-01-20T00:00:00Z');
    const next = nextBoundaryAfter(grid, grid.anchor, { notAfter });
    assert.equal(next.toString(), notAfter.toString());
  });

  test('is at least one step away', () => {
    const grid: ZonedGrid = { anchor: instant('2026-01-01T00:00:00Z'), interval: DAY, zone: 'UTC' };
    for (const steps of [0, -1, 0.5]) {
      assert.throws(() => nextBoundaryAfter(grid, grid.anchor, { steps }), InvariantBroken);
    }
  });
});

describe('any zoned grid', () => {
  const zones = fc.constantFrom(
    'Asia/Shanghai',
    NEW_YORK,
    'Europe/Berlin',
    'Pacific/Apia',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Asia/Kathmandu',
  );
  const instants = fc
    .integer({ min: 0, max: 2_000_000_000 })
    .map((seconds) => Temporal.Instant.fromEpochMilliseconds(seconds * 1_000));
  const grids: fc.Arbitrary<ZonedGrid> = fc.record({
    anchor: instants,
    interval: fc.record({
      unit: fc.constantFrom('day', 'week', 'month', 'year'),
      count: fc.integer({ min: 1, max: 12 }),
    }),
    zone: zones,
  });

  test('has one period for every instant', () => {
    fc.assert(
      fc.property(grids, instants, (grid, at) => {
        const { start, end } = zonedPeriodContaining(grid, at);
        assert.ok(Temporal.Instant.compare(start, at) <= 0);
        assert.ok(Temporal.Instant.compare(at, end) < 0);
        assert.equal(zonedIndexOf(grid, start), zonedIndexOf(grid, at));
      }),
    );
  });

  test('splits a span into parts that follow each other and add up', () => {
    fc.assert(
      fc.property(grids, instants, fc.integer({ min: 0, max: 90 }), (grid, start, days) => {
        const span = { start, end: start.add({ hours: 24 * days }) };
        const parts = splitSpan(grid, span);
        let end = start;
        for (const part of parts) {
          assert.ok(part.start.equals(end));
          assert.ok(Temporal.Instant.compare(part.start, part.end) < 0);
          end = part.end;
        }
        assert.ok(end.equals(span.end));
      }),
    );
  });

  test('agrees with the dates where the anchor is a midnight', () => {
    const days = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(days, zones, fc.integer({ min: -40, max: 40 }), (offset, zone, index) => {
        const first = date('1980-01-01').add({ days: offset });
        const anchor = startOfDay(first, zone);
        fc.pre(anchor.toZonedDateTimeISO(zone).toPlainTime().equals(new Temporal.PlainTime()));
        fc.pre(anchor.toZonedDateTimeISO(zone).toPlainDate().equals(first));
        const boundary = zonedBoundary({ anchor, interval: MONTH, zone }, index);
        assert.ok(boundary.equals(spanOf(periodAt(first, MONTH, index), zone).start));
      }),
    );
  });
});

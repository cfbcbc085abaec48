import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  boundariesAfterAnchor,
  type Grid,
  gridBoundary,
  gridBoundaryOnOrAfter,
  gridIndexOf,
  gridPeriod,
  periodContaining,
  splitAtBoundaries,
  wholePeriodsBetween,
} from './grid.ts';
import { daysIn, type Interval } from './periods.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const MONTH: Interval = { unit: 'month', count: 1 };
const QUARTER: Interval = { unit: 'month', count: 3 };
const YEAR: Interval = { unit: 'year', count: 1 };

const dates = fc
  .integer({ min: -40_000, max: 40_000 })
  .map((days) => date('2024-02-29').add({ days }));
const intervals: fc.Arbitrary<Interval> = fc.record({
  unit: fc.constantFrom('day', 'week', 'month', 'year'),
  count: fc.integer({ min: 1, max: 40 }),
});
const grids: fc.Arbitrary<Grid> = fc.oneof(
  fc.record({ anchor: dates, interval: intervals }),
  fc.record({
    anchor: dates,
    interval: intervals,
    billingDay: fc.constantFrom(1, 15, 28, 29, 30, 31),
  }),
);

/** Anchor, unit, count; the four boundaries after it; the days of the four periods. */
type Row = readonly [string, Interval['unit'], number, string, readonly number[]];

/** Month ends of 28 to 31 days, leap years and century years, for every interval that is sold. */
const MONTH_ENDS_AND_LEAP_YEARS: readonly Row[] = [
  // Every day, every ten days, thirty days.
  ['2024-02-28', 'day', 1, '2024-02-29 2024-03-01 2024-03-02 2024-03-03', [1, 1, 1, 1]],
  ['2025-02-28', 'day', 1, '2025-03-01 2025-03-02 2025-03-03 2025-03-04', [1, 1, 1, 1]],
  ['2024-02-28', 'day', 10, '2024-03-09 2024-03-19 2024-03-29 2024-04-08', [10, 10, 10, 10]],
  ['2024-01-31', 'day', 30, '2024-03-01 2024-03-31 2024-04-30 2024-05-30', [30, 30, 30, 30]],
  // Every week, every two weeks.
  ['2024-02-26', 'week', 1, '2024-03-04 2024-03-11 2024-03-18 2024-03-25', [7, 7, 7, 7]],
  ['2025-12-29', 'week', 2, '2026-01-12 2026-01-26 2026-02-09 2026-02-23', [14, 14, 14, 14]],
  // Every month, from the 28th to the 31st, in common and in leap years.
  ['2025-01-28', 'month', 1, '2025-02-28 2025-03-28 2025-04-28 2025-05-28', [31, 28, 31, 30]],
  ['2025-01-29', 'month', 1, '2025-02-28 2025-03-29 2025-04-29 2025-05-29', [30, 29, 31, 30]],
  ['2024-01-29', 'month', 1, '2024-02-29 2024-03-29 2024-04-29 2024-05-29', [31, 29, 31, 30]],
  ['2025-01-30', 'month', 1, '2025-02-28 2025-03-30 2025-04-30 2025-05-30', [29, 30, 31, 30]],
  ['2024-01-30', 'month', 1, '2024-02-29 2024-03-30 2024-04-30 2024-05-30', [30, 30, 31, 30]],
  ['2025-01-31', 'month', 1, '2025-02-28 2025-03-31 2025-04-30 2025-05-31', [28, 31, 30, 31]],
  ['2024-01-31', 'month', 1, '2024-02-29 2024-03-31 2024-04-30 2024-05-31', [29, 31, 30, 31]],
  ['2024-02-29', 'month', 1, '2024-03-29 2024-04-29 2024-05-29 2024-06-29', [29, 31, 30, 31]],
  // Every two, every five months.
  ['2023-12-31', 'month', 2, '2024-02-29 2024-04-30 2024-06-30 2024-08-31', [60, 61, 61, 62]],
  ['2023-10-31', 'month', 5, '2024-03-31 2024-08-31 2025-01-31 2025-06-30', [152, 153, 153, 150]],
  // Every quarter.
  ['2025-08-31', 'month', 3, '2025-11-30 2026-02-28 2026-05-31 2026-08-31', [91, 90, 92, 92]],
  ['2023-11-29', 'month', 3, '2024-02-29 2024-05-29 2024-08-29 2024-11-29', [92, 90, 92, 92]],
  ['2023-11-30', 'month', 3, '2024-02-29 2024-05-30 2024-08-30 2024-11-30', [91, 91, 92, 92]],
  ['2025-01-28', 'month', 3, '2025-04-28 2025-07-28 2025-10-28 2026-01-28', [90, 91, 92, 92]],
  // Every half-year.
  ['2023-08-31', 'month', 6, '2024-02-29 2024-08-31 2025-02-28 2025-08-31', [182, 184, 181, 184]],
  ['2024-02-29', 'month', 6, '2024-08-29 2025-02-28 2025-08-29 2026-02-28', [182, 183, 182, 183]],
  ['2025-08-30', 'month', 6, '2026-02-28 2026-08-30 2027-02-28 2027-08-30', [182, 183, 182, 183]],
  // Every year; 2100 is no leap year. Every four years.
  ['2024-02-29', 'year', 1, '2025-02-28 2026-02-28 2027-02-28 2028-02-29', [365, 365, 365, 366]],
  ['2023-02-28', 'year', 1, '2024-02-28 2025-02-28 2026-02-28 2027-02-28', [365, 366, 365, 365]],
  ['2023-12-31', 'year', 1, '2024-12-31 2025-12-31 2026-12-31 2027-12-31', [366, 365, 365, 365]],
  ['2096-02-29', 'year', 1, '2097-02-28 2098-02-28 2099-02-28 2100-02-28', [365, 365, 365, 365]],
  [
    '2024-02-29',
    'year',
    4,
    '2028-02-29 2032-02-29 2036-02-29 2040-02-29',
    [1461, 1461, 1461, 1461],
  ],
];

describe('month ends and leap years, for every interval', () => {
  for (const [anchor, unit, count, boundaries, days] of MONTH_ENDS_AND_LEAP_YEARS) {
    test(`every ${count} ${unit} from ${anchor}`, () => {
      const grid: Grid = { anchor: date(anchor), interval: { unit, count } };
      const found = boundariesAfterAnchor(grid, days.length);
      assert.equal(found.join(' '), boundaries);
      assert.deepEqual(
        days.map((_, index) => daysIn(gridPeriod(grid, index))),
        days,
      );
      // Each boundary opens the period that it starts, and the day before it is the last one of
      // the period before: no gap and no overlap.
      for (const [index, boundary] of found.entries()) {
        assert.equal(gridIndexOf(grid, boundary), index + 1);
        assert.equal(gridIndexOf(grid, boundary.subtract({ days: 1 })), index);
      }
    });
  }
});

describe('boundaries on a billing day', () => {
  const cases: readonly (readonly [string, Interval, number, string])[] = [
    ['2026-02-28', MONTH, 31, '2026-03-31 2026-04-30 2026-05-31'],
    ['2028-02-29', MONTH, 30, '2028-03-30 2028-04-30 2028-05-30'],
    ['2026-02-28', QUARTER, 31, '2026-05-31 2026-08-31 2026-11-30'],
    ['2027-02-28', YEAR, 31, '2028-02-29 2029-02-28 2030-02-28'],
    ['2026-02-28', { unit: 'week', count: 1 }, 31, '2026-03-07 2026-03-14 2026-03-21'],
  ];
  for (const [anchor, interval, billingDay, boundaries] of cases) {
    test(`day ${billingDay}, every ${interval.count} ${interval.unit} after ${anchor}`, () => {
      const grid: Grid = { anchor: date(anchor), interval, billingDay };
      assert.equal(boundariesAfterAnchor(grid, 3).join(' '), boundaries);
    });
  }
});

describe('the period of a date', () => {
  const cases: readonly (readonly [string, Interval, string, number, string])[] = [
    ['2026-01-31', MONTH, '2026-02-27', 0, '2026-01-31/2026-02-28'],
    ['2026-01-31', MONTH, '2026-02-28', 1, '2026-02-28/2026-03-31'],
    ['2026-01-31', MONTH, '2026-03-30', 1, '2026-02-28/2026-03-31'],
    ['2026-01-31', MONTH, '2026-01-30', -1, '2025-12-31/2026-01-31'],
    ['2026-01-31', QUARTER, '2025-10-30', -2, '2025-07-31/2025-10-31'],
    ['2024-02-29', YEAR, '2025-02-28', 1, '2025-02-28/2026-02-28'],
    ['2026-01-01', { unit: 'day', count: 30 }, '2025-12-31', -1, '2025-12-02/2026-01-01'],
    ['2026-01-01', { unit: 'week', count: 2 }, '2026-01-15', 1, '2026-01-15/2026-01-29'],
  ];
  for (const [anchor, interval, at, index, expected] of cases) {
    test(`${at} is in period ${index} of every ${interval.count} ${interval.unit}`, () => {
      const found = periodContaining(date(anchor), interval, date(at));
      assert.equal(found.index, index);
      assert.equal(`${found.period.start}/${found.period.end}`, expected);
    });
  }

  test('holds the date, whatever the grid and however far away', () => {
    fc.assert(
      fc.property(grids, dates, (grid, at) => {
        const { start, end } = gridPeriod(grid, gridIndexOf(grid, at));
        assert.ok(Temporal.PlainDate.compare(start, at) <= 0);
        assert.ok(Temporal.PlainDate.compare(at, end) < 0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('tiles the line: every boundary ends one period and opens the next', () => {
    fc.assert(
      fc.property(grids, fc.integer({ min: -60, max: 60 }), (grid, index) => {
        const boundary = gridBoundary(grid, index);
        assert.equal(gridIndexOf(grid, boundary), index);
        assert.equal(gridIndexOf(grid, boundary.subtract({ days: 1 })), index - 1);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('the first boundary on or after a date is that date, when it is a boundary', () => {
  const grid: Grid = { anchor: date('2026-01-31'), interval: MONTH };
  assert.equal(gridBoundaryOnOrAfter(grid, date('2026-02-28')).toString(), '2026-02-28');
  assert.equal(gridBoundaryOnOrAfter(grid, date('2026-03-01')).toString(), '2026-03-31');
});

describe('whole periods between two dates', () => {
  const cases: readonly (readonly [string, string, Interval, number])[] = [
    ['2026-01-31', '2026-02-27', MONTH, 0],
    ['2026-01-31', '2026-02-28', MONTH, 1],
    ['2026-01-31', '2026-03-30', MONTH, 1],
    ['2026-01-31', '2026-01-31', MONTH, 0],
    ['2024-02-29', '2028-02-28', YEAR, 3],
    ['2024-02-29', '2028-02-29', YEAR, 4],
    ['2026-01-01', '2026-03-01', { unit: 'day', count: 30 }, 1],
    ['2026-03-01', '2026-02-28', MONTH, -1],
  ];
  for (const [start, end, interval, count] of cases) {
    test(`${start} to ${end} by ${interval.count} ${interval.unit}: ${count}`, () => {
      assert.equal(wholePeriodsBetween(date(start), date(end), interval), count);
    });
  }
});

describe('a span cut at its boundaries', () => {
  const split = (from: string, until: string) =>
    splitAtBoundaries(
      { anchor: date('2026-01-31'), interval: MONTH },
      { start: date(from), end: date(until) },
    ).map(({ start, end }) => `${start}/${end}`);

  test('starts and ends with what is left of a period', () => {
    assert.deepEqual(split('2026-02-10', '2026-04-10'), [
      '2026-02-10/2026-02-28',
      '2026-02-28/2026-03-31',
      '2026-03-31/2026-04-10',
    ]);
  });

  test('is whole when no boundary is inside, and nothing when it is empty', () => {
    assert.deepEqual(split('2026-02-28', '2026-03-31'), ['2026-02-28/2026-03-31']);
    assert.deepEqual(split('2026-02-10', '2026-02-10'), []);
  });

  test('adds up to the span', () => {
    fc.assert(
      fc.property(grids, dates, fc.integer({ min: 0, max: 200 }), (grid, start, days) => {
        const end = start.add({ days });
        const parts = splitAtBoundaries(grid, { start, end });
        assert.equal(
          parts.reduce((total, part) => total + daysIn(part), 0),
          days,
        );
        for (const [index, part] of parts.entries()) {
          assert.ok(part.start.equals(parts[index - 1]?.end ?? start));
          assert.equal(
            gridIndexOf(grid, part.start),
            gridIndexOf(grid, part.end.subtract({ days: 1 })),
          );
        }
      }),
    );
  });
});

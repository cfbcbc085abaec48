import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import { daysIn, type Interval, overlapOf, periodAt, periodBoundary } from './periods.ts';

const date = (text: string) => Temporal.PlainDate.from(text);

type Civil = { readonly year: number; readonly month: number; readonly day: number };

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function nextDay({ year, month, day }: Civil): Civil {
  if (day < daysInMonth(year, month)) return { year, month, day: day + 1 };
  return month < 12 ? { year, month: month + 1, day: 1 } : { year: year + 1, month: 1, day: 1 };
}

/** The boundary by counting months and days one at a time, with no calendar library. */
function slowBoundary(anchor: Civil, interval: Interval, index: number): string {
  let at = anchor;
  if (interval.unit === 'week' || interval.unit === 'day') {
    const days = interval.count * index * (interval.unit === 'week' ? 7 : 1);
    for (let step = 0; step < days; step += 1) at = nextDay(at);
  } else {
    const months = interval.count * index * (interval.unit === 'year' ? 12 : 1);
    let { year, month } = anchor;
    for (let step = 0; step < months; step += 1) {
      month += 1;
      if (month > 12) [year, month] = [year + 1, 1];
    }
    at = { year, month, day: Math.min(anchor.day, daysInMonth(year, month)) };
  }
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.year}-${two(at.month)}-${two(at.day)}`;
}

const anchors = fc
  .record({
    year: fc.integer({ min: 1999, max: 2099 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constantFrom(28, 29, 30, 31)),
  })
  .filter(({ year, month, day }) => day <= daysInMonth(year, month));
const intervals: fc.Arbitrary<Interval> = fc.record({
  unit: fc.constantFrom('day', 'week', 'month', 'year'),
  count: fc.integer({ min: 1, max: 12 }),
});
const indexes = fc.integer({ min: 0, max: 40 });

describe('the boundaries of periods', () => {
  test('are those that counting by hand finds', () => {
    fc.assert(
      fc.property(anchors, intervals, indexes, (anchor, interval, index) => {
        const boundary = periodBoundary(Temporal.PlainDate.from(anchor), interval, index);
        assert.equal(boundary.toString(), slowBoundary(anchor, interval, index));
      }),
      { numRuns: 1_000 },
    );
  });

  const series: readonly {
    readonly name: string;
    readonly anchor: string;
    readonly interval: Interval;
    readonly boundaries: readonly string[];
  }[] = [
    {
      name: 'the 31st is clamped and comes back without drift',
      anchor: '2026-01-31',
      interval: { unit: 'month', count: 1 },
      boundaries: ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31'],
    },
    {
      name: 'the 30th through a leap February',
      anchor: '2023-12-30',
      interval: { unit: 'month', count: 1 },
      boundaries: ['2023-12-30', '2024-01-30', '2024-02-29', '2024-03-30'],
    },
    {
      name: 'the 29th through a common February',
      anchor: '2026-01-29',
      interval: { unit: 'month', count: 1 },
      boundaries: ['2026-01-29', '2026-02-28', '2026-03-29'],
    },
    {
      name: 'a leap day by the year',
      anchor: '2024-02-29',
      interval: { unit: 'year', count: 1 },
      boundaries: ['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29'],
    },
    {
      name: 'a century that is no leap year',
      anchor: '2096-02-29',
      interval: { unit: 'year', count: 4 },
      boundaries: ['2096-02-29', '2100-02-28', '2104-02-29'],
    },
    {
      name: 'quarters from the 31st',
      anchor: '2025-08-31',
      interval: { unit: 'month', count: 3 },
      boundaries: ['2025-08-31', '2025-11-30', '2026-02-28', '2026-05-31'],
    },
    {
      name: 'two weeks over a year end',
      anchor: '2025-12-24',
      interval: { unit: 'week', count: 2 },
      boundaries: ['2025-12-24', '2026-01-07', '2026-01-21'],
    },
  ];
  for (const { name, anchor, interval, boundaries } of series) {
    test(name, () => {
      const found = boundaries.map((_, index) => periodBoundary(date(anchor), interval, index));
      assert.deepEqual(found.map(String), boundaries);
    });
  }

  test('part of a period or an interval of nothing is our bug', () => {
    const month: Interval = { unit: 'month', count: 1 };
    assert.throws(() => periodBoundary(date('2026-01-01'), month, 0.5), InvariantBroken);
    for (const count of [0, -1, 1.5]) {
      assert.throws(
        () => periodBoundary(date('2026-01-01'), { unit: 'month', count }, 1),
        InvariantBroken,
      );
    }
  });
});

describe('periods', () => {
  test('follow each other with no gap, no overlap and no empty one', () => {
    fc.assert(
      fc.property(anchors, intervals, indexes, (anchor, interval, index) => {
        const from = Temporal.PlainDate.from(anchor);
        const period = periodAt(from, interval, index);
        assert.ok(daysIn(period) > 0);
        assert.ok(period.end.equals(periodAt(from, interval, index + 1).start));
      }),
    );
  });

  test('count their days without the end', () => {
    const month: Interval = { unit: 'month', count: 1 };
    assert.equal(daysIn(periodAt(date('2024-02-01'), month, 0)), 29);
    assert.equal(daysIn(periodAt(date('2026-02-01'), month, 0)), 28);
    assert.equal(daysIn(periodAt(date('2024-01-01'), { unit: 'year', count: 1 }, 0)), 366);
  });
});

describe('what two periods share', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['2026-01-01/2026-02-01', '2026-01-20/2026-03-01', '2026-01-20/2026-02-01'],
    ['2026-01-01/2026-02-01', '2026-01-05/2026-01-10', '2026-01-05/2026-01-10'],
    ['2026-01-01/2026-02-01', '2026-02-01/2026-03-01', 'nothing'],
    ['2026-01-01/2026-02-01', '2027-01-01/2027-03-01', 'nothing'],
  ];
  const period = (text: string) => {
    const [start = '', end = ''] = text.split('/');
    return { start: date(start), end: date(end) };
  };
  for (const [left, right, expected] of cases) {
    test(`${left} and ${right} share ${expected}`, () => {
      for (const [one, other] of [
        [left, right],
        [right, left],
      ]) {
        const shared = overlapOf(period(one ?? ''), period(other ?? ''));
        const text = shared === undefined ? 'nothing' : `${shared.start}/${shared.end}`;
        assert.equal(text, expected);
      }
    });
  }
});

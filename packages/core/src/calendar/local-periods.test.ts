import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  currentLocalPeriod,
  type LocalSchedule,
  lastCompletedLocalPeriod,
} from './local-periods.ts';
import type { Interval } from './periods.ts';

const instant = (text: string) => Temporal.Instant.from(text);
const MONTH: Interval = { unit: 'month', count: 1 };
const HALF_YEAR: Interval = { unit: 'month', count: 6 };
const WEEK: Interval = { unit: 'week', count: 1 };

type Row = readonly [
  Interval,
  LocalSchedule['alignment'],
  zone: string,
  start: string,
  at: string,
  current: string,
  elapsed: number,
];

describe('the local period of an instant', () => {
  const rows: readonly Row[] = [
    [
      MONTH,
      'anniversary',
      'Asia/Shanghai',
      '2026-01-30T16:00:00Z',
      '2026-02-27T15:59:59Z',
      '2026-01-30T16:00:00Z/2026-02-27T16:00:00Z',
      0,
    ],
    [
      MONTH,
      'anniversary',
      'Asia/Shanghai',
      '2026-01-30T16:00:00Z',
      '2026-02-27T16:00:00Z',
      '2026-02-27T16:00:00Z/2026-03-30T16:00:00Z',
      1,
    ],
    [
      MONTH,
      'calendar',
      'Asia/Shanghai',
      '2026-01-30T16:00:00Z',
      '2026-01-30T17:00:00Z',
      '2025-12-31T16:00:00Z/2026-01-31T16:00:00Z',
      0,
    ],
    [
      MONTH,
      'calendar',
      'America/New_York',
      '2026-01-15T00:00:00Z',
      '2026-03-20T00:00:00Z',
      '2026-03-01T05:00:00Z/2026-04-01T04:00:00Z',
      2,
    ],
    [
      HALF_YEAR,
      'calendar',
      'Europe/Berlin',
      '2026-08-13T00:00:00Z',
      '2027-01-05T00:00:00Z',
      '2026-12-31T23:00:00Z/2027-06-30T22:00:00Z',
      1,
    ],
    [
      WEEK,
      'calendar',
      'Europe/Berlin',
      '2026-08-13T00:00:00Z',
      '2026-10-25T12:00:00Z',
      '2026-10-18T22:00:00Z/2026-10-25T23:00:00Z',
      10,
    ],
    [
      WEEK,
      'anniversary',
      'Europe/Berlin',
      '2026-08-13T00:00:00Z',
      '2026-08-20T00:00:00Z',
      '2026-08-19T22:00:00Z/2026-08-26T22:00:00Z',
      1,
    ],
  ];
  for (const [interval, alignment, zone, start, at, current, elapsed] of rows) {
    test(`${alignment}, ${interval.count} ${interval.unit} in ${zone} at ${at}`, () => {
      const schedule: LocalSchedule = { start: instant(start), interval, alignment, zone };
      const found = currentLocalPeriod(schedule, instant(at));
      assert.equal(`${found.span.start}/${found.span.end}`, current);
      assert.equal(found.elapsed, elapsed);
    });
  }

  test('follows the last completed one', () => {
    const zones = fc.constantFrom('Asia/Shanghai', 'America/New_York', 'Europe/Berlin');
    const instants = fc
      .integer({ min: 0, max: 2_000_000_000 })
      .map((seconds) => Temporal.Instant.fromEpochMilliseconds(seconds * 1_000));
    const schedules: fc.Arbitrary<LocalSchedule> = fc.record({
      start: instants,
      interval: fc.constantFrom(MONTH, HALF_YEAR, WEEK),
      alignment: fc.constantFrom('anniversary', 'calendar'),
      zone: zones,
    });
    fc.assert(
      fc.property(schedules, instants, (schedule, at) => {
        const current = currentLocalPeriod(schedule, at);
        const last = lastCompletedLocalPeriod(schedule, at);
        assert.ok(last.span.end.equals(current.span.start));
        assert.equal(last.elapsed, current.elapsed - 1);
        assert.ok(Temporal.Instant.compare(current.span.start, at) <= 0);
        assert.ok(Temporal.Instant.compare(at, current.span.end) < 0);
      }),
    );
  });
});

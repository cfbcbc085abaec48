import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  addCalendarDays,
  calendarAnchor,
  calendarDaysBetween,
  type FloorUnit,
  fixedOffsetAt,
  floorTo,
  startOfDay,
} from './local-time.ts';
import type { Interval } from './periods.ts';

const instant = (text: string) => Temporal.Instant.from(text);
const date = (text: string) => Temporal.PlainDate.from(text);

describe('the start of what holds an instant', () => {
  const cases: readonly (readonly [FloorUnit, string, string, string])[] = [
    ['minute', '2026-08-13T14:37:09Z', 'Asia/Shanghai', '2026-08-13T14:37:00Z'],
    ['hour', '2026-08-13T14:37:09Z', 'Asia/Kathmandu', '2026-08-13T14:15:00Z'],
    // 01:30 occurs twice when New York goes back: each instance keeps its own hour.
    ['hour', '2026-11-01T05:30:00Z', 'America/New_York', '2026-11-01T05:00:00Z'],
    ['hour', '2026-11-01T06:30:00Z', 'America/New_York', '2026-11-01T06:00:00Z'],
    ['day', '2026-03-08T20:00:00Z', 'America/New_York', '2026-03-08T05:00:00Z'],
    ['day', '2026-03-09T03:59:59Z', 'America/New_York', '2026-03-08T05:00:00Z'],
    ['day', '2018-11-04T12:00:00Z', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
    ['day', '2026-03-10T16:00:00Z', 'Asia/Shanghai', '2026-03-10T16:00:00Z'],
    ['week', '2026-03-29T22:30:00Z', 'Europe/Berlin', '2026-03-29T22:00:00Z'],
    ['week', '2026-03-29T21:30:00Z', 'Europe/Berlin', '2026-03-22T23:00:00Z'],
    ['month', '2026-03-31T15:59:59Z', 'Asia/Shanghai', '2026-02-28T16:00:00Z'],
    ['month', '2026-04-15T00:00:00Z', 'America/New_York', '2026-04-01T04:00:00Z'],
    ['quarter', '2026-06-30T12:00:00Z', 'UTC', '2026-04-01T00:00:00Z'],
    ['quarter', '2026-12-31T12:00:00Z', 'UTC', '2026-10-01T00:00:00Z'],
    ['year', '2026-12-31T16:00:00Z', 'Asia/Shanghai', '2026-12-31T16:00:00Z'],
  ];
  for (const [unit, at, zone, expected] of cases) {
    test(`${unit} of ${at} in ${zone}`, () => {
      assert.equal(floorTo(instant(at), unit, zone).toString(), expected);
    });
  }
});

describe('days in a zone', () => {
  test('are added by the calendar, not by 24 hours', () => {
    const saturday = instant('2026-03-07T17:00:00Z');
    const next = addCalendarDays(saturday, 1, 'America/New_York');
    assert.equal(next.toString(), '2026-03-08T16:00:00Z');
    const back = addCalendarDays(next, -1, 'America/New_York');
    assert.equal(back.toString(), saturday.toString());
  });

  const spans: readonly (readonly [string, string, string, number])[] = [
    ['2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z', 'America/New_York', 1],
    ['2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z', 'America/New_York', 1],
    ['2026-03-10T15:59:59Z', '2026-03-10T16:00:00Z', 'Asia/Shanghai', 1],
    ['2026-03-10T15:59:59Z', '2026-03-10T16:00:00Z', 'UTC', 0],
    ['2026-03-10T16:00:00Z', '2026-03-10T15:59:59Z', 'Asia/Shanghai', -1],
  ];
  for (const [start, end, zone, days] of spans) {
    test(`${start} to ${end} in ${zone}: ${days}`, () => {
      assert.equal(calendarDaysBetween(instant(start), instant(end), zone), days);
    });
  }

  test('start at their first existing time, and a skipped day where the next one starts', () => {
    assert.equal(
      startOfDay(date('2018-11-04'), 'America/Sao_Paulo').toString(),
      '2018-11-04T03:00:00Z',
    );
    assert.ok(
      startOfDay(date('2011-12-30'), 'Pacific/Apia').equals(
        startOfDay(date('2011-12-31'), 'Pacific/Apia'),
      ),
    );
  });
});

describe('the anchor of calendar periods', () => {
  const cases: readonly (readonly [Interval, string])[] = [
    [{ unit: 'day', count: 1 }, '2026-08-13'],
    [{ unit: 'week', count: 1 }, '2026-08-10'],
    [{ unit: 'month', count: 1 }, '2026-01-01'],
    [{ unit: 'month', count: 3 }, '2026-01-01'],
    [{ unit: 'year', count: 1 }, '2026-01-01'],
  ];
  for (const [interval, expected] of cases) {
    test(`every ${interval.count} ${interval.unit}`, () => {
      assert.equal(calendarAnchor(interval, date('2026-08-13')).toString(), expected);
    });
  }
});

test('a fixed offset is that of the reference, winter or summer', () => {
  const zone = 'America/Juneau';
  assert.equal(fixedOffsetAt(instant('2015-01-01T08:00:00Z'), zone), '-09:00');
  assert.equal(fixedOffsetAt(instant('2015-07-01T08:00:00Z'), zone), '-08:00');
});

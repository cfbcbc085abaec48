import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { dueDateOf } from './due-date.ts';
import { addTargetDays, isTargetDay, targetDayFrom } from './target-days.ts';

const day = (text: string) => Temporal.PlainDate.from(text);

/** Closing days of TARGET on weekdays, as the ECB published them for these years. */
const CLOSED = [
  '2024-01-01 2024-03-29 2024-04-01 2024-05-01 2024-12-25 2024-12-26',
  '2025-01-01 2025-04-18 2025-04-21 2025-05-01 2025-12-25 2025-12-26',
  '2026-01-01 2026-04-03 2026-04-06 2026-05-01 2026-12-25',
  '2027-01-01 2027-03-26 2027-03-29',
].flatMap((line) => line.split(' '));

describe('days on which TARGET settles', () => {
  test('the years 2024 to 2027 are closed on weekends and on the published days only', () => {
    const closed: string[] = [];
    for (let date = day('2024-01-01'); date.year < 2028; date = date.add({ days: 1 })) {
      if (!isTargetDay(date) && date.dayOfWeek <= 5) closed.push(date.toString());
    }
    assert.deepEqual(closed, CLOSED);
  });

  test('the day after the longest closing is found', () => {
    assert.equal(targetDayFrom(day('2026-12-25')).toString(), '2026-12-28');
    assert.equal(targetDayFrom(day('2026-04-03')).toString(), '2026-04-07');
  });

  test('days are added one settlement at a time', () => {
    const dates = fc
      .integer({ min: 0, max: 20_000 })
      .map((days) => day('2020-01-01').add({ days }));
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 9 }), (date, count) => {
        const later = addTargetDays(date, count);
        assert.ok(isTargetDay(later));
        assert.ok(addTargetDays(addTargetDays(date, count - 1), 1).equals(later));
      }),
    );
  });
});

describe('the date to ask the payer’s bank for', () => {
  const rules = { zone: 'Europe/Berlin', cutOff: Temporal.PlainTime.from('10:00'), leadDays: 1 };
  const cases = [
    ['a Tuesday morning', '2026-12-01', '2026-12-01T08:00:00Z', '2026-12-02'],
    [
      'after the cut-off it counts for the next day',
      '2026-12-01',
      '2026-12-01T09:30:00Z',
      '2026-12-03',
    ],
    ['a Friday collects on Monday', '2026-12-04', '2026-12-04T08:00:00Z', '2026-12-07'],
    ['a Sunday is handed in on Monday', '2026-12-06', '2026-12-06T12:00:00Z', '2026-12-08'],
    ['Christmas is passed by', '2026-12-24', '2026-12-24T07:00:00Z', '2026-12-28'],
    [
      'a date ahead of this machine’s clock is believed',
      '2027-02-01',
      '2026-12-01T12:00:00Z',
      '2027-02-02',
    ],
  ] as const;
  for (const [name, collectDate, now, expected] of cases) {
    test(name, () => {
      const due = dueDateOf(rules, day(collectDate), Temporal.Instant.from(now));
      assert.equal(due.toString(), expected);
    });
  }

  test('it is never before the date that the payer was told, and always a settlement day', () => {
    const days = fc.integer({ min: 0, max: 4_000 });
    fc.assert(
      fc.property(
        days,
        fc.integer({ min: 0, max: 86_399 }),
        fc.nat(10),
        (ahead, second, leadDays) => {
          const told = day('2026-01-01').add({ days: ahead });
          const now = told.toZonedDateTime('Europe/Berlin').add({ seconds: second }).toInstant();
          const due = dueDateOf({ ...rules, leadDays }, told, now);
          assert.ok(Temporal.PlainDate.compare(due, told) >= 0);
          assert.ok(isTargetDay(due));
        },
      ),
    );
  });
});

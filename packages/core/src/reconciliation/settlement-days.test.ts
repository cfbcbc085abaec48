import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { day } from '../../../../test/kit/builders.ts';
import { isWorkday } from '../calendar/holidays.ts';
import { CUT_OFF_DAYS } from './match.ts';
import { poolDates } from './pool.ts';
import { EVERY_DAY, settlementRange, settlementSteps } from './settlement-days.ts';

const CALENDARS = [EVERY_DAY, isWorkday] as const;

describe('days on which banks settle', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    // The National Day of 2026: off from 1 to 7 October, a make-up workday on the 10th.
    [
      'the day before the holiday',
      '2026-09-30',
      '2026-09-28 … 2026-10-09',
      '2026-10-08 2026-10-09',
    ],
    ['in the holiday', '2026-10-03', '2026-09-28 … 2026-10-09', '2026-10-08 2026-10-09'],
    ['a Friday', '2026-03-13', '2026-03-11 … 2026-03-17', '2026-03-16 2026-03-17'],
  ];
  for (const [name, date, range, pool] of cases) {
    test(`${name}: the same money on ${range}, missing after ${pool}`, () => {
      const near = settlementRange(day(date), CUT_OFF_DAYS, isWorkday);
      const waits = poolDates(day(date), isWorkday).map(String).join(' ');
      assert.deepEqual([`${near.from} … ${near.until}`, waits], [range, pool]);
    });
  }

  test('a date is near exactly where the range says so, both ways; the pool ends with it', () => {
    const offset = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(fc.constantFrom(...CALENDARS), offset, offset, (settles, first, second) => {
        const [one, other] = [first, second].map((days) => day('2026-01-01').add({ days }));
        assert.ok(one && other);
        const isNear = settlementSteps(one, other, settles) <= CUT_OFF_DAYS;
        assert.equal(isNear, settlementSteps(other, one, settles) <= CUT_OFF_DAYS);
        const { from, until } = settlementRange(one, CUT_OFF_DAYS, settles);
        const isWithin =
          Temporal.PlainDate.compare(from, other) <= 0 &&
          Temporal.PlainDate.compare(other, until) <= 0;
        assert.equal(isWithin, isNear);
        const waits = poolDates(one, settles);
        assert.ok(waits.every((date) => settles(date)));
        assert.equal(waits.length, CUT_OFF_DAYS);
        assert.equal(settlementSteps(one, waits.at(-1) ?? one, settles), CUT_OFF_DAYS);
      }),
    );
  });
});

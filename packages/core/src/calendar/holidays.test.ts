import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HOLIDAY_YEARS } from './holidays.generated.ts';
import { describeDayInChina, isHoliday, isWorkday, nextWorkday } from './holidays.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const isWeekend = (day: Temporal.PlainDate) => day.dayOfWeek >= 6;

describe('days in China', () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['2026-01-01', 'holiday', '元旦'],
    ['2026-01-04', 'makeup_workday', '元旦'],
    ['2026-02-14', 'makeup_workday', '春节'],
    ['2026-02-17', 'holiday', '春节'],
    ['2026-02-23', 'holiday', '春节'],
    ['2026-02-24', 'workday', undefined],
    ['2026-02-28', 'makeup_workday', '春节'],
    ['2026-03-07', 'weekend', undefined],
    ['2026-10-07', 'holiday', '国庆节'],
    ['2025-10-06', 'holiday', '国庆节、中秋节'],
    ['2024-02-29', 'workday', undefined],
  ];
  for (const [day, kind, holidayName] of cases) {
    test(`${day} is a ${kind} ${holidayName ?? ''}`, () => {
      const answer = describeDayInChina(date(day));
      assert.equal(answer.kind, kind);
      assert.equal(answer.holidayName, holidayName);
      assert.equal(answer.announced, true);
      assert.equal(isHoliday(date(day)), kind === 'holiday');
      assert.equal(isWorkday(date(day)), kind === 'workday' || kind === 'makeup_workday');
    });
  }

  test('days off add up to those of the law: 11 until 2024, 13 from 2025, moved days aside', () => {
    // 全国年节及纪念日放假办法: weekdays off, less weekend days worked, are the legal holidays that
    // do not fall on a weekend day that nobody moves.
    const legalDays = HOLIDAY_YEARS.map(({ year, off, work }) => {
      const offDays = off.flatMap(([from, days]) =>
        Array.from({ length: days }, (_, offset) => date(from).add({ days: offset })),
      );
      const worked = work.reduce((total, [, days]) => total + days, 0);
      return [year, offDays.filter((day) => !isWeekend(day)).length - worked];
    });
    assert.deepEqual(legalDays, [
      [2024, 11],
      [2025, 13],
      [2026, 13],
    ]);
  });

  test('only weekend days are made workdays', () => {
    for (const { work } of HOLIDAY_YEARS) {
      for (const [from, days] of work) {
        for (let offset = 0; offset < days; offset += 1) {
          assert.ok(isWeekend(date(from).add({ days: offset })), from);
        }
      }
    }
  });
});

describe('the next workday', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['2026-03-10', '2026-03-10', true],
    ['2026-03-07', '2026-03-09', true],
    ['2026-02-15', '2026-02-24', true],
    ['2026-10-01', '2026-10-08', true],
    ['2026-02-28', '2026-02-28', true],
    ['2027-01-01', '2027-01-01', false],
    ['2027-10-02', '2027-10-04', false],
    ['2023-12-30', '2024-01-02', false],
  ];
  for (const [from, expected, announced] of cases) {
    test(`from ${from} is ${expected}${announced ? '' : ', by weekday only'}`, () => {
      const answer = nextWorkday(date(from));
      assert.equal(answer.date.toString(), expected);
      assert.equal(answer.announced, announced);
    });
  }

  test('is a workday with none before it', () => {
    const days = fc.integer({ min: 0, max: 2_000 }).map((days) => date('2023-06-01').add({ days }));
    fc.assert(
      fc.property(days, (from) => {
        const next = nextWorkday(from).date;
        assert.ok(isWorkday(next));
        for (let day = from; !day.equals(next); day = day.add({ days: 1 })) {
          assert.ok(!isWorkday(day));
        }
      }),
    );
  });
});

test('a year that is not announced has ordinary weeks and says so', () => {
  assert.deepEqual(describeDayInChina(date('2027-10-01')), { kind: 'workday', announced: false });
  assert.deepEqual(describeDayInChina(date('2027-10-02')), { kind: 'weekend', announced: false });
  assert.equal(isHoliday(date('2027-10-01')), false);
});

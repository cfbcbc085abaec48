import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clockOf, day, ZONE } from '../../../../test/kit/builders.ts';
import { DEFAULT_TIMETABLE, draftAt, issueAt, noticeLeadDays } from './timetable.ts';

describe('the days before a renewal', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['2026-03-10', '2026-03-02 08:00', '2026-03-05 09:00'],
    ['2026-03-01', '2026-02-21 08:00', '2026-02-24 09:00'],
    ['2028-03-01', '2028-02-22 08:00', '2028-02-25 09:00'],
    ['2026-01-03', '2025-12-26 08:00', '2025-12-29 09:00'],
  ];
  for (const [due, draft, issue] of cases) {
    test(`due ${due}: drafted ${draft}, issued ${issue}`, () => {
      assert.equal(clockOf(draftAt(day(due), DEFAULT_TIMETABLE, ZONE)), draft);
      assert.equal(clockOf(issueAt(day(due), DEFAULT_TIMETABLE, ZONE)), issue);
    });
  }

  test('the hours are those of the merchant’s zone, on the day the clocks change too', () => {
    const due = day('2026-03-16');
    const inNewYork = draftAt(due, DEFAULT_TIMETABLE, 'America/New_York');
    assert.equal(inNewYork.toString(), '2026-03-08T12:00:00Z');
  });
});

describe('the notice days of a merchant', () => {
  const cases = [
    [0, 5],
    [4, 5],
    [5, 5],
    [6, 6],
    [30, 30],
  ] as const;
  for (const [promised, kept] of cases) {
    test(`${promised} promised: ${kept} kept, and the invoice is issued in time for them`, () => {
      const timetable = { ...DEFAULT_TIMETABLE, noticeDaysBefore: promised };
      assert.equal(noticeLeadDays(timetable), kept);
      const issued = issueAt(day('2026-03-31'), timetable, ZONE);
      const expected = day('2026-03-31').subtract({ days: kept });
      assert.equal(clockOf(issued), `${expected} 09:00`);
    });
  }
});

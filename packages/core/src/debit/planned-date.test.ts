import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aMandate, day } from '../../../../test/kit/builders.ts';
import { periodBoundary } from '../calendar/periods.ts';
import { afterSuccess, fitToPlan, isNearPlannedDate, plannedDateFor } from './planned-date.ts';

const RULE = { earlyDays: 5, latestDayOfMonth: 28 };
/** Months of renewals that are looked at: every length of month, with a leap year inside. */
const MONTHS = 48;

describe('the planned date that the rail is told for a due date', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['2026-03-10', '2026-03-12'],
    ['2026-03-26', '2026-03-28'],
    ['2026-03-27', '2026-04-01'],
    ['2026-03-28', '2026-04-01'],
    ['2026-03-29', '2026-04-01'],
    ['2026-03-30', '2026-04-01'],
    ['2026-03-31', '2026-04-02'],
    ['2026-02-26', '2026-02-28'],
    ['2026-02-27', '2026-03-01'],
    ['2026-02-28', '2026-03-02'],
    ['2028-02-27', '2028-03-01'],
    ['2028-02-29', '2028-03-02'],
    ['2026-12-29', '2027-01-01'],
  ];
  for (const [due, planned] of cases) {
    test(`due ${due}: planned ${planned}`, () => {
      assert.equal(plannedDateFor(day(due), RULE).toString(), planned);
    });
  }

  for (let dayOfMonth = 1; dayOfMonth <= 31; dayOfMonth += 1) {
    test(`an anchor on day ${dayOfMonth} of any month always has T inside the early window`, () => {
      for (let month = 0; month < MONTHS; month += 1) {
        const first = day('2026-01-01').add({ months: month });
        if (dayOfMonth > first.daysInMonth) continue;
        const anchor = first.with({ day: dayOfMonth });
        const firstPlannedDate = plannedDateFor(anchor, RULE);
        assert.ok(firstPlannedDate.day <= 28, `${firstPlannedDate}`);
        const mandate = aMandate({ firstPlannedDate });
        for (let period = 0; period < 24; period += 1) {
          const due = periodBoundary(anchor, { unit: 'month', count: 1 }, period);
          assert.ok(isNearPlannedDate(mandate, due, RULE), `${anchor}, due ${due}`);
          const retry = due.add({ days: 1 });
          assert.ok(isNearPlannedDate(mandate, retry, RULE), `${anchor}, retry ${retry}`);
        }
      }
    });
  }
});

describe('the days on which such a rail takes a debit', () => {
  const mandate = aMandate({ firstPlannedDate: day('2026-03-12') });
  const cases: readonly (readonly [string, boolean])[] = [
    ['2026-01-12', false],
    ['2026-03-06', false],
    ['2026-03-07', true],
    ['2026-03-12', true],
    ['2026-03-13', false],
    ['2026-04-06', false],
    ['2026-04-07', true],
    ['2026-04-12', true],
    ['2031-04-13', false],
  ];
  for (const [date, near] of cases) {
    test(`${date}: ${near ? 'yes' : 'no'}`, () => {
      assert.equal(isNearPlannedDate(mandate, day(date), RULE), near);
    });
  }

  test('a mandate without a planned date takes it on any day', () => {
    assert.ok(isNearPlannedDate(aMandate(), day('2026-03-13'), RULE));
  });

  test('a date beyond all planned dates is refused, not searched for ever', () => {
    assert.equal(isNearPlannedDate(mandate, day('2090-01-01'), RULE), false);
  });
});

describe('the date that the rail keeps now', () => {
  const kept = aMandate({ plannedDate: day('2026-03-12') });
  const cases = [
    ['2026-03-06', 'too_early', false],
    ['2026-03-07', 'fits', true],
    ['2026-03-12', 'fits', true],
    ['2026-03-13', 'too_late', false],
    ['2026-04-12', 'too_late', false],
  ] as const;
  for (const [date, fit, near] of cases) {
    test(`${date} beside 12 March: ${fit}`, () => {
      assert.equal(fitToPlan(kept, day(date), RULE).kind, fit);
      assert.equal(isNearPlannedDate(kept, day(date), RULE), near);
    });
  }

  test('a success moves it by a month, and the next due date is near again', () => {
    const moved = { ...kept, plannedDate: afterSuccess(day('2026-03-12')) };
    assert.equal(moved.plannedDate.toString(), '2026-04-12');
    assert.equal(fitToPlan(moved, day('2026-04-10'), RULE).kind, 'fits');
  });

  test('a rail without planned dates, or a mandate without one, fits every day', () => {
    assert.equal(fitToPlan(kept, day('2030-01-01'), undefined).kind, 'fits');
    assert.equal(fitToPlan(aMandate(), day('2030-01-01'), RULE).kind, 'fits');
  });
});

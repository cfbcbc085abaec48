import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import { clampToBillingDay, firstBillingDate, nextBillingDayOnOrAfter } from './billing-day.ts';
import type { Interval } from './periods.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const MONTH: Interval = { unit: 'month', count: 1 };
const dates = fc.integer({ min: 0, max: 4_000 }).map((days) => date('2023-06-01').add({ days }));
const billingDays = fc.integer({ min: 1, max: 31 });

describe('the billing day of a month', () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ['2026-02-10', 31, '2026-02-28'],
    ['2028-02-10', 31, '2028-02-29'],
    ['2026-04-30', 31, '2026-04-30'],
    ['2026-05-31', 5, '2026-05-05'],
  ];
  for (const [at, day, expected] of cases) {
    test(`day ${day} in the month of ${at} is ${expected}`, () => {
      assert.equal(clampToBillingDay(date(at), day).toString(), expected);
    });
  }

  test('is a day of a month, or our bug', () => {
    for (const day of [0, 32, 1.5]) {
      assert.throws(() => clampToBillingDay(date('2026-01-01'), day), InvariantBroken);
    }
  });
});

describe('the next billing day', () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ['2026-02-10', 10, '2026-02-10'],
    ['2026-02-10', 9, '2026-03-09'],
    ['2026-02-10', 31, '2026-02-28'],
    ['2026-02-28', 31, '2026-02-28'],
    ['2026-01-31', 30, '2026-02-28'],
    ['2026-12-31', 1, '2027-01-01'],
  ];
  for (const [from, day, expected] of cases) {
    test(`day ${day} on or after ${from} is ${expected}`, () => {
      assert.equal(nextBillingDayOnOrAfter(date(from), day).toString(), expected);
    });
  }

  test('is the only billing day from the date on', () => {
    fc.assert(
      fc.property(dates, billingDays, (from, day) => {
        const found = nextBillingDayOnOrAfter(from, day);
        for (let at = from; !at.equals(found); at = at.add({ days: 1 })) {
          assert.ok(!clampToBillingDay(at, day).equals(at));
        }
        assert.ok(clampToBillingDay(found, day).equals(found));
      }),
    );
  });
});

describe('the first billing date', () => {
  const cases: readonly (readonly [string, string, Interval, number, string])[] = [
    ['on the billing day', '2026-01-15', MONTH, 15, '2026-01-15'],
    ['before it', '2026-01-05', MONTH, 15, '2026-01-15'],
    ['after it', '2026-01-31', MONTH, 30, '2026-02-28'],
    ['before it, by the quarter', '2026-01-05', { unit: 'month', count: 3 }, 15, '2026-01-15'],
    ['after it, by the quarter', '2026-01-20', { unit: 'month', count: 3 }, 15, '2026-04-15'],
    ['after it, by the year', '2027-02-28', { unit: 'year', count: 1 }, 27, '2028-02-27'],
    ['clamped, by the year', '2027-02-28', { unit: 'year', count: 1 }, 31, '2027-02-28'],
    ['by thirty days', '2026-01-20', { unit: 'day', count: 30 }, 15, '2026-01-20'],
    ['by the week', '2026-01-20', { unit: 'week', count: 1 }, 15, '2026-01-20'],
  ];
  for (const [name, start, interval, day, expected] of cases) {
    test(`of a start ${name}`, () => {
      assert.equal(firstBillingDate(date(start), interval, day).toString(), expected);
    });
  }

  test('is less than one interval after the start', () => {
    const counts = fc.constantFrom(1, 2, 3, 6, 12);
    fc.assert(
      fc.property(dates, counts, billingDays, (start, count, day) => {
        const first = firstBillingDate(start, { unit: 'month', count }, day);
        const before = clampToBillingDay(first.subtract({ months: count }), day);
        assert.ok(Temporal.PlainDate.compare(first, start) >= 0);
        assert.ok(Temporal.PlainDate.compare(before, start) < 0);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { billedPeriods } from '../calendar/billed-periods.ts';
import { periodContaining, splitAtBoundaries } from '../calendar/grid.ts';
import { daysIn, type Interval, type Period } from '../calendar/periods.ts';
import { type Currency, money } from '../money/money.ts';
import {
  compareRatio,
  formatRatio,
  formatRatioFixed,
  RATIO_ONE,
  sumRatios,
} from '../money/ratio.ts';
import { formatDecimal, parseAmount } from '../money/text.ts';
import { InvariantBroken } from '../result/invariant.ts';
import {
  CYCLE_PLACES,
  creditForUnused,
  cyclesOf,
  type DayCount,
  fixedMonthDays,
  prorate,
  prorateBy,
  prorationShare,
  secondsShare,
} from './proration.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const instant = (text: string) => Temporal.Instant.from(text);
const MONTH: Interval = { unit: 'month', count: 1 };

function period(text: string): Period {
  const [start = '', end = ''] = text.split('/');
  return { start: date(start), end: date(end) };
}

function amount(text: string, currency: Currency = 'CNY') {
  const parsed = parseAmount(text, currency);
  assert.ok(parsed.ok);
  return parsed.value;
}

describe('the price of a part of a period', () => {
  const cases: readonly (readonly [string, string, string, string, string])[] = [
    ['ten of thirty days', '30.00', '2026-04-21/2026-05-01', '2026-04-01/2026-05-01', '10.00'],
    ['ten of thirty-one', '30.00', '2026-03-22/2026-04-01', '2026-03-01/2026-04-01', '9.68'],
    ['half of February', '28.00', '2026-02-15/2026-03-01', '2026-02-01/2026-03-01', '14.00'],
    ['a leap February', '29.00', '2028-02-15/2028-03-01', '2028-02-01/2028-03-01', '15.00'],
    ['a day of a leap year', '366.00', '2028-02-29/2028-03-01', '2028-01-01/2029-01-01', '1.00'],
    ['a day of a common year', '365.00', '2026-03-01/2026-03-02', '2026-01-01/2027-01-01', '1.00'],
    ['exactly half a fen, up', '0.01', '2026-02-15/2026-03-01', '2026-02-01/2026-03-01', '0.01'],
    [
      'a credit, away from zero',
      '-0.01',
      '2026-02-15/2026-03-01',
      '2026-02-01/2026-03-01',
      '-0.01',
    ],
    ['all of it', '99.99', '2026-02-01/2026-03-01', '2026-02-01/2026-03-01', '99.99'],
    ['none of it', '99.99', '2026-03-01/2026-03-01', '2026-02-01/2026-03-01', '0.00'],
    ['three months of one', '31.00', '2026-03-01/2026-06-01', '2026-03-01/2026-04-01', '92.00'],
  ];
  for (const [name, price, service, full, expected] of cases) {
    test(name, () => {
      const part = prorate(amount(price), period(service), period(full));
      assert.equal(formatDecimal(part), expected);
    });
  }

  test('has the decimals of its currency', () => {
    const half = (text: string, currency: Currency) =>
      formatDecimal(
        prorate(
          amount(text, currency),
          period('2026-02-15/2026-03-01'),
          period('2026-02-01/2026-03-01'),
        ),
      );
    assert.equal(half('1001', 'JPY'), '501');
    assert.equal(half('1.001', 'KWD'), '0.501');
  });
});

describe('the share of a period', () => {
  const cases: readonly (readonly [string, DayCount, string])[] = [
    ['2026-05-23/2026-06-15', {}, '0.741935484'],
    ['2026-05-23/2026-06-15', { fixedMonthDays: 30 }, '0.733333333'],
    ['2026-05-23/2026-06-15', { fixedMonthDays: 28 }, '0.714285714'],
    ['2026-05-23/2026-06-15', { trialDays: 3 }, '0.64516129'],
    ['2026-05-23/2026-06-15', { trialDays: 23 }, '0'],
    ['2026-05-23/2026-06-15', { trialDays: 40 }, '0'],
  ];
  for (const [service, count, expected] of cases) {
    test(`${service} with ${JSON.stringify(count)}`, () => {
      const share = prorationShare(period(service), period('2026-05-23/2026-06-23'), count);
      assert.equal(formatRatio(share, CYCLE_PLACES), expected);
    });
  }

  test('of an empty period is our bug', () => {
    const empty = period('2026-05-23/2026-05-23');
    assert.throws(() => prorationShare(empty, empty), InvariantBroken);
  });

  test('by the second keeps the hours that a clock change took', () => {
    const march8 = { start: instant('2026-03-08T05:00:00Z'), end: instant('2026-03-09T04:00:00Z') };
    const until3 = { start: march8.start, end: instant('2026-03-08T07:00:00Z') };
    assert.equal(formatRatio(secondsShare(until3, march8), 9), '0.086956522');
    const empty = { start: march8.start, end: march8.start };
    assert.throws(() => secondsShare(empty, empty), InvariantBroken);
  });
});

describe('days of months that all have the same number', () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['2023-05-23/2023-06-15', 30, 22],
    ['2023-02-23/2023-03-15', 30, 22],
    ['2024-02-23/2024-03-15', 28, 20],
    ['2023-05-15/2023-05-23', 30, 8],
    ['2023-05-15/2023-06-15', 30, 30],
    ['2023-01-31/2023-02-28', 30, 27],
    ['2023-01-01/2024-01-01', 30, 360],
  ];
  for (const [days, inMonth, expected] of cases) {
    test(`${days} with ${inMonth}: ${expected}`, () => {
      assert.equal(fixedMonthDays(period(days), inMonth), expected);
    });
  }

  test('a month of no days is our bug', () => {
    assert.throws(() => fixedMonthDays(period('2023-01-01/2023-02-01'), 0), InvariantBroken);
  });
});

describe('the credit for unused days', () => {
  const billed = { period: period('2026-03-01/2026-04-01'), amount: amount('31.00') };
  const cases: readonly (readonly [string, string, string | undefined, string])[] = [
    ['the rest of the month', '2026-03-15/2026-04-01', undefined, '17.00'],
    ['only the billed days count', '2026-03-15/2026-06-01', undefined, '17.00'],
    ['nothing of another month', '2026-05-01/2026-06-01', undefined, '0.00'],
    ['all of it at the most', '2025-01-01/2027-01-01', undefined, '31.00'],
    ['what earlier credits left', '2026-03-15/2026-04-01', '2.00', '2.00'],
    ['nothing when nothing is left', '2026-03-15/2026-04-01', '0.00', '0.00'],
    ['nothing when too much was credited', '2026-03-15/2026-04-01', '-1.00', '0.00'],
  ];
  for (const [name, unused, maximum, expected] of cases) {
    test(name, () => {
      const credit = creditForUnused({
        billed,
        unused: period(unused),
        ...(maximum === undefined ? {} : { maximum: amount(maximum) }),
      });
      assert.equal(formatDecimal(credit), expected);
    });
  }
});

test('cycles are whole periods and the shares of short ones', () => {
  const schedule = { start: date('2011-01-01'), interval: MONTH, billingDay: 15 };
  const end = date('2011-02-27');
  const periods = billedPeriods(schedule, { asOf: end, mode: 'in_advance', end });
  assert.ok(periods.ok);
  assert.equal(formatRatioFixed(cyclesOf(periods.value), CYCLE_PLACES), '1.880184332');
});

describe('any proration', () => {
  const dates = fc.integer({ min: 0, max: 3_000 }).map((days) => date('2023-01-01').add({ days }));
  const intervals: fc.Arbitrary<Interval> = fc.record({
    unit: fc.constantFrom('day', 'week', 'month', 'year'),
    count: fc.integer({ min: 1, max: 6 }),
  });
  const amounts = fc.bigInt({ min: 0n, max: 10n ** 9n }).map((minor) => money(minor, 'CNY'));

  test('has shares that add up to one, however a period is cut', () => {
    fc.assert(
      fc.property(
        dates,
        intervals,
        dates,
        fc.integer({ min: 1, max: 9 }),
        (anchor, interval, at, step) => {
          const full = periodContaining(anchor, interval, at).period;
          const cuts = { anchor: at, interval: { unit: 'day', count: step } } as const;
          const shares = splitAtBoundaries(cuts, full).map((part) => prorationShare(part, full));
          assert.equal(compareRatio(sumRatios(shares), RATIO_ONE), 0);
        },
      ),
    );
  });

  test('keeps and gives back the billed amount, but for a fen of rounding', () => {
    fc.assert(
      fc.property(dates, intervals, dates, amounts, (anchor, interval, at, price) => {
        const full = periodContaining(anchor, interval, at).period;
        const kept = prorate(price, { start: full.start, end: at }, full);
        const credit = creditForUnused({
          billed: { period: full, amount: price },
          unused: { start: at, end: full.end },
        });
        const difference = kept.minor + credit.minor - price.minor;
        assert.ok(difference === 0n || difference === 1n);
        assert.ok(credit.minor >= 0n && credit.minor <= price.minor);
      }),
    );
  });

  test('grows with the days that are served', () => {
    fc.assert(
      fc.property(dates, intervals, dates, amounts, (anchor, interval, at, price) => {
        const full = periodContaining(anchor, interval, at).period;
        const shorter = { start: full.start, end: at };
        const longer = { start: full.start, end: at.add({ days: 1 }) };
        assert.ok(prorate(price, shorter, full).minor <= prorate(price, longer, full).minor);
        const whole = prorateBy(price, prorationShare(full, full));
        assert.equal(whole.minor, price.minor);
        assert.ok(daysIn(longer) <= daysIn(full));
      }),
    );
  });
});

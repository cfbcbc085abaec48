import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  anItem,
  aPrice,
  aSubscription,
  at,
  clockOf,
  day,
  ZONE,
} from '../../../../test/kit/builders.ts';
import type { Interval } from '../calendar/periods.ts';
import { afterDraft, nextBillAt, nextDraft, type Prices, periodToBill } from './next-period.ts';
import type { Subscription } from './subscription.ts';
import { DEFAULT_TIMETABLE } from './timetable.ts';

const MONTH: Interval = { unit: 'month', count: 1 };
const BASE = aPrice('flat', 2_985n);
const CALLS = aPrice('metered', 1n);
const YEARLY_USAGE = aPrice('metered', 1n, { interval: { unit: 'year', count: 1 } });
const PRICES: Prices = new Map([BASE, CALLS, YEARLY_USAGE].map((one) => [one.version.id, one]));
const CONTEXT = {
  prices: PRICES,
  timetable: DEFAULT_TIMETABLE,
  zone: ZONE,
  now: at('2026-03-02 08:00'),
};

/** The subscription after one more invoice. */
function drafted(subscription: Subscription): Subscription {
  return afterDraft(subscription, nextDraft(subscription, PRICES, DEFAULT_TIMETABLE), CONTEXT);
}

/** The first days of the periods that are billed one after the other. */
function billed(anchor: string, interval: Interval, count: number): readonly string[] {
  let subscription = aSubscription({ anchor: day(anchor), interval });
  return Array.from({ length: count }, () => {
    const { start } = periodToBill(subscription);
    subscription = drafted(subscription);
    return start.toString().slice(5);
  });
}

describe('which days start the periods', () => {
  const cases: readonly (readonly [string, Interval, readonly string[]])[] = [
    ['2026-01-28', MONTH, ['01-28', '02-28', '03-28', '04-28']],
    ['2026-01-29', MONTH, ['01-29', '02-28', '03-29', '04-29']],
    ['2028-01-29', MONTH, ['01-29', '02-29', '03-29', '04-29']],
    ['2026-01-30', MONTH, ['01-30', '02-28', '03-30', '04-30']],
    ['2026-01-31', MONTH, ['01-31', '02-28', '03-31', '04-30', '05-31', '06-30', '07-31']],
    ['2026-11-30', { unit: 'month', count: 3 }, ['11-30', '02-28', '05-30', '08-30']],
    ['2028-02-29', { unit: 'year', count: 1 }, ['02-29', '02-28', '02-28', '02-28', '02-29']],
    ['2026-12-28', { unit: 'week', count: 1 }, ['12-28', '01-04', '01-11']],
  ];
  for (const [anchor, interval, expected] of cases) {
    test(`from ${anchor}, every ${interval.count} ${interval.unit}`, () => {
      assert.deepEqual(billed(anchor, interval, expected.length), expected);
    });
  }
});

describe('a subscription after a draft', () => {
  const before = aSubscription({ anchor: day('2026-01-31') });
  const after = drafted(before);

  test('bills the next period, eight days before it starts', () => {
    assert.equal(after.billedThrough.toString(), '2026-02-28');
    assert.equal(after.arrearsThrough.toString(), '2026-01-31');
    assert.equal(clockOf(after.nextBillAt), '2026-02-20 08:00');
  });

  test('is otherwise what it was', () => {
    const { billedThrough, arrearsThrough, nextBillAt } = before;
    assert.deepEqual({ ...after, billedThrough, arrearsThrough, nextBillAt }, before);
  });

  test('leaves no day unbilled and bills none twice, whatever its anchor', () => {
    const anchors = fc
      .integer({ min: 0, max: 2_000 })
      .map((days) => day('2024-01-01').add({ days }));
    const intervals = fc.record({
      unit: fc.constantFrom('week' as const, 'month' as const, 'year' as const),
      count: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(anchors, intervals, (anchor, interval) => {
        let subscription: Subscription = aSubscription({ anchor, interval });
        let end = anchor;
        for (let step = 0; step < 15; step += 1) {
          const period = periodToBill(subscription);
          assert.ok(period.start.equals(end), `${period.start} follows ${end}`);
          assert.ok(Temporal.PlainDate.compare(period.start, period.end) < 0);
          end = period.end;
          subscription = drafted(subscription);
        }
      }),
    );
  });
});

describe('when the next draft is made and due', () => {
  const monthly = (changes: Partial<Subscription>) =>
    aSubscription({ anchor: day('2026-01-31'), billedThrough: day('2026-02-28'), ...changes });
  const base = anItem(BASE);
  const calls = anItem(CALLS);
  const cases: readonly (readonly [string, Subscription, string, string])[] = [
    [
      'in advance: T is the boundary',
      monthly({ items: [base], arrearsThrough: day('2026-01-31') }),
      '2026-02-28',
      '2026-02-20 08:00',
    ],
    [
      'with usage: a day of grace, then eight days',
      monthly({ items: [base, calls], arrearsThrough: day('2026-01-31') }),
      '2026-03-09',
      '2026-03-01 08:00',
    ],
    [
      'with usage, before its first period: at once',
      aSubscription({ anchor: day('2026-01-31'), items: [base, calls] }),
      '2026-01-31',
      '2026-01-23 08:00',
    ],
    [
      'usage by the year under a monthly bill waits for its year',
      monthly({ items: [anItem(YEARLY_USAGE)], arrearsThrough: day('2026-01-31') }),
      '2026-02-28',
      '2026-02-20 08:00',
    ],
    [
      'at the end, with nothing looked back on: on its day',
      monthly({ items: [base], endsOn: day('2026-02-10'), arrearsThrough: day('2026-01-31') }),
      '2026-02-18',
      '2026-02-10 08:00',
    ],
    [
      'at the end, with usage: a day later',
      monthly({ items: [calls], endsOn: day('2026-02-10'), arrearsThrough: day('2026-01-31') }),
      '2026-02-19',
      '2026-02-11 08:00',
    ],
  ];
  for (const [name, subscription, due, at] of cases) {
    test(name, () => {
      const { dueDate } = nextDraft(subscription, PRICES, DEFAULT_TIMETABLE);
      assert.equal(dueDate.toString(), due);
      assert.equal(clockOf(nextBillAt(subscription, PRICES, CONTEXT)), at);
    });
  }
});

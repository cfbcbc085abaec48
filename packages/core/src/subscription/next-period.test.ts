import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aSubscription, clockOf, day, ZONE } from '../../../../test/kit/builders.ts';
import type { Interval } from '../calendar/periods.ts';
import { afterDraft, periodToBill } from './next-period.ts';
import type { Subscription } from './subscription.ts';
import { DEFAULT_TIMETABLE } from './timetable.ts';

const MONTH: Interval = { unit: 'month', count: 1 };

/** The first days of the periods that are billed one after the other. */
function billed(anchor: string, interval: Interval, count: number): readonly string[] {
  let subscription = aSubscription({ anchor: day(anchor), interval });
  return Array.from({ length: count }, () => {
    const { start } = periodToBill(subscription);
    subscription = afterDraft(subscription, DEFAULT_TIMETABLE, ZONE);
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
  const after = afterDraft(before, DEFAULT_TIMETABLE, ZONE);

  test('bills the next period, eight days before it starts', () => {
    assert.equal(after.nextPeriodIndex, before.nextPeriodIndex + 1);
    assert.equal(clockOf(after.nextBillAt), '2026-02-20 08:00');
  });

  test('is otherwise what it was', () => {
    const { nextPeriodIndex: _index, nextBillAt: _at, ...same } = after;
    const { nextPeriodIndex: _oldIndex, nextBillAt: _oldAt, ...expected } = before;
    assert.deepEqual(same, expected);
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
          subscription = afterDraft(subscription, DEFAULT_TIMETABLE, ZONE);
        }
      }),
    );
  });
});

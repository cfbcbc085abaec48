import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  ANNOUNCING_RAIL,
  anotherId,
  at,
  clockOf,
  day,
  PLAIN_RAIL,
} from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { type PlannedDebit, planDebitDay, type RailDay } from './calendar.ts';
import type { RailCapabilities } from './capabilities.ts';

const DATE = day('2026-03-10');

function debit(index: number, changes: Partial<PlannedDebit> = {}): PlannedDebit {
  return {
    id: anotherId('dbt', index),
    rail: 'wechat',
    amount: money(1_000n, 'CNY'),
    collectAt: at('2026-03-10 07:30'),
    isTold: true,
    ...changes,
  };
}

function plan(
  debits: readonly PlannedDebit[],
  rail: RailCapabilities = PLAIN_RAIL,
  now = '2026-03-09 12:00',
): RailDay {
  const { rails } = planDebitDay(debits, {
    date: DATE,
    zone: 'Asia/Shanghai',
    now: at(now),
    capabilitiesOf: (name) => (name === 'wechat' ? rail : undefined),
  });
  const [only] = rails;
  assert.ok(only);
  return only;
}

const many = (count: number) => Array.from({ length: count }, (_, index) => debit(index));

describe('a day of debits before it runs', () => {
  test('no debits: no rails', () => {
    const question = { date: DATE, zone: 'UTC', now: at('2026-03-09 12:00') };
    assert.deepEqual(planDebitDay([], { ...question, capabilitiesOf: () => PLAIN_RAIL }).rails, []);
  });

  test('each second takes as many as the rail allows', () => {
    const found = plan(many(250));
    assert.equal(found.count, 250);
    assert.deepEqual(found.totals, [money(250_000n, 'CNY')]);
    assert.ok(found.firstAt && found.lastAt);
    assert.equal(clockOf(found.firstAt), '2026-03-10 07:30');
    assert.equal(clockOf(found.lastAt), '2026-03-10 07:30:02');
    assert.deepEqual(found.hours, [{ hour: 7, count: 250 }]);
  });

  test('what the rail’s hours leave no room for moves to the next day', () => {
    const slow = { ...ANNOUNCING_RAIL, submitPerSecond: 1 };
    const late = many(10).map((one) => ({ ...one, collectAt: at('2026-03-10 21:59:55') }));
    const found = plan(late, slow);
    assert.deepEqual([found.count, found.overCapacity.length], [5, 5]);
    assert.equal(found.nextDate.toString(), '2026-03-11');
    assert.ok(found.window);
    assert.equal(clockOf(found.window.until), '2026-03-10 22:00');
  });

  test('what is held back is counted by its reason and takes no room', () => {
    const found = plan([
      debit(1),
      debit(2, { blockedBy: 'mandate_not_active' }),
      debit(3, { blockedBy: 'mandate_not_active' }),
      debit(4, { isTold: false }),
    ]);
    assert.equal(found.count, 1);
    assert.deepEqual(found.blocked, [
      { reason: 'mandate_not_active', count: 2 },
      { reason: 'notice_not_delivered', count: 1 },
    ]);
  });

  test('a rail that is not connected takes nothing', () => {
    const found = plan([debit(1, { rail: 'gone' })]);
    assert.deepEqual([found.rail, found.count], ['gone', 0]);
    assert.deepEqual(found.blocked, [{ reason: 'rail_not_connected', count: 1 }]);
  });

  test('in the middle of the day what was due before leaves from now on', () => {
    const found = plan(many(3), PLAIN_RAIL, '2026-03-10 09:15');
    assert.ok(found.firstAt);
    assert.equal(clockOf(found.firstAt), '2026-03-10 09:15');
  });

  test('a bank holiday is shown and not skipped', () => {
    const resting = { ...PLAIN_RAIL, isBankDay: () => false };
    const found = plan(many(2), resting);
    assert.deepEqual([found.isBankHoliday, found.count], [true, 2]);
    assert.equal(plan(many(2)).isBankHoliday, false);
  });

  test('for any debits: none is lost, and no second takes more than the rail allows', () => {
    const one = fc.record({ second: fc.integer({ min: 0, max: 20 }), told: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (list, rate) => {
          const debits = list.map(({ second, told }, index) =>
            debit(index, {
              collectAt: at('2026-03-10 07:30').add({ seconds: second }),
              isTold: told,
            }),
          );
          const found = plan(debits, { ...PLAIN_RAIL, submitPerSecond: rate });
          const held = found.blocked.reduce((total, { count }) => total + count, 0);
          assert.equal(found.count + held + found.overCapacity.length, debits.length);
          if (found.firstAt === undefined || found.lastAt === undefined) return;
          const seconds = found.lastAt.since(found.firstAt).total('seconds') + 1;
          assert.ok(found.count <= seconds * rate, `${found.count} in ${seconds} s at ${rate}/s`);
        },
      ),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { at, PLAIN_RAIL } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import type { AttemptState } from './attempt.ts';
import { type CountedAttempt, checkBudgets, countUse, UNUSED } from './budget.ts';

const NOW = at('2026-03-10 12:00');

function attempt(state: AttemptState, submitted: string, ended?: string): CountedAttempt {
  const base = { state, amount: money(1_000n, 'CNY'), submittedAt: at(submitted) };
  return ended === undefined ? base : { ...base, endedAt: at(ended) };
}

describe('what a mandate has used of its rail’s budgets', () => {
  const cases: readonly (readonly [string, CountedAttempt, readonly number[]])[] = [
    ['paid today', attempt('succeeded', '2026-03-10 07:30', '2026-03-10 07:31'), [1, 1, 1]],
    ['refused today', attempt('refused', '2026-03-10 07:30', '2026-03-10 07:31'), [1, 0, 0]],
    ['open since today', attempt('unknown', '2026-03-10 07:30'), [1, 1, 1]],
    ['never seen by the rail', attempt('never_sent', '2026-03-10 07:30'), [0, 0, 0]],
    ['late money', attempt('late_success', '2026-03-09 07:30', '2026-03-10 07:31'), [0, 1, 1]],
    ['paid last week', attempt('succeeded', '2026-03-02 07:30', '2026-03-02 07:31'), [0, 0, 1]],
    ['paid last month', attempt('succeeded', '2026-02-28 07:30', '2026-02-28 07:31'), [0, 0, 0]],
    ['last year’s March', attempt('succeeded', '2025-03-10 07:30', '2025-03-10 07:31'), [0, 0, 0]],
  ];
  for (const [what, one, [tries, successes, cycle]] of cases) {
    test(`${what}: ${tries} tries, ${successes} today, ${cycle} this month`, () => {
      const use = countUse([one], NOW, 'Asia/Shanghai');
      assert.deepEqual(
        [use.triesToday, use.successesToday, use.successesThisCycle],
        [tries, successes, cycle],
      );
      assert.equal(use.takenTodayMinor, successes === 1 ? 1_000n : 0n);
    });
  }

  test('the day is the rail’s own: late in Shanghai is early afternoon in Berlin', () => {
    const late = [attempt('refused', '2026-03-10 01:00', '2026-03-10 01:01')];
    assert.equal(countUse(late, NOW, 'Asia/Shanghai').triesToday, 1);
    assert.equal(countUse(late, NOW, 'Europe/Berlin').triesToday, 0);
  });
});

describe('a try inside the rail’s budgets', () => {
  const budgets = {
    attemptsPerDay: 2,
    successesPerCycle: 3,
    dailyCap: money(5_000n, 'CNY'),
  };
  const capabilities = { ...PLAIN_RAIL, successesPerDay: 1, budgets };
  const amount = money(1_000n, 'CNY');
  const cases = [
    ['nothing used', {}, undefined],
    ['the last try', { triesToday: 1 }, undefined],
    ['one try too many', { triesToday: 2 }, 'budget_tries_day 2026-03-11'],
    ['the day’s success is made', { successesToday: 1 }, 'budget_successes_day 2026-03-11'],
    ['the month’s are made', { successesThisCycle: 3 }, 'budget_successes_cycle 2026-04-01'],
    ['exactly the daily cap', { takenTodayMinor: 4_000n }, undefined],
    ['a fen above it', { takenTodayMinor: 4_001n }, 'budget_daily_cap 2026-03-11'],
    [
      'the month first: the day alone would not free it',
      { triesToday: 2, successesThisCycle: 3 },
      'budget_successes_cycle 2026-04-01',
    ],
  ] as const;
  for (const [what, used, says] of cases) {
    test(`${what}: ${says ?? 'goes'}`, () => {
      const checked = checkBudgets({ ...UNUSED, ...used }, { capabilities, amount }, NOW);
      const { refusal } = checked.ok ? { refusal: undefined } : checked;
      assert.equal(refusal && `${refusal.code} ${refusal.nextDate}`, says);
    });
  }

  test('a rail that counts nothing is never in the way', () => {
    const used = { triesToday: 99, successesToday: 9, successesThisCycle: 9, takenTodayMinor: 1n };
    assert.ok(checkBudgets(used, { capabilities: PLAIN_RAIL, amount }, NOW).ok);
  });

  test('for any attempts: those that pass one after the other never break a budget', () => {
    const outcome = fc.constantFrom('succeeded' as const, 'refused' as const, 'unknown' as const);
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 12 }), (outcomes) => {
        const made: CountedAttempt[] = [];
        for (const state of outcomes) {
          const use = countUse(made, NOW, 'Asia/Shanghai');
          if (!checkBudgets(use, { capabilities, amount }, NOW).ok) continue;
          made.push(attempt(state, '2026-03-10 12:00', '2026-03-10 12:00'));
        }
        assert.ok(made.length <= budgets.attemptsPerDay);
        assert.ok(made.filter(({ state }) => state !== 'refused').length <= 1);
      }),
    );
  });
});

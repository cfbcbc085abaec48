import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money } from '../money/money.ts';
import type { JsonObject } from '../policy/policy.ts';
import { DEFAULT_ARREARS_POLICY } from './policy.ts';
import { readArrearsPolicy } from './read-policy.ts';

describe('a published policy', () => {
  const state = (name: string, days: number): JsonObject => ({
    state: name,
    when: { days_since_earliest_unpaid: days },
  });
  const sound = [state('grace', 0), state('warned', 2), state('suspended', 5)];
  const refused: readonly (readonly [string, JsonObject, string])[] = [
    ['no state', { states: [] }, 'arrears_states_missing'],
    [
      'a state without a condition',
      { states: [{ state: 'grace', when: {} }] },
      'arrears_condition_missing',
    ],
    ['a state twice', { states: [...sound, state('warned', 3)] }, 'arrears_state_twice'],
    [
      'states that go backwards',
      { states: [state('warned', 6), state('suspended', 5)] },
      'arrears_states_go_backwards',
    ],
    [
      'deletion before suspension',
      { states: [state('warned', 1), state('deletable', 30)] },
      'arrears_deletes_before_suspending',
    ],
    [
      'deletion without days',
      { states: [...sound, { state: 'deletable', when: { unpaid_invoices: 3 } }] },
      'arrears_deletes_without_days',
    ],
    [
      'suspension without a warning',
      { states: [state('suspended', 5)] },
      'arrears_suspends_unwarned',
    ],
    ['a misspelt field', { states: sound, graceDays: 3 }, 'policy_field_unknown'],
    [
      'a misspelt condition',
      { states: [{ state: 'grace', when: { day: 1 } }] },
      'policy_field_unknown',
    ],
  ];
  for (const [what, body, code] of refused) {
    test(`refuses ${what}`, () => {
      const read = readArrearsPolicy(body);
      assert.equal(read.ok ? undefined : read.refusal.code, code);
    });
  }

  test('is read with its conditions, the most severe state first', () => {
    const body = {
      at: '09:30',
      states: [
        ...sound,
        {
          state: 'retained',
          when: {
            unpaid_balance: { CNY: 10_000 },
            last_failure_in: ['account'],
            unpaid_invoices: 2,
          },
        },
      ],
    };
    const read = readArrearsPolicy(body);
    assert.ok(read.ok);
    assert.deepEqual(
      read.value.states.map((one) => one.state),
      ['retained', 'suspended', 'warned', 'grace'],
    );
    const [retained] = read.value.states;
    assert.deepEqual(retained?.when, {
      unpaidBalance: [money(10_000n, 'CNY')],
      lastFailureIn: ['account'],
      unpaidInvoices: 2,
    });
  });

  test('the default passes its own reader', () => {
    const states = DEFAULT_ARREARS_POLICY.states.map(({ state: name, when }) =>
      state(name, when.daysSinceEarliestUnpaid ?? -1),
    );
    assert.deepEqual(readArrearsPolicy({ at: '10:00', states }), {
      ok: true,
      value: DEFAULT_ARREARS_POLICY,
    });
  });
});

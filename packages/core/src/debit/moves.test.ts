import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { INVOICE_MOVES } from '../invoice/moves.ts';
import { MANDATE_MOVES } from '../mandate/moves.ts';
import { NOTICE_MOVES } from '../notice/moves.ts';
import { isEnd, type Moves } from '../result/moves.ts';
import { SUBSCRIPTION_MOVES } from '../subscription/moves.ts';
import { ATTEMPT_MOVES, DEBIT_MOVES, isOpen } from './moves.ts';

const tables: readonly {
  readonly of: string;
  readonly moves: Moves<string>;
  readonly start: string;
  readonly ends: readonly string[];
}[] = [
  { of: 'a mandate', moves: MANDATE_MOVES, start: 'draft', ends: ['ended', 'sign_failed'] },
  { of: 'a subscription', moves: SUBSCRIPTION_MOVES, start: 'active', ends: ['ended'] },
  { of: 'an invoice', moves: INVOICE_MOVES, start: 'draft', ends: ['void'] },
  { of: 'a notice', moves: NOTICE_MOVES, start: 'planned', ends: ['delivered', 'failed'] },
  { of: 'a debit', moves: DEBIT_MOVES, start: 'scheduled', ends: ['succeeded'] },
  {
    of: 'an attempt',
    moves: ATTEMPT_MOVES,
    start: 'submitting',
    ends: ['late_success', 'succeeded'],
  },
];

function reachableFrom(start: string, moves: Moves<string>): ReadonlySet<string> {
  const seen = new Set([start]);
  for (const state of seen) for (const next of moves[state] ?? []) seen.add(next);
  return seen;
}

for (const { of, moves, start, ends } of tables) {
  describe(`the states of ${of}`, () => {
    const states = Object.keys(moves);

    test('can all be reached from the first', () => {
      assert.deepEqual([...reachableFrom(start, moves)].sort(), [...states].sort());
    });

    test(`end with ${ends.join(' and ')}, which nothing leaves`, () => {
      assert.deepEqual(states.filter((state) => isEnd(moves, state)).sort(), ends);
    });

    test('can all come to an end', () => {
      for (const state of states) {
        const reachable = reachableFrom(state, moves);
        assert.ok(
          ends.some((end) => reachable.has(end)),
          `${state} never ends`,
        );
      }
    });

    test('lead to states of the table only', () => {
      for (const next of Object.values(moves).flat()) assert.ok(Object.hasOwn(moves, next));
    });
  });
}

describe('the moves that keep money safe', () => {
  test('an attempt that ended unpaid can only become money, or go again if never sent', () => {
    assert.deepEqual(ATTEMPT_MOVES.refused, ['late_success']);
    assert.deepEqual(ATTEMPT_MOVES.closed, ['late_success']);
    assert.deepEqual(ATTEMPT_MOVES.never_sent, ['submitting', 'late_success']);
  });

  test('a debit that gave up can only become paid', () => {
    assert.deepEqual(DEBIT_MOVES.failed, ['succeeded']);
    assert.deepEqual(DEBIT_MOVES.canceled, ['succeeded']);
  });

  test('an attempt is open until its outcome is known, and not longer', () => {
    const open = Object.keys(ATTEMPT_MOVES).filter((state) =>
      isOpen(state as keyof typeof ATTEMPT_MOVES),
    );
    assert.deepEqual(open, ['submitting', 'accepted', 'unknown']);
  });
});

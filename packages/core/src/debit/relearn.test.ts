import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aDebit,
  aMandate,
  anAttempt,
  at,
  countingIds,
  PRICE,
  ZONE,
} from '../../../../test/kit/builders.ts';
import { toOrderNumber } from '../ids/rail-numbers.ts';
import { money } from '../money/money.ts';
import type { Attempt } from './attempt.ts';
import {
  firstUnlearnedOrdinal,
  numbersToAskAgain,
  rebuildDebit,
  relearnAttempt,
} from './relearn.ts';

const NOW = at('2026-03-12 10:00');
const context = () => ({ now: NOW, ids: countingIds() });

function attempts(...states: readonly Attempt['state'][]): readonly Attempt[] {
  return states.map((state, index) => anAttempt(index + 1, state));
}

describe('what a rail may know of a debit that the restored books do not', () => {
  const CASES: readonly {
    readonly what: string;
    readonly states: readonly Attempt['state'][];
    readonly next: number | undefined;
    readonly again: number;
  }[] = [
    { what: 'never sent by these books', states: [], next: 1, again: 0 },
    { what: 'refused once', states: ['refused'], next: 2, again: 0 },
    { what: 'closed twice', states: ['closed', 'closed'], next: 3, again: 0 },
    {
      what: 'open: nothing follows it',
      states: ['refused', 'accepted'],
      next: undefined,
      again: 1,
    },
    { what: 'no definite word', states: ['unknown'], next: undefined, again: 1 },
    { what: 'paid: nothing follows it', states: ['succeeded'], next: undefined, again: 0 },
    { what: 'the number may have gone out again', states: ['never_sent'], next: 2, again: 1 },
  ];
  for (const { what, states, next, again } of CASES) {
    test(what, () => {
      assert.equal(firstUnlearnedOrdinal(attempts(...states)), next);
      assert.equal(numbersToAskAgain(attempts(...states)).length, again);
    });
  }

  test('a number that paid is written as unknown, at the time of its money', () => {
    const paidAt = at('2026-03-10 07:31');
    const outcome = { kind: 'succeeded', railReference: 'T-1', paid: PRICE, paidAt } as const;
    const debit = aDebit({ state: 'scheduled' });
    const { attempt, debit: moved } = relearnAttempt(debit, { ordinal: 2, outcome }, context());
    assert.equal(attempt.state, 'unknown');
    assert.equal(attempt.orderNumber, toOrderNumber(debit.id, 2));
    assert.ok(attempt.submittedAt.equals(paidAt));
    assert.equal(moved.state, 'in_flight');
    const ended = aDebit({ state: 'failed' });
    assert.equal(relearnAttempt(ended, { ordinal: 2, outcome }, context()).debit.state, 'failed');
  });

  test('what the rail never saw is no attempt', () => {
    const found = { ordinal: 1, outcome: { kind: 'not_found' } } as const;
    assert.throws(() => relearnAttempt(aDebit(), found, context()), /never saw/);
  });
});

describe('a debit that only the bill knows', () => {
  const line = () => ({ orderNumber: toOrderNumber(aDebit().id, 1), amount: PRICE, at: NOW });

  test('stands canceled, asks for nothing, and is its mandate’s', () => {
    const debit = rebuildDebit(line(), aMandate(), ZONE);
    assert.equal(debit?.state, 'canceled');
    assert.deepEqual(debit?.invoiceIds, []);
    assert.equal(debit?.customerId, aMandate().customerId);
    assert.equal(debit?.collectDate.toString(), '2026-03-12');
  });

  test('a number of another form, or money of another kind, is nobody’s', () => {
    assert.equal(rebuildDebit({ ...line(), orderNumber: 'X-1' }, aMandate(), ZONE), undefined);
    const euros = { ...line(), amount: money(100n, 'EUR') };
    assert.equal(rebuildDebit(euros, aMandate(), ZONE), undefined);
  });
});

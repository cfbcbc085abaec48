import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aDebit, at, contextAt } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { checkHistory, DEFAULT_AMOUNT_GUARD } from './amount-guard.ts';
import { decideRelease } from './release.ts';

const yuan = (amount: number) => money(BigInt(amount) * 100n, 'CNY');
const paid = (...amounts: readonly number[]) => amounts.map(yuan);

describe('an amount beside what the customer paid before', () => {
  const cases = [
    ['the same as always', 300, paid(300, 300, 300), true],
    ['three times the usual, exactly', 900, paid(300, 300, 300), true],
    ['a fen more', 900.01, paid(300, 300, 300), false],
    ['far above', 5_000, paid(300, 290, 310, 300, 305, 295), false],
    ['the first debit', 5_000, [], true],
    ['the second debit', 5_000, paid(30), true],
    ['the third debit', 5_000, paid(30, 30), false],
    ['small amounts grow as they like', 100, paid(1, 1, 1), true],
    ['one odd month does not move the median', 5_000, paid(9_000, 300, 300), false],
    ['only the last six count', 900, paid(300, 300, 300, 300, 300, 300, 9, 9, 9, 9, 9, 9, 9), true],
    ['of an even number the lower middle counts', 400, paid(100, 200), false],
  ] as const;
  for (const [what, amount, history, passes] of cases) {
    test(`${what}: ${passes ? 'goes' : 'a person looks first'}`, () => {
      const debit = aDebit({ amount: money(BigInt(Math.round(amount * 100)), 'CNY') });
      const checked = checkHistory(debit, history, DEFAULT_AMOUNT_GUARD);
      assert.equal(checked.ok, passes);
      if (!checked.ok) assert.equal(checked.refusal.code, 'amount_unlike_history');
    });
  }

  test('payments in another currency say nothing about this one', () => {
    const euros = [money(100n, 'EUR'), money(100n, 'EUR')];
    assert.ok(checkHistory(aDebit({ amount: yuan(5_000) }), euros, DEFAULT_AMOUNT_GUARD).ok);
  });
});

describe('a person lets such a debit go', () => {
  const held = aDebit({ amount: yuan(5_000), blockedBy: 'amount_unlike_history' });
  const context = contextAt('2026-03-10 09:00');

  test('it says who and when, is due at once, and passes the guard', () => {
    const released = decideRelease(held, ' finance-1 ', context);
    assert.ok(released.ok);
    const { debit, event } = released.value;
    assert.deepEqual(debit.released, { by: 'finance-1', at: at('2026-03-10 09:00') });
    assert.equal(debit.blockedBy, undefined);
    assert.ok(debit.collectAt.equals(context.now));
    assert.equal(event.type, 'debit.released');
    assert.ok(checkHistory(debit, paid(30, 30), DEFAULT_AMOUNT_GUARD).ok);
  });

  const refused = [
    ['nobody named', held, '  ', 'person_missing'],
    ['a name longer than 80 characters', held, 'x'.repeat(81), 'person_missing'],
    [
      'held back for another reason',
      aDebit({ blockedBy: 'notice_failed' }),
      'a',
      'nothing_to_release',
    ],
    ['on its way already', { ...held, state: 'in_flight' as const }, 'a', 'nothing_to_release'],
  ] as const;
  for (const [what, debit, by, code] of refused) {
    test(`${what}: ${code}`, () => {
      const released = decideRelease(debit, by, context);
      assert.equal(released.ok ? 'released' : released.refusal.code, code);
    });
  }
});

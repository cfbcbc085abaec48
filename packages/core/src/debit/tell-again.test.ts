import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aDebit,
  aNotice,
  anAttempt,
  anUndeliveredNotice,
  at,
  contextAt,
  DUE,
  day,
  facts,
} from '../../../../test/kit/builders.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { DebitFacts } from './facts.ts';
import { decideTellAgain } from './tell-again.ts';

const WRONG = { channel: 'mail', address: 'old@example.test' } as const;
const there: DebitNotice = aNotice({ sentTo: WRONG.address });
const CONTEXT = contextAt('2026-03-06 10:00');

function tell(changes: Partial<DebitFacts> = {}, context = CONTEXT) {
  return decideTellAgain(facts({ debit: aDebit(), notices: [there], ...changes }), WRONG, context);
}

describe('a debit whose notice went to a wrong address', () => {
  test('moves to a date that leaves the new notice the days of the law', () => {
    const again = tell();
    assert.deepEqual(
      [again?.debit.collectDate.toString(), again?.notice?.purpose, again?.notice?.state],
      ['2026-03-11', 'renewal', 'planned'],
    );
    assert.deepEqual(again?.notice?.collectDate, again?.debit.collectDate);
    const [gone] = again?.ended ?? [];
    assert.deepEqual([gone?.id, gone?.state, gone?.voidedAt], [there.id, 'delivered', CONTEXT.now]);
  });

  test('keeps its date where the days still fit, and never takes an earlier one', () => {
    const early = tell({}, contextAt('2026-03-05 10:00'));
    assert.ok(early?.debit.collectDate.equals(DUE));
    const later = day('2026-03-20');
    const debit = aDebit({ collectDate: later, collectAt: at('2026-03-20 07:30') });
    const notices = [aNotice({ sentTo: WRONG.address, collectDate: later })];
    assert.ok(tell({ debit, notices })?.debit.collectDate.equals(later));
  });

  test('leaves on its day where another way told the customer in time', () => {
    const phone = aNotice({ channel: 'sms', sentTo: '+12125550123' });
    const again = tell({ notices: [there, phone] });
    assert.ok(again?.debit.collectDate.equals(DUE));
    assert.deepEqual([again?.notice, again?.ended.length, again?.events], [undefined, 1, []]);
  });

  test('before another try the customer is told of the debit from the beginning', () => {
    const collectDate = day('2026-03-13');
    const debit = aDebit({ collectDate, collectAt: at('2026-03-13 20:30'), attemptCount: 1 });
    const retry = aNotice({ purpose: 'retry', collectDate, sentTo: WRONG.address });
    const attempts = [anAttempt(1, 'refused')];
    const again = tell({ debit, attempts, notices: [there, retry] }, contextAt('2026-03-12 10:00'));
    assert.deepEqual(
      [again?.notice?.purpose, again?.debit.collectDate.toString(), again?.ended.length],
      ['renewal', '2026-03-17', 2],
    );
  });

  const untouched: readonly (readonly [string, Partial<DebitFacts>])[] = [
    ['it is on its way', { debit: aDebit({ state: 'in_flight' }) }],
    ['a try has no definite end', { attempts: [anAttempt(1, 'unknown')] }],
    ['it has succeeded', { debit: aDebit({ state: 'succeeded' }) }],
    ['the notice went elsewhere', { notices: [aNotice({ sentTo: 'right@example.test' })] }],
    ['it went by another channel', { notices: [aNotice({ ...there, channel: 'sms' })] }],
    ['it waits to be sent, to the right one', { notices: [anUndeliveredNotice('planned')] }],
  ];
  for (const [what, changes] of untouched) {
    test(`nothing changes where ${what}`, () => assert.equal(tell(changes), undefined));
  }
});

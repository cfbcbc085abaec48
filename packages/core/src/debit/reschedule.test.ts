import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ANNOUNCING_RAIL,
  aDebit,
  aMandate,
  aNotice,
  anAnnouncement,
  anUndeliveredNotice,
  at,
  clockOf,
  contextAt,
  day,
  facts,
  PLANNED_DATE_RAIL,
} from '../../../../test/kit/builders.ts';
import { checkNoticeGate } from '../notice/gate.ts';
import type { DebitNotice } from '../notice/notice.ts';
import { decideReschedule, isWorthRetrying } from './retry.ts';
import type { ScheduleContext } from './schedule.ts';
import type { DebitFacts } from './submit.ts';

/** The new date in words: "retry 2026-03-11 10:00", with the time of the rail's announcement. */
function moved(now: DebitFacts, context: ScheduleContext): string {
  const next = decideReschedule(now.debit, now, context);
  if (!next.ok) return next.refusal.code;
  const { debit, notice } = next.value;
  assert.equal(debit.state, 'scheduled');
  assert.equal(debit.blockedBy, undefined);
  assert.ok(notice.collectDate.equals(debit.collectDate));
  assert.equal(notice.amount, debit.amount);
  assert.equal(notice.dueAt, context.now);
  const announced =
    debit.announceAt === undefined ? '' : `, announced ${clockOf(debit.announceAt)}`;
  return `${notice.purpose} ${clockOf(debit.collectAt)}${announced}`;
}

describe('the next date of a debit whose customer was told in time', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['refused at T 07:30', '2026-03-10 07:30', 'retry 2026-03-11 10:00'],
    ['just early enough for tomorrow', '2026-03-10 09:30', 'retry 2026-03-11 10:00'],
    ['a second too late for tomorrow', '2026-03-10 09:30:01', 'retry 2026-03-12 10:00'],
    ['refused at night', '2026-03-10 23:50', 'retry 2026-03-12 10:00'],
    ['an outage of a week', '2026-03-17 08:00', 'retry 2026-03-18 10:00'],
  ];
  for (const [name, now, expected] of cases) {
    test(name, () => assert.equal(moved(facts(), contextAt(now)), expected));
  }

  test('a longer lead of the merchant is kept', () => {
    const timetable = { retryLeadSeconds: 72 * 3_600 };
    assert.equal(
      moved(facts(), contextAt('2026-03-10 07:30', { timetable })),
      'retry 2026-03-13 10:00',
    );
  });
});

describe('the next date of a debit whose customer was never told in time', () => {
  const untold: readonly (readonly [string, readonly DebitNotice[]])[] = [
    ['no notice at all', []],
    ['the notice could not be delivered', [anUndeliveredNotice('failed')]],
    ['the notice was sent and never reported delivered', [anUndeliveredNotice('sent')]],
    ['the notice came a day too late', [aNotice({ deliveredAt: at('2026-03-06 00:00') })]],
    ['only a retry notice was delivered', [aNotice({ purpose: 'retry' })]],
    ['only the rail announced it', [anAnnouncement('2026-03-10', '2026-03-12')]],
    ['the notice named less', [aNotice({ amount: { minor: 2_984n, currency: 'CNY' } })]],
  ];
  for (const [name, notices] of untold) {
    test(`${name}: a renewal notice with its five days`, () => {
      const expected = 'renewal 2026-03-16 07:30';
      assert.equal(moved(facts({ notices }), contextAt('2026-03-11 00:30')), expected);
    });
  }

  test('a merchant that promises seven days keeps seven', () => {
    const context = contextAt('2026-03-11 00:30', { timetable: { noticeDaysBefore: 7 } });
    assert.equal(moved(facts({ notices: [] }), context), 'renewal 2026-03-18 07:30');
  });

  test('a merchant cannot go below the law', () => {
    const context = contextAt('2026-03-11 00:30', { timetable: { noticeDaysBefore: 1 } });
    assert.equal(moved(facts({ notices: [] }), context), 'renewal 2026-03-16 07:30');
  });

  test('a notice that can only be delivered after midnight counts from the next day', () => {
    const context = contextAt('2026-03-10 23:45');
    assert.equal(moved(facts({ notices: [] }), context), 'renewal 2026-03-16 07:30');
  });
});

describe('a new date leads to a debit that may leave', () => {
  for (const notices of [[aNotice()], []]) {
    test(notices.length === 0 ? 'by a renewal notice' : 'by a retry notice', () => {
      const context = contextAt('2026-03-10 23:45');
      const next = decideReschedule(aDebit(), facts({ notices }), context);
      assert.ok(next.ok);
      const delivered: DebitNotice = {
        ...next.value.notice,
        state: 'delivered',
        deliveredAt: at('2026-03-10 23:55'),
      };
      const gate = checkNoticeGate({
        notices: [...notices, delivered],
        amount: next.value.debit.amount,
        collectDate: next.value.debit.collectDate,
        now: next.value.debit.collectAt,
        zone: context.zone,
        timetable: context.timetable,
      });
      assert.ok(gate.ok, gate.ok ? '' : gate.refusal.code);
      assert.equal(gate.value.id, delivered.id);
    });
  }
});

describe('a new date on a rail that wants its own announcement', () => {
  const onRail = (now: string) => contextAt(now, { rail: ANNOUNCING_RAIL });
  const announced = [aNotice(), anAnnouncement('2026-03-10', '2026-03-12')];

  test('inside the days that it opened, nothing is announced again', () => {
    const now = facts({ notices: announced });
    assert.equal(moved(now, onRail('2026-03-10 07:35')), 'retry 2026-03-11 10:00');
  });

  test('after the days that it opened, it is announced again two days before', () => {
    const now = facts({ notices: announced });
    assert.equal(
      moved(now, onRail('2026-03-12 08:00')),
      'retry 2026-03-14 10:00, announced 2026-03-12 10:00',
    );
  });

  test('an announcement of less does not cover it', () => {
    const less = { ...anAnnouncement('2026-03-10', '2026-03-12'), amount: aNotice().amount };
    const cheap: DebitNotice = { ...less, amount: { minor: 1n, currency: 'CNY' } };
    assert.equal(
      moved(facts({ notices: [aNotice(), cheap] }), onRail('2026-03-10 07:35')),
      'retry 2026-03-12 10:00, announced 2026-03-10 10:00',
    );
  });

  test('days that it opens later are waited for, not announced again', () => {
    const late = [aNotice(), anAnnouncement('2026-03-12', '2026-03-14')];
    assert.equal(
      moved(facts({ notices: late }), onRail('2026-03-10 07:35')),
      'retry 2026-03-12 10:00',
    );
  });

  test('when its hours are over for today, tomorrow’s announcement gets its days', () => {
    assert.equal(
      moved(facts(), onRail('2026-03-10 22:30')),
      'retry 2026-03-13 10:00, announced 2026-03-11 10:00',
    );
  });

  test('an announcement that was due for the old date is due for the new one', () => {
    const debit = aDebit({ announceAt: at('2026-03-08 10:00') });
    assert.equal(
      moved(facts({ debit, notices: [] }), onRail('2026-03-11 00:30')),
      'renewal 2026-03-16 07:30, announced 2026-03-14 10:00',
    );
  });

  test('a retry hour outside the rail’s hours moves the date that the customer is told', () => {
    const timetable = { retryTime: Temporal.PlainTime.from('23:00') };
    const context = contextAt('2026-03-10 07:35', { rail: ANNOUNCING_RAIL, timetable });
    assert.equal(moved(facts({ notices: announced }), context), 'retry 2026-03-12 07:00');
  });
});

describe('a new date on a rail that keeps a planned date', () => {
  const mandate = aMandate({ firstPlannedDate: day('2026-03-12') });
  const onRail = (now: string) => contextAt(now, { rail: PLANNED_DATE_RAIL });

  test('one retry fits before the planned date', () => {
    assert.equal(moved(facts({ mandate }), onRail('2026-03-10 07:30')), 'retry 2026-03-11 10:00');
  });

  test('after it no notice is sent of a debit that the rail would refuse', () => {
    assert.equal(moved(facts({ mandate }), onRail('2026-03-12 07:30')), 'outside_planned_date');
  });
});

describe('whether another try can help', () => {
  const classes = {
    funds: true,
    limit: true,
    technical: true,
    reschedule: true,
    account: false,
    mandate: false,
    risk: false,
    merchant_fault: false,
  } as const;
  for (const [refusal, worth] of Object.entries(classes)) {
    test(`${refusal}: ${worth ? 'yes' : 'no'}`, () => {
      assert.equal(isWorthRetrying(refusal as keyof typeof classes), worth);
    });
  }
});

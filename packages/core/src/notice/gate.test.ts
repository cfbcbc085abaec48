import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aNotice,
  anAnnouncement,
  anUndeliveredNotice,
  at,
  contextAt,
  DUE,
  day,
  PRICE,
  ZONE,
} from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { DEFAULT_TIMETABLE, type Timetable } from '../subscription/timetable.ts';
import {
  checkAnnouncement,
  checkNoticeGate,
  earliestRenewalDate,
  type GateQuestion,
  hasLegalNotice,
} from './gate.ts';
import type { DebitNotice } from './notice.ts';

function question(
  notices: readonly DebitNotice[],
  changes: Partial<GateQuestion> = {},
): GateQuestion {
  return {
    notices,
    amount: PRICE,
    collectDate: DUE,
    now: at('2026-03-10 07:30'),
    zone: ZONE,
    timetable: DEFAULT_TIMETABLE,
    ...changes,
  };
}

/** "passes" or the code of the refusal. */
function gate(notices: readonly DebitNotice[], changes: Partial<GateQuestion> = {}): string {
  const result = checkNoticeGate(question(notices, changes));
  return result.ok ? 'passes' : result.refusal.code;
}

const promising = (noticeDaysBefore: number): { readonly timetable: Timetable } => ({
  timetable: { ...DEFAULT_TIMETABLE, noticeDaysBefore },
});
const missed = aNotice({ collectDate: day('2026-03-09'), deliveredAt: at('2026-03-04 12:00') });
const retry = (deliveredAt: string, changes: Partial<DebitNotice> = {}) =>
  aNotice({ purpose: 'retry', deliveredAt: at(deliveredAt), ...changes });

describe('the notice of a renewal', () => {
  const cases: readonly (readonly [string, DebitNotice, string])[] = [
    ['delivered on T−5 in the first minute', aNotice(), 'passes'],
    [
      'delivered on T−5 in the last minute',
      aNotice({ deliveredAt: at('2026-03-05 23:59:59') }),
      'passes',
    ],
    ['delivered on T−4', aNotice({ deliveredAt: at('2026-03-06 00:00') }), 'notice_too_late'],
    ['delivered long before', aNotice({ deliveredAt: at('2026-02-01 00:00') }), 'passes'],
    ['planned', anUndeliveredNotice('planned'), 'notice_not_delivered'],
    ['being sent', anUndeliveredNotice('sending'), 'notice_not_delivered'],
    ['sent, not yet reported', anUndeliveredNotice('sent'), 'notice_not_delivered'],
    ['failed', anUndeliveredNotice('failed'), 'notice_failed'],
    [
      'delivered to an address that was called wrong afterwards',
      aNotice({ voidedAt: at('2026-03-08 10:00') }),
      'notice_failed',
    ],
    ['of the exact amount', aNotice({ amount: PRICE }), 'passes'],
    ['of a fen less', aNotice({ amount: money(2_984n, 'CNY') }), 'notice_amount_too_low'],
    ['of a fen more', aNotice({ amount: money(2_986n, 'CNY') }), 'passes'],
    ['of the day before', aNotice({ collectDate: day('2026-03-09') }), 'notice_missing'],
    ['of the day after', aNotice({ collectDate: day('2026-03-11') }), 'notice_missing'],
    ['of the rail only', anAnnouncement('2026-03-10', '2026-03-12'), 'notice_missing'],
  ];
  for (const [name, notice, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(gate([notice]), expected));
  }

  test('none at all: notice_missing', () => assert.equal(gate([]), 'notice_missing'));

  test('a delivered notice without its time proves nothing', () => {
    const { deliveredAt: _deliveredAt, ...unproved } = aNotice();
    assert.equal(gate([unproved]), 'notice_too_late');
  });

  test('the promise of the merchant counts when it is more than the law', () => {
    assert.equal(gate([aNotice()], promising(6)), 'notice_too_late');
    assert.equal(gate([aNotice()], promising(5)), 'passes');
  });

  test('a merchant cannot promise less than the law', () => {
    const late = aNotice({ deliveredAt: at('2026-03-06 00:00') });
    assert.equal(gate([late], promising(0)), 'notice_too_late');
  });

  test('days are those of the merchant’s zone', () => {
    // Half past midnight of 6 March in Shanghai is the afternoon of 5 March in London.
    const notice = aNotice({ deliveredAt: at('2026-03-06 00:30') });
    assert.equal(gate([notice]), 'notice_too_late');
    assert.equal(gate([notice], { zone: 'Europe/London' }), 'passes');
  });
});

describe('the notice of a retry', () => {
  const now = { now: at('2026-03-10 10:00') };
  const cases: readonly (readonly [string, readonly DebitNotice[], string])[] = [
    ['a day before', [missed, retry('2026-03-09 10:00')], 'passes'],
    ['a second less than a day before', [missed, retry('2026-03-09 10:00:01')], 'notice_too_late'],
    ['alone', [retry('2026-03-04 10:00')], 'renewal_notice_missing'],
    [
      'after a renewal notice that failed',
      [
        anUndeliveredNotice('failed', { collectDate: day('2026-03-09') }),
        retry('2026-03-09 10:00'),
      ],
      'renewal_notice_missing',
    ],
    [
      'after a renewal notice that came too late for its own date',
      [{ ...missed, deliveredAt: at('2026-03-05 10:00') }, retry('2026-03-09 10:00')],
      'renewal_notice_missing',
    ],
    [
      'after a renewal notice of less',
      [{ ...missed, amount: money(1n, 'CNY') }, retry('2026-03-09 10:00')],
      'renewal_notice_missing',
    ],
    [
      'after another retry notice',
      [retry('2026-03-01 10:00', { collectDate: day('2026-03-09') }), retry('2026-03-09 10:00')],
      'renewal_notice_missing',
    ],
    [
      'of less',
      [missed, retry('2026-03-09 10:00', { amount: money(1n, 'CNY') })],
      'notice_amount_too_low',
    ],
    [
      'not delivered',
      [missed, anUndeliveredNotice('sent', { purpose: 'retry' })],
      'notice_not_delivered',
    ],
  ];
  for (const [name, notices, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      assert.equal(gate(notices, now), expected);
      assert.equal(gate([...notices].reverse(), now), expected);
    });
  }

  test('a longer lead of the merchant is kept', () => {
    const timetable = { ...DEFAULT_TIMETABLE, retryLeadSeconds: 48 * 3_600 };
    const notices = [missed, retry('2026-03-09 10:00')];
    assert.equal(gate(notices, { ...now, timetable }), 'notice_too_late');
    assert.equal(gate(notices, { now: at('2026-03-11 10:00'), timetable }), 'passes');
  });
});

describe('several notices of one date', () => {
  test('one that lets it pass is enough, and is named', () => {
    const passing = aNotice();
    const result = checkNoticeGate(
      question([anUndeliveredNotice('failed'), passing, anUndeliveredNotice('sent')]),
    );
    assert.equal(result.ok && result.value.id, passing.id);
  });

  test('the refusal is the nearest to passing, in whatever order they are listed', () => {
    const low = aNotice({ amount: money(1n, 'CNY') });
    const failed = anUndeliveredNotice('failed');
    const late = aNotice({ deliveredAt: at('2026-03-06 09:00') });
    const sent = anUndeliveredNotice('sent');
    const ladder = [low, failed, late, sent];
    const codes = [
      'notice_amount_too_low',
      'notice_failed',
      'notice_too_late',
      'notice_not_delivered',
    ];
    for (const [index, code] of codes.entries()) {
      assert.equal(gate(ladder.slice(0, index + 1)), code);
      assert.equal(gate(ladder.slice(0, index + 1).reverse()), code);
    }
  });
});

describe('whether the law’s notice was ever given', () => {
  test('asks for a delivered renewal notice in time for its own date', () => {
    assert.ok(hasLegalNotice(question([missed])));
    assert.ok(!hasLegalNotice(question([{ ...missed, purpose: 'retry' }])));
    assert.ok(!hasLegalNotice(question([{ ...missed, purpose: 'rail' }])));
    assert.ok(!hasLegalNotice(question([{ ...missed, state: 'sent' }])));
  });

  test('a notice that is sent now is in time for the earliest date, and for none before', () => {
    const minutes = fc.integer({ min: 0, max: 3 * 24 * 60 });
    fc.assert(
      fc.property(minutes, fc.integer({ min: 0, max: 10 }), (offset, noticeDaysBefore) => {
        const now = at('2026-02-26 00:00').add({ minutes: offset });
        const context = { ...contextAt('2026-02-26 00:00'), ...promising(noticeDaysBefore) };
        const date = earliestRenewalDate(now, context);
        const deliveredAt = now.add({ minutes: 30 });
        const on = (collectDate: Temporal.PlainDate) =>
          gate([aNotice({ deliveredAt, collectDate })], {
            collectDate,
            ...promising(noticeDaysBefore),
          });
        assert.equal(on(date), 'passes');
        assert.equal(on(date.subtract({ days: 1 })), 'notice_too_late');
      }),
    );
  });
});

describe('the rail’s own announcement', () => {
  const announced = anAnnouncement('2026-03-10', '2026-03-12');
  const on = (date: string, notices: readonly DebitNotice[]) => {
    const result = checkAnnouncement(question(notices, { collectDate: day(date) }));
    return result.ok ? 'passes' : result.refusal.code;
  };
  const { windowFrom: _from, windowUntil: _until, ...withoutDays } = announced;
  const cases: readonly (readonly [string, string, readonly DebitNotice[], string])[] = [
    ['the day before the first', '2026-03-09', [announced], 'outside_rail_window'],
    ['the first day', '2026-03-10', [announced], 'passes'],
    ['the last day', '2026-03-12', [announced], 'passes'],
    ['the day after the last', '2026-03-13', [announced], 'outside_rail_window'],
    ['without announcement', '2026-03-10', [aNotice()], 'rail_announcement_missing'],
    [
      'not made yet',
      '2026-03-10',
      [{ ...announced, state: 'planned' }],
      'rail_announcement_missing',
    ],
    ['without its days', '2026-03-10', [withoutDays], 'rail_announcement_missing'],
    [
      'of less',
      '2026-03-10',
      [{ ...announced, amount: money(1n, 'CNY') }],
      'rail_announcement_missing',
    ],
    [
      'inside the second of two',
      '2026-03-15',
      [announced, anAnnouncement('2026-03-14', '2026-03-16')],
      'passes',
    ],
  ];
  for (const [name, date, notices, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(on(date, notices), expected));
  }
});

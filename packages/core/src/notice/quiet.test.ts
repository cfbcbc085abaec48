import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aCustomer, aNotice, at, DUE } from '../../../../test/kit/builders.ts';
import { isBefore } from '../calendar/business-time.ts';
import type { NoticePreferences } from '../customer/preferences.ts';
import { DEFAULT_TIMETABLE, issueAt } from '../subscription/timetable.ts';
import type { Notice } from './notice.ts';
import { issueAtFor, quietHoursAt, waitForMorning } from './quiet.ts';
import { DEFAULT_NOTICE_RULES } from './rules.ts';

const zone = 'Asia/Shanghai';
const question = (wishes: NoticePreferences = {}) => ({
  customer: aCustomer({ noticePreferences: wishes }),
  rules: DEFAULT_NOTICE_RULES,
  zone,
});
const time = (text: string) => Temporal.PlainTime.from(text);
/** The date that our notices name, so many days before, at that hour. */
const before = (days: number, hour: string) => at(`${DUE.subtract({ days })} ${hour}`);

describe('quiet hours', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['2026-03-05 20:59', false],
    ['2026-03-05 21:00', true],
    ['2026-03-05 23:59', true],
    ['2026-03-06 00:00', true],
    ['2026-03-06 07:59', true],
    ['2026-03-06 08:00', false],
    ['2026-03-06 12:00', false],
  ];
  for (const [when, isQuiet] of cases) {
    test(`${when}: ${isQuiet ? 'quiet' : 'open'}`, () => {
      assert.equal(quietHoursAt(at(when), question()) !== undefined, isQuiet);
    });
  }

  test('are those of the place where the customer lives', () => {
    // 12:00 in Shanghai is 04:00 in Berlin.
    const quiet = quietHoursAt(at('2026-01-10 12:00'), question({ zone: 'Europe/Berlin' }));
    assert.equal(String(quiet?.until), String(at('2026-01-10 15:00')));
  });

  test('may be inside one day, or none', () => {
    const noon = { quietFrom: time('12:00'), quietUntil: time('14:00') };
    assert.ok(quietHoursAt(at('2026-03-05 13:00'), question(noon)) !== undefined);
    assert.equal(quietHoursAt(at('2026-03-05 22:00'), question(noon)), undefined);
    const never = { quietFrom: time('12:00'), quietUntil: time('12:00') };
    assert.equal(quietHoursAt(at('2026-03-05 12:00'), question(never)), undefined);
  });
});

describe('a message that falls due at night', () => {
  const wait = (notice: Notice, now: Temporal.Instant) =>
    waitForMorning(notice, { ...question(), now, timetable: DEFAULT_TIMETABLE });
  const renewal = aNotice({ purpose: 'renewal', state: 'sending' });
  const { debitId: _d, amount: _a, collectDate: _c, ...row } = renewal;
  const overdue: Notice = {
    ...row,
    purpose: 'overdue',
    subjectId: row.customerId,
    templateKey: 'renewal',
    variables: {},
  } as Notice;

  const cases: readonly (readonly [string, Notice, Temporal.Instant, string])[] = [
    ['any message waits', overdue, before(1, '23:00'), `${DUE} 08:00`],
    ['any message in the day leaves', overdue, before(1, '12:00'), 'now'],
    [
      'a legal notice six days before waits',
      renewal,
      before(6, '23:00'),
      `${DUE.subtract({ days: 5 })} 08:00`,
    ],
    ['a legal notice on its last night leaves', renewal, before(5, '23:00'), 'now'],
    [
      'a legal notice on its last morning waits',
      renewal,
      before(5, '06:00'),
      `${DUE.subtract({ days: 5 })} 08:00`,
    ],
  ];
  for (const [what, notice, now, expected] of cases) {
    test(`${what}: ${expected}`, () => {
      const until = wait(notice, now);
      assert.equal(
        until === undefined ? 'now' : String(until),
        expected === 'now' ? 'now' : String(at(expected)),
      );
    });
  }

  test('a retry’s notice waits only while its day of notice lasts', () => {
    const retry = aNotice({ purpose: 'retry', state: 'sending' });
    // It is tried at 10:00 of its date, a day after the notice.
    assert.ok(wait(retry, before(2, '22:00')) !== undefined);
    assert.ok(wait(retry, before(1, '07:00')) !== undefined);
    assert.equal(wait(retry, before(1, '22:00')), undefined);
  });
});

describe('when the invoice of a customer with wishes is issued', () => {
  const usual = issueAt(DUE, DEFAULT_TIMETABLE, zone);

  test('extra days come before the law’s', () => {
    const earlier = issueAtFor(DUE, DEFAULT_TIMETABLE, question({ extraDays: 2 }));
    assert.equal(String(earlier), String(usual.subtract({ hours: 48 })));
  });

  test('quiet hours that take the notice into the next day: the evening before', () => {
    const wishes = { quietFrom: time('08:00'), quietUntil: time('00:30') };
    const earlier = issueAtFor(DUE, DEFAULT_TIMETABLE, question(wishes));
    assert.equal(String(earlier), String(before(5, '07:30')));
  });

  test('no wish makes a notice later, whatever it is', () => {
    const hours = fc.integer({ min: 0, max: 23 }).map((hour) => new Temporal.PlainTime(hour));
    const wishes = fc.record({
      quietFrom: hours,
      quietUntil: hours,
      extraDays: fc.nat(3),
      zone: fc.constantFrom('Asia/Shanghai', 'America/New_York', 'Pacific/Auckland'),
    });
    fc.assert(
      fc.property(wishes, (wanted) => {
        const at_ = issueAtFor(DUE, DEFAULT_TIMETABLE, question(wanted));
        assert.ok(!isBefore(usual, at_));
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ANNOUNCING_RAIL,
  aCustomer,
  aMandate,
  anInvoice,
  anotherId,
  anUnreachableCustomer,
  clockOf,
  contextAt,
  day,
  PRICE,
} from '../../../../test/kit/builders.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { money } from '../money/money.ts';
import { InvariantBroken } from '../result/invariant.ts';
import { decideSchedule, type ScheduleContext } from './schedule.ts';

const PARTIES = { customer: aCustomer(), mandate: aMandate() };

/** "notice 2026-03-10, collect 2026-03-10 07:30", with the rail's announcement where it has one. */
function scheduled(context: ScheduleContext, invoices: readonly Invoice[] = [anInvoice()]): string {
  const { debit, notice } = decideSchedule(invoices, PARTIES, context);
  assert.ok(notice?.collectDate.equals(debit.collectDate));
  const announced = debit.announceAt === undefined ? '' : `, announce ${clockOf(debit.announceAt)}`;
  return `${clockOf(debit.collectAt)}${announced}`;
}

describe('when a debit is collected', () => {
  const cases: readonly (readonly [string, string, string, number?])[] = [
    ['issued on T−5', '2026-03-05 09:00', '2026-03-10 07:30'],
    ['issued on T−8', '2026-03-02 09:00', '2026-03-10 07:30'],
    ['issued late in the evening of T−5', '2026-03-05 23:29', '2026-03-10 07:30'],
    ['issued when its notice can only arrive on T−4', '2026-03-05 23:30', '2026-03-11 07:30'],
    ['issued on T−4', '2026-03-06 09:00', '2026-03-11 07:30'],
    ['issued a month late', '2026-04-10 09:00', '2026-04-15 07:30'],
    ['issued on T−5 by a merchant that promises a day', '2026-03-06 09:00', '2026-03-11 07:30', 1],
    ['issued on T−5 by a merchant that promises a week', '2026-03-05 09:00', '2026-03-12 07:30', 7],
  ];
  for (const [name, now, expected, noticeDaysBefore = 5] of cases) {
    test(name, () => {
      assert.equal(scheduled(contextAt(now, { timetable: { noticeDaysBefore } })), expected);
    });
  }
});

describe('when the rail’s own announcement of it is made', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'on T−2 at the announcement hour',
      '2026-03-05 09:00',
      '2026-03-10 07:30, announce 2026-03-08 10:00',
    ],
    [
      'two days before a date that was moved',
      '2026-03-09 09:00',
      '2026-03-14 07:30, announce 2026-03-12 10:00',
    ],
  ];
  for (const [name, now, expected] of cases) {
    test(name, () => {
      assert.equal(scheduled(contextAt(now, { rail: ANNOUNCING_RAIL })), expected);
    });
  }

  test('a rail that wants it a week before moves the first date, not the announcement', () => {
    const announcement = {
      leadDays: 7,
      windowDays: 3,
      window: ANNOUNCING_RAIL.announcement?.window,
    };
    assert.ok(announcement.window);
    const rail = {
      ...ANNOUNCING_RAIL,
      announcement: { ...announcement, window: announcement.window },
    };
    const inHours = contextAt('2026-03-05 09:00', { rail });
    assert.equal(scheduled(inHours), '2026-03-12 07:30, announce 2026-03-05 10:00');
    const afterTheHour = contextAt('2026-03-05 12:00', { rail });
    assert.equal(scheduled(afterTheHour), '2026-03-12 07:30, announce 2026-03-05 12:00');
    const afterHours = contextAt('2026-03-05 22:00', { rail });
    assert.equal(scheduled(afterHours), '2026-03-13 07:30, announce 2026-03-06 10:00');
  });

  test('a collection hour before the rail opens waits for the opening', () => {
    const timetable = { collectTime: Temporal.PlainTime.from('05:00') };
    const context = contextAt('2026-03-05 09:00', { rail: ANNOUNCING_RAIL, timetable });
    assert.equal(scheduled(context), '2026-03-10 07:00, announce 2026-03-08 10:00');
  });

  test('a collection hour after the rail closes moves the date that the customer is told', () => {
    const timetable = { collectTime: Temporal.PlainTime.from('22:30') };
    const context = contextAt('2026-03-05 09:00', { rail: ANNOUNCING_RAIL, timetable });
    const { debit, notice } = decideSchedule([anInvoice()], PARTIES, context);
    assert.equal(clockOf(debit.collectAt), '2026-03-11 07:00');
    assert.equal(notice?.collectDate.toString(), '2026-03-11');
    assert.equal(debit.collectDate.toString(), '2026-03-11');
  });
});

describe('what a debit collects', () => {
  const context = contextAt('2026-03-05 09:00');

  test('invoices of one due date combine: rails take one debit a day', () => {
    const other = anInvoice({ id: anotherId('inv', 0), total: money(1_015n, 'CNY') });
    const { debit, notice, events } = decideSchedule([anInvoice(), other], PARTIES, context);
    assert.equal(debit.amount.minor, PRICE.minor + 1_015n);
    assert.equal(notice?.amount.minor, debit.amount.minor);
    assert.deepEqual(debit.invoiceIds, [anInvoice().id, other.id]);
    assert.equal(debit.state, 'scheduled');
    assert.equal(debit.attemptCount, 0);
    assert.equal(notice?.purpose, 'renewal');
    assert.equal(notice?.state, 'planned');
    assert.deepEqual(
      events.map(({ type, data }) => [type, data['minor'], data['collect_date']]),
      [['debit.scheduled', '4000', '2026-03-10']],
    );
  });

  test('only what balance and credit notes left is collected, and told in the notice', () => {
    const changes = { balanceApplied: money(1_000n, 'CNY'), credited: money(85n, 'CNY') };
    const context = contextAt('2026-03-05 09:00');
    const { debit, notice } = decideSchedule([anInvoice(changes)], PARTIES, context);
    assert.equal(debit.amount.minor, 1_900n);
    assert.equal(notice?.amount.minor, 1_900n);
  });

  test('a customer without any address gets a debit whose notice has failed', () => {
    const parties = { ...PARTIES, customer: anUnreachableCustomer() };
    const { notice } = decideSchedule([anInvoice()], parties, context);
    assert.equal(notice?.state, 'failed');
    assert.equal(notice?.failureCode, 'no_address');
  });

  const bugs: readonly (readonly [string, readonly Invoice[]])[] = [
    ['no invoice', []],
    ['a draft', [anInvoice({ state: 'draft' })]],
    ['a paid invoice', [anInvoice({ state: 'paid' })]],
    ['two due dates', [anInvoice(), anInvoice({ dueDate: day('2026-03-11') })]],
    ['two currencies', [anInvoice(), anInvoice({ total: money(1n, 'EUR') })]],
  ];
  for (const [name, invoices] of bugs) {
    test(`${name} is our bug`, () => {
      assert.throws(() => decideSchedule(invoices, PARTIES, context), InvariantBroken);
    });
  }
});

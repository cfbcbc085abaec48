import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aCustomer,
  aNotice,
  anUndeliveredNotice,
  anUnreachableCustomer,
  at,
  countingIds,
} from '../../../../test/kit/builders.ts';
import type { Contact, ContactChannel } from '../customer/contact.ts';
import { decideFollow, decideResend } from './follow.ts';
import { nextStop, routeOf } from './route.ts';

const now = at('2026-03-05 11:00');
const context = () => ({ now, ids: countingIds(800) });
const customer = aCustomer();
const contact = (channel: ContactChannel, changes: Partial<Contact> = {}): Contact => ({
  customerId: customer.id,
  merchantId: customer.merchantId,
  channel,
  address: channel === 'inbox' ? 'inbox' : `https://robots.example.test/${channel}`,
  rank: 5,
  enabled: true,
  changedAt: now,
  ...changes,
});

describe('the ways to a customer', () => {
  const channels = (contacts: readonly Contact[], order?: readonly ContactChannel[]) =>
    routeOf(
      order === undefined ? customer : { ...customer, noticePreferences: { order } },
      contacts,
    )
      .map(({ channel }) => channel)
      .join(' ');
  const cases: readonly (readonly [string, string, string])[] = [
    ['mail and phone of its own', channels([]), 'mail sms'],
    [
      'more by rank',
      channels([contact('wecom', { rank: 9 }), contact('inbox')]),
      'mail sms inbox wecom',
    ],
    ['what it put first', channels([contact('inbox')], ['inbox', 'sms']), 'inbox sms mail'],
    ['one switched off', channels([contact('mail', { enabled: false })]), 'sms'],
    ['one opted out of', channels([contact('sms', { optedOutAt: now })]), 'mail'],
  ];
  for (const [what, route, expected] of cases) {
    test(`${what}: ${expected}`, () => assert.equal(route, expected));
  }

  test('a contact of the same channel replaces the customer’s own', () => {
    const stop = routeOf(customer, [contact('mail', { address: 'new@example.test', rank: 0 })])[0];
    assert.deepEqual(stop, { channel: 'mail', address: 'new@example.test' });
  });

  test('nobody is tried twice', () => {
    const route = routeOf(customer, []);
    assert.equal(nextStop(route, ['mail'])?.channel, 'sms');
    assert.equal(nextStop(route, ['mail', 'sms']), undefined);
  });
});

describe('a channel that failed', () => {
  const failed = anUndeliveredNotice('failed', { failureCode: '5.1.1', followAt: now });
  const facts = { customer, contacts: [], isWanted: true };

  test('gives the next its turn, for the same amount and date', () => {
    const { notices, tasks } = decideFollow(failed, facts, context());
    const [settled, next] = notices;
    assert.equal(settled?.followAt, undefined);
    assert.ok(next !== undefined && next.debitId === failed.debitId);
    assert.deepEqual(
      [next.channel, next.state, next.followsId, next.tried],
      ['sms', 'planned', failed.id, ['mail']],
    );
    assert.equal(next.amount.minor, failed.amount.minor);
    assert.ok(next.collectDate.equals(failed.collectDate) && next.dueAt.equals(now));
    assert.equal(tasks.length, 0);
  });

  test('after the last, a person gets a task, once', () => {
    const last = { ...failed, channel: 'sms' as const, tried: ['mail' as const] };
    const { notices, tasks, events } = decideFollow(last, facts, context());
    assert.equal(notices.length, 1);
    assert.deepEqual(
      tasks.map(({ kind, subjectId, data }) => [kind, subjectId, data['channels']]),
      [['notice_undelivered', failed.debitId, 'mail sms']],
    );
    assert.deepEqual(
      events.map(({ type }) => type),
      ['notice.undelivered', 'task.opened'],
    );
    const again = decideFollow(last, { ...facts, openTask: tasks[0] }, context());
    assert.deepEqual([again.tasks.length, again.events.length], [0, 1]);
  });

  test('nobody waits for a notice whose debit has moved or ended', () => {
    const { notices, tasks } = decideFollow(failed, { ...facts, isWanted: false }, context());
    assert.deepEqual([notices.length, tasks.length, notices[0]?.followAt], [1, 0, undefined]);
  });

  test('a notice that never had an address has tried nothing', () => {
    const nowhere = { ...failed, failureCode: 'no_address' };
    const next = decideFollow(nowhere, facts, context()).notices[1];
    assert.equal(next?.channel, 'mail');
  });

  test('one that was only silent keeps its own state: a late receipt still counts', () => {
    const silent = anUndeliveredNotice('sent', { followAt: now });
    const [settled, next] = decideFollow(silent, facts, context()).notices;
    assert.deepEqual([settled?.state, next?.channel], ['sent', 'sms']);
  });
});

describe('sending again', () => {
  const failed = anUndeliveredNotice('failed', { failureCode: '5.1.1' });
  const facts = { customer, contacts: [], isWanted: true };

  test('begins with the first way there is now and ends the task', () => {
    const { tasks } = decideFollow(
      { ...failed, channel: 'sms', tried: ['mail'], followAt: now },
      facts,
      context(),
    );
    const again = decideResend(failed, { ...facts, openTask: tasks[0] }, context());
    assert.ok(again.ok);
    assert.deepEqual(
      [again.value.notices[1]?.channel, again.value.notices[1]?.tried, again.value.tasks[0]?.state],
      ['mail', undefined, 'dropped'],
    );
  });

  const refused = [
    ['what was delivered', aNotice(), facts, 'notice_not_resendable'],
    ['what waits to be sent', anUndeliveredNotice('planned'), facts, 'notice_not_resendable'],
    ['what nobody waits for', failed, { ...facts, isWanted: false }, 'notice_not_resendable'],
    ['to nowhere', failed, { ...facts, customer: anUnreachableCustomer() }, 'notice_no_way'],
  ] as const;
  for (const [what, notice, about, code] of refused) {
    test(`${what}: refused as ${code}`, () => {
      const again = decideResend(notice, about, context());
      assert.ok(!again.ok && again.refusal.code === code);
    });
  }
});

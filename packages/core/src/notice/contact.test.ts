import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aCustomer,
  anUnreachableCustomer,
  at,
  countingIds,
} from '../../../../test/kit/builders.ts';
import { channelOf } from '../customer/customer.ts';
import { type ContactChange, decideContact, decidePreferences } from './contact.ts';

const now = at('2026-03-05 11:00');
const context = () => ({ now, ids: countingIds(900) });
const customer = aCustomer();

function change(wanted: ContactChange, known = { customer, contacts: [] as const }) {
  return decideContact(known, wanted, context());
}

describe('the contacts of a customer', () => {
  test('a new way is known to everyone who plans a message', () => {
    const made = change(
      { channel: 'inbox', address: 'C-1', rank: 0 },
      {
        customer: anUnreachableCustomer(),
        contacts: [],
      },
    );
    assert.ok(made.ok);
    assert.equal(channelOf(made.value.customer), 'inbox');
    assert.equal(made.value.isNewWay, true);
    assert.equal(made.value.event.type, 'customer.contact_changed');
    assert.ok(!JSON.stringify(made.value.event.data).includes('C-1'), 'no address in an event');
  });

  test('the last way cannot be switched off, nor opted out of', () => {
    const off = change({ channel: 'sms', enabled: false });
    assert.ok(off.ok && off.value.customer.reach?.join() === 'mail');
    const contacts = [off.value.contact];
    for (const last of [{ enabled: false }, { isOptedOut: true }]) {
      const refused = decideContact(
        { customer: off.value.customer, contacts },
        { channel: 'mail', ...last },
        context(),
      );
      assert.ok(!refused.ok && refused.refusal.code === 'last_channel');
    }
  });

  test('another address is a new way, and nobody has proved to read it', () => {
    const verified = change({ channel: 'mail', isVerified: true });
    assert.ok(verified.ok && verified.value.contact.verifiedAt !== undefined);
    assert.equal(verified.value.isNewWay, false);
    const moved = decideContact(
      { customer: verified.value.customer, contacts: [verified.value.contact] },
      { channel: 'mail', address: 'other@example.test' },
      context(),
    );
    assert.ok(moved.ok);
    assert.deepEqual([moved.value.contact.verifiedAt, moved.value.isNewWay], [undefined, true]);
  });

  test('an address is called wrong with another one, or with its contact switched off', () => {
    const right = { channel: 'mail', address: 'right@example.test', isWrong: true } as const;
    const corrected = change(right);
    assert.ok(corrected.ok);
    const old = { channel: 'mail', address: customer.mail };
    assert.deepEqual(corrected.value.wrong, old);
    assert.equal(corrected.value.event.data['was_wrong'], true);
    const off = change({ channel: 'mail', enabled: false, isWrong: true });
    assert.ok(off.ok);
    assert.deepEqual(off.value.wrong, old);
    const moved = change({ channel: 'mail', address: 'right@example.test' });
    assert.ok(moved.ok && moved.value.wrong === undefined);
    for (const stays of [{}, { address: customer.mail ?? '' }]) {
      const refused = change({ channel: 'mail', isWrong: true, ...stays });
      assert.equal(refused.ok || refused.refusal.code, 'wrong_address_stays');
    }
  });

  test('a sealed address that no key opens can be switched off and replaced, not sent in', () => {
    const sealed = 'sealed:robots.example.test/****0007:w1.abc';
    const contact = { channel: 'wecom', address: sealed, rank: 3, enabled: true } as const;
    const { id: customerId, merchantId } = customer;
    const known = { customer, contacts: [{ ...contact, customerId, merchantId, changedAt: now }] };
    const off = decideContact(known, { channel: 'wecom', enabled: false }, context());
    assert.ok(off.ok && off.value.contact.address === sealed);
    const address = 'https://robots.example.test/hook?key=2';
    assert.ok(decideContact(known, { channel: 'wecom', address }, context()).ok);
    const refused = change({ channel: 'wecom', address: sealed });
    assert.equal(refused.ok || refused.refusal.code, 'address_not_valid');
  });

  const addresses: readonly (readonly [ContactChange, boolean])[] = [
    [{ channel: 'mail', address: 'a@example.test' }, true],
    [{ channel: 'mail', address: 'a@b@c d' }, false],
    [{ channel: 'sms', address: '+12125550123' }, true],
    [{ channel: 'sms', address: '2125550123' }, false],
    [{ channel: 'wecom', address: 'https://robots.example.test/hook?key=1' }, true],
    [{ channel: 'wecom', address: 'http://robots.example.test/hook' }, false],
    [{ channel: 'webhook', address: 'ftp://example.test' }, false],
    [{ channel: 'official_account', address: 'oABC-def_123' }, true],
    [{ channel: 'inbox', address: 'two words' }, false],
    [{ channel: 'dingtalk' }, false],
  ];
  for (const [wanted, isTaken] of addresses) {
    const answer = isTaken ? 'taken' : 'refused';
    test(`${wanted.channel} at ${wanted.address ?? 'nowhere'}: ${answer}`, () => {
      const made = change(wanted);
      assert.equal(made.ok || made.refusal.code, isTaken || 'address_not_valid');
    });
  }
});

describe('the wishes of a customer', () => {
  const cases = [
    [{ order: ['sms', 'mail'] }, undefined],
    [{ order: ['sms', 'sms'] }, 'order_not_valid'],
    [{ extraDays: 3 }, undefined],
    [{ extraDays: 4 }, 'extra_days_not_valid'],
    [{ extraDays: -1 }, 'extra_days_not_valid'],
    [{ zone: 'Europe/Berlin' }, undefined],
    [{ zone: 'Moon/Sea' }, 'zone_not_valid'],
    [{ quietFrom: Temporal.PlainTime.from('20:00') }, 'quiet_hours_not_whole'],
  ] as const;
  for (const [wishes, code] of cases) {
    test(`${JSON.stringify(wishes)}: ${code ?? 'taken'}`, () => {
      const decided = decidePreferences({ customer, contacts: [] }, wishes);
      assert.equal(decided.ok ? undefined : decided.refusal.code, code);
    });
  }

  test('an order puts its channels first for everyone who plans a message', () => {
    const decided = decidePreferences({ customer, contacts: [] }, { order: ['sms'] });
    assert.ok(decided.ok && channelOf(decided.value) === 'sms');
  });
});

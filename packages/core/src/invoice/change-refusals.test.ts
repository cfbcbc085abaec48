import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  anItem,
  anotherId,
  aPrice,
  aSubscription,
  billedLinesOf,
  changeContext,
  contextOf,
  day,
  factsOf,
  invoiceOf,
} from '../../../../test/kit/builders.ts';
import type { ChangeTime, SubscriptionCommand } from '../subscription/change.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { type ChangeFacts, decideChange } from './change.ts';
import { decideDraft } from './draft.ts';
import type { Invoice } from './invoice.ts';

const BASE = aPrice('flat', 31_000n);
const SEAT = aPrice('seat', 3_100n);
const MODULE = aPrice('module', 6_200n);
const CALLS = aPrice('metered', 1n);
const EURO = aPrice('module', 500n, { currency: 'EUR' });
const WEEKLY = aPrice('module', 500n, { code: 'weekly', interval: { unit: 'week', count: 1 } });
const LATER = aPrice('module', 500n, { code: 'later', effectiveFrom: day('2027-01-01') });
const PRICES = [BASE, SEAT, MODULE, CALLS, EURO, WEEKLY, LATER];

const seats = anItem(SEAT, { from: day('2026-03-01'), quantity: 10n });
const calls = anItem(CALLS, { from: day('2026-03-01') });
const START = aSubscription({
  anchor: day('2026-03-01'),
  items: [anItem(BASE, { from: day('2026-03-01') }), seats, calls],
});
const NOW: ChangeTime = { at: 'now' };

/** March is billed and has begun. */
const march = decideDraft(factsOf(START), contextOf(PRICES));
const MARCH = invoiceOf(march);
const factsAfter = (subscription: Subscription, ...invoices: readonly Invoice[]): ChangeFacts => ({
  subscription,
  billed: billedLinesOf(...invoices),
  pendingLines: [],
  redemptions: [],
});
const FACTS = factsAfter(march.subscription, MARCH);

/** "code field" of the refusal. */
function refused(command: SubscriptionCommand, facts = FACTS, on = '2026-03-11'): string {
  const decided = decideChange(facts, command, changeContext(PRICES, `${on} 10:00`));
  return decided.ok ? 'decided' : `${decided.refusal.code} ${decided.refusal.field}`;
}

function taken(command: SubscriptionCommand): ChangeFacts {
  const decided = decideChange(FACTS, command, changeContext(PRICES, '2026-03-11 10:00'));
  assert.ok(decided.ok);
  return { ...FACTS, subscription: decided.value.subscription };
}

describe('why a change is refused, and which field says so', () => {
  const item = anotherId('sit', 0);
  const CONTRACT = {
    start: day('2026-03-11'),
    end: day('2026-03-11'),
    renewal: 'ends',
    earlyTermination: { type: 'free' },
  } as const;
  const add = (priceVersionId: typeof BASE.version.id, quantity = 1n): SubscriptionCommand => ({
    type: 'add_item',
    priceVersionId,
    quantity,
    when: NOW,
  });
  const cases: readonly (readonly [SubscriptionCommand, string])[] = [
    [{ type: 'quantity', itemId: item, quantity: 1n, when: NOW }, 'item_unknown itemId'],
    [
      { type: 'quantity', itemId: seats.id, quantity: 0n, when: NOW },
      'quantity_not_positive quantity',
    ],
    [
      { type: 'quantity', itemId: seats.id, quantity: -1n, when: NOW },
      'quantity_not_positive quantity',
    ],
    [add(MODULE.version.id, 0n), 'quantity_not_positive item.quantity'],
    [add(EURO.version.id), 'currency_mix item.priceVersionId'],
    [add(WEEKLY.version.id), 'interval_does_not_fit item.priceVersionId'],
    [add(LATER.version.id), 'price_not_effective item.priceVersionId'],
    [add(anotherId('prv', 0)), 'price_version_unknown item.priceVersionId'],
    [{ type: 'resume', when: NOW }, 'not_paused when'],
    [{ type: 'unpark' }, 'not_parked subscription'],
    [
      { type: 'pause', when: NOW, resumesOn: day('2026-03-11') },
      'pause_ends_before_it_starts resumesOn',
    ],
    [{ type: 'align', expiresOn: day('2026-03-11') }, 'change_in_past expiresOn'],
    [{ type: 'end', when: { at: 'date', date: day('2026-02-28') } }, 'change_before_start when'],
    [{ type: 'plan', planId: START.planId, items: [], when: NOW }, 'no_items items'],
    [
      { type: 'quantity', itemId: calls.id, quantity: 2n, when: NOW },
      'item_has_no_quantity itemId',
    ],
    [{ type: 'contract', contract: CONTRACT }, 'contract_ends_before_it_starts contract.end'],
  ];
  for (const [command, expected] of cases) {
    test(`${command.type}: ${expected}`, () => assert.equal(refused(command), expected));
  }

  test('a day before the month that was billed last', () => {
    const april = decideDraft(factsOf(march.subscription), contextOf(PRICES));
    const facts = factsAfter(april.subscription, MARCH, invoiceOf(april));
    const end: SubscriptionCommand = { type: 'end', when: { at: 'date', date: day('2026-03-31') } };
    assert.equal(refused(end, facts, '2026-04-11'), 'change_before_last_invoice when');
  });

  test('a second pause on the same days', () => {
    const paused = taken({ type: 'pause', when: NOW });
    assert.equal(refused({ type: 'pause', when: NOW }, paused), 'already_paused when');
  });

  test('an item that has ended', () => {
    const removed = taken({ type: 'remove_item', itemId: seats.id, when: NOW });
    const command = { type: 'quantity', itemId: seats.id, quantity: 3n, when: NOW } as const;
    assert.equal(refused(command, removed), 'item_already_ended itemId');
  });

  test('anything after the end', () => {
    const facts = { ...FACTS, subscription: { ...march.subscription, state: 'ended' as const } };
    assert.equal(
      refused({ type: 'auto_renew', on: true }, facts),
      'subscription_ended subscription',
    );
  });
});

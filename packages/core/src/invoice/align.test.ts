import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  anItem,
  anotherId,
  aPrice,
  aSubscription,
  changeContext,
  contextOf,
  day,
  factsOf,
  invoiceOf,
} from '../../../../test/kit/builders.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { decideAlignment } from './align.ts';
import { decideDraft } from './draft.ts';
import { draftPending } from './draft-pending.ts';

const YEAR = { unit: 'year', count: 1 } as const;
const BASE = aPrice('flat', 36_500n, { interval: YEAR });
const YEARLY_USAGE = aPrice('metered', 1n, { interval: YEAR });
const MONTHLY_BASE = aPrice('flat', 3_100n);
const PRICES = [BASE, YEARLY_USAGE, MONTHLY_BASE];
const EXPIRY = day('2026-12-31');

const yearly = (anchor: string): Subscription =>
  aSubscription({
    id: anotherId('sub', 0),
    anchor: day(anchor),
    interval: YEAR,
    items: [anItem(BASE)],
    billedThrough: day(anchor).add({ years: 1 }),
    arrearsThrough: day(anchor),
  });
const facts = (subscription: Subscription) => ({
  subscription,
  billed: [],
  pendingLines: [],
  redemptions: [],
});
const align = (...subscriptions: readonly Subscription[]) =>
  decideAlignment(subscriptions.map(facts), EXPIRY, changeContext(PRICES, '2026-03-11 10:00'));

describe('one expiry day for all subscriptions of a customer', () => {
  test('each gets a short period up to it, by its days', () => {
    const aligned = align(yearly('2025-05-10'), yearly('2025-11-01'));
    assert.ok(aligned.ok);
    const bills = aligned.value.map(({ subscription }) => {
      const { period, total } = invoiceOf(decideDraft(factsOf(subscription), contextOf(PRICES)));
      return `${period.start} ${period.end} ${total.minor}`;
    });
    assert.deepEqual(bills, ['2026-05-10 2026-12-31 23500', '2026-11-01 2026-12-31 6000']);
  });

  test('one that has ended is passed over; one that cannot move stops all', () => {
    const ended = { ...yearly('2025-05-10'), state: 'ended' as const };
    const aligned = align(yearly('2025-05-10'), ended);
    assert.equal(aligned.ok ? aligned.value.length : 0, 1);
    const usage = aSubscription({ items: [anItem(MONTHLY_BASE), anItem(YEARLY_USAGE)] });
    const refused = align(yearly('2025-05-10'), usage);
    assert.equal(refused.ok ? '' : refused.refusal.code, 'interval_does_not_fit');
  });
});

describe('lines that are billed at once', () => {
  const subscription = aSubscription({ items: [anItem(MONTHLY_BASE)] });
  const template = invoiceOf(decideDraft(factsOf(subscription), contextOf(PRICES))).lines[0];
  assert.ok(template);
  const { position: _position, ...line } = template;
  const row = {
    id: anotherId('pli', 0),
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    state: 'pending',
    notBefore: day('2027-01-01'),
    line: { ...line, rule: 'change_charge' },
    createdAt: subscription.createdAt,
  } as const;
  const billed = (...pendingLines: readonly (typeof row)[]) =>
    draftPending(
      { subscription, pendingLines, redemptions: [], billingKey: `change:${row.id}` },
      contextOf(PRICES),
    );

  test('make an invoice that is due today, whatever day they wait for', () => {
    const made = billed(row);
    assert.ok(made !== undefined && 'invoice' in made);
    assert.equal(made.invoice.total.minor, 3_100n);
    assert.equal(made.invoice.dueDate.toString(), '2026-03-02');
    assert.equal(made.invoice.billingKey, `change:${row.id}`);
    assert.deepEqual(
      made.pendingLines.map(({ state, invoiceId }) => [state, invoiceId]),
      [['billed', made.invoice.id]],
    );
  });

  test('nothing waiting is no invoice', () => assert.equal(billed(), undefined));
});

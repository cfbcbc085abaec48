import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  anItem,
  anotherId,
  aPrice,
  aSubscription,
  at,
  clockOf,
  day,
  ZONE,
} from '../../../../test/kit/builders.ts';
import { type Currency, money } from '../money/money.ts';
import type { Subscription, SubscriptionItem } from '../subscription/subscription.ts';
import { DEFAULT_TIMETABLE } from '../subscription/timetable.ts';
import { type DraftContext, decideDraft, type PricedVersion } from './draft.ts';
import type { Invoice } from './invoice.ts';

const BASE = aPrice('flat', 2_985n);
const SEAT = aPrice('seat', 1_000n);
const SETUP = aPrice('one_off', 10_000n);
const EURO = aPrice('module', 500n, 'EUR');

function contextWith(...priced: readonly PricedVersion[]): DraftContext {
  return {
    invoiceId: anotherId('inv', 0),
    prices: new Map(priced.map((one) => [one.version.id, one])),
    timetable: DEFAULT_TIMETABLE,
    zone: ZONE,
    now: at('2026-03-02 08:00'),
  };
}
const CONTEXT = contextWith(BASE, SEAT, SETUP, EURO);

function draft(subscription: Subscription, context = CONTEXT): Invoice {
  const result = decideDraft(subscription, context);
  assert.ok(result.ok, result.ok ? '' : result.refusal.code);
  return result.value;
}

const withItems = (...items: readonly SubscriptionItem[]) => aSubscription({ items });
const lines = (invoice: Invoice) =>
  invoice.lines.map(
    (line) => `${line.position} ${line.reason.rule} ${line.quantity} × ${line.unitAmount.minor}`,
  );

describe('the draft of a period', () => {
  test('has a line for each item, and its total, net and tax', () => {
    const invoice = draft(withItems(anItem(BASE), anItem(SEAT, { quantity: 3n })));
    assert.deepEqual(lines(invoice), ['1 list_price 1 × 2985', '2 list_price 3 × 1000']);
    assert.equal(invoice.total.minor, 5_985n);
    assert.equal(invoice.net.minor, 2_816n + 2_830n);
    assert.equal(invoice.tax.minor, 169n + 170n);
  });

  test('is due on the first day of its period and issued five days before', () => {
    const invoice = draft(
      aSubscription({
        anchor: day('2026-01-31'),
        nextPeriodIndex: 1,
        items: [anItem(BASE)],
      }),
    );
    assert.equal(`${invoice.period.start} ${invoice.period.end}`, '2026-02-28 2026-03-31');
    assert.equal(invoice.dueDate.toString(), '2026-02-28');
    assert.equal(clockOf(invoice.issueAt), '2026-02-23 09:00');
    assert.equal(invoice.state, 'draft');
  });

  test('takes the agreed price before the list price, and says so', () => {
    const agreed = anItem(SEAT, { quantity: 2n, agreedUnitAmount: money(888n, 'CNY') });
    const invoice = draft(withItems(anItem(BASE), agreed));
    assert.deepEqual(lines(invoice), ['1 list_price 1 × 2985', '2 agreed_price 2 × 888']);
    assert.equal(invoice.total.minor, 2_985n + 1_776n);
  });

  test('an agreed price of nothing is nothing, not the list price', () => {
    const free = anItem(BASE, { agreedUnitAmount: money(0n, 'CNY') });
    assert.equal(draft(withItems(free)).total.minor, 0n);
  });

  test('bills a one-off item with the first period only', () => {
    const items = [anItem(BASE), anItem(SETUP)];
    const first = draft(aSubscription({ items, nextPeriodIndex: 0 }));
    assert.equal(first.total.minor, 12_985n);
    const second = draft(aSubscription({ items, nextPeriodIndex: 1 }));
    assert.equal(second.total.minor, 2_985n);
    assert.deepEqual(lines(second), ['1 list_price 1 × 2985']);
  });

  test('has a number of the month and 16 characters', () => {
    assert.match(draft(withItems(anItem(BASE))).number, /^B202603-[0-9A-Z]{16}$/);
  });

  test('numbers of different ids differ', () => {
    const numbers = new Set(
      Array.from({ length: 1_000 }, (_, index) => {
        const random = `${index.toString(16).padStart(4, '0')}${'5'.repeat(16)}`;
        const invoiceId = `inv_019b7ca98c88${random}` as const;
        return draft(withItems(anItem(BASE)), { ...CONTEXT, invoiceId }).number;
      }),
    );
    assert.equal(numbers.size, 1_000);
  });
});

describe('why a period has no draft, in the order in which it is looked at', () => {
  const unknown = anItem(BASE, { priceVersionId: anotherId('prv', 0) });
  const euro = anItem(EURO);
  const negative = anItem(BASE, { agreedUnitAmount: money(-2_986n, 'CNY') });
  const cases: readonly (readonly [string, Subscription, string])[] = [
    [
      'paused, with nothing right',
      aSubscription({ state: 'paused', items: [] }),
      'subscription_not_active',
    ],
    ['parked', aSubscription({ state: 'parked' }), 'subscription_not_active'],
    ['ended', aSubscription({ state: 'ended' }), 'subscription_not_active'],
    ['no items', withItems(), 'subscription_has_no_items'],
    [
      'only a one-off item that was billed',
      aSubscription({ items: [anItem(SETUP)], nextPeriodIndex: 1 }),
      'subscription_has_no_items',
    ],
    ['an unknown price, alone', withItems(unknown), 'price_version_unknown'],
    [
      'an unknown price, two currencies, below zero',
      withItems(unknown, euro, negative),
      'price_version_unknown',
    ],
    ['two currencies, below zero', withItems(euro, negative), 'currency_mix'],
    [
      'an agreed price in another currency than the rest',
      withItems(anItem(BASE), anItem(SEAT, { agreedUnitAmount: money(1n, 'EUR') })),
      'currency_mix',
    ],
    ['below zero', withItems(negative), 'total_negative'],
  ];
  for (const [name, subscription, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      const result = decideDraft(subscription, CONTEXT);
      assert.equal(result.ok ? 'drafted' : result.refusal.code, expected);
    });
  }

  test('agreed prices in one other currency make an invoice in that currency', () => {
    const agreed = anItem(BASE, { agreedUnitAmount: money(400n, 'EUR' as Currency) });
    assert.equal(draft(withItems(agreed)).total.currency, 'EUR');
  });
});

describe('whatever the items are', () => {
  test('the lines add up to the invoice, to the fen', () => {
    const items = fc.array(
      fc.record({
        price: fc.constantFrom(BASE, SEAT),
        quantity: fc.bigInt({ min: 0n, max: 10_000n }),
        agreed: fc.option(fc.bigInt({ min: 0n, max: 10n ** 9n }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(items, (made) => {
        const invoice = draft(
          withItems(
            ...made.map(({ price, quantity, agreed }) =>
              anItem(price, {
                quantity,
                ...(agreed === undefined ? {} : { agreedUnitAmount: money(agreed, 'CNY') }),
              }),
            ),
          ),
        );
        const sum = (read: (line: Invoice['lines'][number]) => bigint) =>
          invoice.lines.reduce((total, line) => total + read(line), 0n);
        assert.equal(
          sum((line) => line.amount.minor),
          invoice.total.minor,
        );
        assert.equal(
          sum((line) => line.net.minor + line.tax.minor),
          invoice.total.minor,
        );
        assert.equal(invoice.net.minor + invoice.tax.minor, invoice.total.minor);
        for (const line of invoice.lines) {
          assert.equal(line.unitAmount.minor * line.quantity, line.amount.minor);
        }
      }),
    );
  });
});

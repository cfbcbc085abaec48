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
  contextOf,
  day,
  factsOf,
  invoiceOf,
} from '../../../../test/kit/builders.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import { ratio } from '../money/ratio.ts';
import type { Subscription, SubscriptionItem } from '../subscription/subscription.ts';
import { decideDraft } from './draft.ts';
import type { Invoice } from './invoice.ts';

const BASE = aPrice('flat', 2_985n);
const SEAT = aPrice('seat', 1_000n);
const SETUP = aPrice('one_off', 10_000n);
const EURO = aPrice('module', 500n, { currency: 'EUR' });
const PRICES = [BASE, SEAT, SETUP, EURO];

const draft = (subscription: Subscription, prices: readonly PricedVersion[] = PRICES) =>
  invoiceOf(decideDraft(factsOf(subscription), contextOf(prices)));
const withItems = (...items: readonly SubscriptionItem[]) => aSubscription({ items });
const agreed = (minor: bigint) => ({
  agreedModel: { type: 'per_unit', unitAmount: ratio(minor, 100n) } as const,
});
const lines = (invoice: Invoice) =>
  invoice.lines.map(
    ({ position, rule, quantity, amount }) =>
      `${position} ${rule} ${quantity.numerator} = ${amount.minor}`,
  );

describe('the draft of a period', () => {
  test('has a line for each item, and its total, net and tax', () => {
    const invoice = draft(withItems(anItem(BASE), anItem(SEAT, { quantity: 3n })));
    assert.deepEqual(lines(invoice), ['1 list_price 1 = 2985', '2 list_price 3 = 3000']);
    assert.equal(invoice.total.minor, 5_985n);
    assert.equal(invoice.net.minor, 2_816n + 2_830n);
    assert.equal(invoice.tax.minor, 169n + 170n);
    assert.equal(invoice.billingKey, 'period:2026-03-10');
  });

  test('is due on the first day of its period and issued five days before', () => {
    const invoice = draft(
      aSubscription({
        anchor: day('2026-01-31'),
        billedThrough: day('2026-02-28'),
        items: [anItem(BASE)],
      }),
    );
    assert.equal(`${invoice.period.start} ${invoice.period.end}`, '2026-02-28 2026-03-31');
    assert.equal(invoice.dueDate.toString(), '2026-02-28');
    assert.equal(clockOf(invoice.issueAt), '2026-02-23 09:00');
    assert.equal(invoice.state, 'draft');
  });

  test('takes the agreed price before the list price, and says so', () => {
    const item = anItem(SEAT, { quantity: 2n, ...agreed(888n) });
    const invoice = draft(withItems(anItem(BASE), item));
    assert.deepEqual(lines(invoice), ['1 list_price 1 = 2985', '2 agreed_price 2 = 1776']);
  });

  test('an agreed price of nothing is nothing, not the list price', () => {
    assert.equal(draft(withItems(anItem(SEAT, agreed(0n)))).total.minor, 0n);
  });

  test('has a number of the month and 16 characters', () => {
    assert.match(draft(withItems(anItem(BASE))).number, /^B202603-[0-9A-Z]{16}$/);
  });

  test('moves the subscription on, and is announced', () => {
    const before = aSubscription({ anchor: day('2026-01-31'), items: [anItem(BASE)] });
    const { subscription, events } = decideDraft(factsOf(before), contextOf(PRICES));
    assert.equal(subscription.billedThrough.toString(), '2026-02-28');
    assert.equal(subscription.arrearsThrough.toString(), '2026-01-31');
    assert.equal(clockOf(subscription.nextBillAt), '2026-02-20 08:00');
    assert.deepEqual(
      events.map(({ type, data }) => [type, data['minor']]),
      [['invoice.drafted', '2985']],
    );
  });
});

describe('a period without anything to bill', () => {
  const cases: readonly (readonly [string, Partial<Subscription>])[] = [
    ['no items', { items: [] }],
    ['only a one-off item, which waits as a line', { items: [anItem(SETUP)] }],
    ['a trial', { items: [anItem(BASE)], trialEndsOn: day('2026-04-10') }],
    ['a pause', { items: [anItem(BASE)], pauses: [{ from: day('2026-03-01') }] }],
    ['an item that starts later', { items: [anItem(BASE, { from: day('2026-04-10') })] }],
  ];
  for (const [name, changes] of cases) {
    test(`${name}: no invoice, and the next period is next`, () => {
      const decision = decideDraft(factsOf(aSubscription(changes)), contextOf(PRICES));
      assert.equal(decision.invoice, undefined);
      assert.deepEqual(decision.events, []);
      assert.equal(decision.subscription.billedThrough.toString(), '2026-04-10');
    });
  }

  for (const state of ['parked', 'ended'] as const) {
    test(`${state}: nothing at all`, () => {
      const subscription = aSubscription({ state, items: [anItem(BASE)] });
      const decision = decideDraft(factsOf(subscription), contextOf(PRICES));
      assert.equal(decision.invoice, undefined);
      assert.deepEqual(decision.subscription, subscription);
    });
  }
});

describe('what cannot be billed parks the subscription, with its reason', () => {
  const unknown = anItem(BASE, { priceVersionId: anotherId('prv', 0) });
  const cases: readonly (readonly [string, Subscription, RegExp])[] = [
    ['an unknown price', withItems(anItem(BASE), unknown), /not in the catalogue/],
    ['two currencies', withItems(anItem(BASE), anItem(EURO)), /more than one currency/],
    ['beyond what can be shown', withItems(anItem(SEAT, { quantity: 10n ** 13n })), /10¹⁵/],
    ['below zero', withItems(anItem(SEAT, agreed(-1n))), /less than zero/],
  ];
  for (const [name, before, sentence] of cases) {
    test(name, () => {
      const { subscription, invoice, events } = decideDraft(factsOf(before), contextOf(PRICES));
      assert.equal(invoice, undefined);
      assert.equal(subscription.state, 'parked');
      assert.equal(subscription.parked?.reason, 'cannot_be_billed');
      assert.match(subscription.parked?.sentence ?? '', sentence);
      assert.ok(subscription.billedThrough.equals(before.billedThrough));
      assert.deepEqual(
        events.map(({ type, data }) => [type, data['reason']]),
        [['subscription.parked', 'cannot_be_billed']],
      );
    });
  }

  const many = withItems(...Array.from({ length: 63 }, () => anItem(SEAT)));
  const bounds: readonly (readonly [string, Subscription, readonly bigint[], string])[] = [
    ['63 lines in 31 days of at most two', many, [], 'too_many_lines'],
    [
      'eleven times what was billed',
      withItems(anItem(SEAT, { quantity: 1_100n })),
      [100_000n],
      'amount_beyond_history',
    ],
  ];
  for (const [name, before, recent, reason] of bounds) {
    test(name, () => {
      const facts = factsOf(before, {
        recentTotals: recent.map((minor) => ({ minor, currency: 'CNY' })),
      });
      const { subscription } = decideDraft(facts, contextOf(PRICES));
      assert.equal(subscription.parked?.reason, reason);
    });
  }

  test('without a history: eleven times what the contract commits to', () => {
    const contract = {
      start: day('2026-03-10'),
      end: day('2027-03-10'),
      renewal: 'ends',
      earlyTermination: { type: 'free' },
      minimumPerPeriod: { minor: 100_000n, currency: 'CNY' },
    } as const;
    const before = aSubscription({ contract, items: [anItem(SEAT, { quantity: 1_100n })] });
    const { subscription } = decideDraft(factsOf(before), contextOf(PRICES));
    assert.equal(subscription.parked?.reason, 'amount_beyond_contract');
  });

  test('ten times what was billed is billed', () => {
    const facts = factsOf(withItems(anItem(SEAT, { quantity: 1_000n })), {
      recentTotals: [{ minor: 100_000n, currency: 'CNY' }],
    });
    assert.equal(invoiceOf(decideDraft(facts, contextOf(PRICES))).total.minor, 1_000_000n);
  });
});

describe('whatever the items are', () => {
  test('the lines add up to the invoice, to the fen', () => {
    const items = fc.array(
      fc.record({
        price: fc.constantFrom(BASE, SEAT),
        quantity: fc.bigInt({ min: 1n, max: 1_000n }),
        agreedMinor: fc.option(fc.bigInt({ min: 0n, max: 10n ** 9n }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(items, (made) => {
        const invoice = draft(
          withItems(
            ...made.map(({ price, quantity, agreedMinor }) =>
              anItem(price, {
                quantity,
                ...(agreedMinor === undefined ? {} : agreed(agreedMinor)),
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
      }),
    );
  });
});

test('a draft of the past is dated when it was made', () => {
  const context = { ...contextOf(PRICES), now: at('2026-05-01 10:00') };
  const { invoice } = decideDraft(factsOf(withItems(anItem(BASE))), context);
  assert.equal(clockOf(invoice?.createdAt ?? at('2026-01-01 00:00')), '2026-05-01 10:00');
  assert.equal(invoice?.dueDate.toString(), '2026-03-10');
});

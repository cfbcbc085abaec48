import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  anItem,
  anotherId,
  aPrice,
  aSubscription,
  at,
  contextOf,
  day,
  factsOf,
  invoiceOf,
} from '../../../../test/kit/builders.ts';
import { type Coupon, percentOff } from '../catalog/coupon.ts';
import { money } from '../money/money.ts';
import type { Redemption } from '../subscription/redemption.ts';
import type { Contract, Subscription } from '../subscription/subscription.ts';
import { decideDraft } from './draft.ts';
import type { DraftDecision, DraftFacts } from './draft-facts.ts';
import { undoDraft } from './draft-undo.ts';
import type { PendingLine } from './pending-line.ts';

// ¥310 a month and ¥31 a seat; March has 31 days.
const BASE = aPrice('flat', 31_000n);
const SEAT = aPrice('seat', 3_100n);
const AFTER = aPrice('module', 6_200n, { code: 'after', timing: 'arrears' });
const NET = aPrice('module', 10_000n, { code: 'net', taxBehavior: 'exclusive' });
const YEARLY = aPrice('flat', 120_000n, { code: 'yearly', interval: { unit: 'year', count: 1 } });
const PRICES = [BASE, SEAT, AFTER, NET, YEARLY];
const FROM = { from: day('2026-03-01') };
const base = anItem(BASE, FROM);

const start = (changes: Partial<Subscription> = {}) =>
  aSubscription({ anchor: day('2026-03-01'), items: [base], ...changes });
const draft = (subscription: Subscription, facts: Partial<DraftFacts> = {}) =>
  decideDraft(factsOf(subscription, facts), contextOf(PRICES));
const monthDay = (date: Temporal.PlainDate) => date.toString().slice(5);
const story = (decision: DraftDecision) =>
  (decision.invoice?.lines ?? []).map(
    ({ rule, period, amount }) =>
      `${rule} ${monthDay(period.start)}–${monthDay(period.end)} ${amount.minor}`,
  );

describe('the days of service inside a month, each span a line', () => {
  const cases: readonly (readonly [string, Subscription, readonly string[]])[] = [
    ['whole', start(), ['list_price 03-01–04-01 31000']],
    [
      'a short first month before the first boundary',
      start({
        anchor: day('2026-04-01'),
        startsOn: day('2026-03-11'),
        billedThrough: day('2026-03-11'),
        arrearsThrough: day('2026-03-11'),
      }),
      ['list_price 03-11–04-01 21000'],
    ],
    ['after a trial', start({ trialEndsOn: day('2026-03-11') }), ['list_price 03-11–04-01 21000']],
    ['to the end', start({ endsOn: day('2026-03-11') }), ['list_price 03-01–03-11 10000']],
    [
      'around a pause',
      start({ pauses: [{ from: day('2026-03-06'), until: day('2026-03-11') }] }),
      ['list_price 03-01–03-06 5000', 'list_price 03-11–04-01 21000'],
    ],
    [
      'at two quantities, as a change in the coming month leaves them',
      start({
        items: [
          anItem(SEAT, { ...FROM, until: day('2026-03-11') }),
          anItem(SEAT, { from: day('2026-03-11'), quantity: 2n }),
        ],
      }),
      ['list_price 03-01–03-11 1000', 'list_price 03-11–04-01 4200'],
    ],
  ];
  for (const [name, subscription, expected] of cases) {
    test(name, () => assert.deepEqual(story(draft(subscription)), expected));
  }

  test('a price without tax in it has the tax on top', () => {
    const [line] = invoiceOf(draft(start({ items: [anItem(NET, FROM)] }))).lines;
    assert.deepEqual(
      [line?.subtotal.minor, line?.net.minor, line?.tax.minor, line?.amount.minor],
      [10_000n, 10_000n, 600n, 10_600n],
    );
  });
});

describe('a price that recurs less often than the bill', () => {
  const items = [base, anItem(YEARLY, FROM)];

  test('is billed with the first month of its year only', () => {
    const march = draft(start({ items }));
    assert.deepEqual(story(march), [
      'list_price 03-01–04-01 31000',
      'list_price 03-01–03-01 120000',
    ]);
    assert.deepEqual(story(draft(march.subscription)), ['list_price 04-01–05-01 31000']);
    const february = draft(start({ items, billedThrough: day('2027-02-01') }));
    assert.deepEqual(story(february), ['list_price 02-01–03-01 31000']);
    const again = draft(start({ items, billedThrough: day('2027-03-01') }));
    assert.deepEqual(story(again).at(-1), 'list_price 03-01–03-01 120000');
  });

  test('does not look like billing that ran away', () => {
    const recentTotals = [money(31_000n, 'CNY')];
    const yearly = anItem(YEARLY, { ...FROM, quantity: 1n });
    const { invoice } = draft(start({ items: [base, yearly] }), { recentTotals });
    assert.equal(invoice?.total.minor, 151_000n);
  });
});

describe('what is paid after its month', () => {
  test('is billed with the next one, and once more at the end', () => {
    const items = [anItem(AFTER, FROM)];
    const first = draft(start({ items }));
    assert.equal(first.invoice, undefined);
    const second = draft({ ...first.subscription, endsOn: day('2026-04-11') });
    assert.deepEqual(story(second), ['list_price 03-01–04-01 6200']);
    const last = draft(second.subscription);
    assert.deepEqual(story(last), ['list_price 04-01–04-11 2067']);
    assert.equal(last.invoice?.billingKey, 'final:2026-04-11');
    assert.equal(last.subscription.state, 'ended');
    assert.deepEqual(
      last.events.map(({ type }) => type),
      ['invoice.drafted', 'subscription.ended'],
    );
  });
});

describe('coupons', () => {
  const coupon = (changes: Partial<Coupon>): Redemption => ({
    id: anotherId('red', 0),
    merchantId: start().merchantId,
    customerId: start().customerId,
    subscriptionId: start().id,
    state: 'active',
    usedPeriods: 0,
    redeemedAt: at('2026-03-01 09:00'),
    coupon: {
      id: anotherId('cpn', 0),
      code: 'SPRING',
      nameZh: '春季',
      nameEn: 'Spring',
      kind: percentOff(1_000n),
      duration: { type: 'once' },
      appliesTo: 'all',
      ...changes,
    },
  });

  test('come off before tax, line by line, and are used up', () => {
    const redemptions = [
      coupon({}),
      coupon({ code: 'SEATS', appliesTo: { priceCodes: ['seat'] } }),
    ];
    const decision = draft(start({ items: [base, anItem(SEAT, FROM)] }), { redemptions });
    const invoice = invoiceOf(decision);
    assert.deepEqual(
      invoice.lines.map(({ subtotal, discount, amount, net, tax }) =>
        [subtotal, discount, amount, net, tax].map(({ minor }) => minor),
      ),
      [
        [31_000n, 3_100n, 27_900n, 26_321n, 1_579n],
        [3_100n, 589n, 2_511n, 2_369n, 142n],
      ],
    );
    assert.deepEqual(
      decision.redemptions.map(({ state, usedPeriods, usedAmount }) => [
        state,
        usedPeriods,
        usedAmount?.minor,
      ]),
      [
        ['used_up', 1, 3_410n],
        ['used_up', 1, 279n],
      ],
    );
  });

  test('are given back when the draft is undone', () => {
    const decision = draft(start(), { redemptions: [coupon({})] });
    const { subscription, redemptions, invoice } = undoDraft(
      {
        subscription: decision.subscription,
        invoice: invoiceOf(decision),
        pendingLines: [],
        redemptions: decision.redemptions,
      },
      contextOf(PRICES),
    );
    assert.equal(invoice.state, 'void');
    assert.deepEqual(subscription.billedThrough, day('2026-03-01'));
    assert.deepEqual(
      redemptions.map(({ state, usedPeriods, usedAmount }) => [
        state,
        usedPeriods,
        usedAmount?.minor,
      ]),
      [['active', 0, 0n]],
    );
  });
});

describe('lines that waited', () => {
  const template = invoiceOf(draft(start())).lines[0];
  const waiting = (minor: bigint, notBefore = '2026-03-01'): PendingLine => {
    assert.ok(template);
    const { position: _position, ...line } = template;
    const amount = money(minor, 'CNY');
    const amounts = { subtotal: amount, amount, net: amount, tax: money(0n, 'CNY') };
    return {
      id: anotherId('pli', 0),
      merchantId: start().merchantId,
      customerId: start().customerId,
      subscriptionId: start().id,
      state: 'pending',
      notBefore: day(notBefore),
      line: { ...line, ...amounts, rule: minor < 0n ? 'change_credit' : 'change_charge' },
      createdAt: at('2026-02-20 10:00'),
    };
  };
  const after = (...pendingLines: readonly PendingLine[]) => {
    const decision = draft(start(), { pendingLines });
    const rows = decision.pendingLines.map(({ state, line }) => `${state} ${line.amount.minor}`);
    return [invoiceOf(decision).total.minor, ...rows];
  };

  test('are billed when their day has come', () => {
    assert.deepEqual(after(waiting(500n), waiting(700n, '2026-04-01')), [31_500n, 'billed 500']);
  });

  test('credits are taken as far as they fit, and the rest waits, to the fen', () => {
    assert.deepEqual(after(waiting(-30_000n), waiting(-2_000n)), [
      0n,
      'billed -30000',
      'billed -1000',
      'pending -1000',
    ]);
    assert.deepEqual(after(waiting(-31_000n), waiting(-2_000n)), [0n, 'billed -31000']);
  });

  test('a credit alone waits', () => {
    const decision = draft(start({ items: [] }), { pendingLines: [waiting(-1n)] });
    assert.equal(decision.invoice, undefined);
    assert.deepEqual(decision.pendingLines, []);
  });
});

describe('a contract', () => {
  const contract = (changes: Partial<Contract> = {}): Contract => ({
    start: day('2026-03-01'),
    end: day('2026-06-01'),
    renewal: 'ends',
    earlyTermination: { type: 'free' },
    ...changes,
  });
  const after = (changes: Partial<Contract>, facts: Partial<DraftFacts> = {}) =>
    draft(
      start({
        contract: contract(changes),
        billedThrough: day('2026-06-01'),
        arrearsThrough: day('2026-05-01'),
      }),
      facts,
    );

  test('that ends with its term ends the service', () => {
    const { subscription, invoice } = after({});
    assert.equal(subscription.state, 'ended');
    assert.equal(invoice, undefined);
  });

  test('that renews goes on for a term of the same length', () => {
    const { subscription } = after({ renewal: 'same_term' });
    const { start: from, end } = subscription.contract ?? contract();
    assert.equal(`${from} ${end}`, '2026-06-01 2026-09-01');
  });

  test('without a new term goes on from month to month', () => {
    const { subscription, invoice } = after({ renewal: 'open_ended' });
    assert.equal(subscription.endsOn, undefined);
    assert.equal(invoice?.total.minor, 31_000n);
  });

  test('has a minimum each month, trued up when the month is over', () => {
    const minimum = { renewal: 'open_ended', minimumPerPeriod: money(50_000n, 'CNY') } as const;
    assert.deepEqual(story(after(minimum)), [
      'list_price 06-01–07-01 31000',
      'commitment 05-01–06-01 19000',
    ]);
    const enough = { ...minimum, minimumPerPeriod: money(31_000n, 'CNY') };
    assert.deepEqual(story(after(enough)), ['list_price 06-01–07-01 31000']);
  });

  test('has a minimum for its term, trued up when the term is over', () => {
    const minimum = { renewal: 'ends', minimumForTerm: money(100_000n, 'CNY') } as const;
    const billed = { termBilled: money(93_000n, 'CNY') };
    assert.deepEqual(story(after(minimum, billed)), ['commitment 03-01–06-01 7000']);
    assert.equal(after(minimum).subscription.parked?.reason, 'cannot_be_billed');
  });

  test('has its minimums in the last month of a term that renews, too', () => {
    const minimums = {
      renewal: 'same_term',
      minimumPerPeriod: money(50_000n, 'CNY'),
      minimumForTerm: money(180_000n, 'CNY'),
    } as const;
    const decision = after(minimums, { termBilled: money(100_000n, 'CNY') });
    assert.deepEqual(story(decision), [
      'list_price 06-01–07-01 31000',
      'commitment 05-01–06-01 19000',
      'commitment 03-01–06-01 61000',
    ]);
    assert.equal(decision.subscription.contract?.start.toString(), '2026-06-01');
  });

  test('without renewal ends when its term does, however little is paid', () => {
    const { subscription } = draft(start({ autoRenew: false, contract: contract() }));
    assert.equal(subscription.endsOn?.toString(), '2026-06-01');
  });
});

test('without renewal and without a contract, service ends with what is paid', () => {
  const first = draft(start({ autoRenew: false }));
  assert.equal(first.subscription.endsOn?.toString(), '2026-04-01');
  assert.equal(first.invoice?.total.minor, 31_000n);
  assert.equal(draft(first.subscription).subscription.state, 'ended');
});

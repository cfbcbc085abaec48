import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aCustomer,
  anotherId,
  aPrice,
  changeContext,
  clockOf,
  contextOf,
  day,
  factsOf,
} from '../../../../test/kit/builders.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import { decideDraft } from './draft.ts';
import { decideStart, type StartCommand, type StartDecision } from './start.ts';

const BASE = aPrice('flat', 31_000n);
const SEAT = aPrice('seat', 3_100n);
const SETUP = aPrice('one_off', 10_000n, { instalments: 3 });
const EURO = aPrice('module', 500n, { currency: 'EUR' });
const WEEKLY = aPrice('module', 500n, { code: 'weekly', interval: { unit: 'week', count: 1 } });
const LATER = aPrice('module', 500n, { code: 'later', effectiveFrom: day('2027-01-01') });
const OLD = aPrice('module', 500n, { code: 'old' });
const NEW: PricedVersion = {
  price: OLD.price,
  version: {
    ...OLD.version,
    id: anotherId('prv', 0),
    version: 2,
    effectiveFrom: day('2026-02-01'),
  },
};
const PRICES = [BASE, SEAT, SETUP, EURO, WEEKLY, LATER, OLD, NEW];
const item = ({ version }: PricedVersion, quantity = 1n) => ({
  priceVersionId: version.id,
  quantity,
});

const command = (changes: Partial<StartCommand> = {}): StartCommand => ({
  merchantId: aCustomer().merchantId,
  customerId: aCustomer().id,
  planId: anotherId('pln', 0),
  items: [item(BASE)],
  interval: { unit: 'month', count: 1 },
  startsOn: day('2026-03-11'),
  boundaries: { at: 'start' },
  autoRenew: true,
  collection: 'auto_debit',
  paymentMethodLabel: '自动扣款',
  ...changes,
});
const CONTEXT = changeContext(PRICES, '2026-03-11 10:00');

function started(changes: Partial<StartCommand> = {}): StartDecision {
  const decided = decideStart(command(changes), CONTEXT);
  assert.ok(decided.ok, decided.ok ? '' : decided.refusal.code);
  return decided.value;
}

/** The periods of the first bills and what they come to. */
function bills(changes: Partial<StartCommand>, count: number): readonly string[] {
  const { pendingLines, ...decision } = started(changes);
  let { subscription } = decision;
  let waiting = pendingLines;
  return Array.from({ length: count }, () => {
    const facts = factsOf(subscription, { pendingLines: waiting });
    const drafted = decideDraft(facts, contextOf(PRICES));
    const gone = new Set(drafted.pendingLines.map(({ id }) => id));
    waiting = waiting.filter(({ id }) => !gone.has(id));
    subscription = drafted.subscription;
    const { invoice } = drafted;
    return `${invoice?.period.start}–${invoice?.period.end} ${invoice?.total.minor}`;
  });
}

describe('where the boundaries lie', () => {
  const cases: readonly (readonly [string, Partial<StartCommand>, readonly string[]])[] = [
    [
      'on the first day of service',
      {},
      ['2026-03-11–2026-04-11 31000', '2026-04-11–2026-05-11 31000'],
    ],
    [
      'on a day of the month, after a short first period',
      { boundaries: { at: 'billing_day', day: 1 } },
      ['2026-03-11–2026-04-01 21000', '2026-04-01–2026-05-01 31000'],
    ],
    [
      'on the last day of each month',
      { startsOn: day('2026-02-20'), boundaries: { at: 'billing_day', day: 31 } },
      ['2026-02-20–2026-02-28 8857', '2026-02-28–2026-03-31 31000', '2026-03-31–2026-04-30 31000'],
    ],
    [
      'on the calendar’s months',
      { boundaries: { at: 'calendar' } },
      ['2026-03-11–2026-04-01 21000', '2026-04-01–2026-05-01 31000'],
    ],
    [
      'on the day on which the others expire',
      { boundaries: { at: 'date', date: day('2026-12-31') } },
      ['2026-03-11–2026-03-31 20000', '2026-03-31–2026-04-30 31000'],
    ],
    [
      'after a trial, on its end',
      { trial: { days: 14 } },
      ['2026-03-25–2026-04-25 31000', '2026-04-25–2026-05-25 31000'],
    ],
    [
      'after a trial, on a billing day',
      { trial: { endsOn: day('2026-03-25') }, boundaries: { at: 'billing_day', day: 1 } },
      ['2026-03-25–2026-04-01 7000', '2026-04-01–2026-05-01 31000'],
    ],
  ];
  for (const [name, changes, expected] of cases) {
    test(name, () => assert.deepEqual(bills(changes, expected.length), expected));
  }
});

describe('a new subscription', () => {
  test('knows its first charge on day one, and is drafted eight days before it', () => {
    const { subscription, firstChargeOn, events } = started({ trial: { days: 30 } });
    assert.equal(firstChargeOn.toString(), '2026-04-10');
    assert.equal(clockOf(subscription.nextBillAt), '2026-04-02 08:00');
    assert.deepEqual(
      events.map(({ type, data }) => [type, data['first_charge_on']]),
      [['subscription.started', '2026-04-10']],
    );
  });

  test('that starts in the future is drafted then, and one of today at once', () => {
    const clock = (startsOn: string) =>
      clockOf(started({ startsOn: day(startsOn) }).subscription.nextBillAt);
    assert.equal(clock('2026-06-01'), '2026-05-24 08:00');
    assert.equal(clock('2026-03-11'), '2026-03-03 08:00');
  });

  test('bills what is billed once in parts, one a period, beside what recurs', () => {
    assert.deepEqual(bills({ items: [item(BASE), item(SETUP)] }, 4), [
      '2026-03-11–2026-04-11 34334',
      '2026-04-11–2026-05-11 34333',
      '2026-05-11–2026-06-11 34333',
      '2026-06-11–2026-07-11 31000',
    ]);
  });

  test('of the past is billed from its start, when that is meant', () => {
    const changes = { startsOn: day('2025-12-11'), backdated: true };
    assert.deepEqual(bills(changes, 2), [
      '2025-12-11–2026-01-11 31000',
      '2026-01-11–2026-02-11 31000',
    ]);
  });
});

describe('what is not started, in the order in which it is looked at', () => {
  const contract = {
    start: day('2026-03-11'),
    end: day('2026-03-11'),
    renewal: 'ends',
    earlyTermination: { type: 'free' },
  } as const;
  const cases: readonly (readonly [string, Partial<StartCommand>])[] = [
    ['billing_day_out_of_range boundaries.day', { boundaries: { at: 'billing_day', day: 0 } }],
    ['billing_day_out_of_range boundaries.day', { boundaries: { at: 'billing_day', day: 32 } }],
    ['end_before_start endsOn', { endsOn: day('2026-03-11') }],
    ['contract_ends_before_it_starts contract.end', { contract }],
    ['trial_ends_before_start trial', { trial: { endsOn: day('2026-03-10') } }],
    ['start_too_far_back startsOn', { startsOn: day('2026-02-10') }],
    ['start_beyond_backdating startsOn', { startsOn: day('1992-11-10'), backdated: true }],
    ['no_items items', { items: [] }],
    ['quantity_not_positive items.1.quantity', { items: [item(BASE), item(SEAT, 0n)] }],
    ['quantity_not_positive items.0.quantity', { items: [item(SEAT, -1n)] }],
    ['currency_mix items.1.priceVersionId', { items: [item(BASE), item(EURO)] }],
    ['interval_does_not_fit items.0.priceVersionId', { items: [item(WEEKLY)] }],
    ['price_not_effective items.0.priceVersionId', { items: [item(LATER)] }],
    ['price_superseded items.0.priceVersionId', { items: [item(OLD)] }],
    [
      'price_version_unknown items.0.priceVersionId',
      { items: [{ priceVersionId: anotherId('prv', 0), quantity: 1n }] },
    ],
  ];
  for (const [expected, changes] of cases) {
    test(expected, () => {
      const decided = decideStart(command(changes), CONTEXT);
      const got = decided.ok ? 'started' : `${decided.refusal.code} ${decided.refusal.field}`;
      assert.equal(got, expected);
    });
  }

  test('400 months back may be backdated', () => {
    const startsOn = day('1992-11-11');
    const decided = decideStart(command({ startsOn, backdated: true }), CONTEXT);
    // Its prices began later than that, which is looked at next.
    assert.equal(decided.ok ? '' : decided.refusal.code, 'price_not_effective');
  });

  test('a month back is not too far', () => {
    assert.ok(decideStart(command({ startsOn: day('2026-02-11') }), CONTEXT).ok);
  });
});

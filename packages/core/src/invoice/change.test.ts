import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  anItem,
  anotherId,
  aPrice,
  aSubscription,
  at,
  billedLinesOf,
  changeContext,
  contextOf,
  day,
  factsOf,
  invoiceOf,
} from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import type { ChangeTime, SubscriptionCommand } from '../subscription/change.ts';
import type { Contract, Subscription } from '../subscription/subscription.ts';
import { type ChangeDecision, type ChangeFacts, decideChange } from './change.ts';
import { decideDraft } from './draft.ts';
import type { Invoice, WaitingLine } from './invoice.ts';
import type { PendingLine } from './pending-line.ts';

// ¥310 a month and ¥31 a seat from 1 March: ¥10 and ¥1 a day in a month of 31 days.
const BASE = aPrice('flat', 31_000n);
const SEAT = aPrice('seat', 3_100n);
const PRO = aPrice('flat', 62_000n, { code: 'pro' });
const MODULE = aPrice('module', 6_200n);
const SETUP = aPrice('one_off', 10_000n, { instalments: 3 });
const YEARLY = aPrice('module', 365_00n, {
  code: 'yearly',
  interval: { unit: 'year', count: 1 },
});
const PRICES = [BASE, SEAT, PRO, MODULE, SETUP, YEARLY];

const base = anItem(BASE, { from: day('2026-03-01') });
const seats = anItem(SEAT, { from: day('2026-03-01'), quantity: 10n });
const START = aSubscription({ anchor: day('2026-03-01'), items: [base, seats] });
const NOW: ChangeTime = { at: 'now' };
const PERIOD_END: ChangeTime = { at: 'period_end' };

/** March is billed and has begun. */
const march = decideDraft(factsOf(START), contextOf(PRICES));
const MARCH = invoiceOf(march);

function factsAfter(
  subscription: Subscription,
  invoices: readonly Invoice[],
  changes: Partial<ChangeFacts> = {},
): ChangeFacts {
  return {
    subscription,
    billed: billedLinesOf(...invoices),
    pendingLines: [],
    redemptions: [],
    ...changes,
  };
}

const FACTS = factsAfter(march.subscription, [MARCH]);

function change(
  command: SubscriptionCommand,
  on = '2026-03-11',
  facts: ChangeFacts = FACTS,
): ChangeDecision {
  const decided = decideChange(facts, command, changeContext(PRICES, `${on} 10:00`));
  assert.ok(decided.ok, decided.ok ? '' : decided.refusal.code);
  return decided.value;
}

const partOf = ({ instalment }: WaitingLine['why']) => `${instalment?.number}/${instalment?.of}`;

/** "change_credit 03-11–04-01 -21000" for each line that waits. */
const story = (rows: readonly PendingLine[]) =>
  rows.map(
    ({ line }) =>
      `${line.rule} ${line.period.start.toString().slice(5)}–${line.period.end
        .toString()
        .slice(5)} ${line.amount.minor}`,
  );

/** The same subscription after the decision, with the lines that wait then. */
function then({ subscription, pendingLines, dropped }: ChangeDecision, facts = FACTS): ChangeFacts {
  const gone = new Set(dropped.map(({ id }) => id));
  const left = facts.pendingLines.filter(({ id }) => !gone.has(id));
  return { ...facts, subscription, pendingLines: [...left, ...pendingLines] };
}

describe('what a change in a billed month owes, day by day', () => {
  const cases: readonly (readonly [string, SubscriptionCommand, readonly string[]])[] = [
    [
      'two seats more for the last 21 days',
      { type: 'quantity', itemId: seats.id, quantity: 12n, when: NOW },
      ['change_credit 03-11–04-01 -21000', 'change_charge 03-11–04-01 25200'],
    ],
    [
      'a seat fewer is credited',
      { type: 'quantity', itemId: seats.id, quantity: 9n, when: NOW },
      ['change_credit 03-11–04-01 -21000', 'change_charge 03-11–04-01 18900'],
    ],
    [
      'the same quantity owes nothing',
      { type: 'quantity', itemId: seats.id, quantity: 10n, when: NOW },
      [],
    ],
    [
      'at the end of the period nothing is owed yet',
      { type: 'quantity', itemId: seats.id, quantity: 12n, when: PERIOD_END },
      [],
    ],
    [
      'a module from today',
      { type: 'add_item', priceVersionId: MODULE.version.id, quantity: 1n, when: NOW },
      ['change_charge 03-11–04-01 4200'],
    ],
    [
      'a module that is billed by the year, for the rest of its year',
      { type: 'add_item', priceVersionId: YEARLY.version.id, quantity: 1n, when: NOW },
      ['change_charge 03-11–03-01 35500'],
    ],
    [
      'the seats are removed',
      { type: 'remove_item', itemId: seats.id, when: NOW },
      ['change_credit 03-11–04-01 -21000'],
    ],
    [
      'an upgrade of the plan',
      {
        type: 'plan',
        planId: START.planId,
        items: [
          { priceVersionId: PRO.version.id, quantity: 1n },
          { priceVersionId: SEAT.version.id, quantity: 10n },
        ],
        when: NOW,
      },
      [
        'change_credit 03-11–04-01 -21000',
        'change_credit 03-11–04-01 -21000',
        'change_charge 03-11–04-01 42000',
        'change_charge 03-11–04-01 21000',
      ],
    ],
    [
      'another price of the same thing',
      {
        type: 'prices',
        versions: [{ from: BASE.version.id, to: PRO.version.id }],
        when: NOW,
        grounds: {
          type: 'silence_of_business',
          priceChangeId: anotherId('pch', 0),
          noticedAt: at('2026-02-01 09:00'),
        },
      },
      ['change_credit 03-11–04-01 -21000', 'change_charge 03-11–04-01 42000'],
    ],
    [
      'a pause of five days',
      { type: 'pause', when: NOW, resumesOn: day('2026-03-16') },
      ['change_credit 03-11–03-16 -5000', 'change_credit 03-11–03-16 -5000'],
    ],
    [
      'the end of service',
      { type: 'end', when: NOW },
      ['change_credit 03-11–04-01 -21000', 'change_credit 03-11–04-01 -21000'],
    ],
    ['no renewal: what is paid stays', { type: 'auto_renew', on: false }, []],
    ['one expiry day: what is paid stays', { type: 'align', expiresOn: day('2026-12-31') }, []],
    [
      'a change that is told late belongs to its own day',
      {
        type: 'quantity',
        itemId: seats.id,
        quantity: 20n,
        when: { at: 'date', date: day('2026-03-01') },
      },
      ['change_credit 03-01–04-01 -31000', 'change_charge 03-01–04-01 62000'],
    ],
  ];
  for (const [name, command, expected] of cases) {
    test(name, () => {
      const decided = change(command);
      assert.deepEqual(story(decided.pendingLines), expected);
      const total = decided.pendingLines.reduce((sum, { line }) => sum + line.amount.minor, 0n);
      assert.equal(decided.change.adjustedMinor, total);
    });
  }

  test('each line says the change, and a credit says the line that it takes from', () => {
    const command = { type: 'quantity', itemId: seats.id, quantity: 12n, when: NOW } as const;
    const [credit, charge] = change(command).pendingLines;
    assert.equal(credit?.line.why.change?.type, 'quantity');
    assert.equal(charge?.line.why.change?.on.toString(), '2026-03-11');
    assert.deepEqual(credit?.line.why.credits, { invoiceId: MARCH.id, position: 2 });
    assert.equal(credit?.line.serviceDays, 21);
    assert.equal(credit?.line.periodDays, 31);
  });
});

describe('changes after one another', () => {
  const quantity = (itemId: typeof seats.id, units: bigint): SubscriptionCommand => ({
    type: 'quantity',
    itemId,
    quantity: units,
    when: NOW,
  });
  const seatOf = ({ items }: Subscription) => {
    const found = items.filter(({ kind, until }) => kind === 'seat' && until === undefined);
    assert.ok(found[0]);
    return found[0].id;
  };

  test('back on the same day: a credit and a charge remain, and they cancel', () => {
    const up = change(quantity(seats.id, 12n));
    const down = change(quantity(seatOf(up.subscription), 10n), '2026-03-11', then(up));
    assert.deepEqual(story(down.dropped), ['change_charge 03-11–04-01 25200']);
    assert.deepEqual(story(then(down, then(up)).pendingLines), [
      'change_credit 03-11–04-01 -21000',
      'change_charge 03-11–04-01 21000',
    ]);
  });

  test('again ten days later: the line that waits is cut, with its own cause', () => {
    const up = change(quantity(seats.id, 12n));
    const again = change(quantity(seatOf(up.subscription), 20n), '2026-03-21', then(up));
    assert.deepEqual(story(again.dropped), ['change_charge 03-11–04-01 25200']);
    assert.deepEqual(story(again.pendingLines), [
      'change_charge 03-11–03-21 12000',
      'change_charge 03-21–04-01 22000',
    ]);
    assert.equal(again.pendingLines[0]?.line.why.change?.on.toString(), '2026-03-11');
  });

  test('a pause that is resumed on its own day leaves nothing', () => {
    const paused = change({ type: 'pause', when: NOW });
    assert.equal(paused.subscription.state, 'paused');
    const resumed = change({ type: 'resume', when: NOW }, '2026-03-11', then(paused));
    assert.deepEqual(story(then(resumed, then(paused)).pendingLines), []);
    assert.deepEqual(resumed.subscription.pauses, []);
    assert.equal(resumed.subscription.state, 'active');
    assert.equal(resumed.change.adjustedMinor, 42_000n);
  });

  test('a pause that is resumed later keeps the credit of its days', () => {
    const paused = change({ type: 'pause', when: NOW });
    const resumed = change({ type: 'resume', when: NOW }, '2026-03-21', then(paused));
    assert.deepEqual(story(then(resumed, then(paused)).pendingLines), [
      'change_credit 03-11–03-21 -10000',
      'change_credit 03-11–03-21 -10000',
    ]);
  });

  test('credits that were billed are given once', () => {
    const ended = change({ type: 'remove_item', itemId: seats.id, when: NOW });
    const next = { ...then(ended).subscription, billedThrough: day('2026-04-01') };
    const april = decideDraft(
      factsOf(next, { pendingLines: ended.pendingLines }),
      contextOf(PRICES),
    );
    const facts = factsAfter(april.subscription, [MARCH, invoiceOf(april)]);
    const end: SubscriptionCommand = { type: 'end', when: { at: 'date', date: day('2026-04-01') } };
    const both = change(end, '2026-04-01', facts);
    assert.deepEqual(story(both.pendingLines), ['change_credit 04-01–05-01 -31000']);
  });

  test('a scheduled change and one of today do not meet', () => {
    const later = change({ type: 'quantity', itemId: seats.id, quantity: 12n, when: PERIOD_END });
    const now = change(quantity(seats.id, 15n), '2026-03-11', then(later));
    const held = now.subscription.items
      .filter(({ kind }) => kind === 'seat')
      .map(({ quantity: units, from, until }) => `${units} ${from} ${until ?? ''}`);
    assert.deepEqual(held, [
      '10 2026-03-01 2026-03-11',
      '12 2026-04-01 ',
      '15 2026-03-11 2026-04-01',
    ]);
  });
});

describe('a draft of a month that has not begun', () => {
  const april = decideDraft(factsOf(march.subscription), contextOf(PRICES));
  const APRIL = invoiceOf(april);
  const facts = factsAfter(april.subscription, [MARCH, APRIL], { draft: APRIL });

  test('is undone by a change, and its month is due again', () => {
    const command = {
      type: 'quantity',
      itemId: seats.id,
      quantity: 12n,
      when: PERIOD_END,
    } as const;
    const decided = change(command, '2026-03-25', facts);
    assert.equal(decided.redraft, true);
    assert.equal(decided.undone?.invoice.state, 'void');
    assert.equal(decided.subscription.billedThrough.toString(), '2026-04-01');
    assert.equal(decided.subscription.arrearsThrough.toString(), '2026-03-01');
    assert.deepEqual(decided.pendingLines, []);
    assert.deepEqual(
      decided.events.map(({ type }) => type),
      ['invoice.voided', 'subscription.changed'],
    );
    const again = decideDraft(factsOf(decided.subscription), contextOf(PRICES));
    assert.equal(invoiceOf(again).billingKey, APRIL.billingKey);
    assert.equal(invoiceOf(again).total.minor, 31_000n + 37_200n);
  });

  test('no renewal: the coming month is not billed at all', () => {
    const decided = change({ type: 'auto_renew', on: false }, '2026-03-25', facts);
    assert.equal(decided.subscription.endsOn?.toString(), '2026-04-01');
    const last = decideDraft(factsOf(decided.subscription), contextOf(PRICES));
    assert.equal(last.invoice, undefined);
    assert.equal(last.subscription.state, 'ended');
  });

  test('stays once its month has begun', () => {
    const command = { type: 'quantity', itemId: seats.id, quantity: 12n, when: NOW } as const;
    assert.equal(change(command, '2026-04-01', facts).redraft, false);
  });
});

describe('leaving before the contract ends', () => {
  const contract = (earlyTermination: Contract['earlyTermination']): Subscription => ({
    ...march.subscription,
    contract: {
      start: day('2026-03-01'),
      end: day('2026-06-01'),
      renewal: 'ends',
      earlyTermination,
    },
  });
  const termination = (rule: Contract['earlyTermination'], waiveTermination = false) => {
    const facts = { ...FACTS, subscription: contract(rule) };
    const end: SubscriptionCommand = { type: 'end', when: PERIOD_END, waiveTermination };
    return story(change(end, '2026-03-11', facts).pendingLines);
  };
  const half = { type: 'share_of_remaining', basisPoints: 5_000n } as const;

  test('costs what was declared', () => {
    assert.deepEqual(termination({ type: 'free' }), []);
    assert.deepEqual(termination({ type: 'fixed', amount: money(5_000n, 'CNY') }), [
      'termination 04-01–06-01 5000',
    ]);
    // Two months of ¥310 and ten seats of ¥31.
    assert.deepEqual(termination(half), ['termination 04-01–06-01 62000']);
  });

  test('can be waived', () => {
    assert.deepEqual(termination(half, true), []);
  });
});

describe('something that is billed once', () => {
  test('is split into equal parts, one a month, and never prorated', () => {
    const decided = change({
      type: 'add_item',
      priceVersionId: SETUP.version.id,
      quantity: 1n,
      when: NOW,
    });
    assert.deepEqual(
      decided.pendingLines.map(
        ({ notBefore, line }) => `${notBefore} ${partOf(line.why)} ${line.amount.minor}`,
      ),
      ['2026-03-11 1/3 3334', '2026-04-01 2/3 3333', '2026-05-01 3/3 3333'],
    );
    assert.equal(decided.subscription.items.length, 2);
  });
});

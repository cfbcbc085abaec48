import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BillingLife } from '../../../../test/kit/billing-life.ts';
import { anItem, aPrice, aSubscription, day } from '../../../../test/kit/builders.ts';
import { daysIn, type Interval } from '../calendar/periods.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import { parseRatio } from '../money/ratio.ts';
import type { ChangeTime, SubscriptionCommand } from '../subscription/change.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { WaitingLine } from './invoice.ts';

const tiers = aPrice('seat', 0n, {
  code: 'tiers',
  model: {
    type: 'graduated',
    tiers: [
      { upTo: exact('5'), unitAmount: exact('12.34'), flatAmount: exact('0') },
      { unitAmount: exact('7.77'), flatAmount: exact('3.21') },
    ],
  },
});
const BASE = aPrice('flat', 29_851n);
const SEAT = aPrice('seat', 3_333n);
const MODULE = aPrice('module', 777n);
const EXTRA = aPrice('module', 1_001n, { code: 'extra', taxBehavior: 'exclusive' });
const PRICES = [BASE, SEAT, MODULE, EXTRA, tiers];

function exact(text: string) {
  const read = parseRatio(text);
  assert.ok(read.ok);
  return read.value;
}

/** What moves boundaries or ends service: no fresh bill can be compared with it. */
type Ending = 'end' | 'auto_renew' | 'align';

/** A step of a random history: days that pass, then a command. */
type Step = {
  readonly days: number;
  readonly kind: 'quantity' | 'add' | 'remove' | 'pause' | 'resume' | 'plan' | Ending;
  readonly which: number;
  readonly quantity: bigint;
  readonly when: ChangeTime['at'];
};

const KINDS = ['quantity', 'quantity', 'add', 'remove', 'pause', 'resume', 'plan'] as const;
const ENDINGS = ['end', 'auto_renew', 'align'] as const;

const stepsOf = (kinds: readonly Step['kind'][]) =>
  fc.array(
    fc.record<Step>({
      days: fc.integer({ min: 0, max: 40 }),
      kind: fc.constantFrom(...kinds),
      which: fc.nat(20),
      quantity: fc.bigInt({ min: 1n, max: 12n }),
      when: fc.constantFrom('now', 'now', 'period_end'),
    }),
    { minLength: 1, maxLength: 9 },
  );
const steps = stepsOf(KINDS);
/** Once boundaries have moved, a day of an old period has another price. */
const onOneGrid = stepsOf([...KINDS, ...KINDS, 'end', 'auto_renew']);
const anySteps = stepsOf([...KINDS, ...KINDS, ...ENDINGS]);
const intervals = fc.constantFrom<Interval>(
  { unit: 'week', count: 1 },
  { unit: 'month', count: 1 },
  { unit: 'month', count: 3 },
);
const anchors = fc.integer({ min: 0, max: 800 }).map((days) => day('2027-01-01').add({ days }));

function commandOf(step: Step, subscription: Subscription): SubscriptionCommand {
  const when = { at: step.when === 'period_end' ? 'period_end' : 'now' } as const;
  const items = subscription.items;
  const item = items[step.which % items.length] ?? anItem(BASE);
  const price = PRICES[step.which % PRICES.length] ?? BASE;
  const { quantity } = step;
  const wanted = { priceVersionId: price.version.id, quantity };
  switch (step.kind) {
    case 'quantity':
      return { type: 'quantity', itemId: item.id, quantity, when };
    case 'add':
      return { type: 'add_item', ...wanted, when };
    case 'remove':
      return { type: 'remove_item', itemId: item.id, when };
    case 'pause':
      return { type: 'pause', when };
    case 'resume':
      return { type: 'resume', when };
    case 'plan':
      return { type: 'plan', planId: subscription.planId, items: [wanted], when };
    case 'end':
      return { type: 'end', when };
    case 'auto_renew':
      return { type: 'auto_renew', on: step.which % 2 === 0 };
    case 'align':
      return { type: 'align', expiresOn: day('2029-01-01').add({ days: step.which * 31 }) };
  }
}

function live(anchor: Temporal.PlainDate, interval: Interval, history: readonly Step[]) {
  const from = anchor;
  const priced = (price: PricedVersion): PricedVersion => ({
    ...price,
    version: { ...price.version, interval },
  });
  const prices = PRICES.map(priced);
  const start = aSubscription({
    anchor,
    interval,
    items: [anItem(BASE, { from }), anItem(SEAT, { from, quantity: 3n })],
    nextBillAt: Temporal.Instant.from('2020-01-01T00:00:00Z'),
  });
  const life = new BillingLife(start, prices, { on: anchor });
  let today = anchor;
  life.advanceTo(today);
  for (const step of history) {
    today = today.add({ days: step.days });
    life.advanceTo(today);
    life.change(commandOf(step, life.subscription));
    life.advanceTo(today);
  }
  return { life, prices, start, today };
}

/** All lines of a life, billed and waiting. */
const linesOf = (life: BillingLife): readonly WaitingLine[] => [
  ...life.invoices.flatMap(({ lines }) => lines),
  ...life.waiting.map(({ line }) => line),
];
const sumOf = (lines: readonly WaitingLine[]) =>
  lines.reduce((total, { amount }) => total + amount.minor, 0n);

describe('whatever happens to a subscription', () => {
  const runs = { numRuns: 300 };

  test('bills and adjustments come to what its last state would have been billed at once', () => {
    fc.assert(
      fc.property(anchors, intervals, steps, (anchor, interval, history) => {
        const { life, prices, start } = live(anchor, interval, history);
        const { billedThrough, arrearsThrough, nextBillAt } = start;
        const fresh = new BillingLife(
          { ...life.subscription, state: 'active', billedThrough, arrearsThrough, nextBillAt },
          prices,
          { on: anchor },
        );
        for (let period = 0; period < 200; period += 1) {
          const through = fresh.subscription.billedThrough;
          if (Temporal.PlainDate.compare(through, life.subscription.billedThrough) >= 0) break;
          fresh.draftOnce();
        }
        const lines = linesOf(life);
        const difference = sumOf(lines) - sumOf(linesOf(fresh));
        const legs = BigInt(lines.length + linesOf(fresh).length);
        assert.ok(difference <= legs && -difference <= legs, `${difference} over ${legs} legs`);
      }),
      runs,
    );
  });

  test('no invoice is below zero, every line and total adds up', () => {
    fc.assert(
      fc.property(anchors, intervals, anySteps, (anchor, interval, history) => {
        const { life } = live(anchor, interval, history);
        for (const invoice of life.invoices) {
          assert.ok(invoice.total.minor >= 0n);
          assert.equal(sumOf(invoice.lines), invoice.total.minor);
          assert.equal(invoice.net.minor + invoice.tax.minor, invoice.total.minor);
          assert.deepEqual(
            invoice.lines.map(({ position }) => position),
            invoice.lines.map((_, index) => index + 1),
          );
        }
        for (const line of linesOf(life)) {
          assert.equal(line.net.minor + line.tax.minor, line.amount.minor);
          assert.ok(line.quantity.numerator > 0n);
          const isPart = line.why.credits !== undefined && line.serviceDays === 0;
          assert.equal(line.serviceDays, isPart ? 0 : daysIn(line.period));
        }
      }),
      runs,
    );
  });

  test('no period has two bills, and no day of an item is paid for twice', () => {
    fc.assert(
      fc.property(anchors, intervals, anySteps, (anchor, interval, history) => {
        const { life } = live(anchor, interval, history);
        const keys = life.invoices.map(({ billingKey }) => billingKey);
        assert.equal(new Set(keys).size, keys.length);
        const paid = new Map<string, number>();
        for (const line of linesOf(life)) {
          const isCredit = line.rule === 'change_credit';
          for (let offset = 0; offset < line.serviceDays; offset += 1) {
            const key = `${line.itemId} ${line.period.start.add({ days: offset })}`;
            paid.set(key, (paid.get(key) ?? 0) + (isCredit ? -1 : 1));
          }
        }
        for (const [key, times] of paid) assert.ok(times === 0 || times === 1, `${key}: ${times}`);
      }),
      { numRuns: 100 },
    );
  });

  test('a pause that is resumed on its day, and seats that go back, change nothing', () => {
    fc.assert(
      fc.property(anchors, intervals, onOneGrid, (anchor, interval, history) => {
        const { life, today } = live(anchor, interval, history);
        const before = sumOf(linesOf(life));
        const seats = life.subscription.items.find(
          ({ kind, until }) => kind === 'seat' && until === undefined,
        );
        const now = { at: 'now' } as const;
        if (life.change({ type: 'pause', when: now })) {
          assert.ok(life.change({ type: 'resume', when: now }));
          life.advanceTo(today);
          assert.equal(sumOf(linesOf(life)), before);
        }
        if (seats === undefined) return;
        life.change({
          type: 'quantity',
          itemId: seats.id,
          quantity: seats.quantity + 5n,
          when: now,
        });
        const raised = life.subscription.items.at(-1);
        assert.ok(raised);
        life.change({ type: 'quantity', itemId: raised.id, quantity: seats.quantity, when: now });
        life.advanceTo(today);
        const difference = sumOf(linesOf(life)) - before;
        assert.ok(difference <= 4n && -difference <= 4n, `${difference}`);
      }),
      runs,
    );
  });
});

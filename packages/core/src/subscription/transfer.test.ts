import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aCustomer,
  anItem,
  aPrice,
  aSubscription,
  at,
  countingIds,
  day,
  ZONE,
} from '../../../../test/kit/builders.ts';
import { type Customer, isPayer } from '../customer/customer.ts';
import { bucketOf } from '../ids/ids.ts';
import type { Subscription } from './subscription.ts';
import { DEFAULT_TIMETABLE } from './timetable.ts';
import { decidePayerTransfer, type PayerTransfer } from './transfer.ts';

const TO = aCustomer({ id: countingIds(50)('cus', 700), kind: 'organisation' });
const base = aPrice('flat', 10_000n);
const seats = aPrice('seat', 500n);

/** Runs since January and is billed to the end of March. */
function running(changes: Partial<Subscription> = {}): Subscription {
  return aSubscription({
    anchor: day('2026-01-31'),
    startsOn: day('2026-01-31'),
    billedThrough: day('2026-03-31'),
    arrearsThrough: day('2026-02-28'),
    items: [
      anItem(base, { from: day('2026-01-31') }),
      anItem(seats, { from: day('2026-01-31'), quantity: 4n }),
    ],
    ...changes,
  });
}

function transfer(
  changes: Partial<PayerTransfer> = {},
  { subscription = running(), now = '2026-03-10 09:00' } = {},
) {
  const order = { to: TO, onDate: day('2026-03-16'), keepPaid: false, ...changes };
  return decidePayerTransfer(subscription, order, {
    now: at(now),
    today: day(now.slice(0, 10)),
    timetable: DEFAULT_TIMETABLE,
    zone: ZONE,
    ids: countingIds(),
  });
}

describe('another payer takes over', () => {
  test('the old subscription ends on the day on which the new one starts, without a fee', () => {
    const decision = transfer();
    assert.ok(decision.ok);
    const { end, next, startsOn } = decision.value;
    assert.deepEqual(
      JSON.stringify(end),
      JSON.stringify({
        type: 'end',
        when: { at: 'date', date: '2026-03-16' },
        waiveTermination: true,
      }),
    );
    assert.deepEqual(
      [startsOn, next.startsOn, next.billedThrough, next.arrearsThrough].map(String),
      ['2026-03-16', '2026-03-16', '2026-03-16', '2026-03-16'],
    );
  });

  test('items, prices, seats and boundaries are the same, under ids of the new bucket', () => {
    const before = running();
    const decision = transfer({}, { subscription: before });
    assert.ok(decision.ok);
    const { next } = decision.value;
    assert.equal(next.customerId, TO.id);
    assert.deepEqual(
      [next.id, ...next.items.map(({ id }) => id)].map((id) => bucketOf(id)),
      [700, 700, 700],
    );
    assert.deepEqual(
      next.items.map((item) => [item.priceVersionId, item.quantity, String(item.from)]),
      before.items.map((item) => [item.priceVersionId, item.quantity, '2026-03-16']),
    );
    assert.equal(String(next.anchor), '2026-01-31');
  });

  test('what is paid may be kept: then the new payer starts where that ends', () => {
    const decision = transfer({ keepPaid: true });
    assert.ok(decision.ok);
    assert.equal(String(decision.value.startsOn), '2026-03-31');
    const later = transfer({ keepPaid: true, onDate: day('2026-04-10') });
    assert.ok(later.ok);
    assert.equal(String(later.value.startsOn), '2026-04-10');
  });

  test('both sides name each other', () => {
    const decision = transfer();
    assert.ok(decision.ok);
    const { next, transfers, events } = decision.value;
    const [left, arrived] = transfers;
    assert.deepEqual(
      [left.direction, left.subscriptionId, left.otherSubscriptionId, left.otherCustomerId],
      ['to', running().id, next.id, TO.id],
    );
    assert.deepEqual(
      [arrived.direction, arrived.subscriptionId, arrived.otherSubscriptionId],
      ['from', next.id, running().id],
    );
    assert.deepEqual(
      events.map((event) => [event.subjectId, event.type]),
      [
        [running().id, 'subscription.transferred'],
        [next.id, 'subscription.transferred'],
      ],
    );
  });

  test('what is over stays with the old payer; what is agreed for later moves', () => {
    const [first, second] = running().items;
    assert.ok(first && second);
    const changed = { ...second, until: day('2026-03-20') };
    const fromThen = anItem(seats, {
      from: day('2026-03-20'),
      quantity: 9n,
      continues: second.id,
    });
    const gone = anItem(seats, { from: day('2026-01-31'), until: day('2026-02-10') });
    const decision = transfer(
      {},
      {
        subscription: running({
          items: [gone, first, changed, fromThen],
          pauses: [
            { from: day('2026-02-01'), until: day('2026-02-05') },
            { from: day('2026-03-12'), until: day('2026-03-18') },
          ],
          trialEndsOn: day('2026-02-14'),
        }),
      },
    );
    assert.ok(decision.ok);
    const { items, pauses, trialEndsOn } = decision.value.next;
    assert.deepEqual(
      items.map((item) => [item.quantity, String(item.from), item.until?.toString()]),
      [
        [1n, '2026-03-16', undefined],
        [4n, '2026-03-16', '2026-03-20'],
        [9n, '2026-03-20', undefined],
      ],
    );
    assert.equal(items[2]?.continues, items[1]?.id);
    assert.equal(JSON.stringify(pauses), '[{"from":"2026-03-16","until":"2026-03-18"}]');
    assert.equal(trialEndsOn, undefined);
  });

  test('a department of the new payer may use it', () => {
    const department: Customer = {
      ...TO,
      id: countingIds(60)('cus', 700),
      kind: 'department',
      payerId: TO.id,
    };
    assert.ok(!isPayer(department));
    const decision = transfer({ beneficiary: department });
    assert.ok(decision.ok);
    assert.equal(decision.value.next.beneficiaryId, department.id);
  });

  const department = { ...TO, kind: 'department' as const, payerId: aCustomer().id };
  const refused: readonly (readonly [
    string,
    Partial<PayerTransfer>,
    Partial<Subscription>,
    string,
  ])[] = [
    ['to the payer itself', { to: aCustomer() }, {}, 'same_payer to'],
    ['to a department', { to: department }, {}, 'payer_does_not_pay to'],
    ['for a stranger', { beneficiary: department }, {}, 'beneficiary_of_another beneficiary'],
    ['yesterday', { onDate: day('2026-03-09') }, {}, 'transfer_in_past on_date'],
    ['of what is over', {}, { state: 'ended' }, 'subscription_ended subscription'],
    ['of what is parked', {}, { state: 'parked' }, 'subscription_parked subscription'],
    ['on its first day', {}, { startsOn: day('2026-03-16') }, 'transfer_before_start on_date'],
    ['after its end', {}, { endsOn: day('2026-03-16') }, 'transfer_after_end on_date'],
    [
      'kept to the end',
      { keepPaid: true },
      { endsOn: day('2026-03-31') },
      'transfer_after_end on_date',
    ],
  ];
  for (const [what, order, changes, code] of refused) {
    test(`${what}: refused as ${code}`, () => {
      const decision = transfer(order, { subscription: running(changes) });
      assert.ok(!decision.ok);
      assert.equal(`${decision.refusal.code} ${decision.refusal.field}`, code);
    });
  }

  test('every day has one payer, whatever the day and whatever is kept', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.boolean(), (days, keepPaid) => {
        const onDate = day('2026-03-10').add({ days });
        const decision = transfer({ onDate, keepPaid });
        assert.ok(decision.ok);
        const { end, next } = decision.value;
        assert.ok(end.when.at === 'date');
        // The old one has no service from `endsOn` on, the new one from `startsOn` on.
        assert.equal(String(end.when.date), String(next.startsOn));
        assert.ok(Temporal.PlainDate.compare(next.startsOn, onDate) >= 0);
      }),
    );
  });
});

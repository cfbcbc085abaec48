import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bucketOf, type Customer, money } from '../../packages/core/src/index.ts';
import {
  addMeter,
  creditInvoice,
  EventChecker,
  idSource,
  readSubscriptionUsage,
  saveEvents,
  voidInvoice,
} from '../../packages/engine/src/index.ts';
import { type OpenedStore, storeOf } from '../../packages/store/src/open.ts';
import { openMigratedDatabase } from '../kit/embedded-template.ts';
import {
  billOf,
  catalogueOf,
  change,
  changeSeats,
  granted,
  invoicesOf,
  newPayer,
  priceOf,
  publish,
  start,
} from '../kit/shop.ts';
import { Till } from '../kit/till.ts';

const day = (text: string) => Temporal.PlainDate.from(text);

const TEAM = [
  priceOf('base', 'flat', { model: { type: 'flat', amount: '99' } }),
  priceOf('seat', 'seat', { model: { type: 'per_unit', unit_amount: '31' } }),
  priceOf('support', 'flat', { model: { type: 'flat', amount: '60' }, timing: 'arrears' }),
];

const USAGE = [
  priceOf('use', 'metered', { meter: 'm', model: { type: 'per_unit', unit_amount: '31' } }),
];

const CONTRACT = {
  start: day('2026-03-01'),
  end: day('2027-03-01'),
  renewal: 'same_term',
  earlyTermination: { type: 'fixed', amount: money(30_000n, 'CNY') },
} as const;

describe('a history that somebody checks by hand', () => {
  let store: OpenedStore;
  let tills = 0;

  before(async () => {
    store = await storeOf(await openMigratedDatabase());
  });
  after(() => store.close());

  async function open(opens: string) {
    tills += 1;
    const till = await Till.open(store, { number: tills, opens: day(opens) });
    const customer = await newPayer(till, `A-${tills}`);
    return { till, customer };
  }

  async function team(opens: string) {
    const { till, customer } = await open(opens);
    await publish(till, catalogueOf({ team: TEAM }));
    return { till, customer };
  }

  /** Days pass until ten o’clock of this one; what the books must hold then is checked. */
  async function until(till: Till, on: string): Promise<void> {
    const { days } = till.today.until(day(on));
    if (days > 0) await till.wait(days);
    assert.deepEqual(await store.findViolations(5), []);
  }

  async function linesOf(till: Till, customer: Customer, rule?: string) {
    const lines = (await invoicesOf(till, customer)).flatMap((invoice) => invoice.lines);
    return rule === undefined ? lines : lines.filter((line) => line.rule === rule);
  }

  async function balanceOf(till: Till, customer: Customer): Promise<bigint> {
    const grants = await store.transact(till.merchant.id, (tx) =>
      tx.lockCreditGrants([customer.id]),
    );
    return grants.reduce((total, { left }) => total + left.minor, 0n);
  }

  const endOn = (on: string) => ({ type: 'end', when: { at: 'date', date: day(on) } }) as const;

  test('an end that is moved pays for leaving early once', async () => {
    const { till, customer } = await team('2026-03-01');
    const { subscription } = await start(till, customer, {
      items: [{ price: 'base' }],
      changes: { contract: CONTRACT },
    });
    await until(till, '2026-03-05');
    granted(await change(till, subscription.id, endOn('2026-06-01')));
    granted(await change(till, subscription.id, endOn('2026-05-01')));
    await until(till, '2026-06-15');
    const paid = await linesOf(till, customer, 'termination');
    assert.deepEqual(
      paid.map(({ amount, period }) => [amount.minor, `${period.start}`]),
      [[30_000n, '2026-05-01']],
    );
  });

  test('an end that is taken back costs nothing, also where it was billed at once', async () => {
    const { till, customer } = await team('2026-03-01');
    const { subscription } = await start(till, customer, {
      items: [{ price: 'base' }],
      changes: { contract: CONTRACT },
    });
    await until(till, '2026-03-05');
    granted(await change(till, subscription.id, endOn('2026-06-01'), 'now'));
    granted(await change(till, subscription.id, endOn('2026-07-01')));
    granted(await change(till, subscription.id, { type: 'auto_renew', on: true }));
    await until(till, '2026-09-02');
    const lines = await linesOf(till, customer);
    // Seven months of ¥99.00: what was billed for leaving came off the months after.
    assert.equal(
      lines.reduce((total, { amount }) => total + amount.minor, 0n),
      7n * 9_900n,
    );
  });

  test('seats added before an aligned day cost the share of the period they lie in', async () => {
    const { till, customer } = await team('2026-03-10');
    const { subscription } = await start(till, customer, {
      items: [{ price: 'base' }, { price: 'seat', quantity: 2n }],
    });
    await until(till, '2026-03-20');
    granted(await change(till, subscription.id, { type: 'align', expiresOn: day('2026-05-01') }));
    granted(await changeSeats(till, subscription.id, { quantity: 4n, at: 'now' }));
    await until(till, '2026-04-12');
    const [, short] = await invoicesOf(till, customer);
    assert.ok(short);
    assert.deepEqual(billOf(short), [
      '2026-04-10 – 2026-05-01 due 2026-04-10 open ¥198.10',
      '  base 2026-04-10 – 2026-05-01 1 × 99 × 21/30 = ¥69.30',
      '  seat 2026-04-10 – 2026-05-01 4 × 31 × 21/30 = ¥86.80',
      '  seat 2026-03-20 – 2026-04-10 4 × 31 × 21/31 = ¥84.00 change_charge',
      '  seat 2026-03-20 – 2026-04-10 2 × 31 × 21/31 = -¥42.00 change_credit',
    ]);
  });

  test('a period before an aligned day is whole where it is billed afterwards', async () => {
    const { till, customer } = await team('2026-03-10');
    const { subscription } = await start(till, customer, { items: [{ price: 'support' }] });
    await until(till, '2026-03-20');
    granted(await change(till, subscription.id, { type: 'align', expiresOn: day('2026-05-01') }));
    await until(till, '2026-05-20');
    assert.deepEqual(
      (await linesOf(till, customer)).map(({ amount, period }) => [
        `${period.start}`,
        amount.minor,
      ]),
      [
        ['2026-03-10', 6_000n],
        ['2026-04-10', 4_200n],
      ],
    );
  });

  test('what a credit note gave back is not given back again on leaving', async () => {
    const { till, customer } = await team('2026-03-01');
    const { subscription } = await start(till, customer, { items: [{ price: 'base' }] });
    await until(till, '2026-03-05');
    const [invoice] = await invoicesOf(till, customer);
    assert.ok(invoice);
    const lines = [{ position: 1, take: { type: 'whole' } }] as const;
    const request = { lines, reason: 'goodwill' } as const;
    granted(await creditInvoice(till.job(), invoice.id, { request }));
    granted(await change(till, subscription.id, { type: 'end', when: { at: 'now' } }));
    await until(till, '2026-04-02');
    assert.equal(await balanceOf(till, customer), 0n);
    const [only, ...others] = await invoicesOf(till, customer);
    assert.equal(only?.credited.minor, 9_900n);
    assert.deepEqual(others, []);
  });

  test('a credit note takes of a line what a change has not given back', async () => {
    const { till, customer } = await team('2026-03-01');
    const { subscription } = await start(till, customer, {
      items: [{ price: 'seat', quantity: 2n }],
    });
    await until(till, '2026-03-11');
    granted(await changeSeats(till, subscription.id, { quantity: 1n, at: 'now' }));
    const [invoice] = await invoicesOf(till, customer);
    assert.ok(invoice);
    const lines = [{ position: 1, take: { type: 'whole' } }] as const;
    const request = { lines, reason: 'goodwill' } as const;
    const { notes } = granted(await creditInvoice(till.job(), invoice.id, { request }));
    // 21 of 31 days of ¥62.00 are ¥42.00, which the change gave back.
    assert.deepEqual(
      notes.map(({ total }) => total.minor),
      [2_000n],
    );
  });

  test('credits that a voided last bill had taken come off what is still owed', async () => {
    const { till, customer } = await team('2026-03-01');
    const { subscription } = await start(till, customer, {
      items: [{ price: 'base' }, { price: 'support' }],
    });
    await until(till, '2026-03-21');
    granted(await change(till, subscription.id, { type: 'end', when: { at: 'now' } }));
    await until(till, '2026-04-01');
    const [first, last] = await invoicesOf(till, customer);
    assert.equal(last?.total.minor, 3_871n - 3_513n);
    assert.equal(first?.credited.minor, 0n);
    granted(await voidInvoice(till.job(), last.id));
    await until(till, '2026-04-02');
    const [owed] = await invoicesOf(till, customer);
    assert.equal(owed?.credited.minor, 3_513n);
  });

  /** One event of the meter, sent when it happens. */
  async function use(till: Till, customer: Customer, event: { time: string; v: unknown }) {
    const { time, v } = event;
    const subject = customer.id;
    const id = crypto.randomUUID();
    const value = { specversion: '1.0', id, source: 's', type: 'use', subject, time, data: { v } };
    const checked = await new EventChecker().checkLive(till.job(), [{ index: 0, value }]);
    assert.deepEqual(checked.refused, []);
    await saveEvents(till.job(), { events: checked.events, expectsRepeats: false });
  }

  test('usage so far of a department counts what it used, from the first day charged', async () => {
    const { till, customer: payer } = await open('2026-03-01');
    const organisation = await newPayer(till, 'org', { kind: 'organisation' });
    const department = await newPayer(till, 'dept', {
      id: idSource(till.engine)('cus', bucketOf(organisation.id)),
      kind: 'department',
      payerId: organisation.id,
    });
    granted(
      await addMeter(till.job(), {
        code: 'm',
        eventType: 'use',
        aggregation: 'sum',
        valueProperty: 'v',
      }),
    );
    await publish(till, catalogueOf({ team: USAGE }));
    const changes = { beneficiaryId: department.id, trial: { days: 4 } };
    const { subscription } = await start(till, organisation, { changes });
    await use(till, payer, { time: '2026-03-01T08:00:00+08:00', v: 100 });
    await use(till, department, { time: '2026-03-01T08:00:00+08:00', v: 10 });
    await until(till, '2026-03-08');
    await use(till, department, { time: '2026-03-08T08:00:00+08:00', v: 2 });
    const soFar = granted(await readSubscriptionUsage(till.job(), subscription.id));
    assert.deepEqual(
      soFar.items.map(({ cost }) => cost?.minor),
      [6_200n],
    );
    await until(till, '2026-04-20');
    assert.deepEqual(
      (await linesOf(till, organisation)).map(({ amount }) => amount.minor),
      [6_200n],
    );
  });

  const LEVELS = [
    // In force for 15 of the 31 days of March; in April for all of it, without another event.
    { aggregation: 'weighted_sum', values: [2], first: 3_000n, second: 6_200n },
    { aggregation: 'prorated_sum', values: [2], first: 3_000n, second: 6_200n },
    { aggregation: 'prorated_unique_count', values: ['a', 'b'], first: 3_000n, second: 6_200n },
    { aggregation: 'unique_count', values: ['a', 'b', 'a'], first: 6_200n, second: 6_200n },
    { aggregation: 'max', values: [1, 2], first: 6_200n, second: undefined },
    { aggregation: 'latest', values: [3, 2], first: 6_200n, second: undefined },
  ] as const;

  for (const { aggregation, values, first, second } of LEVELS) {
    for (const opens of ['2026-03-17', '2026-03-01']) {
      const title = opens === '2026-03-17' ? 'a short first period' : 'a whole period';
      test(`${aggregation} in ${title}, and in the next one`, async () => {
        const { till, customer } = await open(opens);
        const wanted = { code: 'm', eventType: 'use', aggregation, valueProperty: 'v' };
        granted(await addMeter(till.job(), wanted));
        await publish(till, catalogueOf({ team: USAGE }));
        await start(till, customer, { changes: { boundaries: { at: 'billing_day', day: 1 } } });
        await until(till, '2026-03-17');
        for (const [index, v] of values.entries()) {
          // All at midnight; the latest one is later than the others.
          const time = `2026-03-17T00:00:0${aggregation === 'latest' ? index : 0}+08:00`;
          await use(till, customer, { time, v });
        }
        await until(till, '2026-05-20');
        assert.deepEqual(
          (await linesOf(till, customer)).map(({ amount }) => amount.minor),
          second === undefined ? [first] : [first, second],
        );
      });
    }
  }
});

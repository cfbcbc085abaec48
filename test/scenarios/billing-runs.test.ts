import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf, type Invoice, money, ok } from '../../packages/core/src/index.ts';
import {
  addMeter,
  alignSubscriptions,
  EventChecker,
  findPlan,
  idSource,
  resolveItem,
  saveEvents,
  unparkSubscriptions,
} from '../../packages/engine/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import {
  billsOf,
  catalogueOf,
  change,
  changeSeats,
  granted,
  invoicesOf,
  newPayer,
  priceOf,
  publish,
  start,
  subscriptionOf,
} from '../kit/shop.ts';
import type { Play } from '../kit/stage.ts';

const day = (text: string) => Temporal.PlainDate.from(text);

const CATALOGUE = catalogueOf({
  team: [
    priceOf('base', 'flat', { model: { type: 'flat', amount: '310' } }),
    priceOf('seat', 'seat', { model: { type: 'per_unit', unit_amount: '31' } }),
    priceOf('yearly', 'flat', {
      model: { type: 'flat', amount: '3650' },
      interval: { unit: 'year', count: 1 },
    }),
  ],
});

const METERED = catalogueOf({
  api: [
    priceOf('calls', 'metered', {
      model: { type: 'per_unit', unit_amount: '0.01' },
      meter: 'calls',
    }),
  ],
});

const THREE_SEATS = [{ price: 'seat', quantity: 3n }];

async function use(play: Play, reference: string, events: Readonly<Record<string, string>>) {
  const raws = Object.entries(events).map(([at, calls], index) => ({
    index,
    value: {
      specversion: '1.0',
      id: `${at} ${calls}`,
      source: 'gateway',
      type: 'api.calls',
      subject: reference,
      time: `${at}T04:00:00Z`,
      data: { calls },
    },
  }));
  const checked = await new EventChecker().checkLive(play.job(), raws);
  assert.deepEqual(checked.refused, []);
  await saveEvents(play.job(), { events: checked.events, expectsRepeats: false });
}

onStage('months that do not go smoothly', (newPlay) => {
  async function shop(opensAt = '2026-03-01 09:00') {
    const play = await newPlay(opensAt);
    await publish(play, CATALOGUE);
    const customer = await newPayer(play, 'C-1');
    return { play, customer };
  }

  test('a change of the coming period makes its draft again before anybody is told', async () => {
    const { play, customer } = await shop();
    const { subscription } = await start(play, customer, { items: THREE_SEATS });
    await play.advanceTo('2026-03-25 10:00');
    const [, before] = await invoicesOf(play, customer);
    assert.equal(before?.state, 'draft');
    assert.equal(before?.total.minor, 9_300n);
    const outcome = granted(
      await changeSeats(play, subscription.id, { quantity: 4n, at: 'period_end' }),
    );
    assert.equal(outcome.redrafted?.total.minor, 12_400n);
    await play.advanceTo('2026-04-02 10:00');
    assert.deepEqual((await billsOf(play, customer)).slice(2), [
      '2026-04-01 – 2026-05-01 due 2026-04-01 open ¥124.00',
      '  seat 2026-04-01 – 2026-05-01 4 × 31 = ¥124.00',
    ]);
    const story = await play.eventsOf('C-1');
    assert.equal(story.filter((line) => line.includes('invoice.voided')).length, 1);
    await play.end();
  });

  test('two subscriptions expire on one day from now on', async () => {
    const { play, customer } = await shop();
    await start(play, customer, { items: [{ price: 'base' }] });
    await play.advanceTo('2026-03-11 10:00');
    await start(play, customer, { items: THREE_SEATS });
    await play.advanceTo('2026-03-12 10:00');
    const expiresOn = day('2026-04-15');
    granted(await alignSubscriptions(play.job(), { customerId: customer.id, expiresOn }));
    await play.advanceTo('2026-05-16 10:00');
    const periods = (await invoicesOf(play, customer)).map(
      ({ period, lines }) => `${lines[0]?.priceCode} ${period.start} – ${period.end}`,
    );
    assert.deepEqual(periods.sort(), [
      'base 2026-03-01 – 2026-04-01',
      'base 2026-04-01 – 2026-04-15',
      'base 2026-04-15 – 2026-05-15',
      'base 2026-05-15 – 2026-06-15',
      'seat 2026-03-11 – 2026-04-11',
      'seat 2026-04-11 – 2026-04-15',
      'seat 2026-04-15 – 2026-05-15',
      'seat 2026-05-15 – 2026-06-15',
    ]);
    await play.end();
  });

  test('a committed minimum is made up for on the bill after the period', async () => {
    const { play, customer } = await shop();
    await start(play, customer, {
      items: THREE_SEATS,
      changes: {
        contract: {
          start: day('2026-03-01'),
          end: day('2027-03-01'),
          renewal: 'open_ended',
          earlyTermination: { type: 'free' },
          minimumPerPeriod: money(15_000n, 'CNY'),
        },
      },
    });
    await play.advanceTo('2026-04-15 10:00');
    const bills = await billsOf(play, customer);
    assert.match(bills.join('\n'), /2026-03-01 – 2026-04-01 1 × 57 = ¥57.00 commitment/);
    await play.end();
  });

  test('a bill that ran away is parked alone, and billed when a person accepts it', async () => {
    const { play, customer } = await shop();
    const other = await newPayer(play, 'C-2');
    const { subscription } = await start(play, customer, { items: THREE_SEATS });
    await start(play, other, { items: THREE_SEATS });
    await play.advanceTo('2026-03-20 10:00');
    granted(await changeSeats(play, subscription.id, { quantity: 30_000n, at: 'period_end' }));
    await play.advanceTo('2026-04-02 10:00');
    const parked = await subscriptionOf(play, subscription.id);
    assert.equal(parked.state, 'parked');
    assert.equal(parked.parked?.reason, 'amount_beyond_history');
    assert.equal((await invoicesOf(play, customer)).length, 1);
    assert.equal((await invoicesOf(play, other)).length, 2);

    const reason = 'amount_beyond_history';
    const dry = granted(await unparkSubscriptions(play.job(), { reason, dryRun: true }));
    assert.deepEqual(
      dry.subscriptions.map(({ id }) => id),
      [subscription.id],
    );
    granted(await unparkSubscriptions(play.job(), { reason }));
    await play.advanceTo('2026-04-02 11:00');
    assert.equal((await subscriptionOf(play, subscription.id)).state, 'parked');
    granted(await unparkSubscriptions(play.job(), { reason, accept: true }));
    await play.advanceTo('2026-04-02 12:00');
    const [, accepted] = await invoicesOf(play, customer);
    assert.equal(accepted?.total.minor, 93_000_000n);
    assert.equal((await subscriptionOf(play, subscription.id)).state, 'active');
    await play.end();
  });

  test('a bill that the database refuses is parked, and holds nobody else up', async () => {
    const { play, customer } = await shop();
    const other = await newPayer(play, 'C-2');
    const { subscription } = await start(play, customer, { items: THREE_SEATS });
    await start(play, other, { items: THREE_SEATS });
    await play.advanceTo('2026-03-02 10:00');
    const [bill] = await invoicesOf(play, customer);
    assert.ok(bill);
    // A second bill of April stands in the books by mistake; ours cannot be saved beside it.
    const id = idSource(play.engine)('inv', bucketOf(bill.id));
    const { issuedAt: _issuedAt, ...unissued } = bill;
    const key = { id, number: 'twin', billingKey: 'period:2026-04-01' };
    const issueAt = bill.issueAt.add({ hours: 9_000 });
    const twin: Invoice = { ...unissued, ...key, state: 'draft', issueAt };
    await play.engine.store.transact(play.merchant.id, (tx) => tx.save({ invoices: [twin] }));
    await play.advanceTo('2026-04-02 10:00');
    assert.equal((await subscriptionOf(play, subscription.id)).parked?.reason, 'cannot_be_billed');
    assert.equal((await invoicesOf(play, other)).length, 2);
    const mended: Invoice = { ...twin, state: 'void' };
    await play.engine.store.transact(play.merchant.id, (tx) => tx.save({ invoices: [mended] }));
    granted(await unparkSubscriptions(play.job(), { ids: [subscription.id] }));
    await play.advanceTo('2026-04-02 11:00');
    assert.equal((await invoicesOf(play, customer)).length, 2);
    await play.end();
  });

  test('usage is billed after its month, and what comes late with the next bill', async () => {
    const play = await newPlay('2026-03-01 09:00');
    granted(
      await addMeter(play.job(), {
        code: 'calls',
        eventType: 'api.calls',
        aggregation: 'sum',
        valueProperty: 'calls',
      }),
    );
    await publish(play, METERED);
    const customer = await newPayer(play, 'C-1');
    await start(play, customer, { plan: 'api' });
    await play.advanceTo('2026-03-20 13:00');
    await use(play, 'C-1', { '2026-03-19': '1200', '2026-03-20': '300' });
    await play.advanceTo('2026-04-15 10:00');
    await use(play, 'C-1', { '2026-03-30': '50', '2026-04-14': '1000' });
    await play.advanceTo('2026-05-15 10:00');
    assert.deepEqual(await billsOf(play, customer), [
      '2026-03-01 – 2026-04-01 due 2026-04-10 open ¥15.00',
      '  calls 2026-03-01 – 2026-04-01 1500 × 0.01 = ¥15.00',
      '2026-04-01 – 2026-05-01 due 2026-05-10 open ¥10.50',
      '  calls 2026-04-01 – 2026-05-01 1000 × 0.01 = ¥10.00',
      '  calls 2026-03-01 – 2026-04-01 50 = ¥0.50 usage_correction',
    ]);
    await play.end();
  });

  test('a yearly base under a monthly bill is billed once a year, seats every month', async () => {
    const { play, customer } = await shop('2026-01-01 09:00');
    await start(play, customer, { items: [{ price: 'yearly' }, ...THREE_SEATS] });
    await play.advanceTo('2026-04-02 10:00');
    const codes = (await invoicesOf(play, customer)).map(({ lines }) =>
      lines.map(({ priceCode }) => priceCode).join(' '),
    );
    assert.deepEqual(codes, ['yearly seat', 'seat', 'seat', 'seat']);
    await play.end();
  });

  test('something that is billed once can be billed at once', async () => {
    const { play, customer } = await shop();
    await publish(
      play,
      catalogueOf({
        team: [priceOf('training', 'one_off', { model: { type: 'flat', amount: '500' } })],
      }),
    );
    const { subscription } = await start(play, customer, { items: THREE_SEATS });
    await play.advanceTo('2026-03-11 10:00');
    const outcome = granted(
      await change(
        play,
        subscription.id,
        ({ catalog, today }) => {
          const plan = granted(findPlan(catalog, 'team'));
          const about = { plan, day: today, field: '' };
          const item = granted(resolveItem(catalog, { price: 'training' }, about));
          return ok({ type: 'add_item', ...item, when: { at: 'now' } });
        },
        'now',
      ),
    );
    assert.equal(outcome.billed?.total.minor, 50_000n);
    assert.equal(outcome.next?.total.minor, 9_300n);
    await play.advanceTo('2026-03-12 10:00');
    assert.deepEqual(
      (await invoicesOf(play, customer)).map(({ state }) => state),
      ['open', 'open'],
    );
    await play.end();
  });
});

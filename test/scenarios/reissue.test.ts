import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bucketOf,
  type Customer,
  formatRatio,
  present,
  type ResourcePack,
  ratio,
} from '../../packages/core/src/index.ts';
import {
  addMeter,
  EventChecker,
  idSource,
  reissueInvoice,
  saveEvents,
  voidInvoice,
} from '../../packages/engine/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import {
  billsOf,
  catalogueOf,
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

/** Events of a day at noon in Shanghai, told while they are young enough for the live endpoint. */
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

/** The newest invoice that is not void. */
async function newest(play: Play, customer: Customer) {
  const all = await invoicesOf(play, customer);
  return present(all.at(-1), 'an invoice');
}

async function packsOf(play: Play, customer: Customer): Promise<readonly string[]> {
  const packs = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.loadResourcePacks(customer.id),
  );
  return packs.map(({ unitsLeft }) => formatRatio(unitsLeft));
}

onStage('issuing an invoice anew', (newPlay) => {
  async function team(seats: bigint) {
    const play = await newPlay('2026-03-01 09:00');
    await publish(play, CATALOGUE);
    const customer = await newPayer(play, 'C-1');
    const items = [{ price: 'base' }, { price: 'seat', quantity: seats }];
    const { subscription } = await start(play, customer, { items });
    await play.advanceTo('2026-03-01 10:00');
    return { play, customer, subscription };
  }

  async function metered() {
    const play = await newPlay('2026-03-01 09:00');
    const meter = granted(
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
    return { play, customer, meter };
  }

  test('30 seats for 3: the correction is in the new invoice, and nowhere else', async () => {
    const { play, customer, subscription } = await team(30n);
    const wrong = await newest(play, customer);
    assert.deepEqual([wrong.state, wrong.total.minor], ['open', 31_000n + 93_000n]);
    granted(await changeSeats(play, subscription.id, { quantity: 3n, at: 'now' }));
    const { after, parts } = granted(await reissueInvoice(play.job(), wrong.id));
    assert.equal(after?.total.minor, 31_000n + 9_300n);
    assert.deepEqual(
      parts.map(({ cause, amount }) => [cause, amount.minor]),
      [['seats', -83_700n]],
    );
    await play.advanceTo('2026-04-02 10:00');
    assert.deepEqual(await billsOf(play, customer), [
      '2026-03-01 – 2026-04-01 due 2026-03-01 open ¥403.00',
      '  base 2026-03-01 – 2026-04-01 1 × 310 = ¥310.00',
      '  seat 2026-03-01 – 2026-04-01 3 × 31 = ¥93.00',
      '2026-04-01 – 2026-05-01 due 2026-04-01 open ¥403.00',
      '  base 2026-04-01 – 2026-05-01 1 × 310 = ¥310.00',
      '  seat 2026-04-01 – 2026-05-01 3 × 31 = ¥93.00',
    ]);
    await play.end();
  });

  test('voided only: what would have been credited of it is not owed to the customer', async () => {
    const { play, customer, subscription } = await team(30n);
    const wrong = await newest(play, customer);
    granted(await changeSeats(play, subscription.id, { quantity: 3n, at: 'now' }));
    granted(await voidInvoice(play.job(), wrong.id));
    await play.advanceTo('2026-04-02 10:00');
    assert.deepEqual(
      (await invoicesOf(play, customer)).map(({ total }) => total.minor),
      [40_300n],
    );
    await play.end();
  });

  test('a month that is over: the later invoice and the next one stay as they are', async () => {
    const { play, customer, subscription } = await team(3n);
    const first = await newest(play, customer);
    await play.advanceTo('2026-04-02 10:00');
    const before = await subscriptionOf(play, subscription.id);
    const { after, parts } = granted(await reissueInvoice(play.job(), first.id));
    assert.deepEqual([after?.total, parts], [first.total, []]);
    assert.deepEqual(await subscriptionOf(play, subscription.id), before);
    await play.advanceTo('2026-05-02 10:00');
    const months = (await invoicesOf(play, customer))
      .filter(({ state }) => state === 'open')
      .map(({ period }) => period.start.toString());
    assert.deepEqual(months.sort(), ['2026-03-01', '2026-04-01', '2026-05-01']);
    await play.end();
  });

  test('a later invoice has billed the change: refused, and nothing is changed', async () => {
    const { play, customer, subscription } = await team(30n);
    const first = await newest(play, customer);
    await play.advanceTo('2026-03-10 10:00');
    granted(await changeSeats(play, subscription.id, { quantity: 33n, at: 'now' }));
    await play.advanceTo('2026-04-02 10:00');
    const before = await invoicesOf(play, customer);
    const refused = await reissueInvoice(play.job(), first.id);
    assert.equal(!refused.ok && refused.refusal.code, 'adjusted_on_later_invoice');
    assert.deepEqual(await invoicesOf(play, customer), before);
    await play.end();
  });

  test('late usage is in the new invoice, and is no correction on the next one', async () => {
    const { play, customer } = await metered();
    await play.advanceTo('2026-03-20 13:00');
    await use(play, 'C-1', { '2026-03-20': '1500' });
    await play.advanceTo('2026-04-15 10:00');
    const first = await newest(play, customer);
    assert.equal(first.total.minor, 1_500n);
    await use(play, 'C-1', { '2026-03-30': '50', '2026-04-14': '1000' });
    const { after } = granted(await reissueInvoice(play.job(), first.id));
    assert.equal(after?.total.minor, 1_550n);
    await play.advanceTo('2026-05-15 10:00');
    assert.equal((await newest(play, customer)).total.minor, 1_000n);
    await play.end();
  });

  test('a resource pack gets its units back, and is burnt once', async () => {
    const { play, customer, meter } = await metered();
    const pack: ResourcePack = {
      id: idSource(play.engine)('rsp', bucketOf(customer.id)),
      merchantId: play.merchant.id,
      customerId: customer.id,
      meterId: meter.id,
      unitsBought: ratio(2_000n),
      unitsLeft: ratio(2_000n),
      validFrom: day('2026-03-01'),
      expiresOn: day('2027-03-01'),
    };
    await play.engine.store.transact(play.merchant.id, (tx) => tx.saveResourcePacks([pack]));
    await play.advanceTo('2026-03-20 13:00');
    await use(play, 'C-1', { '2026-03-20': '2500' });
    await play.advanceTo('2026-04-15 10:00');
    const first = await newest(play, customer);
    assert.deepEqual([first.total.minor, await packsOf(play, customer)], [500n, ['0']]);
    const { after } = granted(await reissueInvoice(play.job(), first.id));
    assert.deepEqual([after?.total.minor, await packsOf(play, customer)], [500n, ['0']]);
    granted(await voidInvoice(play.job(), present(after, 'the new one').id));
    assert.deepEqual(await packsOf(play, customer), ['2000']);
    await play.end();
  });
});

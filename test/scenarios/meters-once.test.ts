import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from '../../packages/core/src/index.ts';
import {
  addMeter,
  findPlan,
  resolveItems,
  type Started,
  startSubscription,
} from '../../packages/engine/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import { catalogueOf, change, granted, newPayer, priceOf, publish } from '../kit/shop.ts';
import type { Play } from '../kit/stage.ts';

const METERED = { model: { type: 'per_unit', unit_amount: '0.01' }, timing: 'arrears' };

async function openShop(play: Play) {
  const meter = { nameZh: '调用', nameEn: 'Calls', eventType: 'api.call', aggregation: 'count' };
  granted(await addMeter(play.job(), { ...meter, code: 'calls', aggregation: 'count' }));
  await publish(
    play,
    catalogueOf({
      first: [priceOf('calls-a', 'metered', { ...METERED, meter: 'calls' })],
      second: [
        priceOf('base-b', 'flat', { model: { type: 'flat', amount: '9' } }),
        priceOf('calls-b', 'metered', { ...METERED, meter: 'calls' }),
      ],
    }),
  );
  return await newPayer(play, 'C-1');
}

function begin(play: Play, customer: Started['subscription']['customerId'], prices: string[]) {
  return startSubscription(play.job(), {
    read: ({ catalog, today }) => {
      const plan = granted(findPlan(catalog, prices.includes('calls-a') ? 'first' : 'second'));
      const wanted = prices.map((price) => ({ price }));
      const items = granted(resolveItems(catalog, wanted, { plan, day: today }));
      return ok({
        merchantId: play.merchant.id,
        customerId: customer,
        planId: plan.id,
        items,
        interval: { unit: 'month', count: 1 },
        startsOn: today,
        boundaries: { at: 'start' },
        autoRenew: true,
        collection: 'by_hand',
        paymentMethodLabel: 'transfer',
      });
    },
  });
}

onStage('the usage of one customer on one meter', (newPlay) => {
  test('is billed by one subscription; a second one is refused', async () => {
    const play = await newPlay('2026-03-01 09:00');
    const customer = await openShop(play);
    granted(await begin(play, customer.id, ['calls-a']));
    const second = await begin(play, customer.id, ['calls-b']);
    assert.ok(!second.ok);
    assert.equal(second.refusal.code, 'meter_billed_elsewhere');
    assert.equal(second.refusal.field, 'items');

    const base = granted(await begin(play, customer.id, ['base-b'])).subscription;
    const added = await change(play, base.id, ({ catalog, today }) => {
      const plan = granted(findPlan(catalog, 'second'));
      const [item] = granted(resolveItems(catalog, [{ price: 'calls-b' }], { plan, day: today }));
      assert.ok(item);
      return ok({ type: 'add_item', ...item, when: { at: 'now' } });
    });
    assert.ok(!added.ok);
    assert.equal(added.refusal.code, 'meter_billed_elsewhere');
    await play.end();
  });

  test('moves to another subscription once the first one has ended', async () => {
    const play = await newPlay('2026-03-01 09:00');
    const customer = await openShop(play);
    const first = granted(await begin(play, customer.id, ['calls-a'])).subscription;
    granted(await change(play, first.id, { type: 'end', when: { at: 'now' } }));
    granted(await begin(play, customer.id, ['calls-b']));
    const other = await newPayer(play, 'C-2');
    granted(await begin(play, other.id, ['calls-b']));
    await play.end();
  });

  test('is billed once although two subscriptions start at the same moment', async () => {
    const play = await newPlay('2026-03-01 09:00');
    const customer = await openShop(play);
    const both = await Promise.all([
      begin(play, customer.id, ['calls-a']),
      begin(play, customer.id, ['calls-b']),
    ]);
    assert.equal(both.filter((one) => one.ok).length, 1);
    await play.end();
  });
});

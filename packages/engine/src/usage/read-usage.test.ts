import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  bucketOf,
  type CustomerId,
  decideThreshold,
  formatRatio,
  type MeterId,
  type PriceModel,
  present,
  ratio,
  type Subscription,
} from '@daikou/core';
import { BACKENDS, type FreshStore } from '../../../../test/kit/stores.ts';
import { makeUsageWorld, USAGE_NOW, type UsageWorld } from '../../../../test/kit/usage-world.ts';
import { idSource } from '../job.ts';
import { foldUsage } from './fold.ts';
import { EventChecker, saveEvents } from './intake.ts';
import { purgeUsage, purgeUsageOfToday } from './purge.ts';
import { readSubscriptionUsage } from './subscription-usage.ts';

const METERS = [
  { code: 'tokens', eventType: 'llm', aggregation: 'sum', valueProperty: 'tokens' },
] as const;
const MONTH = { unit: 'month', count: 1 } as const;
const day = (text: string) => Temporal.PlainDate.from(text);

/** Ten fen for each thousand units: 0.0001 yuan each. */
const PRICE: PriceModel = { type: 'per_unit', unitAmount: ratio(1n, 10_000n) };

for (const backend of BACKENDS) {
  describe(`usage so far on ${backend.name}`, () => {
    const databases = backend.databases();
    let store: FreshStore;
    before(async () => {
      store = await databases.fresh();
    });

    const newWorld = async () => {
      const world = await makeUsageWorld(store, { customers: 1, meters: METERS });
      const customerId = present(world.customers.get('C-0'), 'the customer');
      const [meter] = await store.transact(world.merchant.id, (tx) => tx.loadMeters());
      return { world, customerId, meterId: present(meter, 'the meter').id };
    };
    const use = async ({ job }: UsageWorld, id: string, tokens: string, time?: string) => {
      const value = {
        specversion: '1.0',
        id,
        source: 'test',
        type: 'llm',
        subject: 'C-0',
        data: { tokens },
        ...(time === undefined ? {} : { time }),
      };
      const { events, refused } = await new EventChecker().checkLive(job, [{ index: 0, value }]);
      assert.deepEqual(refused, []);
      return await saveEvents(job, { events, expectsRepeats: false });
    };

    test('a subscription’s item tells units, cost and where both are going', async () => {
      const { world, customerId, meterId } = await newWorld();
      const subscription = await subscribe(world, { customerId, meterId });
      await use(world, '1', '150000', '2026-11-05T00:00:00Z');
      await use(world, '2', '50000');
      const read = await readSubscriptionUsage(world.job, subscription.id);
      assert.ok(read.ok);
      const [item, ...others] = read.value.items;
      assert.equal(others.length, 0);
      assert.ok(item);
      assert.equal(formatRatio(item.units), '200000');
      assert.deepEqual(item.cost, { minor: 2_000n, currency: 'CNY' });
      assert.equal(item.forecast.method, 'linear');
      // 20 days and 16 hours of 30 days have passed in Shanghai: × 30 / (20 + 2/3).
      assert.equal(formatRatio(item.forecast.units, 3), '290322.581');
      assert.deepEqual(item.forecast.cost, { minor: 2_903n, currency: 'CNY' });
    });

    test('a subscription that is none is refused', async () => {
      const { world } = await newWorld();
      const read = await readSubscriptionUsage(world.job, 'sub_00000000000000000000000000000000');
      assert.equal(read.ok ? '' : read.refusal.code, 'not_found');
    });

    const limits = [
      ['units', { units: ratio(100n) }],
      ['an amount', { amount: { minor: 1n, currency: 'CNY' } }],
    ] as const;
    for (const [name, limit] of limits) {
      test(`a threshold of ${name} is told of once a period, when it is reached`, async () => {
        const { world, customerId, meterId } = await newWorld();
        await subscribe(world, { customerId, meterId });
        const { job, merchant } = world;
        const threshold = decideThreshold(
          { customerId, meterId, ...limit, anchor: day('2026-11-01'), interval: MONTH },
          {
            id: idSource(job.engine)('thr', bucketOf(customerId)),
            merchantId: merchant.id,
            now: USAGE_NOW,
          },
        );
        assert.ok(threshold.ok);
        await store.transact(merchant.id, (tx) => tx.saveThresholds([threshold.value]));
        const told = async () => {
          await foldUsage(job);
          const page = { afterSequence: 0, limit: 100 };
          const events = await store.transact(merchant.id, (tx) =>
            tx.loadEventsOf(customerId, page),
          );
          return events
            .filter(({ type }) => type === 'usage.threshold_crossed')
            .map(({ subjectId, data }) => [subjectId, data['period_start']]);
        };
        await use(world, '1', '49');
        assert.deepEqual(await told(), []);
        await use(world, '2', '51');
        const november = [threshold.value.id, '2026-11-01'];
        assert.deepEqual(await told(), [november]);
        await use(world, '3', '500');
        assert.deepEqual(await told(), [november]);
      });
    }

    test('raw events are purged once folded and old, and the rollups stay', async () => {
      const { world } = await newWorld();
      await use(world, '1', '7');
      const later = (days: number) => ({
        ...world.job,
        merchant: { ...world.merchant, testClock: USAGE_NOW.add({ hours: 24 * days }) },
      });
      assert.equal(await purgeUsage(later(500)), 0);
      await foldUsage(world.job);
      assert.equal(await purgeUsage(later(36), 1), 0);
      assert.equal(await purgeUsageOfToday(later(401)), 1);
      assert.equal(await purgeUsageOfToday(later(401)), 0);
      const { rows } = await store.rawSql(
        `select sum(units)::text from usage_rollups where merchant_id =
           (select id from merchants where code = '${world.merchant.code}')`,
      );
      assert.deepEqual(rows, [['7']]);
    });

    /** A monthly subscription from 1 November with one metered item. */
    async function subscribe(
      { job, merchant }: UsageWorld,
      { customerId, meterId }: { readonly customerId: CustomerId; readonly meterId: MeterId },
    ): Promise<Subscription> {
      const ids = idSource(job.engine);
      const plan = { id: ids('pln', 0), code: 'api', nameZh: '接口', nameEn: 'API' };
      const price = {
        id: ids('prc', 0),
        planId: plan.id,
        code: 'tokens',
        kind: 'metered' as const,
        nameZh: '令牌',
        nameEn: 'Tokens',
      };
      const version = {
        id: ids('prv', 0),
        priceId: price.id,
        version: 1,
        currency: 'CNY' as const,
        model: PRICE,
        taxBasisPoints: 600n,
        taxBehavior: 'inclusive' as const,
        interval: MONTH,
        timing: 'arrears' as const,
        meterId,
        effectiveFrom: day('2026-01-01'),
      };
      const start = day('2026-11-01');
      const bucket = bucketOf(customerId);
      const subscription: Subscription = {
        id: ids('sub', bucket),
        merchantId: merchant.id,
        customerId,
        planId: plan.id,
        state: 'active',
        anchor: start,
        interval: MONTH,
        startsOn: start,
        pauses: [],
        autoRenew: true,
        billedThrough: start,
        arrearsThrough: start,
        nextBillAt: USAGE_NOW.add({ hours: 2_400 }),
        collection: 'by_hand',
        paymentMethodLabel: '对公转账',
        items: [
          {
            id: ids('sit', bucket),
            kind: 'metered',
            priceVersionId: version.id,
            quantity: 1n,
            from: start,
          },
        ],
        createdAt: USAGE_NOW,
      };
      await store.transact(merchant.id, async (tx) => {
        await tx.addToCatalog({ plans: [plan], prices: [price], versions: [version] });
        await tx.save({ subscriptions: [subscription] });
      });
      return subscription;
    }
  });
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type CustomerEvent,
  type CustomerId,
  formatRatio,
  type Meter,
  type ResourcePack,
  ratio,
  type Tx,
  toUuid,
  type UsageBatch,
  type UsageBilled,
  type UsageThreshold,
} from '@daikou/core';
import { NOW, newId } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const day = (text: string) => Temporal.PlainDate.from(text);
const NOVEMBER = { start: day('2026-11-01'), end: day('2026-12-01') };

function newMeter(world: World, changes: Partial<Meter> = {}): Meter {
  return {
    id: newId('mtr', 0),
    merchantId: world.merchant.id,
    code: 'tokens',
    nameZh: '令牌',
    nameEn: 'Tokens',
    eventType: 'llm',
    aggregation: 'sum',
    valueProperty: 'tokens',
    filters: [{ property: 'billed', values: ['yes'] }],
    groupBy: ['model'],
    rounding: { mode: 'up', places: 2 },
    takesNegative: false,
    keeps: 'totals',
    createdAt: NOW,
    ...changes,
  };
}

function newEvent(id: string, customerId: CustomerId, source = 'gateway'): CustomerEvent {
  const text = '2026-11-21T07:00:00.123456Z';
  const time = { text, day: '2026-11-21', epochMilliseconds: Date.parse(text) };
  return { source, id, type: 'llm', subject: 'C-1', customerId, time, data: '{"tokens":"1.50"}' };
}

const batchOf = (
  world: World,
  events: readonly CustomerEvent[],
  expectsRepeats = false,
): UsageBatch => ({
  id: newId('ubt', 0),
  merchantId: world.merchant.id,
  receivedAt: NOW,
  events,
  expectsRepeats,
});

for (const backend of BACKENDS) {
  describe(`usage in the store on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());
    const inTx = <T>(world: World, work: (tx: Tx) => Promise<T>) =>
      world.store.transact(world.merchant.id, work);
    const withMeter = async (changes: Partial<Meter> = {}) => {
      const world = await newWorld();
      const meter = newMeter(world, changes);
      await inTx(world, (tx) => tx.addMeter(meter));
      const { customer, invoice, subscription } = await saveLife(world);
      return { world, meter, customer, invoice, subscription };
    };

    test('a meter comes back as it was; a code is taken once', async () => {
      const { world, meter } = await withMeter();
      assert.deepEqual(await inTx(world, (tx) => tx.loadMeters()), [meter]);
      const twin = newMeter(world, { eventType: 'other' });
      assert.equal(await inTx(world, (tx) => tx.addMeter(twin)), false);
      assert.deepEqual(await inTx(world, (tx) => tx.loadMeters()), [meter]);
    });

    for (const expectsRepeats of [false, true]) {
      test(`an event is kept once, repeats ${expectsRepeats ? '' : 'not '}expected`, async () => {
        const { world, customer } = await withMeter();
        const append = (ids: readonly string[], source?: string) =>
          inTx(world, (tx) =>
            tx.appendUsage(
              batchOf(
                world,
                ids.map((id) => newEvent(id, customer.id, source)),
                expectsRepeats,
              ),
            ),
          );
        assert.deepEqual(await append(['a', 'b']), [true, true]);
        assert.deepEqual(await append(['b', 'c', 'c', 'a']), [false, true, false, false]);
        assert.deepEqual(await append(['a'], 'elsewhere'), [true]);
        assert.deepEqual(await append(['a', 'b']), [false, false]);
        assert.equal(await inTx(world, (tx) => tx.countUnfoldedUsage()), 4);
        const open = await inTx(world, (tx) => tx.claimUsageBatches({ limit: 10, held: 'skip' }));
        assert.equal(open.length, 3, 'a batch without new events leaves no trace');
      });
    }

    test('events are read back by batch, and closed ones are not claimed again', async () => {
      const { world, customer } = await withMeter();
      const batch = batchOf(world, [newEvent('a', customer.id)]);
      await inTx(world, (tx) => tx.appendUsage(batch));
      const events = await inTx(world, async (tx) => {
        const open = await tx.claimUsageBatches({ limit: 10, held: 'skip' });
        assert.deepEqual(
          open.map(({ id }) => id),
          [batch.id],
        );
        const found = await tx.loadUsageEvents(open);
        await tx.closeUsageBatches([batch.id], NOW);
        return found;
      });
      const [found] = events;
      assert.equal(found?.customerId, customer.id);
      assert.equal(found?.day, '2026-11-21');
      assert.deepEqual(found?.data, { tokens: '1.50' });
      assert.equal(found?.receivedAt, NOW.epochMilliseconds);
      const time = Temporal.Instant.from(found?.time ?? '');
      assert.equal(time.toString(), '2026-11-21T07:00:00.123456Z');
      for (const held of ['skip', 'wait'] as const) {
        const open = await inTx(world, (tx) => tx.claimUsageBatches({ limit: 10, held }));
        assert.deepEqual(open, []);
      }
    });

    test('customers are found by reference, those of others and unknown ones are not', async () => {
      const { world, customer } = await withMeter();
      const other = await newWorld();
      const references = [customer.externalReference, 'nobody'];
      const found = await inTx(world, (tx) => tx.findCustomerIds(references));
      assert.deepEqual([...found], [[customer.externalReference, customer.id]]);
      assert.equal((await inTx(other, (tx) => tx.findCustomerIds(references))).size, 0);
    });

    test('plain rollups grow, and a thousand questions are one statement', async () => {
      const { world, meter, customer } = await withMeter();
      const key = { customerId: customer.id, meterId: meter.id, groupKey: '["m1"]' };
      const grow = (date: string, units: bigint, denominator = 1n) =>
        inTx(world, (tx) =>
          tx.growRollups([{ ...key, day: date, units: ratio(units, denominator), events: 2n }]),
        );
      await grow('2026-10-31', 100n);
      await grow('2026-11-01', 1n, 4n);
      await grow('2026-11-30', 10n ** 20n);
      await grow('2026-11-30', 1n, 1_000_000_000_000n);
      await grow('2026-12-01', 100n);
      const query = { customerId: customer.id, meterId: meter.id, period: NOVEMBER };
      const stranger = { ...query, customerId: newId('cus', 3) };
      const queries = Array.from({ length: 1_000 }, (_, index) => (index === 7 ? stranger : query));
      const totals = await inTx(world, (tx) => tx.loadUsage(queries));
      assert.equal(totals.length, 1_000);
      assert.deepEqual(totals[7], []);
      const [total] = totals[999] ?? [];
      assert.equal(formatRatio(total?.units ?? ratio(0n)), '100000000000000000000.250000000001');
      assert.deepEqual([total?.groupKey, total?.events], ['["m1"]', 6n]);
      const [looking] = await inTx(world, (tx) => tx.loadUsage([{ ...query, before: 'units' }]));
      assert.equal(formatRatio(looking?.[0]?.unitsBefore ?? ratio(0n)), '100');
    });

    test('states are made, locked, written and read in the order of their days', async () => {
      const { world, meter, customer } = await withMeter({ aggregation: 'max' });
      const key = (date: string) => ({
        customerId: customer.id,
        meterId: meter.id,
        day: date,
        groupKey: '',
      });
      const write = (dates: readonly string[]) =>
        inTx(world, async (tx) => {
          const held = await tx.lockRollups(dates.map(key));
          await tx.saveRollupStates(
            held.map((one) => ({
              ...one,
              state: [...((one.state as string[] | null) ?? []), one.day],
              units: ratio(1n),
              events: 1n,
            })),
          );
        });
      await write(['2026-11-02', '2026-11-03']);
      await write(['2026-10-31', '2026-11-02']);
      const query = { customerId: customer.id, meterId: meter.id, period: NOVEMBER };
      const [found] = await inTx(world, (tx) => tx.loadUsage([{ ...query, before: 'states' }]));
      assert.deepEqual(found?.[0]?.states, [['2026-11-02', '2026-11-02'], ['2026-11-03']]);
      assert.deepEqual(found?.[0]?.statesBefore, [['2026-10-31']]);
      assert.equal(found?.[0]?.events, 3n);
    });

    test('what was billed is remembered until it is undone', async () => {
      const { world, meter, customer, invoice, subscription } = await withMeter();
      const [item] = subscription.items;
      assert.ok(item);
      const billed: UsageBilled = {
        merchantId: world.merchant.id,
        customerId: customer.id,
        subscriptionId: subscription.id,
        itemId: item.id,
        meterId: meter.id,
        period: NOVEMBER,
        invoiceId: invoice.id,
        units: ratio(5n, 4n),
        packUnits: ratio(1n),
        amount: { minor: 250n, currency: 'CNY' },
      };
      await inTx(world, (tx) => tx.saveUsageBilled([billed]));
      const load = (since: string) =>
        inTx(world, (tx) => tx.loadUsageBilled([item.id], day(since)));
      const [found, ...more] = await load('2026-12-01');
      assert.equal(more.length, 0);
      assert.equal(formatRatio(found?.units ?? ratio(0n)), '1.25');
      assert.deepEqual({ ...found, units: billed.units }, billed);
      assert.deepEqual(await load('2026-12-02'), []);
      await inTx(world, (tx) => tx.deleteUsageBilled([invoice.id]));
      assert.deepEqual(await load('2026-01-01'), []);
    });

    test('packs are burnt, given back, and never go below zero', async () => {
      const { world, meter, customer, invoice } = await withMeter();
      const pack: ResourcePack = {
        id: newId('rsp', Number.parseInt(customer.id.slice(-3), 16) & 1023),
        merchantId: world.merchant.id,
        customerId: customer.id,
        meterId: meter.id,
        unitsBought: ratio(100n),
        unitsLeft: ratio(100n),
        validFrom: day('2026-01-01'),
        expiresOn: day('2026-12-01'),
      };
      await inTx(world, (tx) => tx.saveResourcePacks([pack]));
      const left = async () => {
        const [one] = await inTx(world, (tx) => tx.loadResourcePacks(customer.id));
        return formatRatio(one?.unitsLeft ?? ratio(-1n));
      };
      const lock = (after: string) =>
        inTx(world, (tx) => tx.lockResourcePacks([customer.id], day(after)));
      assert.equal((await lock('2026-11-30')).length, 1);
      assert.equal((await lock('2026-12-01')).length, 0);
      const burn = { packId: pack.id, invoiceId: invoice.id, units: ratio(60n) };
      await inTx(world, async (tx) => {
        await tx.saveResourcePacks([{ ...pack, unitsLeft: ratio(40n) }]);
        await tx.savePackBurns([burn]);
      });
      assert.equal(await left(), '40');
      const [burnt] = await inTx(world, (tx) => tx.loadPackBurns([invoice.id]));
      assert.deepEqual(burnt, burn);
      await inTx(world, (tx) => tx.releasePackBurns([invoice.id]));
      assert.equal(await left(), '100');
      await assert.rejects(
        inTx(world, (tx) => tx.saveResourcePacks([{ ...pack, unitsLeft: ratio(-1n) }])),
        /resource_packs_hold_what_they_can/,
      );
    });

    test('a threshold is crossed once in a period', async () => {
      const { world, meter, customer } = await withMeter();
      const threshold: UsageThreshold = {
        id: newId('thr', Number.parseInt(customer.id.slice(-3), 16) & 1023),
        merchantId: world.merchant.id,
        customerId: customer.id,
        meterId: meter.id,
        limit: { kind: 'amount', amount: { minor: 500n, currency: 'CNY' } },
        anchor: NOVEMBER.start,
        interval: { unit: 'month', count: 1 },
        createdAt: NOW,
      };
      await inTx(world, (tx) => tx.saveThresholds([threshold]));
      assert.deepEqual(await inTx(world, (tx) => tx.loadThresholds([customer.id])), [threshold]);
      const crossing = {
        thresholdId: threshold.id,
        merchantId: world.merchant.id,
        periodStart: NOVEMBER.start,
        at: NOW,
      };
      const next = { ...crossing, periodStart: NOVEMBER.end };
      assert.deepEqual(await inTx(world, (tx) => tx.addCrossings([crossing])), [crossing]);
      assert.deepEqual(await inTx(world, (tx) => tx.addCrossings([crossing, next])), [next]);
    });

    test('the purge takes folded and old events only', async () => {
      const { world, customer } = await withMeter();
      const old = batchOf(world, [newEvent('a', customer.id), newEvent('b', customer.id)]);
      const open = batchOf(world, [newEvent('c', customer.id)]);
      await inTx(world, (tx) => tx.appendUsage(old));
      await inTx(world, (tx) => tx.appendUsage(open));
      await inTx(world, (tx) => tx.closeUsageBatches([old.id], NOW));
      const purge = (before: Temporal.Instant) => inTx(world, (tx) => tx.purgeUsage(before, 10));
      assert.equal(await purge(NOW), 0);
      assert.equal(await purge(NOW.add({ seconds: 1 })), 2);
      const { rows } = await world.store.rawSql(
        `select event_id from usage_events where merchant_id = '${toUuid(world.merchant.id)}'`,
      );
      assert.deepEqual(rows, [['c']]);
    });

    test('raw events are never changed', async () => {
      const { world } = await withMeter();
      await assert.rejects(
        world.store.rawSql('begin; set local role daikou_app; update usage_events set type = type'),
        /permission denied/,
      );
    });
  });
}

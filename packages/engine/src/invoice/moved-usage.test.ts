import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  bucketOf,
  type Customer,
  type CustomerId,
  formatRatio,
  present,
  type Refusal,
  type Result,
  type Subscription,
  sumRatios,
} from '@daikou/core';
import { BACKENDS, type FreshStore } from '../../../../test/kit/stores.ts';
import { makeUsageWorld, USAGE_NOW, type UsageWorld } from '../../../../test/kit/usage-world.ts';
import { createChildren, createPayer } from '../customer/organisation.ts';
import { idSource, type Job } from '../job.ts';
import { foldUsage } from '../usage/fold.ts';
import { EventChecker, saveEvents } from '../usage/intake.ts';
import { loadMeteredUsage } from '../usage/load.ts';
import { moveChild } from './payer-transfer.ts';

const METERS = [
  { code: 'tokens', eventType: 'llm', aggregation: 'sum', valueProperty: 'tokens' },
] as const;
const day = (text: string) => Temporal.PlainDate.from(text);

function granted<T>(result: Result<T, Refusal>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** The same work `seconds` later on the wall, where what is remembered grows old. */
function later(job: Job, seconds: number): Job {
  const now = job.engine.clock.now().add({ seconds });
  return { ...job, engine: { ...job.engine, clock: { now: () => now } } };
}

/** The same work on another day of the merchant. */
function onDay(job: Job, text: string): Job {
  return { ...job, merchant: { ...job.merchant, testClock: Temporal.Instant.from(text) } };
}

for (const backend of BACKENDS) {
  describe(`usage of a department that moves, on ${backend.name}`, () => {
    const databases = backend.databases();
    let store: FreshStore;
    before(async () => {
      store = await databases.fresh();
    });

    const opened = async () => {
      const world = await makeUsageWorld(store, { customers: 0, meters: METERS });
      const [from, to] = [await organisation(world, 'acme'), await organisation(world, 'beta')];
      const lab = { kind: 'department', externalReference: 'lab', name: 'lab' } as const;
      const [made] = granted(await createChildren(world.job, from.id, [lab]));
      return { world, from, to, lab: present(made, 'the department').customer };
    };
    const organisation = async ({ job }: UsageWorld, name: string): Promise<Customer> => {
      const payer = { kind: 'organisation', externalReference: name, name } as const;
      return granted(await createPayer(job, payer)).customer;
    };
    let sent = 0;
    const check = async (checker: EventChecker, job: Job, subject: string, time?: string) => {
      sent += 1;
      const value = {
        specversion: '1.0',
        id: String(sent),
        source: 'test',
        type: 'llm',
        subject,
        data: { tokens: 1 },
        ...(time === undefined ? {} : { time }),
      };
      const { events, refused } = await checker.checkLive(job, [{ index: 0, value }]);
      await saveEvents(job, { events, expectsRepeats: false });
      const [refusal] = refused;
      return refusal === undefined ? 'taken' : `${refusal.code} ${refusal.field} ${refusal.next}`;
    };
    const unitsOf = async (job: Job, customerId: CustomerId) => {
      await foldUsage(job);
      return await store.transact(job.merchant.id, async (tx) => {
        const meters = await tx.loadMeters();
        const period = { start: day('2026-11-01'), end: day('2027-01-01') };
        const queries = meters.map(({ id: meterId }) => ({ customerId, meterId, period }));
        const usage = await loadMeteredUsage(tx, { meters, zone: job.merchant.zone }, queries);
        return formatRatio(sumRatios(usage.map(({ units }) => units)));
      });
    };

    test('the old id is refused, also where an intake knew it, and the new named', async () => {
      const { world, to, lab } = await opened();
      const { job } = world;
      const checker = new EventChecker();
      assert.equal(await check(checker, job, lab.id), 'taken');
      const order = { to: to.id, onDate: day('2026-11-21'), keepPaid: false };
      const { after } = granted(await moveChild(job, lab.id, order));
      const refusal = `customer_moved subject Send it to ${after.id}, which continues it.`;
      assert.equal(await check(new EventChecker(), job, lab.id), refusal);
      assert.equal(await check(checker, later(job, 6), lab.id), refusal);
      assert.equal(await check(checker, later(job, 6), after.id), 'taken');
      assert.deepEqual([await unitsOf(job, lab.id), await unitsOf(job, after.id)], ['1', '1']);
    });

    test('until the day of the move the old one is still billed, and takes usage', async () => {
      const { world, from, to, lab } = await opened();
      const { job } = world;
      await subscribe(job, from.id, lab.id);
      const order = { to: to.id, onDate: day('2026-12-01'), keepPaid: false };
      const { after } = granted(await moveChild(job, lab.id, order));
      const checker = new EventChecker();
      assert.equal(await check(checker, job, lab.id), 'taken');
      const moved = onDay(job, '2026-12-01T02:00:00Z');
      assert.equal(await check(checker, moved, lab.id, '2026-11-30T15:59:59Z'), 'taken');
      assert.match(
        await check(checker, moved, lab.id, '2026-11-30T16:00:00Z'),
        new RegExp(`^customer_moved subject Send it to ${after.id},`),
      );
    });

    async function subscribe(job: Job, payer: CustomerId, user: CustomerId) {
      const { engine, merchant } = job;
      const ids = idSource(engine);
      const plan = { id: ids('pln', 0), code: 'api', nameZh: '接口', nameEn: 'API' };
      const start = day('2026-11-01');
      const subscription: Subscription = {
        id: ids('sub', bucketOf(payer)),
        merchantId: merchant.id,
        customerId: payer,
        beneficiaryId: user,
        planId: plan.id,
        state: 'active',
        anchor: start,
        interval: { unit: 'month', count: 1 },
        startsOn: start,
        pauses: [],
        autoRenew: true,
        billedThrough: start,
        arrearsThrough: start,
        nextBillAt: USAGE_NOW.add({ hours: 2_400 }),
        collection: 'by_hand',
        paymentMethodLabel: '对公转账',
        items: [],
        createdAt: USAGE_NOW,
      };
      await store.transact(merchant.id, async (tx) => {
        await tx.addToCatalog({ plans: [plan], prices: [], versions: [] });
        await tx.save({ subscriptions: [subscription] });
      });
    }
  });
}

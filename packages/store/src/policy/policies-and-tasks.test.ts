import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bucketOf, endTask, makeId, openTask, type Policy } from '@daikou/core';
import { at, countingIds } from '../../../../test/kit/builders.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf } from '../../../../test/kit/world.ts';

const now = at('2026-03-02 09:00');

for (const backend of BACKENDS) {
  describe(`policies and tasks on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('versions count up, the newest holds, and none can be edited', async () => {
      const world = await newWorld();
      const { merchant } = world;
      const version = (number: number, days: number): Policy => ({
        id: makeId('pol', {
          epochMilliseconds: now.epochMilliseconds,
          random: new Uint8Array(10).fill(number),
          bucket: bucketOf(merchant.id),
        }),
        merchantId: merchant.id,
        kind: 'arrears',
        code: 'default',
        version: number,
        body: { grace_days: days, note: "it's “so” {1}" },
        publishedBy: 'Anna',
        publishedAt: now,
      });
      await world.store.transact(merchant.id, async (tx) => {
        assert.equal(await tx.addPolicy(version(1, 2)), true);
        assert.equal(await tx.addPolicy(version(2, 3)), true);
        assert.equal(await tx.addPolicy({ ...version(9, 4), version: 2 }), false);
        assert.deepEqual(await tx.loadPolicies('arrears'), [version(2, 3)]);
        assert.deepEqual(await tx.listPolicies(), [version(1, 2), version(2, 3)]);
        assert.deepEqual(await tx.listPolicies('campaign'), []);
      });
      const other = await newWorld();
      await other.store.transact(other.merchant.id, async (tx) => {
        assert.deepEqual(await tx.listPolicies(), []);
      });
    });

    test('one task is open for each kind and subject, and an end is final', async () => {
      const world = await newWorld();
      const { customer, debit } = await saveLife(world);
      const context = { now, ids: countingIds(70_000) };
      const ask = {
        kind: 'notice_undelivered',
        subjectId: debit.id,
        owner: 'support',
        dueAt: at('2026-03-03 09:00'),
        data: { channel: 'sms' },
      } as const;
      const about = { merchantId: customer.merchantId, customerId: customer.id };
      const { task, events } = openTask(ask, about, context);
      const { store, merchant } = world;
      const save = (tasks: readonly (typeof task)[]) =>
        store.transact(merchant.id, (tx) => tx.save({ tasks, events: [] }));
      await store.transact(merchant.id, (tx) => tx.save({ tasks: [task], events }));
      await store.transact(merchant.id, async (tx) => {
        assert.deepEqual(await tx.findOpenTasks([debit.id]), [task]);
        assert.deepEqual(await tx.findOpenTasks([debit.id], 'call'), []);
        assert.deepEqual(await tx.lockTasks([task.id]), [task]);
        const page = { limit: 10, customerId: customer.id, state: 'open', owner: 'support' };
        assert.deepEqual(await tx.listTasks(page), [task]);
        assert.deepEqual(await tx.listTasks({ ...page, owner: 'finance' }), []);
      });
      const second = openTask(ask, about, context).task;
      await assert.rejects(save([second]), /tasks_open_once/);
      const done = endTask(task, { state: 'done', by: 'Anna', note: 'called' }, context).task;
      await save([done]);
      await assert.rejects(save([{ ...done, endedBy: 'Bert' }]), /has ended/);
      await save([second]);
      await store.transact(merchant.id, async (tx) => {
        assert.deepEqual(await tx.findOpenTasks([debit.id]), [second]);
        assert.deepEqual(await tx.loadTasks([task.id]), [done]);
      });
    });
  });
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { bucketOf, makeId } from '@daikou/core';
import { at } from '../../../../test/kit/builders.ts';
import { BACKENDS, postgresDatabases } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf } from '../../../../test/kit/world.ts';

const ALL = { from: 0, until: 1_024 };

for (const backend of BACKENDS) {
  describe(`what decides by which method a debit is collected on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('attempts are counted by mandate, from a moment on', async () => {
      const world = await newWorld();
      const { attempt, mandate } = await saveLife(world);
      await world.store.transact(world.merchant.id, async (tx) => {
        const [found, ...others] = await tx.loadAttemptsByMandate(
          [mandate.id],
          attempt.submittedAt,
        );
        assert.equal(others.length, 0);
        assert.equal(found?.mandateId, mandate.id);
        assert.deepEqual([found.state, found.amount], [attempt.state, attempt.amount]);
        assert.ok(found.submittedAt.equals(attempt.submittedAt));
        const later = attempt.submittedAt.add({ seconds: 1 });
        assert.deepEqual(await tx.loadAttemptsByMandate([mandate.id], later), []);
      });
    });

    test('the last successful debits of a customer, and none of an unpaid one', async () => {
      const world = await newWorld();
      const { debit, customer } = await saveLife(world);
      await world.store.transact(world.merchant.id, async (tx) => {
        const history = await tx.loadPaidHistory([customer.id], 6);
        assert.deepEqual(
          history,
          debit.state === 'succeeded' ? [{ customerId: customer.id, amount: debit.amount }] : [],
        );
      });
    });

    test('a mandate that refused an invoice is found by it; one that was paid is not', async () => {
      const world = await newWorld();
      const life = await saveLife(world, ({ attempt, debit }) => {
        const { railReference: _none, ...rest } = attempt;
        const refusal = { class: 'funds', code: 'X', message: '' } as const;
        return {
          debit: { ...debit, state: 'failed' },
          attempt: { ...rest, state: 'refused', refusal },
        };
      });
      const [invoiceId] = life.debit.invoiceIds;
      assert.ok(invoiceId);
      const paid = await saveLife(world);
      await world.store.transact(world.merchant.id, async (tx) => {
        const invoices = [invoiceId, ...paid.debit.invoiceIds];
        const found = await tx.loadRefusedMandates(invoices);
        assert.deepEqual(found, [{ invoiceId, mandateId: life.mandate.id }]);
      });
    });

    test('a debit that took over another’s invoices has the first one’s notices', async () => {
      const world = await newWorld();
      const life = await saveLife(world, ({ debit }) => ({ debit: { ...debit, state: 'failed' } }));
      const id = makeId('dbt', {
        epochMilliseconds: 9_999,
        random: new Uint8Array(10),
        bucket: bucketOf(life.customer.id),
      });
      const next = {
        ...life.debit,
        id,
        state: 'scheduled' as const,
        movedFrom: life.debit.id,
        released: { by: 'finance-1', at: at('2026-11-20 09:00') },
      };
      await world.store.transact(world.merchant.id, async (tx) => {
        await tx.save({ debits: [next] });
        const [bundle] = await tx.lockDebits([id]);
        assert.deepEqual(bundle?.debit, next);
        assert.deepEqual(bundle.notices, []);
        assert.deepEqual(bundle.earlier, [life.notice]);
        const date = next.collectDate;
        const [planned] = await tx.loadDebitsPlannedOn({ date, limit: 5 });
        assert.deepEqual([planned?.id, planned?.isTold], [id, false]);
        const [blocked] = await tx.listDebitsBlockedBy('nothing', { limit: 5 });
        assert.equal(blocked, undefined);
      });
    });

    test('a debit that waits for the rail’s date is claimed for that step only', async () => {
      const world = await newWorld();
      const life = await saveLife(world, ({ debit }) => ({
        debit: { ...debit, state: 'scheduled', blockedBy: 'planned_date_moving' },
      }));
      await world.store.transact(world.merchant.id, async (tx) => {
        const claim = { buckets: ALL, dueBy: life.debit.collectAt, limit: 5 };
        assert.deepEqual(await tx.claimDebitsToSubmit(claim), []);
        const [bundle] = await tx.claimDebitsToReplan(claim);
        assert.equal(bundle?.debit.id, life.debit.id);
      });
    });

    test('an attempt waits for a person when it is not asked any more', async () => {
      const world = await newWorld();
      const life = await saveLife(world, ({ attempt }) => {
        const { endedAt: _end, railReference: _paid, ...open } = attempt;
        return { attempt: { ...open, state: 'unknown' } };
      });
      await world.store.transact(world.merchant.id, async (tx) => {
        assert.deepEqual(await tx.findAttempt(life.attempt.id), life.attempt);
        const waiting = await tx.listAttempts({ limit: 5, needsPerson: true });
        assert.deepEqual(waiting, [life.attempt]);
        const asked = { ...life.attempt, askAt: at('2026-12-01 08:00') };
        await tx.save({ attempts: [asked] });
        assert.deepEqual(await tx.listAttempts({ limit: 5, needsPerson: true }), []);
        assert.deepEqual(await tx.listAttempts({ limit: 5, state: 'unknown' }), [asked]);
      });
    });
  });
}

describe('a mandate that is ended while its debit is about to be sent', () => {
  const newWorld = tenantsOf(postgresDatabases());

  test('the end waits for the commit of the attempt: none begins after it', async () => {
    const world = await newWorld();
    const { debit, mandate } = await saveLife(world, ({ debit, mandate }) => ({
      debit: { ...debit, state: 'scheduled' },
      mandate: { ...mandate, state: 'active' },
    }));
    const { store, merchant } = world;
    const order: string[] = [];
    const claimed = Promise.withResolvers<void>();
    const sending = store.transact(merchant.id, async (tx) => {
      await tx.claimDebitsToSubmit({ buckets: ALL, dueBy: debit.collectAt, limit: 5 });
      claimed.resolve();
      await sleep(300);
      order.push('sent');
    });
    await claimed.promise;
    await store.transact(merchant.id, (tx) => tx.lockMandates([mandate.id]));
    order.push('ended');
    await sending;
    assert.deepEqual(order, ['sent', 'ended']);
  });
});

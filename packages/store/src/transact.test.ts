import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newCustomer, newEvent } from '../../../test/kit/life.ts';
import { BACKENDS, postgresDatabases } from '../../../test/kit/stores.ts';
import { saveLife, tenantsOf } from '../../../test/kit/world.ts';
import { MAX_RETRIES } from './transact.ts';

for (const backend of BACKENDS) {
  describe(`a transaction on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('an exception takes everything back', async () => {
      const { store, merchant } = await newWorld();
      const customer = newCustomer(merchant.id);
      const failing = store.transact(merchant.id, async (tx) => {
        await tx.insertNewCustomers([customer]);
        throw new Error('after the insert');
      });
      await assert.rejects(failing, /after the insert/);
      const found = await store.transact(merchant.id, (tx) => tx.loadCustomers([customer.id]));
      assert.deepEqual(found, []);
    });

    test('a database error that the work swallows still fails the commit', async () => {
      const { store, merchant } = await newWorld();
      const customer = newCustomer(merchant.id);
      const swallowing = store.transact(merchant.id, async (tx) => {
        await tx.insertNewCustomers([customer]);
        // PostgreSQL has no text with a zero character.
        await tx.listCustomers({ limit: 1, externalReference: '\u0000' }).catch(() => {});
      });
      await assert.rejects(swallowing);
      const found = await store.transact(merchant.id, (tx) => tx.loadCustomers([customer.id]));
      assert.deepEqual(found, []);
    });

    test('one inside another fails at once instead of waiting for itself', async () => {
      const { store, merchant } = await newWorld();
      const nested = store.transact(merchant.id, async () => {
        await store.transact(merchant.id, async (tx) => await tx.findNextDue());
      });
      await assert.rejects(nested, /inside another/);
      assert.equal(await store.transact(merchant.id, (tx) => tx.findNextDue()), undefined);
    });

    test('events of one customer are numbered without gaps by many writers', async () => {
      const world = await newWorld();
      const { store, merchant } = world;
      const { customer } = await saveLife(world);
      const other = newCustomer(merchant.id);
      await store.transact(merchant.id, (tx) => tx.insertNewCustomers([other]));
      const write = async (index: number) => {
        const both = index % 2 === 0 ? [customer, other] : [other, customer];
        await store.transact(merchant.id, async (tx) => {
          const events = both.map((whose) => newEvent(whose, 'notice.sent', whose.id));
          await tx.save({
            events: [...events, newEvent(customer, 'notice.delivered', customer.id)],
          });
          if (index % 5 === 0) throw new Error('changed its mind');
        });
      };
      await Promise.allSettled(Array.from({ length: 20 }, (_, index) => write(index)));
      for (const [whose, count] of [
        [customer, 2 + 2 * 16],
        [other, 16],
      ] as const) {
        const events = await store.transact(merchant.id, (tx) =>
          tx.loadEventsOf(whose.id, { afterSequence: 0, limit: 1_000 }),
        );
        const numbers = events.map(({ sequence }) => sequence);
        assert.deepEqual(
          numbers,
          Array.from({ length: count }, (_, index) => index + 1),
        );
      }
      const rest = await store.transact(merchant.id, (tx) =>
        tx.loadEventsOf(customer.id, { afterSequence: 32, limit: 1 }),
      );
      assert.deepEqual(
        rest.map(({ sequence }) => sequence),
        [33],
      );
    });

    test('an event of a customer that is not there is our bug', async () => {
      const { store, merchant } = await newWorld();
      const stranger = newCustomer(merchant.id);
      const save = store.transact(merchant.id, (tx) =>
        tx.save({ events: [newEvent(stranger, 'customer.imported', stranger.id)] }),
      );
      await assert.rejects(save, { name: 'InvariantBroken' });
    });
  });
}

describe('lost races on PostgreSQL', () => {
  const newWorld = tenantsOf(postgresDatabases());

  test('a deadlock is run again, and both writers succeed', async () => {
    const world = await newWorld();
    const { store, merchant } = world;
    const lives = [await saveLife(world), await saveLife(world)];
    const [first, second] = lives;
    assert.ok(first !== undefined && second !== undefined);
    let starts = 0;
    const crossing = (order: readonly [typeof first, typeof first]) =>
      store.transact(merchant.id, async (tx) => {
        starts += 1;
        await tx.lockDebits([order[0].debit.id]);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await tx.lockDebits([order[1].debit.id]);
      });
    await Promise.all([crossing([first, second]), crossing([second, first])]);
    assert.ok(starts >= 3, 'one of them was run again');
  });

  test('a race that is lost every time ends after the named number of retries', async () => {
    const { store, merchant } = await newWorld();
    let starts = 0;
    const losing = store.transact(merchant.id, async () => {
      starts += 1;
      throw Object.assign(new Error('could not serialize'), { code: '40001' });
    });
    await assert.rejects(losing, /could not serialize/);
    assert.equal(starts, 1 + MAX_RETRIES);
  });

  test('a connection that breaks while idle is replaced', async () => {
    const { store, merchant } = await newWorld();
    await store.superSql(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and datname = current_database()`,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(await store.transact(merchant.id, (tx) => tx.findNextDue()), undefined);
  });
});

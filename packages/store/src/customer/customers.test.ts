import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NOW, newCatalog, newCustomer, newId } from '../../../../test/kit/life.ts';
import { plain } from '../../../../test/kit/plain.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf } from '../../../../test/kit/world.ts';

for (const backend of BACKENDS) {
  describe(`customers, catalog and pages on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('only customers whose reference is new are inserted', async () => {
      const { store, merchant } = await newWorld();
      const [first, second] = [newCustomer(merchant.id), newCustomer(merchant.id)];
      const twin = newCustomer(merchant.id, { externalReference: first.externalReference });
      const inserted = await store.transact(merchant.id, async (tx) => [
        await tx.insertNewCustomers([first]),
        await tx.insertNewCustomers([twin, second, second]),
        await tx.insertNewCustomers([]),
      ]);
      assert.deepEqual(inserted, [new Set([first.id]), new Set([second.id]), new Set()]);
      const found = await store.transact(merchant.id, (tx) =>
        tx.findCustomerByReference(first.externalReference),
      );
      assert.deepEqual(plain(found), plain(first));
    });

    test('a customer in another bucket than its reference says is our bug', async () => {
      const { store, merchant } = await newWorld();
      const customer = { ...newCustomer(merchant.id), externalReference: 'another' };
      const insert = store.transact(merchant.id, (tx) => tx.insertNewCustomers([customer]));
      await assert.rejects(insert, { name: 'InvariantBroken' });
    });

    test('the catalog grows by code and version, and what is there never changes', async () => {
      const { store, merchant, catalog } = await newWorld();
      const again = newCatalog();
      const [version] = again.versions;
      assert.ok(version !== undefined);
      const second = { ...version, id: newId('prv'), version: 2 };
      const changed = {
        ...again,
        plans: again.plans.map((plan) => ({ ...plan, nameZh: '改名' })),
        versions: [{ ...version, taxBasisPoints: 1_300n }, second],
      };
      await store.transact(merchant.id, (tx) => tx.addToCatalog(changed));
      const loaded = await store.transact(merchant.id, (tx) => tx.loadCatalog());
      const [price] = catalog.prices;
      assert.ok(price !== undefined);
      assert.deepEqual(
        plain(loaded),
        plain({
          products: [],
          ...catalog,
          versions: [...catalog.versions, { ...second, priceId: price.id }],
        }),
      );
    });

    test('a page ends at its limit and the next begins after it', async () => {
      const world = await newWorld();
      const lives = [await saveLife(world), await saveLife(world), await saveLife(world)];
      const list = async (page: { after?: string; limit: number }) =>
        await world.store.transact(world.merchant.id, async (tx) => [
          (await tx.listCustomers(page)).map(({ id }) => id),
          (await tx.listSubscriptions(page)).map(({ id }) => id),
          (await tx.listMandates(page)).map(({ id }) => id),
          (await tx.listInvoices(page)).map(({ id }) => id),
          (await tx.listDebits(page)).map(({ id }) => id),
        ]);
      const ids = [
        lives.map(({ customer }) => customer.id),
        lives.map(({ subscription }) => subscription.id),
        lives.map(({ mandate }) => mandate.id),
        lives.map(({ invoice }) => invoice.id),
        lives.map(({ debit }) => debit.id),
      ];
      assert.deepEqual(
        await list({ limit: 2 }),
        ids.map((all) => all.slice(0, 2)),
      );
      const customers = await world.store.transact(world.merchant.id, (tx) =>
        tx.listCustomers({ limit: 2, after: lives[1]?.customer.id ?? '' }),
      );
      assert.deepEqual(
        customers.map(({ id }) => id),
        [lives[2]?.customer.id],
      );
    });

    test('a page is of one customer, one state, one reference', async () => {
      const world = await newWorld();
      const life = await saveLife(world);
      await saveLife(world);
      const { id: customerId, externalReference } = life.customer;
      const page = { limit: 10, customerId };
      const found = await world.store.transact(world.merchant.id, async (tx) => ({
        customers: await tx.listCustomers({ limit: 10, externalReference }),
        subscriptions: await tx.listSubscriptions(page),
        active: await tx.listMandates({ ...page, state: 'active' }),
        ended: await tx.listMandates({ ...page, state: 'ended' }),
        paid: await tx.listInvoices({ ...page, state: 'paid' }),
        succeeded: await tx.listDebits({ ...page, state: 'succeeded' }),
        failed: await tx.listDebits({ limit: 10, state: 'failed' }),
      }));
      assert.deepEqual(
        plain(found),
        plain({
          customers: [life.customer],
          subscriptions: [life.subscription],
          active: [life.mandate],
          ended: [],
          paid: [life.invoice],
          succeeded: [life.debit],
          failed: [],
        }),
      );
    });

    test('mandates are walked through by state and bucket, and found by customer', async () => {
      const world = await newWorld();
      const lives = [await saveLife(world), await saveLife(world)];
      const ids = lives.map(({ mandate }) => mandate.id);
      const [first] = ids;
      assert.ok(first !== undefined);
      const query = { buckets: { from: 0, until: 1024 }, state: 'active' as const, limit: 10 };
      const found = await world.store.transact(world.merchant.id, async (tx) => [
        await tx.loadMandates(query),
        await tx.loadMandates({ ...query, after: first }),
        await tx.loadMandates({ ...query, state: 'signing' }),
        await tx.loadActiveMandatesOf(lives.map(({ customer }) => customer.id)),
      ]);
      assert.deepEqual(
        found.map((mandates) => mandates.map(({ id }) => id)),
        [ids, ids.slice(1), [], ids],
      );
    });

    test('sent notices are walked through until they are delivered', async () => {
      const world = await newWorld();
      const life = await saveLife(world, ({ notice: { deliveredAt: _at, ...notice } }) => ({
        notice: { ...notice, state: 'sent' },
      }));
      const buckets = { from: 0, until: 1024 };
      const { sentAt: at } = life.notice;
      assert.ok(at !== undefined);
      const load = (now = at) =>
        world.store.transact(world.merchant.id, (tx) =>
          tx.loadSentNotices({ buckets, now, limit: 10 }),
        );
      assert.deepEqual(plain(await load()), plain([life.notice]));
      // The next channel had its turn: a carrier tries for three days. Before that, for as long as
      // its provider keeps anything.
      const hours = (count: number) => at.add({ hours: count });
      assert.deepEqual([(await load(hours(71))).length, await load(hours(72))], [1, []]);
      await world.store.transact(world.merchant.id, (tx) =>
        tx.save({ notices: [{ ...life.notice, followAt: hours(1_000) }] }),
      );
      const kept = 30 * 24;
      assert.deepEqual([(await load(hours(kept - 1))).length, await load(hours(kept))], [1, []]);
      await world.store.transact(world.merchant.id, async (tx) => {
        const [notice] = await tx.lockNotices([life.notice.id]);
        assert.ok(notice !== undefined);
        await tx.save({ notices: [{ ...notice, state: 'delivered', deliveredAt: NOW }] });
      });
      assert.deepEqual(await load(), []);
    });
  });
}

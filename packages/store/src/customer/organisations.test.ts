import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bucketOf,
  type Customer,
  decideChildMove,
  decideChildren,
  type SubscriptionTransfer,
} from '@daikou/core';
import { NOW, newCustomer, newId, newSubscription, TODAY } from '../../../../test/kit/life.ts';
import { plain } from '../../../../test/kit/plain.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const context = { now: NOW, ids: newId };

function newOrganisation({ merchant }: World, changes: Partial<Customer> = {}): Customer {
  return newCustomer(merchant.id, { kind: 'organisation', consolidatedBilling: true, ...changes });
}

function newDepartments(payer: Customer, ...references: readonly string[]): readonly Customer[] {
  const children = references.map((reference) => ({
    kind: 'department' as const,
    externalReference: reference,
    name: reference,
  }));
  const made = decideChildren(payer, children, context);
  assert.ok(made.ok);
  return made.value.customers;
}

for (const backend of BACKENDS) {
  describe(`organisations on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('an organisation and its departments come back as they were saved', async () => {
      const world = await newWorld();
      const payer = newOrganisation(world);
      const [sales, lab] = newDepartments(payer, 'sales', 'lab');
      assert.ok(sales && lab);
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.insertNewCustomers([payer]);
        await tx.insertNewCustomers([sales, lab]);
        return {
          payer: await tx.loadCustomers([payer.id]),
          children: await tx.listChildren(payer.id, { limit: 10 }),
          second: await tx.listChildren(payer.id, { limit: 10, after: sales.id }),
          named: await tx.findChildren(payer.id, ['lab', 'none']),
          none: await tx.findCustomerByReference('sales'),
        };
      });
      const all = { payer: [payer], children: [sales, lab], second: [lab], named: [lab] };
      assert.deepEqual(plain(found), plain({ ...all, none: undefined }));
    });

    test('a reference is unique within its organisation, and only there', async () => {
      const world = await newWorld();
      const [first, second] = [newOrganisation(world), newOrganisation(world)];
      const [one, other, again] = [first, second, first].flatMap((payer) =>
        newDepartments(payer, 'sales'),
      );
      assert.ok(one && other && again);
      const inserted = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.insertNewCustomers([first, second]);
        return await tx.insertNewCustomers([one, other, again]);
      });
      assert.deepEqual(inserted, new Set([one.id, other.id]));
    });

    test('a department in another bucket than its payer is our bug', async () => {
      const world = await newWorld();
      const payer = newOrganisation(world);
      const [department] = newDepartments(payer, 'sales');
      assert.ok(department);
      const lost = { ...department, id: newId('cus', (bucketOf(payer.id) + 1) % 1024) };
      const insert = world.store.transact(world.merchant.id, (tx) =>
        tx.insertNewCustomers([payer, lost]),
      );
      await assert.rejects(insert, { name: 'InvariantBroken' });
    });

    test('a department needs a payer, and a person does not consolidate', async () => {
      const world = await newWorld();
      const orphan = newCustomer(world.merchant.id, { kind: 'department' });
      const person = newCustomer(world.merchant.id, { consolidatedBilling: true });
      for (const customer of [orphan, person]) {
        const insert = world.store.transact(world.merchant.id, (tx) =>
          tx.insertNewCustomers([customer]),
        );
        await assert.rejects(insert, /customers_/);
      }
    });

    test('a moved department keeps its row, and what was saved of it is replaced', async () => {
      const world = await newWorld();
      const [from, to] = [newOrganisation(world), newOrganisation(world)];
      const [department] = newDepartments(from, 'sales');
      assert.ok(department);
      const moved = decideChildMove(department, to, context);
      assert.ok(moved.ok);
      const { before, after, events } = moved.value;
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.insertNewCustomers([from, to]);
        await tx.insertNewCustomers([department]);
        await tx.insertNewCustomers([after]);
        await tx.save({ customers: [before], events });
        return await tx.lockCustomers([department.id, after.id]);
      });
      assert.deepEqual(plain(found), plain([before, after]));
    });

    test('a transfer is kept on both sides, once', async () => {
      const world = await newWorld();
      const life = await saveLife(world);
      const payer = newOrganisation(world);
      const next = newSubscription(payer, world.catalog);
      const old = life.subscription;
      const side = (
        direction: 'from' | 'to',
        own: typeof next,
        other: typeof next,
      ): SubscriptionTransfer => ({
        merchantId: world.merchant.id,
        subscriptionId: own.id,
        customerId: own.customerId,
        direction,
        otherSubscriptionId: other.id,
        otherCustomerId: other.customerId,
        onDate: TODAY,
        keepPaid: true,
        at: NOW,
      });
      const transfers = [side('to', old, next), side('from', next, old)];
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.insertNewCustomers([payer]);
        await tx.save({ subscriptions: [next], transfers });
        return await tx.loadTransfers([old.id, next.id]);
      });
      assert.deepEqual(plain(found), plain(transfers));
      const again = world.store.transact(world.merchant.id, (tx) => tx.save({ transfers }));
      await assert.rejects(again);
    });

    test('subscriptions are found by who uses them', async () => {
      const world = await newWorld();
      const payer = newOrganisation(world);
      const [sales, lab] = newDepartments(payer, 'sales', 'lab');
      assert.ok(sales && lab);
      const own = newSubscription(payer, world.catalog);
      const used = { ...newSubscription(payer, world.catalog), beneficiaryId: sales.id };
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.insertNewCustomers([payer]);
        await tx.insertNewCustomers([sales, lab]);
        await tx.save({ subscriptions: [own, used] });
        return [
          await tx.listSubscriptionsFor(sales.id, { limit: 10 }),
          await tx.listSubscriptionsFor(lab.id, { limit: 10 }),
        ];
      });
      assert.deepEqual(found, [[used.id], []]);
    });
  });
}

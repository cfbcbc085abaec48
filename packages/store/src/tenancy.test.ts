import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bucketOf, type DebitId, toUuid } from '@daikou/core';
import { newId, newInvoice, newSubscription } from '../../../test/kit/life.ts';
import { BACKENDS } from '../../../test/kit/stores.ts';
import { saveLife, tenantsOf } from '../../../test/kit/world.ts';
import { ERASED_TABLES } from './customer/erase-demo.ts';
import { COLUMNS } from './schema.generated.ts';

/** Tables with rows of one merchant that the application role may read. */
const READABLE = ERASED_TABLES.filter((table) => table !== 'api_keys');

for (const backend of BACKENDS) {
  describe(`tenancy on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('every table of a merchant has forced row-level security', async () => {
      const { store } = await newWorld();
      const { rows } = await store.rawSql(`
      select c.relname, c.relrowsecurity and c.relforcerowsecurity,
             (select string_agg(p.polname, ' ' order by p.polname) from pg_policy p
               where p.polrelid = c.oid)
        from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
         and (c.relname = 'merchants' or exists (
           select from pg_attribute a where a.attrelid = c.oid and a.attname = 'merchant_id'))
       order by 1`);
      const tables = Object.entries(COLUMNS).filter(([, columns]) => 'merchant_id' in columns);
      assert.equal(rows.length, tables.length + 1);
      for (const [table, isForced, policies] of rows) {
        assert.deepEqual([table, isForced, policies], [table, true, 'admin tenant']);
      }
    });

    test('every table with a merchant is erased with a demo', () => {
      const tables = Object.entries(COLUMNS)
        .filter(([, columns]) => 'merchant_id' in columns)
        .map(([table]) => table);
      assert.deepEqual([...ERASED_TABLES].sort(), tables.sort());
    });

    test('a merchant sees its own rows and no other merchant’s', async () => {
      const world = await newWorld();
      const { customer, debit, invoice } = await saveLife(world);
      const other = await newWorld();
      const seen = await world.store.transact(other.merchant.id, async (tx) => [
        await tx.loadCustomers([customer.id]),
        await tx.findCustomerByReference(customer.externalReference),
        await tx.lockDebits([debit.id]),
        await tx.loadInvoices([invoice.id]),
        await tx.listCustomers({ limit: 10 }),
        await tx.loadEventsOf(customer.id, { afterSequence: 0, limit: 10 }),
        await tx.loadTrialBalance(),
        await tx.findNextDue(),
      ]);
      assert.deepEqual(seen, [[], undefined, [], [], [], [], [], undefined]);
      const own = await world.store.transact(world.merchant.id, (tx) =>
        tx.loadCustomers([customer.id]),
      );
      assert.equal(own.length, 1);
    });

    test('without a merchant the application role sees nothing', async () => {
      const world = await newWorld();
      await saveLife(world);
      const counts = READABLE.map((table) => `(select count(*)::int from ${table})`).join(' + ');
      const asApp = 'begin; set local role daikou_app;';
      // The second time the connection has held a merchant: the setting is then '' and not absent.
      for (let time = 0; time < 2; time += 1) {
        const { rows } = await world.store.rawSql(`${asApp} select ${counts}`);
        assert.deepEqual(rows, [[0]]);
      }
      const { rows } = await world.store.rawSql(`select ${counts}`);
      assert.ok(Number(rows[0]?.[0]) > 0);
    });

    test('a row of another merchant cannot be written, not even by its key', async () => {
      const world = await newWorld();
      const { mandate } = await saveLife(world);
      const other = await newWorld();
      await assert.rejects(
        world.store.transact(other.merchant.id, (tx) =>
          tx.save({ mandates: [{ ...mandate, displayAccount: 'taken' }] }),
        ),
        /row-level security/,
      );
    });

    test('a key cannot refer to a row of another merchant', async () => {
      const world = await newWorld();
      const { customer } = await saveLife(world);
      const other = await newWorld();
      const subscription = {
        ...newSubscription(customer, other.catalog),
        merchantId: other.merchant.id,
      };
      await assert.rejects(
        world.store.transact(other.merchant.id, (tx) => tx.save({ subscriptions: [subscription] })),
        /subscriptions_bucket_merchant_id_customer_id_fkey/,
      );
    });

    test('a key cannot refer to a price of another merchant', async () => {
      const world = await newWorld();
      const { subscription } = await saveLife(world);
      const other = await newWorld();
      const foreign = newInvoice(subscription, { lines: 1, catalog: other.catalog });
      await assert.rejects(
        world.store.transact(world.merchant.id, (tx) =>
          tx.save({
            invoices: [
              {
                ...foreign,
                billingKey: 'another',
                period: { start: foreign.period.end, end: foreign.period.end.add({ days: 1 }) },
              },
            ],
          }),
        ),
        /invoice_lines_merchant_id_price_version_id_fkey/,
      );
    });

    test('an id made for another bucket than its customer’s is our bug', async () => {
      const world = await newWorld();
      const { debit } = await saveLife(world);
      const elsewhere: DebitId = newId('dbt', (bucketOf(debit.id) + 1) % 1024);
      await assert.rejects(
        world.store.transact(world.merchant.id, (tx) =>
          tx.save({ debits: [{ ...debit, id: elsewhere }] }),
        ),
        { name: 'InvariantBroken' },
      );
    });

    for (const table of ['payments', 'journals', 'entries', 'events']) {
      test(`rows of ${table} are never changed or deleted`, async () => {
        const world = await newWorld();
        await saveLife(world);
        const merchant = toUuid(world.merchant.id);
        const asApp = `begin; set local role daikou_app;
        select set_config('daikou.merchant_id', '${merchant}', true);
        select set_config('daikou.erasing_demo', '${merchant}', true);`;
        for (const statement of [`update ${table} set bucket = bucket`, `delete from ${table}`]) {
          await assert.rejects(world.store.rawSql(`${asApp} ${statement}`), /permission denied/);
          await assert.rejects(world.store.rawSql(statement), /never changed or deleted/);
        }
      });
    }
  });
}

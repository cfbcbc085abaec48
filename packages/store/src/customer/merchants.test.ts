import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newMerchant } from '../../../../test/kit/life.ts';
import { plain } from '../../../../test/kit/plain.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf } from '../../../../test/kit/world.ts';
import { NotADemoMerchant } from '../errors.ts';
import { ERASED_TABLES } from './erase-demo.ts';

const HASH = 'ab'.repeat(32);

for (const backend of BACKENDS) {
  describe(`merchants on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('a merchant is saved, found by its code, and its clock moves', async () => {
      const { store } = await newWorld();
      const merchant = newMerchant();
      await store.saveMerchant(merchant);
      const later = { ...merchant, testClock: Temporal.Instant.from('2026-04-01T00:00:00Z') };
      await store.saveMerchant(later);
      assert.deepEqual(plain(await store.findMerchant(merchant.code)), plain(later));
      assert.equal(await store.findMerchant('no-such-code'), undefined);
      const codes = (await store.listMerchants()).map(({ code }) => code);
      assert.ok(codes.includes(merchant.code));
      assert.deepEqual(codes, codes.toSorted());
    });

    test('a live merchant has no test clock', async () => {
      const { store } = await newWorld();
      const testClock = Temporal.Instant.from('2026-04-01T00:00:00Z');
      await assert.rejects(store.saveMerchant(newMerchant({ mode: 'live', testClock })), /check/);
    });

    test('an API key opens its own merchant and no other', async () => {
      const { store, merchant } = await newWorld();
      const before = await store.countApiKeys();
      assert.equal(await store.findMerchantByKeyHash(HASH), undefined);
      await store.saveApiKey(merchant.id, HASH, 'first');
      await store.saveApiKey(merchant.id, HASH, 'renamed');
      assert.deepEqual(await store.findMerchantByKeyHash(HASH), merchant);
      assert.equal(await store.countApiKeys(), before + 1);
      const other = await newWorld();
      await assert.rejects(store.saveApiKey(other.merchant.id, HASH, 'stolen'), /one_merchant/);
      await assert.rejects(store.saveApiKey(merchant.id, 'not-a-hash', 'x'), /check/);
    });

    test('a demo is erased with all its rows, and nothing else is', async () => {
      const world = await newWorld();
      const { store, merchant } = world;
      const kept = await newWorld();
      await saveLife(kept);
      await saveLife(world);
      await store.saveMerchant({ ...merchant, demo: true });
      await store.saveApiKey(merchant.id, 'cd'.repeat(32), 'demo');
      const count = async () => {
        const counts = ERASED_TABLES.map((table) => `(select count(*)::int from ${table})`);
        const { rows } = await store.rawSql(`select ${counts.join(', ')}`);
        return rows[0]?.map(Number) ?? [];
      };
      const own = ERASED_TABLES.map(
        (table) =>
          `(select count(*)::int from ${table} t join merchants m on m.id = t.merchant_id
           where m.code = '${merchant.code}')`,
      );
      const before = await count();
      const { rows } = await store.rawSql(`select ${own.join(', ')}`);
      await store.eraseDemoMerchant(merchant.id);
      const expected = before.map((total, index) => total - Number(rows[0]?.[index]));
      assert.deepEqual(await count(), expected);
      assert.equal(await store.findMerchant(merchant.code), undefined);
      const left = await store.transact(kept.merchant.id, (tx) => tx.listCustomers({ limit: 5 }));
      assert.equal(left.length, 1);
    });

    test('a merchant that is no demo, or not there, is not erased', async () => {
      const world = await newWorld();
      const { store, merchant } = world;
      await saveLife(world);
      await assert.rejects(store.eraseDemoMerchant(merchant.id), NotADemoMerchant);
      await assert.rejects(store.eraseDemoMerchant(newMerchant().id), NotADemoMerchant);
      const left = await store.transact(merchant.id, (tx) => tx.listCustomers({ limit: 5 }));
      assert.equal(left.length, 1);
    });
  });
}

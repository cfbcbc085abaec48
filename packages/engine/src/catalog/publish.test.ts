import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalogueOf, granted, priceOf } from '../../../../test/kit/shop.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { Till } from '../../../../test/kit/till.ts';
import { publishCatalog } from './publish.ts';

const OPENS = Temporal.PlainDate.from('2026-03-01');

function seatAt(amount: string, from: string) {
  const model = { type: 'per_unit', unit_amount: amount };
  return catalogueOf({ team: [priceOf('seat', 'seat', { model, effective_from: from })] });
}

for (const backend of BACKENDS) {
  describe(`publishing on ${backend.name}`, () => {
    const databases = backend.databases();

    test('what was published is read back, and a dry run leaves nothing', async () => {
      const store = await databases.fresh();
      const till = await Till.open(store, { number: 1, opens: OPENS });
      const json = seatAt('0.000000000001', '2026-01-01');
      granted(await publishCatalog(till.job(), json, { dryRun: true }));
      const read = () => store.transact(till.merchant.id, (tx) => tx.loadCatalog());
      assert.deepEqual((await read()).plans, []);
      granted(await publishCatalog(till.job(), json));
      const { products, plans, prices, versions } = await read();
      assert.deepEqual([products?.length, plans.length, prices.length], [1, 1, 1]);
      const [version] = versions;
      assert.ok(version?.model.type === 'per_unit');
      assert.equal(version.model.unitAmount.denominator, 1_000_000_000_000n);
      const again = granted(await publishCatalog(till.job(), json));
      assert.equal(again.unchanged, 4);
    });

    test('two who publish the same at once leave one of each', async () => {
      const store = await databases.fresh();
      const till = await Till.open(store, { number: 2, opens: OPENS });
      const json = seatAt('31', '2026-01-01');
      const published = await Promise.all(
        Array.from({ length: 4 }, () => publishCatalog(till.job(), json)),
      );
      const added = published.map((one) => granted(one).added.versions.length);
      assert.equal(
        added.reduce((total, count) => total + count, 0),
        1,
      );
      const { versions } = await store.transact(till.merchant.id, (tx) => tx.loadCatalog());
      assert.equal(versions.length, 1);
    });
  });
}

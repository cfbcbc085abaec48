import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newMerchant } from '../../../test/kit/life.ts';
import { forEachBackend } from '../../../test/kit/stores.ts';

forEachBackend('merchants', (backend) => {
  test('a merchant is found by its code', async () => {
    const store = await backend.fresh();
    const merchant = newMerchant();
    await store.saveMerchant(merchant);
    assert.deepEqual(await store.findMerchant(merchant.code), merchant);
  });
});

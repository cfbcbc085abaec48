import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AccountLabel } from '@daikou/core';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf } from '../../../../test/kit/world.ts';

const CARD: AccountLabel = {
  kind: 'card',
  issuer: '中国建设银行',
  bin: '621700',
  lastFour: '0018',
  cardType: 'debit',
};

/** A published test number of a card; its whole must fit nowhere. */
const WHOLE = '6216261000000000018';

for (const backend of BACKENDS) {
  describe(`what is kept of a payer's account on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    for (const account of [CARD, { kind: 'bank_account', lastFour: '3000' } as const]) {
      test(`a label of a ${account.kind} comes back as it was saved`, async () => {
        const world = await newWorld();
        const { mandate } = await saveLife(world);
        const [found] = await world.store.transact(world.merchant.id, async (tx) => {
          await tx.save({ mandates: [{ ...mandate, account }] });
          return tx.lockMandates([mandate.id]);
        });
        assert.deepEqual(found?.account, account);
      });
    }

    for (const change of [{ bin: WHOLE }, { lastFour: WHOLE }, { bin: '6217' }]) {
      test(`${JSON.stringify(Object.keys(change))} holds no other length`, async () => {
        const world = await newWorld();
        const { mandate } = await saveLife(world);
        const account = { ...CARD, ...change };
        const saving = world.store.transact(world.merchant.id, (tx) =>
          tx.save({ mandates: [{ ...mandate, account }] }),
        );
        await assert.rejects(saving, /mandates_account_/);
      });
    }
  });
}

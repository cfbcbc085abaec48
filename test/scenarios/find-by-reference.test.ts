import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCustomer, findSubscription } from '../../packages/server/src/cli/find.ts';
import { onStage } from '../kit/on-stage.ts';

onStage('what a person at a terminal calls a subscription', (newPlay) => {
  test('its id, or the customer with one subscription; several are listed', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'one', by: 'transfer', charge: '29.85' },
      { reference: 'two', by: 'transfer', charge: '29.85' },
    ]);
    await play.subscribeAgain('two', 500n);
    const job = play.job();
    const { id } = await play.customer('one');
    const [only] = await job.engine.store.transact(job.merchant.id, (tx) =>
      tx.listSubscriptions({ customerId: id, limit: 2 }),
    );
    assert.ok(only);
    assert.equal(await findCustomer(job, 'one'), id);
    for (const name of [only.id, 'one', id]) {
      assert.equal(await findSubscription(job, name), only.id);
    }
    await assert.rejects(findSubscription(job, 'two'), /more than one subscription/);
    await assert.rejects(findSubscription(job, 'nobody'), /no such customer/);
    await assert.rejects(findSubscription(job, 'sub_12'), /not the id of a subscription/);
    await play.end();
  });
});

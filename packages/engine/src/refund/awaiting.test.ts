import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { approvalText, type Refund } from '@daikou/core';
import { saveException } from '../../../../test/kit/bill-money.ts';
import { makeBillWorld, paidOrder } from '../../../../test/kit/bill-world.ts';
import { TODAY } from '../../../../test/kit/life.ts';
import { anExceptionOf, aRefundOf } from '../../../../test/kit/refund-nouns.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { nowOf } from '../job.ts';
import { approveRefund, expireApprovals } from './decide.ts';
import { refundingContext } from './facts.ts';
import { settleRefundOutcomes } from './settle.ts';

for (const backend of BACKENDS.filter(({ name }) => name === 'PGlite')) {
  describe('a refund that waits for a second person', () => {
    const newTenantWorld = tenantsOf(backend.databases());

    test('and that the rail has paid out already: it does not leave again', async () => {
      const world = await makeBillWorld(await newTenantWorld(), {});
      const { store } = world.world;
      const job = world.jobAfter(TODAY);
      const now = nowOf(job.engine, job.merchant);
      const life = await paidOrder(world);
      const { dueAt: _due, ...asked } = aRefundOf(life, 300n);
      const approveBy = now.add({ hours: 24 });
      const waiting: Refund = { ...asked, state: 'awaiting_approval', approveBy };
      const approvalHash = refundingContext(job).hash(approvalText(waiting));
      const refund = { ...waiting, approvalHash };
      await store.transact(world.merchant.id, (tx) => tx.save({ refunds: [refund] }));
      const { refundNumber, amount: refunded } = refund;
      const told = { kind: 'succeeded', railReference: 'R-1', refunded, refundedAt: now } as const;
      await settleRefundOutcomes(job, [{ refundNumber, outcome: told }]);
      const approval = { by: 'Bao', hash: approvalHash };
      const approved = await approveRefund(job, refund.id, approval);
      assert.equal(approved.ok ? 'approved' : approved.refusal.code, 'refund_ended');
    });

    test('of parked money, and nobody approves it: the money is balance, once', async () => {
      const world = await makeBillWorld(await newTenantWorld(), {});
      const { store } = world.world;
      const job = world.jobAfter(TODAY);
      const life = await paidOrder(world);
      const open = anExceptionOf(life);
      await saveException(world, open, { how: 'arrived' });
      const { paymentId: _paid, dueAt: _due, ...asked } = aRefundOf(life, open.amount.minor);
      const approveBy = nowOf(job.engine, job.merchant);
      const waiting: Refund = {
        ...asked,
        source: 'exception',
        exceptionId: open.id,
        takes: [],
        state: 'awaiting_approval',
        approveBy,
      };
      const { actAt: _act, ...exception } = open;
      await store.transact(world.merchant.id, (tx) =>
        tx.save({
          exceptions: [{ ...exception, state: 'refunding', decidedBy: 'Anna' }],
          refunds: [waiting],
        }),
      );
      assert.equal(await expireApprovals(job), 1);
      const [ended] = await store.transact(world.merchant.id, (tx) =>
        tx.listExceptions({ limit: 10 }),
      );
      assert.equal(ended?.state, 'credited');
      assert.equal(await world.balanceOf('2203'), -open.amount.minor);
      const wrong = (await store.findViolations(50)).filter(({ invariant }) =>
        invariant.startsWith('I6'),
      );
      assert.deepEqual(wrong, []);
    });
  });
}

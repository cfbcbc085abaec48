import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money, type Refund } from '@daikou/core';
import { returnLine } from '../../../../test/kit/bill-money.ts';
import { lineOf, makeBillWorld, netOf, paidOrder } from '../../../../test/kit/bill-world.ts';
import { NOW, TODAY } from '../../../../test/kit/life.ts';
import { aRefundOf } from '../../../../test/kit/refund-nouns.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { settleRefundOutcomes } from '../refund/settle.ts';

const WITHDRAWN = { state: 'withdrawn', submittedAt: NOW, endedAt: NOW } as const;
const TRANSFERRED = {
  state: 'succeeded',
  route: 'bank_transfer',
  transferReference: 'BANK-1',
  submittedAt: NOW,
  refundedAt: NOW,
  endedAt: NOW,
} as const;

/** The refund had ended without the rail, which returned money all the same. */
const CASES: readonly (readonly [string, Partial<Refund>, bigint, 'bill' | 'callback'])[] = [
  ['withdrawn, in its amount, told by the bill', WITHDRAWN, 300n, 'bill'],
  ['withdrawn, in another amount, told by the bill', WITHDRAWN, 310n, 'bill'],
  ['withdrawn, in another amount, told by a callback', WITHDRAWN, 310n, 'callback'],
  ['transferred by a person, told by the bill', TRANSFERRED, 300n, 'bill'],
  ['transferred by a person, told by a callback', TRANSFERRED, 300n, 'callback'],
];

for (const backend of BACKENDS.filter(({ name }) => name === 'PGlite')) {
  describe('a refund that the rail returned though it had ended without it', () => {
    const newTenantWorld = tenantsOf(backend.databases());

    for (const [name, ended, told, by] of CASES) {
      test(`${name}: gone once in the books, for a person`, async () => {
        const world = await makeBillWorld(await newTenantWorld(), {});
        const { store } = world.world;
        const life = await paidOrder(world);
        const { dueAt: _due, ...rest } = aRefundOf(life, 300n);
        const refund: Refund = { ...rest, ...ended };
        await store.transact(world.merchant.id, (tx) => tx.save({ refunds: [refund] }));
        const { refundNumber } = refund;
        const refunded = money(told, 'CNY');
        const tell = (railReference: string) => {
          const outcome = { kind: 'succeeded', railReference, refunded, refundedAt: NOW } as const;
          return settleRefundOutcomes(world.jobAfter(TODAY), [{ refundNumber, outcome }]);
        };
        if (by === 'callback') await tell('RAIL-1');
        const out = { ...returnLine(life, 'RAIL-1'), refundNumber, amount: refunded };
        const file = { lines: [lineOf(life, 1), out] };
        world.bills.set(TODAY.toString(), file);
        await world.reconcile(TODAY);
        // Some rails name one refund by another number in their messages than on their bill.
        await tell('RAIL-2');
        const parked = await store.transact(world.merchant.id, (tx) =>
          tx.listExceptions({ limit: 10 }),
        );
        assert.deepEqual(
          parked.map(({ kind, amount }) => [kind, amount.minor]),
          [['refund_unexpected', told]],
        );
        assert.deepEqual(await world.breaks(), []);
        assert.equal(await world.clearing(), netOf(file));
        const unmatched = (await store.findViolations(50)).filter(
          ({ invariant }) => invariant === 'I5 bill line is matched or a break',
        );
        assert.deepEqual(unmatched, [], 'the doctor knows the line for what it is');
      });
    }
  });
}

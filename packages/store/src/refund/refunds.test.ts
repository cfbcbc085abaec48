import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MoneyException, PaymentReturn, Refund } from '@daikou/core';
import { type Life, NOW } from '../../../../test/kit/life.ts';
import {
  anExceptionOf,
  aReturnOf,
  aRefundOf as dueRefundOf,
} from '../../../../test/kit/refund-nouns.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

/** A refund that is not due, for states that are not. */
function aRefundOf(life: Life, minor: bigint): Refund {
  const { dueAt: _dueAt, ...rest } = dueRefundOf(life, minor);
  return rest;
}

for (const backend of BACKENDS) {
  describe(`refunds on ${backend.name}`, () => {
    const newTenant = tenantsOf(backend.databases());
    const within = <T>(world: World, work: Parameters<World['store']['transact']>[1]) =>
      world.store.transact(world.merchant.id, work) as Promise<T>;

    test('every column comes back as it was saved', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const exception: MoneyException = {
        ...anExceptionOf(life),
        state: 'refunding',
        decidedBy: 'policy',
      };
      const kinds = ['refund_sent_back', 'refund_short', 'refund_excess'] as const;
      const differing = kinds.map(
        (kind): MoneyException => ({ ...anExceptionOf(life), kind, owner: 'Chen' }),
      );
      const first: Refund = {
        ...aRefundOf(life, 100n),
        state: 'accepted',
        submittedAt: NOW,
        askAt: NOW,
        askCount: 2,
        railReference: 'X-1',
        refusal: { class: 'merchant_balance', code: 'NO', message: '余额不足' },
        approval: { by: 'Bao', at: NOW },
      };
      const second: Refund = {
        ...aRefundOf(life, 50n),
        source: 'exception',
        exceptionId: exception.id,
        takes: [],
        state: 'approved',
        dueAt: NOW,
      };
      const paymentReturn: PaymentReturn = aReturnOf(life);
      await within(world, (tx) =>
        tx.save({
          exceptions: [exception, ...differing],
          refunds: [first, second],
          returns: [paymentReturn],
        }),
      );
      const ids = [first.id, second.id];
      assert.deepEqual(await within(world, (tx) => tx.loadRefunds(ids)), [first, second]);
      assert.deepEqual(await within(world, (tx) => tx.loadExceptions([exception.id])), [exception]);
      const parked = await within(world, (tx) => tx.loadExceptions(differing.map(({ id }) => id)));
      assert.deepEqual(parked, differing);
      const returns = await within(world, (tx) => tx.loadReturnsOfPayments([life.payment.id]));
      assert.deepEqual(returns, [paymentReturn]);
    });

    test('claims what is due and nothing else', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const due = { ...aRefundOf(life, 1n), state: 'approved', dueAt: NOW } as const;
      const later = { ...due, ...aRefundOf(life, 1n), dueAt: NOW.add({ hours: 1 }) } as const;
      const open = {
        ...aRefundOf(life, 1n),
        state: 'unknown',
        submittedAt: NOW,
        askAt: NOW,
      } as const;
      await within(world, (tx) =>
        tx.save({ refunds: [due, { ...later, state: 'approved' }, open] }),
      );
      const claim = { buckets: { from: 0, until: 1024 }, dueBy: NOW, limit: 10 };
      const ids = (rows: unknown) => (rows as readonly Refund[]).map(({ id }) => id);
      assert.deepEqual(ids(await within(world, (tx) => tx.claimRefundsToSubmit(claim))), [due.id]);
      assert.deepEqual(ids(await within(world, (tx) => tx.claimRefundsToAsk(claim))), [open.id]);
    });

    const refusals: readonly (readonly [string, (refund: Refund) => readonly Refund[]])[] = [
      [
        'refunds_within_payment',
        (refund) => [refund, { ...refund, ...renumbered(refund), amount: paidOf(refund) }],
      ],
      ['refunds_number_once', (refund) => [refund, { ...refund, ...withId(refund) }]],
      [
        'refunds_one_open_per_order',
        (refund) => {
          const sent = { ...refund, state: 'unknown', submittedAt: NOW } as const;
          return [sent, { ...sent, ...renumbered(refund) }];
        },
      ],
      [
        'refunds_second_person',
        (refund) => [{ ...refund, approval: { by: refund.requestedBy, at: NOW } }],
      ],
      ['refunds_review_says_why', (refund) => [{ ...refund, state: 'manual_review' }]],
      ['refunds_end_has_its_time', (refund) => [{ ...refund, state: 'withdrawn' }]],
      [
        'refunds_success_has_its_proof',
        (refund) => [{ ...refund, state: 'succeeded', endedAt: NOW }],
      ],
    ];
    for (const [constraint, rowsOf] of refusals) {
      test(`the database alone refuses: ${constraint}`, async () => {
        const world = await newTenant();
        const life = await saveLife(world);
        const rows = rowsOf(aRefundOf(life, 10n));
        await assert.rejects(
          within(world, async (tx) => {
            for (const refund of rows) await tx.save({ refunds: [refund] });
          }),
          (error: { readonly constraint?: string }) => error.constraint === constraint,
        );
      });
    }

    test('an end is final, and the request never changes', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const ended = { ...aRefundOf(life, 10n), state: 'withdrawn', endedAt: NOW } as const;
      await within(world, (tx) => tx.save({ refunds: [ended] }));
      for (const change of [
        { remark: 'another' },
        { refundNumber: 'R-other' },
        { amount: { ...ended.amount, minor: 11n } },
      ]) {
        await assert.rejects(
          within(world, (tx) => tx.save({ refunds: [{ ...ended, ...change }] })),
          /cannot (change|become)/,
        );
      }
    });
  });
}

/** Another id in the same bucket. */
function withId({ id }: Refund): Pick<Refund, 'id'> {
  const digit = id.at(-4) === 'f' ? 'e' : 'f';
  return { id: `${id.slice(0, -4)}${digit}${id.slice(-3)}` as Refund['id'] };
}

function renumbered(refund: Refund): Pick<Refund, 'id' | 'refundNumber'> {
  return { ...withId(refund), refundNumber: `${refund.refundNumber}X` };
}

function paidOf({ order }: Refund): Refund['amount'] {
  assert.ok(order);
  return order.paid;
}

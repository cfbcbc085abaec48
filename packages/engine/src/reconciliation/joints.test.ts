import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bucketOf,
  type MoneyException,
  money,
  toPayLinkNumber,
  toRefundNumber,
} from '@daikou/core';
import {
  paidLink,
  returnLine,
  saveException,
  savePaidRefund,
  saveReturn,
} from '../../../../test/kit/bill-money.ts';
import {
  type BillWorld,
  billLine,
  bookByHand,
  lineOf,
  makeBillWorld,
  netOf,
  paidOrder,
  trueBill,
} from '../../../../test/kit/bill-world.ts';
import { NOW, newId, TODAY } from '../../../../test/kit/life.ts';
import { anExceptionOf, aRefundOf, aReturnOf } from '../../../../test/kit/refund-nouns.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { applyReturns } from '../debit/returns.ts';
import { resolveBreak } from './breaks.ts';

const T1 = TODAY.add({ days: 1 });
const T2 = TODAY.add({ days: 2 });
const cny = (minor: bigint) => money(minor, 'CNY');

/** How a person ends a difference; the journal takes the money where it belongs. */
const ENDS = ['write_off', 'journal'] as const;

for (const backend of BACKENDS) {
  describe(`joints of reconciliation on ${backend.name}`, () => {
    const newTenantWorld = tenantsOf(backend.databases());
    const newWorld = async (options: Parameters<typeof makeBillWorld>[1] = {}) =>
      makeBillWorld(await newTenantWorld(), options);

    describe('money that the payer’s bank took back', () => {
      const withPayment = async () => {
        const world = await newWorld({ hasReturns: true });
        return { world, life: await paidOrder(world) };
      };

      test('meets our return by the bank’s number', async () => {
        const { world, life } = await withPayment();
        const taken = aReturnOf(life);
        await saveReturn(world, life);
        const lines = [lineOf(life, 1), returnLine(life, taken.railReference)];
        world.bills.set(TODAY.toString(), { lines });
        await world.reconcile(TODAY);
        assert.deepEqual(await world.breaks(), []);
        assert.equal(await world.clearing(), netOf({ lines }));
      });

      test('is taken into the books when only the bill tells it, once', async () => {
        const { world, life } = await withPayment();
        const lines = [lineOf(life, 1), returnLine(life, 'RTN-9')];
        world.bills.set(TODAY.toString(), { lines });
        await world.reconcile(TODAY);
        assert.deepEqual(await world.breaks(), []);
        assert.equal(await world.clearing(), netOf({ lines }));
        const [known] = await world.world.store.transact(world.merchant.id, (tx) =>
          tx.loadReturnsOfPayments([life.payment.id]),
        );
        assert.equal(known?.railReference, 'RTN-9');
        // The bank's own message comes later and says more: there is no mandate.
        const { orderNumber, amount } = life.attempt;
        const told = { code: 'MD01', message: '', mandateGone: true, at: NOW } as const;
        const news = {
          kind: 'return',
          orderNumber,
          amount,
          railReference: 'RTN-9',
          ...told,
        } as const;
        const { applied } = await applyReturns(world.jobAfter(T1), [news]);
        assert.equal(applied, 0);
        assert.equal(await world.clearing(), netOf({ lines }));
        const [mandate] = await world.world.store.transact(world.merchant.id, (tx) =>
          tx.lockMandates([life.mandate.id]),
        );
        assert.equal(mandate?.state, 'ended');
      });

      test('is a shortage of its own when no bill names it', async () => {
        const { world, life } = await withPayment();
        await saveReturn(world, life);
        world.bills.set(TODAY.toString(), 'empty');
        await world.reconcile(TODAY);
        const { orderNumber, amount } = life.attempt;
        assert.deepEqual(
          await world.breaks(),
          [
            `shortage ${orderNumber} pooled ${amount.minor}`,
            `shortage ${orderNumber} pooled -${amount.minor}`,
          ].sort(),
        );
        // The bill of the next day names the return only: the payment still waits.
        world.bills.set(T1.toString(), {
          lines: [returnLine(life, aReturnOf(life).railReference)],
        });
        await world.reconcile(T1);
        assert.deepEqual(await world.breaks(), [
          `cut_off ${orderNumber} resolved ${amount.minor}`,
          `shortage ${orderNumber} pooled -${amount.minor}`,
        ]);
      });
    });

    test('parts of one payment go back under one number of the rail', async () => {
      const world = await newWorld();
      const life = await paidOrder(world);
      const refunds = [300n, 200n].map((minor) => aRefundOf(life, minor));
      for (const refund of refunds) await savePaidRefund(world, refund);
      const { railReference } = life.payment;
      const lines = [
        lineOf(life, 1),
        ...refunds.map((refund, index) => ({
          ...returnLine(life, railReference, index + 2),
          refundNumber: refund.refundNumber,
          amount: refund.amount,
        })),
      ];
      world.bills.set(TODAY.toString(), { lines });
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), []);
      assert.equal(await world.clearing(), netOf({ lines }));
    });

    for (const isPending of [true, false]) {
      const end = isPending ? 'begun leaves it open' : 'done ends it';
      test(`a refund without an answer: a bill that says ${end}`, async () => {
        const world = await newWorld();
        const life = await paidOrder(world);
        const refund = aRefundOf(life, 300n);
        const { dueAt: _due, ...rest } = refund;
        const sent = { ...rest, state: 'unknown', submittedAt: NOW, askAt: NOW } as const;
        const { store } = world.world;
        await store.transact(world.merchant.id, (tx) => tx.save({ refunds: [sent] }));
        const line = {
          ...returnLine(life, 'RFD-1'),
          refundNumber: refund.refundNumber,
          amount: refund.amount,
          ...(isPending ? { isPending } : {}),
        };
        world.bills.set(TODAY.toString(), { lines: [lineOf(life, 1), line] });
        await world.reconcile(TODAY);
        const [found] = await store.transact(world.merchant.id, (tx) =>
          tx.loadRefunds([refund.id]),
        );
        assert.equal(found?.state, isPending ? 'unknown' : 'succeeded');
      });
    }

    test('two refunds from the rail’s own portal are two cases', async () => {
      const world = await newWorld();
      const life = await paidOrder(world);
      const portal = [300n, 200n].map((minor, index) => ({
        ...returnLine(life, `PORTAL-${index}`, index + 2),
        amount: cny(minor),
      }));
      world.bills.set(TODAY.toString(), { lines: [lineOf(life, 1), ...portal] });
      await world.reconcile(TODAY);
      const { orderNumber } = life.attempt;
      assert.deepEqual(await world.breaks(), [
        `unknown_order ${orderNumber} open -200`,
        `unknown_order ${orderNumber} open -300`,
      ]);
      assert.equal(await world.balanceOf('1221'), 500n);
    });

    test('late money that no bill names is a shortage, also where nobody owed it', async () => {
      const world = await newWorld();
      const life = await paidOrder(world, TODAY.subtract({ days: 9 }));
      const late: MoneyException = { ...anExceptionOf(life), happenedAt: NOW };
      await saveException(world, late, { how: 'arrived' });
      const out: MoneyException = {
        ...anExceptionOf(life),
        kind: 'refund_unexpected',
        railReference: 'OUT-1',
        detail: toRefundNumber(newId('rfd', bucketOf(life.debit.id))),
      };
      await saveException(world, out, { how: 'left' });
      world.bills.set(TODAY.toString(), 'empty');
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), [
        `shortage ${life.attempt.orderNumber} pooled -50`,
        `shortage ${life.attempt.orderNumber} pooled 50`,
      ]);
    });

    describe('a pay link', () => {
      test('that was paid is a payment like others', async () => {
        const world = await newWorld();
        const { link } = await paidLink(world, 8_000n);
        const lines = [billLine(link.orderNumber, link.amount, 1)];
        world.bills.set(TODAY.toString(), { lines });
        await world.reconcile(TODAY);
        assert.deepEqual(await world.breaks(), []);
        // Beside it stands the older order of the same customer.
        assert.equal(await world.clearing(), netOf({ lines }) + 5_970n);
      });

      test('of another amount, or missing from the bill, is a difference', async () => {
        const world = await newWorld();
        const dear = await paidLink(world, 8_000n);
        const gone = await paidLink(world, 500n);
        world.bills.set(TODAY.toString(), {
          lines: [billLine(dear.link.orderNumber, cny(8_100n), 1)],
        });
        await world.reconcile(TODAY);
        assert.deepEqual(await world.breaks(), [
          `amount_mismatch ${dear.link.orderNumber} open 100`,
          `shortage ${gone.link.orderNumber} pooled -500`,
        ]);
      });

      test('that none of ours made is unknown', async () => {
        const world = await newWorld();
        const number = toPayLinkNumber(newId('plk'));
        world.bills.set(TODAY.toString(), { lines: [billLine(number, cny(500n), 1)] });
        await world.reconcile(TODAY);
        assert.deepEqual(await world.breaks(), [`unknown_order ${number} open 500`]);
      });
    });

    describe('after a person has ended a difference', () => {
      for (const end of ENDS) {
        test(`by ${end}, a shortage whose money a later bill brings is a surplus`, async () => {
          const world = await newWorld();
          const lost = await paidOrder(world);
          for (const date of [TODAY, T1, T2]) world.bills.set(date.toString(), 'empty');
          for (const date of [TODAY, T1, T2]) await world.reconcile(date);
          await endBy(world, end);
          assert.equal(await world.clearing(), 0n);
          const late = trueBill([lost]);
          const T3 = TODAY.add({ days: 3 });
          world.bills.set(T3.toString(), late);
          await world.reconcile(T3);
          assert.equal(await world.clearing(), netOf(late));
          const open = (await world.allBreaks()).filter(({ state }) => state === 'open');
          assert.deepEqual(
            open.map((one) => `${one.class} ${one.rootCause}`),
            ['surplus came_after_the_end'],
          );
        });

        test(`by ${end}, a row that the rail adds back is a difference again`, async () => {
          const world = await newWorld();
          const lives = [await paidOrder(world), await paidOrder(world)];
          const whole = trueBill(lives);
          world.bills.set(TODAY.toString(), { lines: whole.lines.slice(0, 1) });
          for (const date of [T1, T2]) world.bills.set(date.toString(), 'empty');
          for (const date of [TODAY, T1, T2]) await world.reconcile(date);
          await endBy(world, end);
          world.bills.set(TODAY.toString(), whole);
          await world.reconcile(TODAY);
          assert.equal(await world.clearing(), netOf(whole));
          // Issued once more with another fee: nothing of it is lost or doubled.
          const third = { lines: whole.lines.map((line) => ({ ...line, fee: cny(1n) })) };
          world.bills.set(TODAY.toString(), third);
          await world.reconcile(TODAY);
          assert.equal(await world.clearing(), netOf(third));
        });

        test(`by ${end}, a row that the rail takes away again is a difference`, async () => {
          const world = await newWorld();
          const truth = trueBill([await paidOrder(world)]);
          const stray = billLine('SHOP-1', cny(700n), 2);
          const withStray = { lines: [...truth.lines, stray] };
          world.bills.set(TODAY.toString(), withStray);
          await world.reconcile(TODAY);
          await endBy(world, end);
          assert.equal(await world.clearing(), netOf(withStray));
          world.bills.set(TODAY.toString(), truth);
          await world.reconcile(TODAY);
          assert.equal(await world.clearing(), netOf(truth));
          const back = { lines: [...withStray.lines, billLine('SHOP-2', cny(10n), 3)] };
          world.bills.set(TODAY.toString(), back);
          await world.reconcile(TODAY);
          assert.equal(await world.clearing(), netOf(back));
        });
      }
    });

    if (backend.name === 'PostgreSQL') {
      test('two workers who reconcile one day at once book it once', async () => {
        const world = await newWorld();
        const lives = [await paidOrder(world), await paidOrder(world)];
        const file = { lines: [...trueBill(lives).lines, billLine('SHOP-1', cny(700n), 3)] };
        world.bills.set(TODAY.toString(), file);
        await paidOrder(world);
        const outcomes = await Promise.allSettled([TODAY, TODAY].map(world.reconcile));
        assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
        await world.reconcile(TODAY);
        assert.deepEqual(
          (await world.breaks()).map((one) => one.replace(/ D\w+ /, ' ')),
          ['shortage pooled -5970', 'unknown_order SHOP-1 open 700'],
        );
        assert.equal(await world.clearing(), netOf(file) + 5_970n);
        const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
        assert.deepEqual(reasons, [], 'and neither of them fails');
      });
    }
  });
}

async function endBy(world: BillWorld, end: (typeof ENDS)[number]): Promise<void> {
  const job = world.jobAfter(T2);
  const open = (await world.allBreaks()).filter(({ state }) => state === 'open');
  for (const one of open) {
    const command =
      end === 'write_off'
        ? ({ how: 'write_off', by: 'Anna', approvedBy: 'Ben' } as const)
        : ({
            how: (one.difference?.minor ?? 0n) > 0n ? 'booked' : 'reversed',
            by: 'Anna',
            evidence: {
              kind: 'journal',
              reference: await bookByHand(world, one.difference?.minor ?? 0n),
            },
          } as const);
    const ended = await resolveBreak(job, one.id, command);
    assert.ok(ended.ok, ended.ok ? '' : ended.refusal.sentence);
  }
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bucketOf, type MoneyException, money, type PayLink, toPayLinkNumber } from '@daikou/core';
import { returnLine, savePaidRefund } from '../../../../test/kit/bill-money.ts';
import {
  BILL_RAIL,
  type BillWorld,
  billLine,
  lineOf,
  makeBillWorld,
  netOf,
  paidOrder,
} from '../../../../test/kit/bill-world.ts';
import { type Life, NOW, newDebit, newId, openAttempt, TODAY } from '../../../../test/kit/life.ts';
import { aRefundOf } from '../../../../test/kit/refund-nouns.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { findPayLink, settlePayLinks } from '../payment/links.ts';
import { settleRefundOutcomes } from '../refund/settle.ts';

const T1 = TODAY.add({ days: 1 });
const cny = (minor: bigint) => money(minor, 'CNY');

const parkedOf = async (world: BillWorld): Promise<readonly string[]> => {
  const rows = await world.world.store.transact(world.merchant.id, (tx) =>
    tx.listExceptions({ limit: 10 }),
  );
  return rows.map(({ kind, state, amount }: MoneyException) => `${kind} ${state} ${amount.minor}`);
};

for (const backend of BACKENDS.filter(({ name }) => name === 'PGlite')) {
  describe('money that only the bill tells', () => {
    const newTenantWorld = tenantsOf(backend.databases());
    const newWorld = async () => makeBillWorld(await newTenantWorld(), {});

    test('a refund that its bank sent back is ours again, once, and owed', async () => {
      const world = await newWorld();
      const life = await paidOrder(world);
      const refund = aRefundOf(life, 300n);
      await savePaidRefund(world, refund);
      const { refundNumber } = refund;
      const out = { ...returnLine(life, 'OUT-1'), refundNumber, amount: refund.amount };
      const first = { lines: [lineOf(life, 1), out] };
      world.bills.set(TODAY.toString(), first);
      await world.reconcile(TODAY);
      const line = billLine(refundNumber, refund.amount, 1);
      const back = { lines: [{ ...line, at: line.at.add({ hours: 24 }) }] };
      world.bills.set(T1.toString(), back);
      await world.reconcile(T1);
      assert.deepEqual(await world.breaks(), []);
      assert.deepEqual(await parkedOf(world), ['refund_sent_back open 300']);
      assert.equal(await world.clearing(), netOf(first) + netOf(back));
      const unmatched = (await world.world.store.findViolations(50)).filter(
        ({ invariant }) => invariant === 'I5 bill line is matched or a break',
      );
      assert.deepEqual(unmatched, [], 'the doctor knows the line for what it is');
      // The bank's own message comes later and changes nothing.
      const outcome = { kind: 'failed', code: 'AC04', message: '', at: NOW } as const;
      const { applied } = await settleRefundOutcomes(world.jobAfter(T1), [
        { refundNumber, outcome },
      ]);
      assert.equal(applied, 0);
    });

    test('sent back by the bank’s word, and on no bill: a shortage of the refund', async () => {
      const world = await newWorld();
      const life = await paidOrder(world, TODAY.subtract({ days: 9 }));
      const refund = aRefundOf(life, 300n);
      await savePaidRefund(world, refund, TODAY.subtract({ days: 9 }));
      const { refundNumber } = refund;
      const outcome = { kind: 'failed', code: 'AC04', message: '', at: NOW } as const;
      await settleRefundOutcomes(world.jobAfter(TODAY), [{ refundNumber, outcome }]);
      world.bills.set(TODAY.toString(), 'empty');
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), [`shortage ${refundNumber} pooled -300`]);
    });

    for (const [told, kind] of [
      [250n, 'refund_short open 50'],
      [360n, 'refund_excess open 60'],
    ] as const) {
      test(`a refund of 300 that the bill says was ${told}: ${kind}`, async () => {
        const world = await newWorld();
        const life = await paidOrder(world);
        const { dueAt: _due, ...refund } = aRefundOf(life, 300n);
        const open = { ...refund, state: 'unknown', submittedAt: NOW, askAt: NOW } as const;
        const { store } = world.world;
        await store.transact(world.merchant.id, (tx) => tx.save({ refunds: [open] }));
        const { refundNumber } = refund;
        const out = { ...returnLine(life, 'OUT-1'), refundNumber, amount: cny(told) };
        const file = { lines: [lineOf(life, 1), out] };
        world.bills.set(TODAY.toString(), file);
        await world.reconcile(TODAY);
        assert.deepEqual(await world.breaks(), []);
        assert.deepEqual(await parkedOf(world), [kind]);
        assert.equal(await world.clearing(), netOf(file));
      });
    }

    /** The debit of another month, of which nobody knows what became. */
    async function nextMonth(world: BillWorld, { mandate, invoice: before }: Life) {
      const { paidAt: _paidAt, ...month } = before;
      const id = newId('inv', bucketOf(before.id));
      const named = { number: `2026-${id.slice(-12)}`, billingKey: 'period:next' };
      const invoice = { ...month, ...named, id, state: 'open' } as const;
      const debit = { ...newDebit(mandate, invoice), state: 'in_flight' } as const;
      const attempt = openAttempt(debit);
      await world.world.store.transact(world.merchant.id, (tx) =>
        tx.save({ invoices: [invoice], debits: [debit], attempts: [attempt] }),
      );
      return attempt;
    }

    test('told by the bill first, in parts: one refund and one payment', async () => {
      const world = await newWorld();
      const life = await paidOrder(world);
      const { dueAt: _due, ...refund } = aRefundOf(life, 300n);
      const open = { ...refund, state: 'unknown', submittedAt: NOW, askAt: NOW } as const;
      const attempt = await nextMonth(world, life);
      const { store } = world.world;
      await store.transact(world.merchant.id, (tx) => tx.save({ refunds: [open] }));
      const { refundNumber } = refund;
      const part = (minor: bigint, lineNumber: number) => ({
        ...returnLine(life, 'OUT-1', lineNumber),
        refundNumber,
        amount: cny(minor),
      });
      const { orderNumber, amount } = attempt;
      const most = cny(amount.minor - 85n);
      const paid = [billLine(orderNumber, most, 4), billLine(orderNumber, cny(85n), 5)];
      const file = { lines: [lineOf(life, 1), part(100n, 2), part(200n, 3), ...paid] };
      world.bills.set(TODAY.toString(), file);
      await world.reconcile(TODAY);
      assert.deepEqual(await parkedOf(world), []);
      assert.deepEqual(await world.breaks(), []);
      assert.equal(await world.clearing(), netOf(file));
    });

    test('a refund that ended by the rail’s word in another amount than the bill’s', async () => {
      const world = await newWorld();
      const life = await paidOrder(world);
      const refund = aRefundOf(life, 300n);
      await savePaidRefund(world, refund);
      const { refundNumber } = refund;
      const out = { ...returnLine(life, 'OUT-1'), refundNumber, amount: cny(310n) };
      const file = { lines: [lineOf(life, 1), out] };
      world.bills.set(TODAY.toString(), file);
      await world.reconcile(TODAY);
      const { orderNumber } = life.attempt;
      assert.deepEqual(await world.breaks(), [`amount_mismatch ${orderNumber} open -10`]);
      assert.equal(await world.clearing(), netOf(file));
    });

    /** A link of a customer who owes nothing any more, on which nobody is known to have paid. */
    async function unpaidLink(world: BillWorld, state: 'open' | 'expired'): Promise<PayLink> {
      const { customer } = await paidOrder(world, TODAY.subtract({ days: 9 }));
      world.bills.set(TODAY.subtract({ days: 9 }).toString(), 'empty');
      const id = newId('plk', bucketOf(customer.id));
      const link: PayLink = {
        id,
        merchantId: world.merchant.id,
        customerId: customer.id,
        invoiceIds: [],
        rail: BILL_RAIL,
        orderNumber: toPayLinkNumber(id),
        amount: cny(800n),
        state,
        expiresAt: NOW.add({ hours: 2 }),
        askCount: 0,
        closeWanted: false,
        createdBy: 'Anna',
        createdAt: NOW,
        ...(state === 'open' ? { askAt: NOW.add({ hours: 90 }) } : { endedAt: NOW }),
      };
      const { store } = world.world;
      await store.transact(world.merchant.id, (tx) => tx.save({ payLinks: [link] }));
      return link;
    }

    for (const state of ['open', 'expired'] as const) {
      test(`a pay link that is ${state} is paid by its line, once`, async () => {
        const world = await newWorld();
        const { orderNumber, amount, id } = await unpaidLink(world, state);
        const line = billLine(orderNumber, amount, 1);
        world.bills.set(TODAY.toString(), { lines: [line] });
        await world.reconcile(TODAY);
        assert.deepEqual(await world.breaks(), []);
        const job = world.jobAfter(TODAY);
        assert.equal((await findPayLink(job, id))?.state, 'paid');
        assert.equal(await world.balanceOf('2203'), -800n);
        const { railReference, at } = line;
        const outcome = { kind: 'succeeded', railReference, paid: amount, paidAt: at } as const;
        await settlePayLinks(job, [{ orderNumber, outcome }]);
        assert.equal(await world.balanceOf('2203'), -800n, 'the rail’s own word comes later');
      });
    }

    test('a pay link paid twice is twice the customer’s money, and the bill agrees', async () => {
      const world = await newWorld();
      const { orderNumber, amount } = await unpaidLink(world, 'open');
      const lines = [1, 2].map((number) => billLine(orderNumber, amount, number));
      const news = lines.map(({ railReference, at: paidAt }) => ({
        orderNumber,
        outcome: { kind: 'succeeded', railReference, paid: amount, paidAt } as const,
      }));
      const { applied } = await settlePayLinks(world.jobAfter(TODAY), [...news, ...news]);
      assert.equal(applied, 4);
      world.bills.set(TODAY.toString(), { lines });
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), []);
      assert.equal(await world.balanceOf('2203'), -1_600n);
    });

    test('a pay link paid in another currency stays a break', async () => {
      const world = await newWorld();
      const { orderNumber, id } = await unpaidLink(world, 'open');
      const line = billLine(orderNumber, money(800n, 'EUR'), 1);
      world.bills.set(TODAY.toString(), { lines: [{ ...line, fee: money(0n, 'EUR') }] });
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), [`currency_mismatch ${orderNumber} open -`]);
      assert.equal((await findPayLink(world.jobAfter(TODAY), id))?.state, 'open');
    });
  });
}

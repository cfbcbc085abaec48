import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Break, RailBill, RailBillLine } from '@daikou/core';
import { NOW, newId, SOME_RAIL, TODAY } from '../../../../test/kit/life.ts';
import { plain } from '../../../../test/kit/plain.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const cny = (minor: bigint) => ({ minor, currency: 'CNY' as const });

function newBill(world: World): RailBill {
  return {
    id: newId('bil', 7),
    merchantId: world.merchant.id,
    rail: SOME_RAIL,
    businessDate: TODAY,
    contentHash: 'ef'.repeat(32),
    state: 'loading',
    rowCount: 0,
    matchedCount: 0,
    breakCount: 0,
    total: cny(0n),
    fee: cny(0n),
    fetchedAt: NOW,
  };
}

function newLine(lineNumber: number, orderNumber: string, minor: bigint): RailBillLine {
  return {
    lineNumber,
    kind: 'payment',
    orderNumber,
    railReference: `R${lineNumber}`,
    amount: cny(minor),
    fee: cny(18n),
    at: NOW,
  };
}

for (const backend of BACKENDS) {
  describe(`rail bills on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('a bill is found by its file, and its lines come back in order', async () => {
      const world = await newWorld();
      const bill = newBill(world);
      const lines = [
        newLine(1, 'NOT-OURS', 1n),
        { ...newLine(2, 'X', 2n), kind: 'refund' as const, refundNumber: 'R2' },
      ];
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.saveBill(bill);
        await tx.saveBillLines(bill.id, lines);
        await tx.saveBillLines(bill.id, [...lines, newLine(3, 'Y', 3n)]);
        const { rail, businessDate, contentHash } = bill;
        return {
          same: await tx.findBill({ rail, businessDate, contentHash }),
          other: await tx.findBill({ rail, businessDate, contentHash: 'another file' }),
          lines: await tx.loadBillLines({ bill: bill.id, afterLine: 0, limit: 2 }),
          rest: await tx.loadBillLines({ bill: bill.id, afterLine: 2, limit: 2 }),
        };
      });
      assert.deepEqual(
        plain(found),
        plain({ same: bill, other: undefined, lines, rest: [newLine(3, 'Y', 3n)] }),
      );
    });

    test('the same file is one bill', async () => {
      const world = await newWorld();
      await world.store.transact(world.merchant.id, (tx) => tx.saveBill(newBill(world)));
      const again = world.store.transact(world.merchant.id, (tx) => tx.saveBill(newBill(world)));
      await assert.rejects(again, /rail_bills_same_file_once/);
    });

    test('payments that the bill does not name are found; so are numbers named twice', async () => {
      const world = await newWorld();
      const [named, missing] = [await saveLife(world), await saveLife(world)];
      const bill = newBill(world);
      const { orderNumber } = named.attempt;
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.saveBill(bill);
        await tx.saveBillLines(bill.id, [
          newLine(1, orderNumber, 1n),
          newLine(2, orderNumber, 1n),
          newLine(3, 'NOT-OURS', 1n),
          { ...newLine(4, missing.attempt.orderNumber, 1n), kind: 'refund' },
        ]);
        const day = { bill: bill.id, rail: SOME_RAIL, limit: 10 };
        return {
          missing: await tx.findPaymentsMissingFromBill({ ...day, businessDate: TODAY }),
          nextDay: await tx.findPaymentsMissingFromBill({
            ...day,
            businessDate: TODAY.add({ days: 1 }),
          }),
          twice: await tx.findDuplicateBillLines(bill.id),
        };
      });
      assert.deepEqual(
        plain(found),
        plain({
          missing: [{ attempt: missing.attempt, payment: missing.payment }],
          nextDay: [],
          twice: [orderNumber],
        }),
      );
    });

    test('a break is kept once per bill, class and order number', async () => {
      const world = await newWorld();
      const { attempt } = await saveLife(world);
      const bill = newBill(world);
      const found: Break = {
        id: newId('brk', 7),
        merchantId: world.merchant.id,
        billId: bill.id,
        rail: SOME_RAIL,
        businessDate: TODAY,
        class: 'amount_mismatch',
        orderNumber: attempt.orderNumber,
        attemptId: attempt.id,
        railAmount: cny(1n),
        ourAmount: attempt.amount,
        state: 'open',
        openedAt: NOW,
      };
      const { attemptId: _attempt, ourAmount: _ours, ...unknown } = found;
      const stray: Break = {
        ...unknown,
        id: newId('brk'),
        class: 'unknown_order',
        orderNumber: 'NOT-OURS',
      };
      await world.store.transact(world.merchant.id, async (tx) => {
        await tx.saveBill({ ...bill, state: 'matched', rowCount: 2, fee: cny(36n), breakCount: 2 });
        await tx.saveBreaks([found, stray]);
        await tx.saveBreaks([{ ...found, id: newId('brk', 8) }]);
      });
      const summary = await world.store.transact(world.merchant.id, (tx) => tx.loadSummary());
      assert.deepEqual(summary.reconciliation, {
        railRows: 2,
        matched: 0,
        breaks: 2,
        feeMinor: 36n,
      });
    });
  });
}

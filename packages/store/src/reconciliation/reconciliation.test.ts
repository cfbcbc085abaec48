import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Break, RailBill, RailBillLine } from '@daikou/core';
import { NOW, newId, SOME_RAIL, TODAY } from '../../../../test/kit/life.ts';
import { plain } from '../../../../test/kit/plain.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const cny = (minor: bigint) => ({ minor, currency: 'CNY' as const });
const ZONE = 'Asia/Shanghai';
const ALL = { from: 0, until: 1_024 };

function newBill(world: World): RailBill {
  return {
    id: newId('bil', 7),
    merchantId: world.merchant.id,
    rail: SOME_RAIL,
    businessDate: TODAY,
    contentHash: 'ef'.repeat(32),
    issue: 1,
    state: 'loading',
    rowCount: 0,
    matchedCount: 0,
    breakCount: 0,
    total: cny(0n),
    refunded: cny(0n),
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

function newBreak(world: World, changes: Partial<Break>): Break {
  return {
    id: newId('brk', 7),
    merchantId: world.merchant.id,
    rail: SOME_RAIL,
    businessDate: TODAY,
    class: 'amount_mismatch',
    orderNumber: 'NOT-OURS',
    owner: 'finance',
    suggestedAction: 'adjust',
    rootCause: 'amount_differs',
    state: 'open',
    openedAt: NOW,
    ...changes,
  };
}

for (const backend of BACKENDS) {
  describe(`rail bills on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('a bill is found by its file, its lines by their numbers, with their sums', async () => {
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
          counted: await tx.findCountedBill({ rail, businessDate }),
          lines: await tx.loadBillLines(bill.id, [3, 2, 9]),
          sums: await tx.sumBill(bill.id),
        };
      });
      assert.deepEqual(
        plain(found),
        plain({
          same: bill,
          other: undefined,
          counted: undefined,
          lines: [lines[1], newLine(3, 'Y', 3n)],
          sums: { rows: 3, lastLine: 3, currency: 'CNY', paid: 4n, refunded: 2n, fee: 54n },
        }),
      );
    });

    test('the same file is one bill, and one bill of a date counts', async () => {
      const world = await newWorld();
      const save = (bill: RailBill) =>
        world.store.transact(world.merchant.id, (tx) => tx.saveBill(bill));
      const first = newBill(world);
      await save({ ...first, state: 'matched' });
      await assert.rejects(save(newBill(world)), /rail_bills_same_file_once/);
      const second: RailBill = {
        ...newBill(world),
        contentHash: 'aa'.repeat(32),
        state: 'matched',
      };
      await assert.rejects(save(second), /rail_bills_one_counts/);
      await save({ ...first, state: 'superseded' });
      await save(second);
    });

    test('lines that differ from our payments are suspects; missing ones are found', async () => {
      const world = await newWorld();
      const [same, dearer, missing] = [
        await saveLife(world),
        await saveLife(world),
        await saveLife(world),
      ];
      const bill = newBill(world);
      const price = same.payment.amount.minor;
      const terms = {
        merchantId: world.merchant.id,
        rail: SOME_RAIL,
        validFrom: TODAY,
        feeBasisPoints: 30,
        feeBackOnRefund: true,
        payerNames: ['Some Pay'],
      };
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.saveBill(bill);
        await tx.saveTerms(terms);
        await tx.saveBillLines(bill.id, [
          newLine(1, same.attempt.orderNumber, price),
          newLine(2, dearer.attempt.orderNumber, price + 1n),
          newLine(3, 'NOT-OURS', 1n),
          newLine(4, 'NOT-OURS', 5n),
        ]);
        const range = { bill, afterLine: 0, untilLine: 10 };
        const near = { from: TODAY.subtract({ days: 2 }), until: TODAY.add({ days: 2 }) };
        const day = { bill, near, buckets: ALL, zone: ZONE, limit: 10 };
        const numbersOf = (lines: readonly RailBillLine[]) => lines.map((line) => line.lineNumber);
        const other = { ...terms, feeBasisPoints: 60 };
        return {
          suspects: numbersOf(await tx.findSuspectLines({ ...range, terms })),
          byFee: numbersOf(await tx.findSuspectLines({ ...range, terms: other })),
          later: numbersOf(await tx.findSuspectLines({ ...range, afterLine: 2 })),
          repeated: await tx.findRepeatedNumbers(bill.id),
          missing: (await tx.findMissingMoney(day)).map((one) => one.orderNumber),
          elsewhere: (await tx.findMissingMoney({ ...day, buckets: { from: 0, until: 1 } })).length,
          terms: await tx.loadTerms(SOME_RAIL),
          booked: (
            await tx.findBookedOrders({ rail: SOME_RAIL, zone: ZONE }, [
              same.attempt.orderNumber,
              'NOT-OURS',
            ])
          ).size,
        };
      });
      assert.deepEqual(
        plain(found),
        plain({
          suspects: [2, 3, 4],
          byFee: [1, 2, 3, 4],
          later: [3, 4],
          repeated: [
            { kind: 'payment', number: 'NOT-OURS', firstLine: 3, times: 2, totalMinor: 6n },
          ],
          missing: [missing.attempt.orderNumber],
          elsewhere: 0,
          terms: [terms],
          booked: 1,
        }),
      );
    });

    test('a break is kept once per bill, class and number, and comes back whole', async () => {
      const world = await newWorld();
      const { attempt } = await saveLife(world);
      const bill = newBill(world);
      const whole = newBreak(world, {
        billId: bill.id,
        orderNumber: attempt.orderNumber,
        refundNumber: 'R1',
        lineNumber: 4,
        attemptId: attempt.id,
        railAmount: cny(1n),
        ourAmount: attempt.amount,
        difference: cny(-5n),
        parkedBy: newId('jrn', 7),
        note: 'asked the rail',
        state: 'resolved',
        end: {
          at: NOW,
          by: 'Anna',
          how: 'booked',
          evidence: { kind: 'payment', reference: newId('pay') },
        },
      });
      const stray = newBreak(world, { billId: bill.id, class: 'unknown_order' });
      const ofStatement = newBreak(world, { class: 'settlement_mismatch', orderNumber: 'fee' });
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.saveBill({ ...bill, state: 'matched', rowCount: 2, fee: cny(36n), breakCount: 2 });
        const added = await tx.addBreaks([whole, stray, ofStatement]);
        const again = [whole, stray, ofStatement].map((one) => ({ ...one, id: newId('brk', 8) }));
        const orders = { rail: SOME_RAIL, orderNumbers: [whole.orderNumber, 'NOT-OURS'] };
        return {
          added: added.size,
          again: (await tx.addBreaks(again)).size,
          whole: await tx.lockBreak(whole.id),
          waiting: await tx.lockBreaksOfOrders(orders),
          ofBill: (await tx.lockBreaksOfOrders({ ...orders, bill: bill.id })).length,
          ofStatement: await tx.lockStatementBreaks({ rail: SOME_RAIL, businessDate: TODAY }),
          unresolved: await tx.countUnresolved({ rail: SOME_RAIL, businessDate: TODAY }),
          count: await tx.countBreaksOfBill(bill.id),
          mine: await tx.listBreaks({ owner: 'nobody', limit: 5 }),
        };
      });
      assert.deepEqual(
        plain(found),
        plain({
          added: 3,
          again: 0,
          whole,
          // What files ended waits no more; what a person ended may be brought by a later bill.
          waiting: [whole, stray],
          ofBill: 2,
          ofStatement: [ofStatement],
          unresolved: { pooled: 0, open: 2, unassigned: 0 },
          count: 2,
          mine: [],
        }),
      );
      const summary = await world.store.transact(world.merchant.id, (tx) => tx.loadSummary());
      assert.deepEqual(summary.reconciliation, {
        railRows: 2,
        matched: 0,
        breaks: 2,
        feeMinor: 36n,
      });
    });

    test('a break does not end without evidence, nor stand without its bill', async () => {
      const world = await newWorld();
      const add = (one: Break) =>
        world.store.transact(world.merchant.id, (tx) => tx.addBreaks([one]));
      await assert.rejects(add(newBreak(world, {})), /breaks_bill_is_named/);
      const open = newBreak(world, { class: 'settlement_mismatch' });
      await assert.rejects(add({ ...open, state: 'resolved' }), /breaks_end_with_evidence/);
      await assert.rejects(add({ ...open, parkedBy: newId('jrn') }), /breaks_parked_with/);
    });

    test('a day, its moves and its pages come back; a closed one has its files', async () => {
      const world = await newWorld();
      const day = {
        merchantId: world.merchant.id,
        rail: SOME_RAIL,
        businessDate: TODAY,
        state: 'expected' as const,
        bill: 'expected' as const,
        statement: 'expected' as const,
        postedFee: cny(18n),
        problem: 'not ready',
        askedAt: NOW,
      };
      const tomorrow = { ...day, businessDate: TODAY.add({ days: 1 }) };
      const move = {
        merchantId: world.merchant.id,
        rail: SOME_RAIL,
        businessDate: TODAY,
        from: 'expected' as const,
        to: 'loading' as const,
        by: 'Anna',
        at: NOW,
      };
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.saveDay(day);
        await tx.saveDay(tomorrow);
        await tx.addDayMove(move);
        await tx.addDayMove({ ...move, note: 'again' });
        return {
          day: await tx.lockDay(day),
          none: await tx.lockDay({ ...day, rail: 'other' }),
          moves: await tx.loadDayMoves(day),
          newest: await tx.listDays({ limit: 1 }),
          next: await tx.listDays({ limit: 1, before: tomorrow }),
          between: (await tx.loadDays({ rail: SOME_RAIL, from: TODAY, until: TODAY })).length,
        };
      });
      assert.deepEqual(
        plain(found),
        plain({
          day,
          none: undefined,
          moves: [move, { ...move, note: 'again' }],
          newest: [tomorrow],
          next: [day],
          between: 1,
        }),
      );
      const closed = { ...day, state: 'closed' as const, closed: { by: 'Anna', at: NOW } };
      await assert.rejects(
        world.store.transact(world.merchant.id, (tx) => tx.saveDay(closed)),
        /reconciliation_days_closed_has_files/,
      );
    });
  });
}

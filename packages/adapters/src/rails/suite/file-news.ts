import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DebitRequest, RailBillLine, RailEvent } from '@daikou/core';
import {
  allNews,
  bankBooks,
  type FileBench,
  fileDebit,
  passDays,
  SETTLED_DAYS,
  scriptFile,
  submitNow,
} from './file-subject.ts';

/** What may happen to a file on its way; none of it may lose or double a payment. */
const FILE_FAULTS = [
  'late_file',
  'lost_file',
  'duplicate_file',
  'reissued_file',
  'half_file',
  'foreign_file',
  'xml_bomb',
] as const;

/** Faults that leave a file behind that must be told of. */
const TOLD_FAULTS: ReadonlySet<string> = new Set(['half_file', 'foreign_file', 'xml_bomb']);

/** The bank's files: read in any order, any number of times, with anything between them. */
export function checkFileNews(bench: FileBench): void {
  describe('news', () => {
    test('news tell of a payment as the question does, and are not told twice', async () => {
      await allNews(bench.rail);
      const debit = await fileDebit(bench);
      await submitNow(bench, debit);
      await passDays(bench, SETTLED_DAYS);
      const { events } = await allNews(bench.rail);
      const told = ofOrder(events, debit.orderNumber);
      const outcome = await bench.rail.ask(debit.orderNumber);
      assert.equal(outcome.kind, 'succeeded');
      assert.ok(told.length > 0);
      for (const event of told)
        assert.deepEqual(event.kind === 'attempt' && event.outcome, outcome);
      assert.deepEqual((await allNews(bench.rail)).events, []);
    });

    const kinds = [bench.facts.firstTold, bench.facts.dayFile];
    for (const [fault, operation] of FILE_FAULTS.flatMap((one) =>
      kinds.map((kind) => [one, kind]),
    )) {
      test(`${fault} of a ${operation}: nothing is lost and what follows is read`, async () => {
        await allNews(bench.rail);
        const debit = await fileDebit(bench);
        await scriptFile(bench, { fault, operation });
        await submitNow(bench, debit);
        await passDays(bench, 3);
        const early = await allNews(bench.rail);
        if (TOLD_FAULTS.has(fault ?? '')) assert.ok(early.problems.length > 0);
        await passDays(bench, 2);
        const late = await allNews(bench.rail);
        const paid = ofOrder([...early.events, ...late.events], debit.orderNumber);
        assert.ok(paid.length > 0, 'the payment is told of');
        assert.equal((await bench.rail.ask(debit.orderNumber)).kind, 'succeeded');
        await bankBooks(bench);
      });
    }

    checkReturns(bench);
    checkStatements(bench);
  });
}

function ofOrder(events: readonly RailEvent[], orderNumber: string): readonly RailEvent[] {
  return events.filter((event) => 'orderNumber' in event && event.orderNumber === orderNumber);
}

/** Money that is taken back after it was booked. */
function checkReturns(bench: FileBench): void {
  test('what the payer or the payer’s bank takes back is told, once by its number', async () => {
    const debits: DebitRequest[] = [];
    for (const { outcome } of bench.facts.returns) {
      const debit = await fileDebit(bench);
      await scriptFile(bench, { orderNumber: debit.orderNumber, fault: outcome });
      debits.push(debit);
    }
    await submitNow(bench, ...debits);
    await passDays(bench, SETTLED_DAYS);
    for (const { orderNumber } of debits) {
      assert.equal((await bench.rail.ask(orderNumber)).kind, 'succeeded');
    }
    await passDays(bench, Math.max(...bench.facts.returns.map((one) => one.afterDays)));
    const { events } = await allNews(bench.rail);
    for (const [index, expected] of bench.facts.returns.entries()) {
      const debit = debits[index];
      const told = ofOrder(events, debit?.orderNumber ?? '').filter((one) => one.kind === 'return');
      const [first] = told;
      assert.equal(first?.kind, 'return', expected.outcome);
      if (first?.kind !== 'return') continue;
      assert.equal(first.code, expected.code);
      assert.equal(first.mandateGone, expected.mandateGone, expected.outcome);
      assert.deepEqual(first.amount, debit?.amount);
      assert.equal(new Set(told.map((one) => 'railReference' in one && one.railReference)).size, 1);
    }
  });
}

/** The statement of a day as a bill. */
function checkStatements(bench: FileBench): void {
  test('a day has a bill when it is over, with every payment of it', async () => {
    await bookTogether(bench);
    const debits = [await fileDebit(bench), await fileDebit(bench)];
    const before = await bankBooks(bench);
    const numbers = debits.map((one) => one.orderNumber);
    await submitNow(bench, ...debits);
    const due = bench.day.add({ days: 1 });
    await passDays(bench, 1);
    assert.equal((await bench.rail.fetchBill(due)).kind, 'not_ready');
    await passDays(bench, 1);
    const bill = await bench.rail.fetchBill(due);
    assert.equal(bill.kind, 'ready');
    if (bill.kind !== 'ready') return;
    assert.match(bill.contentHash, /^[0-9a-f]{64}$/);
    const lines: RailBillLine[] = [];
    for await (const line of bill.lines) lines.push(line);
    const payments = lines.filter((line) => line.kind === 'payment');
    const after = await bankBooks(bench);
    assert.deepEqual(payments.map((line) => line.orderNumber).sort(), numbers.sort());
    const total = payments.reduce((sum, line) => sum + line.amount.minor, 0n);
    assert.equal(total, BigInt(after.succeededMinor - before.succeededMinor));
    for (const line of payments) {
      const outcome = await bench.rail.ask(line.orderNumber);
      assert.equal(outcome.kind === 'succeeded' && outcome.railReference, line.railReference);
    }
    const again = await bench.rail.fetchBill(due);
    assert.equal(again.kind === 'ready' && again.contentHash, bill.contentHash);
  });

  test('a statement that is sent twice makes no payment of it two', async () => {
    await bookTogether(bench);
    await scriptFile(bench, { fault: 'reissued_file', operation: bench.facts.dayFile, times: 2 });
    const debit = await fileDebit(bench);
    await submitNow(bench, debit);
    const due = bench.day.add({ days: 1 });
    await passDays(bench, 2);
    const bill = await bench.rail.fetchBill(due);
    assert.equal(bill.kind, 'ready');
    if (bill.kind !== 'ready') return;
    const lines = await Array.fromAsync(bill.lines);
    assert.deepEqual(
      lines.filter((line) => line.kind === 'payment').map((line) => line.orderNumber),
      [debit.orderNumber],
    );
  });

  test('a day without settlement has an empty bill, and so has one without payments', async () => {
    await bookTogether(bench);
    await passDays(bench, 7);
    const saturday = bench.day.subtract({ days: bench.day.dayOfWeek + 1 });
    assert.equal(saturday.dayOfWeek, 6);
    assert.deepEqual(await bench.rail.fetchBill(saturday), { kind: 'empty' });
    const quiet = bench.day.subtract({ days: 1 });
    assert.deepEqual(await bench.rail.fetchBill(quiet), { kind: 'empty' });
  });
}

/** Goes to the next Tuesday that is at least a week on: nothing that was sent is under way then. */
async function bookTogether(bench: FileBench): Promise<void> {
  await passDays(bench, 7 + ((9 - bench.day.dayOfWeek) % 7));
}

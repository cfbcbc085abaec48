import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money, type RefundRequest } from '@daikou/core';
import {
  AMOUNT,
  allNews,
  bankBooks,
  type FileBench,
  fileDebit,
  passDays,
  SETTLED_DAYS,
  scriptFile,
  submitNow,
} from './file-subject.ts';
import { freshNumber } from './subject.ts';

/** A refund of ten euros of a payment that has settled. */
async function paidRefund(bench: FileBench): Promise<RefundRequest> {
  const debit = await fileDebit(bench);
  await submitNow(bench, debit);
  await passDays(bench, SETTLED_DAYS);
  const outcome = await bench.rail.ask(debit.orderNumber);
  assert.equal(outcome.kind, 'succeeded');
  if (outcome.kind !== 'succeeded') throw new Error('not paid');
  return {
    refundNumber: freshNumber('R'),
    orderNumber: debit.orderNumber,
    paymentReference: outcome.railReference,
    paid: AMOUNT,
    paidAt: outcome.paidAt,
    amount: money(1_000n, 'EUR'),
    reason: '退款',
  };
}

/** Refunds: one number pays at most once, and an end that failed is told. */
export function checkFileRefunds(bench: FileBench): void {
  const { refunds } = bench.facts.capabilities;
  if (refunds === undefined) {
    test('a rail without refunds takes none', () => assert.equal(bench.rail.refund, undefined));
    return;
  }
  describe('refunds', () => {
    test('a part is returned, once, however often it is asked', async () => {
      const before = (await bankBooks(bench)).refundedMinor;
      const request = await paidRefund(bench);
      assert.equal((await bench.rail.refund?.(request))?.kind, 'accepted');
      assert.equal((await bench.rail.refund?.(request))?.kind, 'accepted');
      await bench.sandbox.idle();
      await passDays(bench, 2);
      const outcome = await bench.rail.askRefund?.(request);
      assert.equal(outcome?.kind, 'succeeded');
      if (outcome?.kind === 'succeeded') assert.deepEqual(outcome.refunded, request.amount);
      assert.deepEqual(await bench.rail.refund?.(request), outcome);
      assert.equal((await bankBooks(bench)).refundedMinor - before, 1_000);
      const { events } = await allNews(bench.rail);
      const told = events.filter((event) => event.kind === 'refund');
      assert.ok(told.length > 0);
      for (const event of told) assert.deepEqual(event.outcome, outcome);
    });

    test('more than the payment, another amount, and a number never sent', async () => {
      const request = await paidRefund(bench);
      const above = await bench.rail.refund?.({ ...request, amount: money(2_986n, 'EUR') });
      assert.equal(above?.kind === 'refused' && above.refusal.class, 'amount');
      assert.deepEqual(await bench.rail.askRefund?.(request), { kind: 'not_found' });
      await bench.rail.refund?.(request);
      const other = await bench.rail.refund?.({ ...request, amount: money(999n, 'EUR') });
      assert.equal(other?.kind, 'unknown');
    });

    test('a refund that the bank does not pay, and one that comes back', async () => {
      const poor = await paidRefund(bench);
      const closed = await paidRefund(bench);
      const { refused, comesBack } = bench.facts.refunds;
      await scriptFile(bench, { orderNumber: poor.refundNumber, fault: refused });
      await scriptFile(bench, { orderNumber: closed.refundNumber, fault: comesBack });
      await bench.rail.refund?.(poor);
      await bench.rail.refund?.(closed);
      await bench.sandbox.idle();
      await passDays(bench, 7);
      const first = await bench.rail.askRefund?.(poor);
      assert.equal(first?.kind === 'refused' && first.refusal.class, 'merchant_balance');
      const back = await bench.rail.askRefund?.(closed);
      assert.equal(back?.kind, 'failed');
      assert.ok(back?.kind === 'failed' && back.at !== undefined, 'the day is told');
      const { zone } = bench.facts.capabilities;
      const bill = await bench.rail.fetchBill(back.at.toZonedDateTimeISO(zone).toPlainDate());
      assert.ok(bill.kind === 'ready');
      const named: string[] = [];
      for await (const line of bill.lines) {
        if (line.orderNumber !== closed.refundNumber) continue;
        named.push(`${line.kind} ${line.amount.minor}`);
      }
      assert.deepEqual(named, ['payment 1000'], 'money that came in, under the refund’s number');
      await bankBooks(bench);
    });
  });
}

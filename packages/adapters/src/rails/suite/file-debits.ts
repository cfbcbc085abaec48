import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AttemptOutcome, money } from '@daikou/core';
import {
  AMOUNT,
  bankBooks,
  type FileBench,
  fileDebit,
  passDays,
  SETTLED_DAYS,
  scriptFile,
  signForm,
  submitNow,
} from './file-subject.ts';
import { freshNumber } from './subject.ts';

function requirePaid(outcome: AttemptOutcome): void {
  assert.equal(outcome.kind, 'succeeded');
  if (outcome.kind === 'succeeded') assert.deepEqual(outcome.paid, AMOUNT);
}

/** Debits: one number takes money at most once, whatever is lost on the way. */
export function checkFileDebits(bench: FileBench): void {
  describe('debits', () => {
    test('a debit is accepted, stays open until the bank books it, then succeeds', async () => {
      const debit = await fileDebit(bench);
      assert.equal((await bench.rail.submit(debit)).kind, 'accepted');
      await bench.sandbox.idle();
      assert.equal((await bench.rail.ask(debit.orderNumber)).kind, 'accepted');
      await passDays(bench, SETTLED_DAYS);
      requirePaid(await bench.rail.ask(debit.orderNumber));
    });

    test('a batch is one file, and its outcomes come in its order', async () => {
      const { files } = await bankBooks(bench);
      const good = [await fileDebit(bench), await fileDebit(bench)];
      const ended = await signForm(bench);
      await bench.rail.endMandate(ended, '退订');
      const dead = { ...(await fileDebit(bench)), railReference: ended.railReference };
      const [first, second, third] = await submitNow(bench, good[0] ?? dead, dead, good[1] ?? dead);
      assert.equal(first?.kind, 'accepted');
      assert.equal(second?.kind === 'refused' && second.refusal.class, 'mandate');
      assert.equal(third?.kind, 'accepted');
      assert.equal((await bankBooks(bench)).files - files, 1);
    });

    test('the same number twice, alone or with others, is collected once', async () => {
      const before = (await bankBooks(bench)).succeeded;
      const debit = await fileDebit(bench);
      const other = await fileDebit(bench);
      await submitNow(bench, debit, debit);
      await submitNow(bench, debit, other);
      await bench.rail.submit(debit);
      await passDays(bench, SETTLED_DAYS);
      requirePaid(await bench.rail.submit(debit));
      requirePaid(await bench.rail.ask(other.orderNumber));
      // Two debits of the batch before this test settle on the same days.
      assert.equal((await bankBooks(bench)).succeeded - before, 4);
    });

    test('the same number with another amount is never a refusal: it may be paid', async () => {
      const debit = await fileDebit(bench);
      await submitNow(bench, debit);
      const other = await bench.rail.submit({ ...debit, amount: money(9_900n, 'EUR') });
      assert.equal(other.kind, 'unknown');
      await passDays(bench, SETTLED_DAYS);
      requirePaid(await bench.rail.ask(debit.orderNumber));
    });

    test('an order that was never sent is not found, and closing invents none', async () => {
      const orderNumber = freshNumber('D');
      assert.deepEqual(await bench.rail.ask(orderNumber), { kind: 'not_found' });
      assert.deepEqual(await bench.rail.close(orderNumber), { kind: 'not_found' });
    });

    test('a request of another currency never leaves', async () => {
      const debit = await fileDebit(bench);
      const outcome = await bench.rail.submit({ ...debit, amount: money(2_985n, 'CNY') });
      assert.equal(outcome.kind === 'refused' && outcome.refusal.class, 'merchant_fault');
      assert.deepEqual(await bench.rail.ask(debit.orderNumber), { kind: 'not_found' });
    });

    checkFileRefusals(bench);
    checkWayOut(bench);
  });
}

/** Every refusal that the bank can be told to give, with its class. */
function checkFileRefusals(bench: FileBench): void {
  test('each reason of the bank has its class, and closing changes none', async () => {
    const sent: { readonly number: string; readonly code: string; readonly expected: string }[] =
      [];
    const debits = [];
    for (const [code, expected] of bench.facts.refusals) {
      const debit = await fileDebit(bench);
      await scriptFile(bench, { orderNumber: debit.orderNumber, fault: code });
      sent.push({ number: debit.orderNumber, code, expected });
      debits.push(debit);
    }
    await submitNow(bench, ...debits);
    await passDays(bench, SETTLED_DAYS);
    for (const { number, code, expected } of sent) {
      const outcome = await bench.rail.close(number);
      assert.equal(outcome.kind, 'refused', code);
      if (outcome.kind !== 'refused') continue;
      assert.equal(outcome.refusal.class, expected, code);
      assert.equal(outcome.refusal.code, code);
    }
  });
}

/** The way to the bank: broken, repaired, and shared by two processes. */
function checkWayOut(bench: FileBench): void {
  test('nothing can be handed over: proved that nothing was sent', async () => {
    const broken = await bench.facts.open(bench.sandbox, { broken: true });
    const debit = await fileDebit(bench);
    assert.equal((await broken.submit(debit)).kind, 'never_sent');
    assert.deepEqual(await broken.ask(debit.orderNumber), { kind: 'not_found' });
  });

  test('another process on the same register does not send a number again', async () => {
    const debit = await fileDebit(bench);
    await submitNow(bench, debit);
    const { files } = await bankBooks(bench);
    const second = await bench.facts.open(bench.sandbox, { again: true });
    assert.equal((await second.submit(debit)).kind, 'accepted');
    await bench.sandbox.idle();
    assert.equal((await bankBooks(bench)).files, files);
    await passDays(bench, SETTLED_DAYS);
    requirePaid(await second.ask(debit.orderNumber));
  });
}

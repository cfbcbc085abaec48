import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deadOrigin, listen } from '../../kit/listener.ts';
import { AMOUNT, finalOutcome, freshDebit, script } from './debits.ts';
import type { Bench } from './subject.ts';

/** Replies that say nothing, however loud they are. */
const SPOILT = [
  'http_500',
  'html_error',
  'garbage_body',
  'truncated_body',
  'wrong_signature',
  'connection_reset',
] as const;

/** Failures of the way: lost requests, lost and spoilt replies. */
export function checkFailures(bench: Bench): void {
  describe('failures', () => {
    test('a reply that is lost after the payment: unknown, then found paid', async () => {
      const debit = await freshDebit(bench.rail);
      await script(bench, debit.orderNumber, { fault: 'TIMEOUT_THEN_PAID' });
      assert.equal((await bench.rail.submit(debit)).kind, 'unknown');
      const outcome = await finalOutcome(bench, debit.orderNumber);
      assert.equal(outcome.kind, 'succeeded');
    });

    test('a lost request: unknown, then not found, then the same number pays', async () => {
      const debit = await freshDebit(bench.rail);
      await script(bench, debit.orderNumber, { fault: 'TIMEOUT_NOT_RECEIVED' });
      assert.equal((await bench.rail.submit(debit)).kind, 'unknown');
      const lost = await finalOutcome(bench, debit.orderNumber);
      assert.deepEqual(lost, { kind: 'not_found' });
      await bench.rail.submit(debit);
      const outcome = await finalOutcome(bench, debit.orderNumber);
      assert.equal(outcome.kind, 'succeeded');
      if (outcome.kind === 'succeeded') assert.deepEqual(outcome.paid, AMOUNT);
    });

    checkSpoiltReplies(bench);
    checkServers(bench);
  });
}

/** Replies of the sandbox that are broken, forged or about something else. */
function checkSpoiltReplies(bench: Bench): void {
  for (const fault of SPOILT) {
    test(`${fault}: the debit is carried out, its reply says nothing`, async () => {
      const debit = await freshDebit(bench.rail);
      const operation = bench.facts.operations.submit;
      await script(bench, debit.orderNumber, { fault, operation, processed: true });
      assert.equal((await bench.rail.submit(debit)).kind, 'unknown');
      const outcome = await finalOutcome(bench, debit.orderNumber);
      assert.equal(outcome.kind, 'succeeded');
    });

    test(`${fault}: a query that it meets says nothing`, async () => {
      const debit = await freshDebit(bench.rail);
      await bench.rail.submit(debit);
      await bench.world.sandbox.idle();
      const operation = bench.facts.operations.ask;
      await script(bench, debit.orderNumber, { fault, operation, processed: true });
      assert.equal((await bench.rail.ask(debit.orderNumber)).kind, 'unknown');
    });
  }

  test('a query that names another order says nothing', async () => {
    const debit = await freshDebit(bench.rail);
    await bench.rail.submit(debit);
    await bench.world.sandbox.idle();
    const operation = bench.facts.operations.ask;
    await script(bench, debit.orderNumber, { fault: 'swapped_order', operation });
    assert.equal((await bench.rail.ask(debit.orderNumber)).kind, 'unknown');
  });
}

/** Servers that are not the rail, or not there. */
function checkServers(bench: Bench): void {
  test('nobody listens: proved that nothing was sent', async () => {
    const debit = await freshDebit(bench.rail);
    const origin = await deadOrigin();
    const rail = bench.facts.open(bench.world, { origin });
    const outcome = await rail.submit(debit);
    assert.equal(outcome.kind, 'never_sent');
  });

  test('a server that answers nothing is left after the time-out: unknown', async () => {
    const debit = await freshDebit(bench.rail);
    const silent = await listen(() => ({ status: 200, headers: { 'content-length': '10' } }));
    const rail = bench.facts.open(bench.world, { origin: silent.origin });
    assert.equal((await rail.submit(debit)).kind, 'unknown');
    await silent.close();
  });

  test('an endless reply is cut off: unknown, and it is not read first', async () => {
    const debit = await freshDebit(bench.rail);
    const details: string[] = [];
    for (const length of [5 * 1024 * 1024 + 1, 100]) {
      const body = Buffer.alloc(length, 0x20);
      const server = await listen(() => ({ status: 200, body }));
      const rail = bench.facts.open(bench.world, { origin: server.origin });
      const outcome = await rail.submit(debit);
      await server.close();
      assert.equal(outcome.kind, 'unknown');
      if (outcome.kind === 'unknown') details.push(outcome.detail);
    }
    const [endless, short] = details;
    assert.notEqual(endless, short);
  });

  test('a redirect is not followed: unknown', async () => {
    const debit = await freshDebit(bench.rail);
    const target = await listen(() => ({ status: 200 }));
    const mover = await listen(() => ({ status: 307, headers: { location: target.origin } }));
    const rail = bench.facts.open(bench.world, { origin: mover.origin });
    assert.equal((await rail.submit(debit)).kind, 'unknown');
    assert.equal(target.received.length, 0);
    await Promise.all([mover.close(), target.close()]);
  });
}

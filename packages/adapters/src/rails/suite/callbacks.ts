import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RawCallback } from '@daikou/core';
import { AMOUNT, freshDebit, script } from './debits.ts';
import type { Attack, Bench } from './subject.ts';

/** Attacks that every rail must refuse, whatever its format. */
const ATTACKS: readonly Attack[] = [
  { name: 'an empty body', change: (one) => ({ ...one, body: new Uint8Array() }) },
  {
    name: 'more than 64 KB',
    reason: 'too_large',
    change: (one) => ({ ...one, body: Buffer.alloc(65_537, 0x41) }),
  },
  { name: 'bytes that are not UTF-8', change: (one) => ({ ...one, body: Buffer.from([0xff]) }) },
  { name: 'half of the body', change: (one) => ({ ...one, body: half(one.body) }) },
  { name: 'XXE', change: (one) => ({ ...one, body: Buffer.from(XXE) }) },
  { name: 'billion laughs', change: (one) => ({ ...one, body: Buffer.from(LAUGHS) }) },
];

const XXE =
  '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/hostname">]>' +
  '<xml><return_code>&x;</return_code></xml>';

const LAUGHS =
  '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>' +
  '<xml><return_code>&b;</return_code></xml>';

function half(body: Uint8Array): Uint8Array {
  return body.slice(0, Math.floor(body.length / 2));
}

/** A true payment callback, as it arrived. */
async function paidCallback(
  bench: Bench,
): Promise<{ readonly raw: RawCallback; readonly orderNumber: string }> {
  const debit = await freshDebit(bench.rail);
  await bench.rail.submit(debit);
  const raw = await bench.world.inbox.wait(names(debit.orderNumber));
  return { raw, orderNumber: debit.orderNumber };
}

/**
 * Callbacks: verified bytes in, events out; everything else is refused with a status that says so.
 */
export function checkCallbacks(bench: Bench): void {
  describe('callbacks', () => {
    test('the payment callback names order, amount and time as the query does', async () => {
      const { raw, orderNumber } = await paidCallback(bench);
      const reading = bench.rail.readCallback(raw);
      assert.equal(reading.kind, 'verified');
      if (reading.kind !== 'verified') return;
      const [event, ...others] = reading.events;
      assert.deepEqual(others, []);
      assert.equal(event?.kind, 'attempt');
      if (event?.kind !== 'attempt') return;
      assert.equal(event.orderNumber, orderNumber);
      assert.deepEqual(event.outcome, await bench.rail.ask(orderNumber));
    });

    test('a callback that names another amount says so: the books decide', async () => {
      const debit = await freshDebit(bench.rail);
      await script(bench, debit.orderNumber, { fault: 'swapped_amount', operation: 'callback' });
      await bench.rail.submit(debit);
      const reading = bench.rail.readCallback(
        await bench.world.inbox.wait(names(debit.orderNumber)),
      );
      const event = reading.kind === 'verified' ? reading.events[0] : undefined;
      const outcome = event?.kind === 'attempt' ? event.outcome : undefined;
      assert.equal(outcome?.kind, 'succeeded');
      if (outcome?.kind === 'succeeded') assert.notDeepEqual(outcome.paid, AMOUNT);
    });

    test('any changed byte of the body is refused', async () => {
      const { raw } = await paidCallback(bench);
      for (let place = 0; place < raw.body.length; place += 7) {
        const body = Uint8Array.from(raw.body);
        body[place] = (body[place] ?? 0) ^ 0x01;
        const reading = bench.rail.readCallback({ ...raw, body });
        // A changed byte of layout may leave the signed values as they were; then nothing else
        // changed.
        if (reading.kind === 'verified') {
          const original = bench.rail.readCallback(raw);
          assert.deepEqual(reading, original);
        } else {
          assert.ok(reading.answer.status >= 400);
        }
      }
    });

    checkAttacks(bench);
  });
}

/** What must be refused, whatever it pretends to be. */
function checkAttacks(bench: Bench): void {
  for (const attack of [...ATTACKS, ...bench.facts.attacks]) {
    test(`refused: ${attack.name}`, async () => {
      const { raw } = await paidCallback(bench);
      const reading = bench.rail.readCallback(attack.change(raw));
      assert.equal(reading.kind, 'refused');
      if (reading.kind === 'refused' && attack.reason !== undefined) {
        assert.equal(reading.reason, attack.reason);
      }
      assert.ok(reading.answer.status >= 400, String(reading.answer.status));
    });
  }

  test('refused: the callback of another merchant with the same keys', async () => {
    const { raw } = await paidCallback(bench);
    const stranger = bench.facts.open(bench.world, { stranger: true });
    const reading = stranger.readCallback(raw);
    assert.equal(reading.kind === 'refused' && reading.reason, 'not_for_us');
    assert.ok(reading.answer.status >= 400);
  });
}

function names(orderNumber: string): (one: RawCallback) => boolean {
  return (one) => Buffer.from(one.body).toString('utf8').includes(orderNumber);
}

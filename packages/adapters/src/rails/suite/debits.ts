import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AttemptOutcome, type DebitRequest, money, type Rail } from '@daikou/core';
import { type Bench, FIRST_DAY, freshNumber, signMandate } from './subject.ts';

export const AMOUNT = money(2_985n, 'CNY');

/** A debit of 29.85 yuan on a freshly signed mandate. */
export async function freshDebit(rail: Rail): Promise<DebitRequest> {
  const { railReference } = await signMandate(rail, FIRST_DAY);
  return {
    orderNumber: freshNumber('D'),
    railReference,
    amount: AMOUNT,
    description: '专业版 12 月',
  };
}

/** Scripts one outcome or fault of the sandbox for one order number. */
export async function script(
  bench: Bench,
  orderNumber: string,
  fault: Readonly<Record<string, unknown>>,
): Promise<void> {
  const rail = bench.rail.id;
  await bench.world.sandbox.admin('POST', '/admin/faults', {
    rail,
    orderNumber,
    times: 1,
    ...fault,
  });
}

/** What became of an order once the rail has nothing more to do. */
export async function finalOutcome(bench: Bench, orderNumber: string): Promise<AttemptOutcome> {
  await bench.world.sandbox.idle();
  return bench.rail.ask(orderNumber);
}

function requirePaid(outcome: AttemptOutcome): asserts outcome is AttemptOutcome & {
  kind: 'succeeded';
} {
  assert.equal(
    outcome.kind,
    'succeeded',
    JSON.stringify(outcome, (_, value) => String(value)),
  );
}

type Summary = Readonly<
  Record<string, { readonly succeeded: number; readonly doubleDebits: readonly unknown[] }>
>;

async function successes(bench: Bench): Promise<number> {
  const summary = await bench.world.sandbox.admin('GET', '/admin/books/summary');
  const { succeeded, doubleDebits } = (summary as Summary)[bench.rail.id] ?? {};
  assert.deepEqual(doubleDebits, []);
  assert.ok(succeeded !== undefined);
  return succeeded;
}

/** Debits: one number takes money at most once, whatever is lost on the way. */
export function checkDebits(bench: Bench): void {
  describe('debits', () => {
    test('a debit succeeds, and the answer comes as the rail declares', async () => {
      const debit = await freshDebit(bench.rail);
      const first = await bench.rail.submit(debit);
      const expected = bench.rail.capabilities.completion === 'reply' ? 'succeeded' : 'accepted';
      assert.equal(first.kind, expected);
      const outcome = await finalOutcome(bench, debit.orderNumber);
      requirePaid(outcome);
      assert.deepEqual(outcome.paid, AMOUNT);
      assert.equal(outcome.paidAt.toString(), '2026-12-01T01:00:00Z');
      if (first.kind === 'succeeded') assert.deepEqual(first, outcome);
    });

    test('the same number twice makes one order and one success', async () => {
      const before = await successes(bench);
      const debit = await freshDebit(bench.rail);
      await bench.rail.submit(debit);
      await bench.rail.submit(debit);
      requirePaid(await finalOutcome(bench, debit.orderNumber));
      const again = await bench.rail.submit(debit);
      requirePaid(again);
      assert.deepEqual(again.paid, AMOUNT);
      assert.equal((await successes(bench)) - before, 1);
    });

    test('the same number with another amount is never a refusal: it may be paid', async () => {
      const debit = await freshDebit(bench.rail);
      await bench.rail.submit(debit);
      await bench.world.sandbox.idle();
      const other = await bench.rail.submit({ ...debit, amount: money(9_900n, 'CNY') });
      assert.equal(other.kind, 'unknown');
      requirePaid(await bench.rail.ask(debit.orderNumber));
    });

    test('an order that the rail never saw is not found', async () => {
      assert.deepEqual(await bench.rail.ask(freshNumber('D')), { kind: 'not_found' });
    });

    checkRefusals(bench);
    checkClosing(bench);
  });
}

/** Every refusal that the sandbox can be told to give, with its class. */
function checkRefusals(bench: Bench): void {
  for (const [code, expected] of bench.facts.refusals) {
    test(`${code} is refused as ${expected}`, async () => {
      const debit = await freshDebit(bench.rail);
      await script(bench, debit.orderNumber, { fault: code });
      const first = await bench.rail.submit(debit);
      // What completes later says why at the query; what completes at once created no order.
      const outcome =
        first.kind === 'refused' ? first : await finalOutcome(bench, debit.orderNumber);
      assert.equal(outcome.kind, 'refused');
      if (outcome.kind !== 'refused') return;
      assert.equal(outcome.refusal.class, expected);
      assert.equal(outcome.refusal.code, code);
    });
  }

  test('a debit on an ended mandate is refused as mandate', async () => {
    const { rail } = bench;
    const mandate = await signMandate(rail, FIRST_DAY);
    await rail.endMandate(mandate, '客户关闭自动续费');
    const outcome = await rail.submit({
      orderNumber: freshNumber('D'),
      railReference: mandate.railReference,
      amount: AMOUNT,
      description: '专业版',
    });
    assert.equal(outcome.kind === 'refused' ? outcome.refusal.class : outcome.kind, 'mandate');
  });
}

/** Closing never loses a payment and never invents an order. */
function checkClosing(bench: Bench): void {
  test('closing a paid order finds the payment', async () => {
    const debit = await freshDebit(bench.rail);
    await bench.rail.submit(debit);
    await bench.world.sandbox.idle();
    requirePaid(await bench.rail.close(debit.orderNumber));
  });

  test('closing an order that the rail never saw does not invent one', async () => {
    assert.deepEqual(await bench.rail.close(freshNumber('D')), { kind: 'not_found' });
  });
}

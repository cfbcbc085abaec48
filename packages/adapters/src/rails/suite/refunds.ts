import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Money,
  money,
  type Rail,
  type RefundOutcome,
  type RefundRequest,
  type RefundRules,
} from '@daikou/core';
import { script } from './debits.ts';
import {
  type Bench,
  freshNumber,
  LATER_DAY,
  pass,
  type RefundFacts,
  signMandate,
} from './subject.ts';

/** Replies after which only the query, or the same number again, tells what became of a refund. */
const SPOILT = ['http_500', 'garbage_body', 'wrong_signature', 'connection_reset'] as const;

/** The refund calls of a rail that declares them. */
function calls(rail: Rail): Required<Pick<Rail, 'refund' | 'askRefund'>> {
  const { refund, askRefund } = rail;
  if (refund === undefined || askRefund === undefined) throw new Error('the rail has no refunds');
  return { refund, askRefund };
}

/** A debit of 29.85 that was paid today, and a request to return `minor` of it. */
export async function paidDebit(bench: Bench): Promise<(minor: bigint) => RefundRequest> {
  const { rail, world, facts } = bench;
  const [currency = 'CNY'] = facts.capabilities.currencies;
  const paid: Money = money(2_985n, currency);
  // Planned for tomorrow, so that it may be debited today and by the last check of the suite too.
  const { railReference } = await signMandate(rail, LATER_DAY.add({ days: 1 }));
  const orderNumber = freshNumber('D');
  await rail.submit({ orderNumber, railReference, amount: paid, description: '专业版 12 月' });
  await world.sandbox.idle();
  const outcome = await rail.ask(orderNumber);
  if (outcome.kind !== 'succeeded') throw new Error(`the debit: ${JSON.stringify(outcome)}`);
  return (minor) => ({
    refundNumber: freshNumber('R'),
    orderNumber,
    paymentReference: outcome.railReference,
    paid,
    paidAt: outcome.paidAt,
    amount: money(minor, currency),
    reason: '未使用天数退回',
  });
}

/** What became of a refund once the rail has nothing more to do. */
async function finalRefund(bench: Bench, request: RefundRequest): Promise<RefundOutcome> {
  await bench.world.sandbox.idle();
  return calls(bench.rail).askRefund(request);
}

function requireReturned(outcome: RefundOutcome, amount: Money): void {
  assert.equal(
    outcome.kind,
    'succeeded',
    JSON.stringify(outcome, (_, value) => String(value)),
  );
  if (outcome.kind === 'succeeded') assert.deepEqual(outcome.refunded, amount);
}

/** What the rail's own books say was returned, in the smallest unit. */
async function returnedMinor(bench: Bench): Promise<number> {
  const summary = await bench.world.sandbox.admin('GET', '/admin/books/summary');
  const { refundedMinor } =
    (summary as Record<string, { refundedMinor?: number }>)[bench.rail.id] ?? {};
  assert.ok(refundedMinor !== undefined, 'the summary has refundedMinor');
  return refundedMinor;
}

/** Refunds: one number returns money at most once, and never more than was paid. */
export function checkRefunds(bench: Bench): void {
  describe('refunds', () => {
    const { refunds: rules } = bench.facts.capabilities;
    const { refunds: facts } = bench.facts;
    if (rules === undefined || facts === undefined) {
      test('a rail without refunds has neither call', () => {
        assert.equal(rules, facts);
        assert.equal(bench.rail.refund, undefined);
        assert.equal(bench.rail.askRefund, undefined);
      });
      return;
    }
    checkOnce(bench, rules);
    checkParts(bench, rules);
    checkRefundRefusals(bench, facts);
    checkRefundFailures(bench, facts);
    if (facts.hasCallback) checkRefundCallback(bench);
  });
}

function checkOnce(bench: Bench, rules: RefundRules): void {
  test('a whole refund succeeds, and the answer comes as the rail declares', async () => {
    const request = (await paidDebit(bench))(2_985n);
    const first = await calls(bench.rail).refund(request);
    assert.equal(first.kind, rules.completion === 'reply' ? 'succeeded' : 'accepted');
    const outcome = await finalRefund(bench, request);
    requireReturned(outcome, request.amount);
    if (first.kind === 'succeeded') assert.deepEqual(first, outcome);
    // The debit took the money all the same.
    assert.equal((await bench.rail.ask(request.orderNumber)).kind, 'succeeded');
  });

  test('the same number twice returns the money once', async () => {
    const before = await returnedMinor(bench);
    const request = (await paidDebit(bench))(1_000n);
    await calls(bench.rail).refund(request);
    await calls(bench.rail).refund(request);
    await bench.world.sandbox.idle();
    const again = await calls(bench.rail).refund(request);
    assert.ok(again.kind === 'accepted' || again.kind === 'succeeded', again.kind);
    requireReturned(await finalRefund(bench, request), request.amount);
    assert.equal((await returnedMinor(bench)) - before, 1_000);
  });

  test('the same number with another amount changes nothing', async () => {
    const request = (await paidDebit(bench))(1_000n);
    await calls(bench.rail).refund(request);
    await bench.world.sandbox.idle();
    const { currency } = request.amount;
    const other = { ...request, amount: money(1_500n, currency) };
    const answer = await calls(bench.rail).refund(other);
    assert.equal(answer.kind, 'unknown');
    requireReturned(await finalRefund(bench, request), request.amount);
  });

  test('a refund that the rail never saw is not found', async () => {
    const request = (await paidDebit(bench))(1_000n);
    assert.deepEqual(await calls(bench.rail).askRefund(request), { kind: 'not_found' });
  });
}

function checkParts(bench: Bench, rules: RefundRules): void {
  test('parts are returned up to what was paid, and not one more', async () => {
    const part = await paidDebit(bench);
    const parts = rules.partial ? [part(1_000n), part(1_985n)] : [part(2_985n)];
    for (const request of parts) {
      await calls(bench.rail).refund(request);
      await pass(bench, rules.secondsBetween);
    }
    for (const request of parts) requireReturned(await finalRefund(bench, request), request.amount);
    const more = await calls(bench.rail).refund(part(1n));
    assert.equal(more.kind === 'refused' ? more.refusal.class : more.kind, 'amount');
  });
}

/** Every refusal that the sandbox can be told to give, with its class. */
function checkRefundRefusals(bench: Bench, facts: RefundFacts): void {
  for (const [code, expected] of facts.refusals) {
    const meaning = expected === 'failed' ? 'a failure' : `refused as ${expected}`;
    test(`${code} is ${meaning}`, async () => {
      const request = (await paidDebit(bench))(1_000n);
      const { refund: operation } = facts.operations;
      await script(bench, request.orderNumber, { fault: code, operation });
      const first = await calls(bench.rail).refund(request);
      const outcome = first.kind === 'refused' ? first : await finalRefund(bench, request);
      assert.equal(outcome.kind, expected === 'failed' ? 'failed' : 'refused');
      if (outcome.kind === 'refused') assert.equal(outcome.refusal.class, expected);
    });
  }
}

/** Lost and spoilt replies: the refund is never taken for refused, and never made twice. */
function checkRefundFailures(bench: Bench, facts: RefundFacts): void {
  for (const fault of SPOILT) {
    test(`${fault}: unknown, then the same number returns the money once`, async () => {
      const before = await returnedMinor(bench);
      const request = (await paidDebit(bench))(1_000n);
      const { refund: operation } = facts.operations;
      await script(bench, request.orderNumber, { fault, operation, processed: true });
      assert.equal((await calls(bench.rail).refund(request)).kind, 'unknown');
      await calls(bench.rail).refund(request);
      requireReturned(await finalRefund(bench, request), request.amount);
      assert.equal((await returnedMinor(bench)) - before, 1_000);
    });

    test(`${fault}: a refund query that it meets says nothing`, async () => {
      const request = (await paidDebit(bench))(1_000n);
      await calls(bench.rail).refund(request);
      await bench.world.sandbox.idle();
      const { ask: operation } = facts.operations;
      await script(bench, request.orderNumber, { fault, operation, processed: true });
      assert.equal((await calls(bench.rail).askRefund(request)).kind, 'unknown');
    });
  }

  test('a refund that is asked about as one of another amount says nothing', async () => {
    const request = (await paidDebit(bench))(1_000n);
    await calls(bench.rail).refund(request);
    await bench.world.sandbox.idle();
    const other = { ...request, amount: money(999n, request.amount.currency) };
    assert.equal((await calls(bench.rail).askRefund(other)).kind, 'unknown');
  });
}

function checkRefundCallback(bench: Bench): void {
  test('the refund callback says the same as the query', async () => {
    const { rail, world } = bench;
    const request = (await paidDebit(bench))(1_000n);
    await calls(rail).refund(request);
    const outcome = await finalRefund(bench, request);
    const raw = await world.inbox.wait((one) => {
      const reading = rail.readCallback(one);
      const event = reading.kind === 'verified' ? reading.events[0] : undefined;
      return event?.kind === 'refund' && event.refundNumber === request.refundNumber;
    });
    const reading = rail.readCallback(raw);
    assert.equal(reading.kind, 'verified');
    if (reading.kind !== 'verified') return;
    const { refundNumber, orderNumber } = request;
    assert.deepEqual(reading.events, [{ kind: 'refund', refundNumber, orderNumber, outcome }]);
  });
}

/**
 * Past the rail's refund period. It moves the clock by that period, so it is the last check of the
 * suite.
 */
export function checkLateRefund(bench: Bench): void {
  const { refunds: rules } = bench.facts.capabilities;
  if (rules === undefined) return;
  describe('refunds, much later', () => {
    test(`after ${rules.withinDays} days a payment can no longer be returned`, async () => {
      const request = (await paidDebit(bench))(1_000n);
      await pass(bench, (rules.withinDays + 1) * 86_400);
      const outcome = await calls(bench.rail).refund(request);
      assert.equal(outcome.kind === 'refused' ? outcome.refusal.class : outcome.kind, 'limit');
    });
  });
}

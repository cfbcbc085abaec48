import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aDebit,
  anAttempt,
  anInvoice,
  at,
  contextAt,
  facts,
  inFlight,
  PRICE,
} from '../../../../test/kit/builders.ts';
import { sumEntries } from '../ledger/balances.ts';
import type { AttemptOutcome } from './attempt.ts';
import { decideSettle, type SettleDecision } from './settle.ts';
import type { DebitFacts } from './submit.ts';

const PAID: AttemptOutcome = {
  kind: 'succeeded',
  railReference: 'T-9',
  paid: PRICE,
  paidAt: at('2026-03-11 08:00'),
};
const UNPAID: readonly AttemptOutcome[] = [
  { kind: 'refused', refusal: { class: 'funds', code: 'NOT_ENOUGH', message: '余额不足' } },
  { kind: 'refused', refusal: { class: 'account', code: 'CLOSED', message: '账户已注销' } },
  { kind: 'closed' },
  { kind: 'never_sent', detail: 'refused before connecting' },
  { kind: 'not_found' },
];

function settle(now: DebitFacts, ordinal: number, outcome: AttemptOutcome): SettleDecision {
  const attempt = now.attempts.find((one) => one.ordinal === ordinal);
  assert.ok(attempt);
  const decision = decideSettle(now, attempt, { outcome, context: contextAt('2026-03-11 09:00') });
  assert.ok(decision, 'the outcome changes something');
  return decision;
}

const typesOf = (decision: SettleDecision) => decision.events.map(({ type }) => type);

describe('the money of a closed number arrives while the next number is open', () => {
  const waiting = () => inFlight([anAttempt(1, 'late_success'), anAttempt(2, 'submitting')]);

  test('nothing is booked before the next number has ended', () => {
    const before = inFlight([anAttempt(1, 'closed'), anAttempt(2, 'submitting')]);
    const decision = settle(before, 1, PAID);
    assert.equal(decision.attempt.state, 'late_success');
    assert.equal(decision.payment, undefined);
    assert.equal(decision.debit, undefined);
    assert.deepEqual(typesOf(decision), ['attempt.late_success']);
  });

  for (const outcome of UNPAID) {
    const why = outcome.kind === 'refused' ? `refused for ${outcome.refusal.class}` : outcome.kind;
    test(`the next one ends ${why}: the late money is the payment`, () => {
      const now = waiting();
      const decision = settle(now, 2, outcome);
      assert.ok(decision.attempt.state !== 'succeeded' && decision.attempt.ordinal === 2);
      assert.equal(decision.payment?.attemptId, now.attempts[0]?.id);
      assert.equal(decision.payment?.railReference, 'T-1');
      assert.equal(decision.payment?.amount.minor, PRICE.minor);
      assert.equal(decision.debit?.state, 'succeeded');
      assert.deepEqual(
        decision.invoices?.map(({ state }) => state),
        ['paid'],
      );
      assert.equal(sumEntries(decision.journal?.entries ?? []), 0n);
      assert.equal(decision.journal?.sourceId, decision.payment?.id);
      assert.equal(decision.notice, undefined);
      assert.ok(typesOf(decision).includes('payment.received'));
      assert.ok(!typesOf(decision).includes('debit.failed'));
      assert.ok(!typesOf(decision).includes('debit.retry_scheduled'));
    });
  }

  test('the next one succeeds too: one payment, and the other money stays in sight', () => {
    const now = waiting();
    const decision = settle(now, 2, PAID);
    assert.equal(decision.attempt.state, 'succeeded');
    assert.equal(decision.payment?.attemptId, decision.attempt.id);
    assert.equal(decision.debit?.state, 'succeeded');
    assert.equal(now.attempts[0]?.state, 'late_success');
  });

  test('of two late moneys the first to arrive is the payment', () => {
    const now = inFlight([
      anAttempt(1, 'late_success', { endedAt: at('2026-03-12 08:00') }),
      anAttempt(2, 'late_success', { endedAt: at('2026-03-11 08:00') }),
      anAttempt(3, 'accepted'),
    ]);
    const decision = settle(now, 3, { kind: 'closed' });
    assert.equal(decision.payment?.attemptId, now.attempts[1]?.id);
    assert.equal(decision.payment?.paidAt.toString(), '2026-03-11T00:00:00Z');
  });
});

describe('money that arrives after the debit gave up', () => {
  for (const state of ['scheduled', 'failed'] as const) {
    for (const end of ['refused', 'closed', 'never_sent'] as const) {
      test(`a ${end} number of a ${state} debit is paid after all`, () => {
        const attempts = [anAttempt(1, end)];
        const attemptCount = end === 'never_sent' ? 0 : 1;
        const decision = settle(
          facts({ debit: aDebit({ state, attemptCount }), attempts }),
          1,
          PAID,
        );
        assert.equal(decision.attempt.state, 'late_success');
        assert.equal(decision.debit?.state, 'succeeded');
        // The number was counted when it ended; its money is not another end.
        assert.equal(decision.debit?.attemptCount, 1);
        assert.equal(decision.payment?.attemptId, decision.attempt.id);
        assert.deepEqual(typesOf(decision), [
          'attempt.late_success',
          'payment.received',
          'debit.succeeded',
          'invoice.paid',
        ]);
      });
    }
  }

  test('money for a debit that is paid is not booked a second time', () => {
    const now = facts({
      debit: aDebit({ state: 'succeeded', attemptCount: 2 }),
      invoices: [anInvoice({ state: 'paid' })],
      attempts: [anAttempt(1, 'closed'), anAttempt(2, 'succeeded')],
    });
    const decision = settle(now, 1, PAID);
    assert.equal(decision.attempt.state, 'late_success');
    assert.deepEqual(typesOf(decision), ['attempt.late_success']);
    assert.equal(decision.payment, undefined);
    assert.equal(decision.debit, undefined);
  });
});

describe('an invoice that was paid by hand while its number was open', () => {
  const paidByHand = [anInvoice({ state: 'paid', paidAt: at('2026-03-10 08:00') })];

  test('the money of the number is surplus, and the debit ends', () => {
    const decision = settle(
      inFlight([anAttempt(1, 'accepted')], { invoices: paidByHand }),
      1,
      PAID,
    );
    assert.equal(decision.attempt.state, 'late_success');
    assert.equal(decision.payment, undefined);
    assert.equal(decision.debit?.state, 'canceled');
    assert.deepEqual(typesOf(decision), ['attempt.late_success', 'debit.failed']);
  });

  for (const outcome of UNPAID) {
    test(`the number ends ${outcome.kind}: the debit ends and nobody is told of another`, () => {
      const now = inFlight([anAttempt(1, 'submitting')], { invoices: paidByHand });
      const decision = settle(now, 1, outcome);
      assert.equal(decision.debit?.state, 'canceled');
      assert.equal(decision.notice, undefined);
      assert.equal(decision.payment, undefined);
    });
  }
});

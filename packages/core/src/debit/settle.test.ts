import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aDebit,
  aMandate,
  anAttempt,
  anInvoice,
  at,
  clockOf,
  contextAt,
  day,
  facts,
  inFlight,
  PLANNED_DATE_RAIL,
  PRICE,
} from '../../../../test/kit/builders.ts';
import { sumEntries } from '../ledger/balances.ts';
import { money } from '../money/money.ts';
import { InvariantBroken } from '../result/invariant.ts';
import { canMove } from '../result/moves.ts';
import type { Attempt, AttemptOutcome, AttemptState, RefusalClass } from './attempt.ts';
import { ATTEMPT_MOVES, isOpen } from './moves.ts';
import { decideSettle, type SettleDecision } from './settle.ts';
import type { DebitFacts } from './submit.ts';

const refused = (refusal: RefusalClass): AttemptOutcome => ({
  kind: 'refused',
  refusal: { class: refusal, code: 'CODE', message: '原因' },
});
const paid = (minor: bigint): AttemptOutcome => ({
  kind: 'succeeded',
  railReference: 'T-1',
  paid: money(minor, 'CNY'),
  paidAt: at('2026-03-10 07:30:05'),
});
const OUTCOMES = {
  succeeded: paid(PRICE.minor),
  'other amount': paid(PRICE.minor - 1n),
  accepted: { kind: 'accepted' },
  funds: refused('funds'),
  account: refused('account'),
  closed: { kind: 'closed' },
  'not found': { kind: 'not_found' },
  'never sent': { kind: 'never_sent', detail: 'no connection' },
  unknown: { kind: 'unknown', detail: 'time-out' },
} as const satisfies Record<string, AttemptOutcome>;
type OutcomeName = keyof typeof OUTCOMES;

/** The debit as it is when its only attempt is in `state`. */
function debitWith(state: AttemptState): DebitFacts {
  const attempts = [anAttempt(1, state)];
  if (isOpen(state)) return inFlight(attempts);
  if (state !== 'succeeded' && state !== 'late_success') return facts({ attempts });
  const invoices = [anInvoice({ state: 'paid' })];
  return facts({ debit: aDebit({ state: 'succeeded' }), invoices, attempts });
}

function settleFirst(
  now: DebitFacts,
  outcome: AttemptOutcome,
  isProof = false,
): SettleDecision | undefined {
  const [attempt] = now.attempts;
  assert.ok(attempt);
  return decideSettle(now, attempt, { outcome, context: contextAt('2026-03-10 07:31'), isProof });
}

/** "refused → scheduled", with "+ payment", "+ notice" and "+ parked" for what else is made. */
function written(decision: SettleDecision | undefined): string {
  if (decision === undefined) return 'nothing';
  const debit = decision.debit === undefined ? '' : ` → ${decision.debit.state}`;
  const payment = decision.payment === undefined ? '' : ' + payment';
  const notice = decision.notice === undefined ? '' : ' + notice';
  const parked = (decision.unwanted ?? []).length === 0 ? '' : ' + parked';
  return `${decision.attempt.state}${debit}${payment}${notice}${parked}`;
}

describe('what every outcome means in every state', () => {
  const late = 'late_success → succeeded + payment';
  const again = 'scheduled + notice';
  const open: Readonly<Record<OutcomeName, string>> = {
    succeeded: 'succeeded → succeeded + payment',
    // A message may lie: nothing is booked before the bill has said it.
    'other amount': 'unknown',
    accepted: 'accepted',
    funds: `refused → ${again}`,
    account: 'refused → failed',
    closed: `closed → ${again}`,
    'not found': 'never_sent → scheduled',
    'never sent': 'never_sent → scheduled',
    unknown: 'unknown',
  };
  const nothing = Object.fromEntries(
    Object.keys(OUTCOMES).map((name) => [name, 'nothing']),
  ) as Record<OutcomeName, string>;
  const ended = { ...nothing, succeeded: late };
  const table: Readonly<Record<AttemptState, Readonly<Record<OutcomeName, string>>>> = {
    submitting: open,
    // Taken by the rail: a query that does not find it is no proof that it is not there.
    accepted: {
      ...open,
      accepted: 'nothing',
      'not found': 'nothing',
      'never sent': 'nothing',
      unknown: 'nothing',
    },
    unknown: { ...open, 'other amount': 'nothing', 'never sent': 'nothing', unknown: 'nothing' },
    succeeded: nothing,
    refused: ended,
    closed: ended,
    never_sent: ended,
    late_success: nothing,
  };
  for (const [state, row] of Object.entries(table) as [AttemptState, typeof open][]) {
    for (const [name, expected] of Object.entries(row) as [OutcomeName, string][]) {
      test(`${state}, then ${name}: ${expected}`, () => {
        const now = debitWith(state);
        const decision = settleFirst(now, OUTCOMES[name]);
        assert.equal(written(decision), expected);
        if (decision === undefined) return;
        const after = decision.attempt.state;
        assert.ok(after === state || canMove(ATTEMPT_MOVES, state, after));
        assertWhole(decision);
        // Heard a second time, it changes nothing any more.
        assert.equal(written(settleFirst(afterwards(now, decision), OUTCOMES[name])), 'nothing');
      });
    }
  }
});

describe('another amount, when the rail’s bill says it', () => {
  const table: readonly (readonly [state: AttemptState, expected: string])[] = [
    ['submitting', 'unknown + parked'],
    ['accepted', 'unknown + parked'],
    ['unknown', 'unknown + parked'],
    ['refused', 'refused + parked'],
    ['closed', 'closed + parked'],
    ['never_sent', 'never_sent + parked'],
    ['succeeded', 'nothing'],
  ];
  for (const [state, expected] of table) {
    test(`${state}: ${expected}, once`, () => {
      const now = debitWith(state);
      const decision = settleFirst(now, OUTCOMES['other amount'], true);
      assert.equal(written(decision), expected);
      if (decision === undefined) return;
      const again = settleFirst(afterwards(now, decision), OUTCOMES['other amount'], true);
      assert.equal(written(again), 'nothing');
    });
  }
});

/** Ended attempts have an end and no question; payments come with their journal and invoices. */
function assertWhole(decision: SettleDecision): void {
  const { attempt, payment, journal, invoices } = decision;
  assert.equal(attempt.endedAt === undefined, isOpen(attempt.state));
  assert.equal(attempt.askAt === undefined, !isOpen(attempt.state));
  assert.equal(payment === undefined, journal === undefined);
  assert.equal(payment === undefined, decision.debit?.state !== 'succeeded');
  assert.equal(payment === undefined, invoices === undefined);
  assert.equal(sumEntries(journal?.entries ?? []), 0n);
  for (const invoice of invoices ?? []) assert.equal(invoice.state, 'paid');
}

function afterwards(now: DebitFacts, decision: SettleDecision): DebitFacts {
  return {
    ...now,
    debit: decision.debit ?? now.debit,
    invoices: decision.invoices ?? now.invoices,
    notices: decision.notice === undefined ? now.notices : [...now.notices, decision.notice],
    attempts: [decision.attempt],
    parked: (decision.unwanted ?? []).map(({ attempt, kind, railReference }) => ({
      attemptId: attempt.id,
      kind,
      railReference,
    })),
  };
}

describe('the books of a success', () => {
  const decision = settleFirst(debitWith('accepted'), {
    ...paid(PRICE.minor),
    paidAt: at('2026-03-11 00:00:01'),
  } as AttemptOutcome);

  test('name the rail’s time and its business date', () => {
    assert.equal(decision?.payment?.businessDate.toString(), '2026-03-11');
    assert.ok(decision?.payment?.paidAt.equals(at('2026-03-11 00:00:01')));
    assert.equal(decision?.journal?.businessDate.toString(), '2026-03-11');
    assert.ok(decision?.invoices?.[0]?.paidAt?.equals(at('2026-03-11 00:00:01')));
  });

  test('are told in the order of what happened', () => {
    assert.deepEqual(
      decision?.events.map(({ type }) => type),
      ['payment.received', 'debit.succeeded', 'invoice.paid'],
    );
  });
});

describe('what a refusal leads to', () => {
  const classes: Readonly<Record<RefusalClass, string>> = {
    funds: 'scheduled',
    limit: 'scheduled',
    technical: 'scheduled',
    reschedule: 'scheduled',
    account: 'failed',
    mandate: 'failed',
    risk: 'failed',
    merchant_fault: 'failed',
  };
  for (const [refusal, state] of Object.entries(classes) as [RefusalClass, string][]) {
    test(`${refusal}: the debit is ${state}`, () => {
      const decision = settleFirst(debitWith('submitting'), refused(refusal));
      assert.equal(decision?.debit?.state, state);
      assert.equal(decision?.debit?.attemptCount, 1);
      assert.equal(decision?.attempt.refusal?.class, refusal);
      assert.deepEqual(
        decision?.events.map(({ type }) => type),
        ['attempt.refused', state === 'failed' ? 'debit.failed' : 'debit.retry_scheduled'],
      );
    });
  }

  const second = (outcome: AttemptOutcome, first: Attempt) => {
    const now = inFlight([first, anAttempt(2, 'submitting')]);
    const context = contextAt('2026-03-11 10:01');
    return decideSettle(now, anAttempt(2, 'submitting'), { outcome, context });
  };

  test('the second number that ends is the last', () => {
    const decision = second(OUTCOMES.funds, anAttempt(1, 'refused'));
    assert.equal(written(decision), 'refused → failed');
    assert.equal(decision?.debit?.attemptCount, 2);
    assert.equal(written(second(OUTCOMES.closed, anAttempt(1, 'closed'))), 'closed → failed');
  });

  test('a number that was never sent uses up no try', () => {
    const decision = second(OUTCOMES['not found'], anAttempt(1, 'refused'));
    assert.equal(written(decision), 'never_sent → scheduled');
    assert.equal(decision?.debit?.attemptCount, 1);
  });

  test('an unreachable rail is tried every two minutes, not in a loop', () => {
    const decision = settleFirst(debitWith('submitting'), OUTCOMES['never sent']);
    assert.ok(decision?.debit);
    assert.equal(clockOf(decision.debit.collectAt), '2026-03-10 07:33');
    assert.equal(decision.debit.collectDate.toString(), '2026-03-10');
  });

  test('where the rail’s dates are over there is no retry, and no notice of one', () => {
    const mandate = aMandate({ firstPlannedDate: day('2026-03-10') });
    const now = inFlight([anAttempt(1, 'submitting')], { mandate });
    const context = contextAt('2026-03-10 07:31', { rail: PLANNED_DATE_RAIL });
    const decision = decideSettle(now, anAttempt(1, 'submitting'), {
      outcome: OUTCOMES.funds,
      context,
    });
    assert.equal(written(decision), 'refused → failed');
  });
});

test('an attempt of another debit is our bug', () => {
  const stranger = { ...anAttempt(1, 'submitting'), debitId: `dbt_${'f'.repeat(32)}` } as const;
  const news = { outcome: OUTCOMES.closed, context: contextAt('2026-03-10 07:31') };
  assert.throws(() => decideSettle(facts(), stranger, news), InvariantBroken);
});

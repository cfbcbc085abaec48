import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ANNOUNCING_RAIL,
  aDebit,
  aMandate,
  aNotice,
  anAnnouncement,
  anAttempt,
  anInvoice,
  anUndeliveredNotice,
  anUnreachableCustomer,
  at,
  clockOf,
  contextAt,
  day,
  facts,
  PLANNED_DATE_RAIL,
} from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import type { DebitFacts } from './submit.ts';
import { decideSubmit, type SubmitDecision } from './submit.ts';

/** A rail with every wish at once. */
const STRICT_RAIL = { ...PLANNED_DATE_RAIL, ...ANNOUNCING_RAIL };
const ANNOUNCED = [aNotice(), anAnnouncement('2026-03-10', '2026-03-12')];

/** "blocked notice_failed", "send", "rescheduled". */
function answer(decision: SubmitDecision): string {
  return 'refusal' in decision ? `${decision.kind} ${decision.refusal.code}` : decision.kind;
}

describe('the order of the checks before sending', () => {
  type Fault = {
    readonly says: string;
    readonly now?: string;
    readonly change: (now: DebitFacts) => Partial<DebitFacts>;
  };
  const debit = (changes: Parameters<typeof aDebit>[0]) => (now: DebitFacts) => ({
    debit: { ...now.debit, ...changes },
  });
  const mandate = (changes: Parameters<typeof aMandate>[0]) => (now: DebitFacts) => ({
    mandate: { ...now.mandate, ...changes },
  });
  const faults: readonly Fault[] = [
    {
      says: 'wait already_paid',
      change: ({ attempts }) => ({ attempts: [...attempts, anAttempt(2, 'succeeded')] }),
    },
    {
      says: 'wait attempt_open',
      change: ({ attempts }) => ({ attempts: [...attempts, anAttempt(1, 'unknown')] }),
    },
    { says: 'wait debit_not_scheduled', change: debit({ state: 'failed' }) },
    {
      says: 'ended invoice_not_open',
      change: () => ({ invoices: [anInvoice({ state: 'void' })] }),
    },
    { says: 'ended amount_differs', change: debit({ amount: money(2_986n, 'CNY') }) },
    {
      says: 'ended amount_differs',
      change: () => ({ invoices: [anInvoice({ balanceApplied: money(1n, 'CNY') })] }),
    },
    { says: 'blocked mandate_not_active', change: mandate({ state: 'ended' }) },
    { says: 'blocked mandate_currency', change: mandate({ singleCap: money(1n, 'EUR') }) },
    { says: 'blocked mandate_cap_exceeded', change: mandate({ singleCap: money(2_984n, 'CNY') }) },
    { says: 'wait not_due_yet', change: debit({ collectAt: at('2026-03-11 23:30') }) },
    { says: 'rescheduled', change: debit({ collectDate: day('2026-03-09') }) },
    { says: 'rescheduled', now: '2026-03-10 22:00', change: () => ({}) },
    { says: 'wait not_due_yet', now: '2026-03-10 06:59', change: () => ({}) },
    { says: 'blocked notice_missing', change: () => ({ notices: [] }) },
    { says: 'blocked rail_announcement_missing', change: () => ({ notices: [aNotice()] }) },
    {
      says: 'blocked outside_planned_date',
      change: mandate({ firstPlannedDate: day('2026-03-20') }),
    },
  ];
  const good = facts({
    debit: aDebit({ collectAt: at('2026-03-10 06:00') }),
    mandate: aMandate({ firstPlannedDate: day('2026-03-12') }),
    notices: ANNOUNCED,
  });

  for (const [index, { says }] of faults.entries()) {
    test(`${index + 1}. ${says}, whatever else is wrong after it`, () => {
      // The earliest fault wins; of two that set the same thing, the one of this line.
      const later = faults.slice(index);
      let broken = good;
      for (const fault of [...later].reverse()) broken = { ...broken, ...fault.change(broken) };
      const now = later.find((fault) => fault.now !== undefined)?.now ?? '2026-03-10 07:30';
      assert.equal(answer(decideSubmit(broken, contextAt(now, { rail: STRICT_RAIL }))), says);
    });

    test(`${index + 1}. ${says}, alone`, () => {
      const fault = faults[index];
      assert.ok(fault);
      const broken = { ...good, ...fault.change(good) };
      const context = contextAt(fault.now ?? '2026-03-10 07:30', { rail: STRICT_RAIL });
      assert.equal(answer(decideSubmit(broken, context)), says);
    });
  }

  test('nothing wrong: it is sent', () => {
    const context = contextAt('2026-03-10 07:30', { rail: STRICT_RAIL });
    assert.equal(answer(decideSubmit(good, context)), 'send');
  });
});

describe('the rail’s hours', () => {
  const now = facts({
    debit: aDebit({ collectAt: at('2026-03-10 00:00') }),
    notices: ANNOUNCED,
  });
  const cases: readonly (readonly [string, string])[] = [
    ['2026-03-10 06:59:59', 'wait not_due_yet'],
    ['2026-03-10 07:00', 'send'],
    ['2026-03-10 21:59:59', 'send'],
    ['2026-03-10 22:00', 'rescheduled'],
  ];
  for (const [clock, expected] of cases) {
    test(`at ${clock.slice(11)}: ${expected}`, () => {
      const decision = decideSubmit(now, contextAt(clock, { rail: ANNOUNCING_RAIL }));
      assert.equal(answer(decision), expected);
      if (decision.kind === 'wait')
        assert.equal(clockOf(decision.debit.collectAt), '2026-03-10 07:00');
    });
  }
});

describe('a debit that is sent', () => {
  test('leaves with its number committed and its first question planned', () => {
    const blocked = facts({ debit: aDebit({ blockedBy: 'notice_not_delivered' }) });
    const decision = decideSubmit(blocked, contextAt('2026-03-10 07:30'));
    assert.equal(decision.kind, 'send');
    if (decision.kind !== 'send') return;
    assert.equal(decision.debit.state, 'in_flight');
    assert.equal(decision.debit.blockedBy, undefined);
    assert.equal(decision.attempt.state, 'submitting');
    assert.equal(decision.attempt.ordinal, 1);
    assert.equal(decision.attempt.amount.minor, decision.debit.amount.minor);
    assert.ok(decision.attempt.askAt?.equals(at('2026-03-10 07:30:30')));
    assert.deepEqual(
      decision.events.map(({ type, subjectId }) => [type, subjectId]),
      [['attempt.submitted', decision.attempt.id]],
    );
  });

  test('after a refusal it leaves under a new number and a new row', () => {
    const decision = decideSubmit(
      facts({ attempts: [anAttempt(1, 'refused')] }),
      contextAt('2026-03-10 07:30'),
    );
    assert.ok(decision.kind === 'send');
    assert.equal(decision.attempt.ordinal, 2);
    assert.notEqual(decision.attempt.id, anAttempt(1, 'refused').id);
    assert.match(decision.attempt.orderNumber, /N2$/);
  });

  test('a number that was never sent goes again in its own row', () => {
    const before = anAttempt(1, 'never_sent', { askCount: 3 });
    const decision = decideSubmit(facts({ attempts: [before] }), contextAt('2026-03-10 07:32'));
    assert.ok(decision.kind === 'send');
    assert.equal(decision.attempt.id, before.id);
    assert.equal(decision.attempt.orderNumber, before.orderNumber);
    assert.equal(decision.attempt.state, 'submitting');
    assert.equal(decision.attempt.endedAt, undefined);
    assert.equal(decision.attempt.askCount, 0);
  });

  test('a number keeps its first time: by it a rail tells it from a second order', () => {
    const before = anAttempt(1, 'never_sent', { submittedAt: at('2026-03-10 07:30') });
    const again = decideSubmit(facts({ attempts: [before] }), contextAt('2026-03-10 07:33'));
    assert.ok(again.kind === 'send');
    assert.equal(clockOf(again.attempt.submittedAt), '2026-03-10 07:30');
    const next = [anAttempt(1, 'refused', { submittedAt: at('2026-03-10 07:30') })];
    const second = decideSubmit(facts({ attempts: next }), contextAt('2026-03-10 07:33'));
    assert.ok(second.kind === 'send');
    assert.equal(clockOf(second.attempt.submittedAt), '2026-03-10 07:33');
  });
});

describe('a debit that is held back', () => {
  test('says so once and is looked at every hour', () => {
    const untold = facts({ notices: [anUndeliveredNotice('sent')] });
    const first = decideSubmit(untold, contextAt('2026-03-10 07:30'));
    assert.ok(first.kind === 'blocked');
    assert.equal(first.debit.blockedBy, 'notice_not_delivered');
    assert.equal(clockOf(first.debit.collectAt), '2026-03-10 08:30');
    assert.deepEqual(first.events[0]?.data, { reason: 'notice_not_delivered' });
    const second = decideSubmit({ ...untold, debit: first.debit }, contextAt('2026-03-10 08:30'));
    assert.ok(second.kind === 'blocked');
    assert.equal(second.events.length, 0);
  });

  test('goes as soon as its notice is delivered in time', () => {
    const debit = aDebit({ blockedBy: 'notice_not_delivered' });
    assert.equal(answer(decideSubmit(facts({ debit }), contextAt('2026-03-10 08:30'))), 'send');
  });

  test('gets a new date with a renewal notice when its day has passed untold', () => {
    const debit = aDebit({ collectAt: at('2026-03-11 00:30'), blockedBy: 'notice_failed' });
    const untold = facts({ debit, notices: [anUndeliveredNotice('failed')] });
    const decision = decideSubmit(untold, contextAt('2026-03-11 00:30'));
    assert.ok(decision.kind === 'rescheduled');
    assert.equal(decision.notice?.purpose, 'renewal');
    assert.equal(clockOf(decision.debit.collectAt), '2026-03-16 07:30');
    assert.equal(decision.debit.blockedBy, undefined);
    assert.equal(decision.events[0]?.type, 'debit.retry_scheduled');
  });

  test('waits for an address when the customer has none, without new notices', () => {
    const debit = aDebit({ collectAt: at('2026-03-11 00:30') });
    const silent = facts({ debit, notices: [], customer: anUnreachableCustomer() });
    const decision = decideSubmit(silent, contextAt('2026-03-11 00:30'));
    assert.equal(answer(decision), 'blocked notice_failed');
    const reachable = { ...silent, customer: facts().customer };
    assert.equal(answer(decideSubmit(reachable, contextAt('2026-03-11 01:30'))), 'rescheduled');
  });

  test('stays blocked, not rescheduled, where the rail’s dates are over', () => {
    const debit = aDebit({ collectAt: at('2026-03-13 00:30') });
    const mandate = aMandate({ firstPlannedDate: day('2026-03-12') });
    const context = contextAt('2026-03-13 00:30', { rail: PLANNED_DATE_RAIL });
    const decision = decideSubmit(facts({ debit, mandate }), context);
    assert.equal(answer(decision), 'blocked outside_planned_date');
  });

  test('keeps its reason for days when its mandate has ended, and sends no notice', () => {
    const ended = facts({ mandate: aMandate({ state: 'ended' }) });
    for (const now of ['2026-03-10 07:30', '2026-03-11 07:30', '2026-04-11 07:30']) {
      assert.equal(answer(decideSubmit(ended, contextAt(now))), 'blocked mandate_not_active');
    }
  });
});

describe('a debit that has nothing to wait for', () => {
  const cases = [
    ['in_flight', [anAttempt(1, 'accepted')], 'wait attempt_open'],
    ['succeeded', [anAttempt(1, 'succeeded')], 'wait already_paid'],
    ['failed', [anAttempt(1, 'refused')], 'wait debit_not_scheduled'],
    ['canceled', [], 'wait debit_not_scheduled'],
  ] as const;
  for (const [state, attempts, expected] of cases) {
    test(`${state}: its time is left as it is`, () => {
      const debit = aDebit({ state });
      const decision = decideSubmit(facts({ debit, attempts }), contextAt('2026-03-10 07:30'));
      assert.equal(answer(decision), expected);
      assert.equal(decision.debit, debit);
    });
  }

  test('a cancelled one drops what it waited for', () => {
    const debit = aDebit({ blockedBy: 'notice_failed', announceAt: at('2026-03-08 10:00') });
    const invoices = [anInvoice({ state: 'paid' })];
    const decision = decideSubmit(facts({ debit, invoices }), contextAt('2026-03-10 07:30'));
    assert.ok(decision.kind === 'ended');
    assert.equal(decision.debit.state, 'canceled');
    assert.equal(decision.debit.blockedBy, undefined);
    assert.equal(decision.debit.announceAt, undefined);
    assert.deepEqual(decision.events[0]?.data, { reason: 'invoice_not_open' });
  });
});

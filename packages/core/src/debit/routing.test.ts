import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aMandate,
  anAttempt,
  anotherId,
  at,
  contextAt,
  facts,
  PLAIN_RAIL,
  PLANNED_DATE_RAIL,
} from '../../../../test/kit/builders.ts';
import type { Mandate } from '../mandate/mandate.ts';
import { money } from '../money/money.ts';
import type { AttemptState } from './attempt.ts';
import { UNUSED } from './budget.ts';
import type { RailCapabilities } from './capabilities.ts';
import { canOtherMethodHelp, decideMove, decideNextMethod, decideRoute } from './routing.ts';
import { decideSettle } from './settle.ts';
import { decideSubmit } from './submit.ts';

const FIRST = aMandate();
const SECOND = aMandate({
  id: anotherId('man', 1),
  rail: 'alipay',
  createdAt: at('2026-02-02 11:00'),
});
const THIRD = aMandate({
  id: anotherId('man', 2),
  rail: 'alipay',
  createdAt: at('2026-02-03 11:00'),
});
const AMOUNT = money(2_985n, 'CNY');
const NOW = at('2026-03-10 07:30');

function railsOf(rails: Readonly<Record<string, RailCapabilities>>) {
  return (rail: string) => rails[rail];
}
const BOTH = railsOf({ wechat: PLAIN_RAIL, alipay: PLAIN_RAIL });

describe('by which method an amount is collected', () => {
  const ended = { ...FIRST, state: 'ended' as const };
  const low = { ...FIRST, singleCap: money(100n, 'CNY') };
  const euro = { ...FIRST, singleCap: money(50_000n, 'EUR') };
  const strict = railsOf({ wechat: { ...PLAIN_RAIL, successesPerDay: 1 }, alipay: PLAIN_RAIL });
  const full = { useOf: () => ({ ...UNUSED, successesToday: 1 }), capabilitiesOf: strict };
  const cases = [
    ['the oldest comes first', [SECOND, FIRST], {}, FIRST, []],
    ['the customer’s own order wins', [FIRST, { ...SECOND, preference: 1 }], {}, SECOND, []],
    ['an ended one is passed over', [ended, SECOND], {}, SECOND, ['mandate_not_active']],
    [
      'one that is ending too',
      [{ ...FIRST, state: 'ending' as const }, SECOND],
      {},
      SECOND,
      ['mandate_not_active'],
    ],
    ['one below the amount', [low, SECOND], {}, SECOND, ['mandate_cap_exceeded']],
    ['one in another currency', [euro, SECOND], {}, SECOND, ['mandate_currency']],
    ['one that refused', [FIRST, SECOND], { refusedBy: [FIRST.id] }, SECOND, ['already_refused']],
    [
      'a rail that is gone',
      [FIRST, SECOND],
      { capabilitiesOf: railsOf({ alipay: PLAIN_RAIL }) },
      SECOND,
      ['rail_not_connected'],
    ],
    ['a budget that is used up', [FIRST, SECOND], full, SECOND, ['budget_successes_day']],
    ['none is left', [ended, low], {}, undefined, ['mandate_not_active', 'mandate_cap_exceeded']],
    ['there is none', [], {}, undefined, []],
  ] as const;
  for (const [what, mandates, changes, chosen, passed] of cases) {
    test(what, () => {
      const question = { mandates, amount: AMOUNT, capabilitiesOf: BOTH, ...changes };
      const route = decideRoute(question, NOW);
      assert.equal(route.mandate?.id, chosen?.id);
      assert.deepEqual(
        route.passedOver.map(({ code }) => code),
        passed,
      );
    });
  }

  test('another method helps after funds, limit, account, mandate and risk', () => {
    const classes = [
      'funds',
      'limit',
      'account',
      'mandate',
      'risk',
      'technical',
      'reschedule',
      'merchant_fault',
    ] as const;
    assert.deepEqual(classes.filter(canOtherMethodHelp), classes.slice(0, 5));
  });
});

describe('a debit that moves to the next method', () => {
  const context = { ...contextAt('2026-03-10 07:31'), capabilitiesOf: BOTH };
  const methods = { mandates: [FIRST, SECOND] };

  test('the old one fails, the new one has its own id and a retry notice of a later day', () => {
    const moved = decideMove(facts(), SECOND, context);
    assert.ok(moved !== undefined);
    const [old, next] = moved.debits;
    assert.deepEqual([old.state, old.blockedBy], ['failed', 'moved_to_other_mandate']);
    assert.deepEqual([next.state, next.mandateId, next.rail], ['scheduled', SECOND.id, 'alipay']);
    assert.equal(next.movedFrom, old.id);
    assert.notEqual(next.id, old.id);
    assert.deepEqual(next.invoiceIds, old.invoiceIds);
    assert.equal(next.collectDate.toString(), '2026-03-11');
    const [notice] = moved.notices;
    assert.deepEqual([notice?.purpose, notice?.debitId], ['retry', next.id]);
    assert.ok(notice?.collectDate.equals(next.collectDate));
    assert.deepEqual(
      moved.events.map(({ type }) => type),
      ['debit.moved', 'debit.scheduled'],
    );
  });

  test('a third method keeps the first debit of the chain, whose notice was the legal one', () => {
    const moved = decideMove(facts(), SECOND, context);
    assert.ok(moved !== undefined);
    const { notices } = facts();
    const now = {
      ...facts(),
      debit: moved.debits[1],
      mandate: SECOND,
      notices: [],
      earlier: notices,
    };
    const again = decideMove(now, THIRD, context);
    assert.equal(again?.debits[1].movedFrom, facts().debit.id);
    assert.equal(again?.notices.at(-1)?.purpose, 'retry');
  });

  test('who was never told in time gets a renewal notice with all its days', () => {
    const moved = decideMove({ ...facts(), notices: [] }, SECOND, context);
    assert.equal(moved?.notices.at(-1)?.purpose, 'renewal');
    assert.equal(moved?.debits[1].collectDate.toString(), '2026-03-15');
  });

  test('a rail that wants fourteen days of notice gets them', () => {
    const rails = railsOf({ wechat: PLAIN_RAIL, alipay: { ...PLAIN_RAIL, noticeDays: 14 } });
    const moved = decideMove(facts(), SECOND, { ...context, capabilitiesOf: rails });
    assert.equal(moved?.notices.at(-1)?.purpose, 'renewal');
    assert.equal(moved?.debits[1].collectDate.toString(), '2026-03-24');
  });

  test('before T it keeps T, when the notice has its lead by then', () => {
    const early = { ...contextAt('2026-03-06 12:00'), capabilitiesOf: BOTH };
    const moved = decideMove(facts(), SECOND, early);
    assert.equal(moved?.debits[1].collectDate.toString(), '2026-03-10');
  });

  test('a planned date that is behind is asked to move before anybody is told', () => {
    const rails = railsOf({ wechat: PLAIN_RAIL, alipay: PLANNED_DATE_RAIL });
    const mandate = {
      ...SECOND,
      plannedDate: at('2026-02-12 00:00').toZonedDateTimeISO('UTC').toPlainDate(),
    };
    const moved = decideMove(facts(), mandate, { ...context, capabilitiesOf: rails });
    assert.equal(moved?.debits[1].blockedBy, 'planned_date_moving');
    assert.deepEqual(moved.notices, []);
  });

  test('an ended mandate with another active one: rerouted at once, not blocked', () => {
    const mandate = { ...FIRST, state: 'ended' as const };
    const decision = decideSubmit(
      { ...facts({ mandate }), methods: { mandates: [mandate, SECOND] } },
      { ...contextAt('2026-03-10 07:30'), capabilitiesOf: BOTH },
    );
    assert.equal(decision.kind, 'moved');
  });

  const open: readonly AttemptState[] = ['submitting', 'accepted', 'unknown'];
  for (const state of [...open, 'succeeded', 'late_success'] as const) {
    test(`never while an attempt is ${state}`, () => {
      const attempts = [anAttempt(1, state)];
      assert.equal(decideNextMethod({ ...facts({ attempts }), methods }, context), undefined);
      const mandate = { ...FIRST, state: 'ended' as const };
      const ended = { ...facts({ attempts, mandate }), methods: { mandates: [mandate, SECOND] } };
      assert.equal(decideSubmit(ended, context).kind, 'wait');
    });
  }

  test('never when an invoice is not open any more', () => {
    const invoices = facts().invoices.map((one) => ({ ...one, state: 'paid' as const }));
    assert.equal(decideMove({ ...facts(), invoices }, SECOND, context), undefined);
  });
});

describe('what a refusal leads to where the customer has another method', () => {
  const context = { ...contextAt('2026-03-10 07:31'), capabilitiesOf: BOTH };
  const attempt = anAttempt(1, 'submitting');
  const debit = { ...facts().debit, state: 'in_flight' as const };
  const settle = (
    refusal: Parameters<typeof canOtherMethodHelp>[0],
    mandates: readonly Mandate[],
  ) =>
    decideSettle({ ...facts({ debit, attempts: [attempt] }), methods: { mandates } }, attempt, {
      outcome: { kind: 'refused', refusal: { class: refusal, code: 'X', message: '' } },
      context,
    });

  for (const refusal of ['funds', 'limit', 'account', 'mandate', 'risk'] as const) {
    test(`${refusal}: to the next one`, () => {
      const decision = settle(refusal, [FIRST, SECOND]);
      assert.equal(decision?.debit?.state, 'failed');
      assert.equal(decision?.moved?.debit.mandateId, SECOND.id);
    });
  }

  test('technical: again by the same method', () => {
    const decision = settle('technical', [FIRST, SECOND]);
    assert.equal(decision?.debit?.state, 'scheduled');
    assert.equal(decision?.moved, undefined);
  });

  test('without another: as before, once more by the same', () => {
    assert.equal(settle('funds', [FIRST])?.debit?.state, 'scheduled');
    assert.equal(settle('account', [FIRST])?.debit?.state, 'failed');
  });
});

test('for any methods: the chosen one may take the amount, and all before it may not', () => {
  const mandate = fc
    .record({
      index: fc.integer({ min: 0, max: 9 }),
      state: fc.constantFrom('active' as const, 'ended' as const, 'ending' as const),
      cap: fc.constantFrom(100n, 2_985n, 50_000n),
      preference: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    })
    .map(({ index, state, cap, preference }) =>
      aMandate({
        id: anotherId('man', index),
        state,
        singleCap: money(cap, 'CNY'),
        ...(preference === undefined ? {} : { preference }),
      }),
    );
  fc.assert(
    fc.property(fc.uniqueArray(mandate, { selector: ({ id }) => id, maxLength: 6 }), (mandates) => {
      const { mandate: chosen, passedOver } = decideRoute(
        { mandates, amount: AMOUNT, capabilitiesOf: BOTH },
        NOW,
      );
      const good = mandates.filter(
        ({ state, singleCap }) => state === 'active' && singleCap.minor >= AMOUNT.minor,
      );
      assert.equal(chosen === undefined, good.length === 0);
      if (chosen !== undefined) assert.ok(good.includes(chosen));
      const bad = new Set(passedOver.map(({ mandateId }) => mandateId));
      assert.ok(good.every(({ id }) => !bad.has(id)));
    }),
  );
});

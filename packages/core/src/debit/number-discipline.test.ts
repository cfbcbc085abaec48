import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { money } from '../money/money.ts';
import type { Attempt, AttemptState } from './attempt.ts';
import { nextNumber } from './number-discipline.ts';

const OPEN: readonly AttemptState[] = ['submitting', 'accepted', 'unknown'];
const PAID: readonly AttemptState[] = ['succeeded', 'late_success'];
const ENDED_UNPAID: readonly AttemptState[] = ['refused', 'closed', 'never_sent'];

function attempt(ordinal: number, state: AttemptState): Attempt {
  return {
    id: `att_${String(ordinal).padStart(32, '0')}`,
    merchantId: `mer_${'0'.repeat(32)}`,
    customerId: `cus_${'0'.repeat(32)}`,
    debitId: `dbt_${'0'.repeat(32)}`,
    rail: 'any',
    ordinal,
    orderNumber: `N${ordinal}`,
    state,
    amount: money(100n, 'CNY'),
    submittedAt: Temporal.Instant.from('2026-01-01T00:00:00Z'),
    askCount: 0,
  };
}

type History = readonly (readonly [number, AttemptState])[];
const attemptsOf = (history: History) => history.map(([ordinal, state]) => attempt(ordinal, state));

/** The answer in short: "send 2", "ask 1" or "done". */
function answer(history: History): string {
  const next = nextNumber(attemptsOf(history));
  if (next.kind === 'send') return `send ${next.ordinal}`;
  return next.kind === 'ask' ? `ask ${next.attempt.ordinal}` : 'done';
}

describe('which order number comes next', () => {
  const cases: readonly {
    readonly name: string;
    readonly history: History;
    readonly next: string;
  }[] = [
    { name: 'the first', history: [], next: 'send 1' },
    { name: 'sent just now', history: [[1, 'submitting']], next: 'ask 1' },
    { name: 'taken by the rail', history: [[1, 'accepted']], next: 'ask 1' },
    { name: 'no clear answer', history: [[1, 'unknown']], next: 'ask 1' },
    { name: 'refused', history: [[1, 'refused']], next: 'send 2' },
    { name: 'closed', history: [[1, 'closed']], next: 'send 2' },
    { name: 'never sent', history: [[1, 'never_sent']], next: 'send 1' },
    { name: 'paid', history: [[1, 'succeeded']], next: 'done' },
    {
      name: 'refused, then not clear',
      history: [
        [1, 'refused'],
        [2, 'unknown'],
      ],
      next: 'ask 2',
    },
    {
      name: 'refused, then never sent',
      history: [
        [1, 'refused'],
        [2, 'never_sent'],
      ],
      next: 'send 2',
    },
    {
      name: 'never sent, then the same number refused',
      history: [
        [1, 'never_sent'],
        [1, 'refused'],
      ],
      next: 'send 2',
    },
    {
      name: 'the money of a closed number came late, while another is open',
      history: [
        [1, 'late_success'],
        [2, 'unknown'],
      ],
      next: 'done',
    },
  ];
  for (const { name, history, next } of cases) {
    test(name, () => {
      for (const inAnyOrder of [history, [...history].reverse()]) {
        assert.equal(answer(inAnyOrder), next);
      }
    });
  }
});

describe('whatever happened before', () => {
  const states = fc.constantFrom(...OPEN, ...PAID, ...ENDED_UNPAID);
  const histories = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), states), { maxLength: 10 });

  test('paid is the end, an open number is asked about, only then is one sent', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const next = nextNumber(attemptsOf(history));
        const paid = history.some(([, state]) => PAID.includes(state));
        const open = history.some(([, state]) => OPEN.includes(state));
        assert.equal(next.kind, paid ? 'done' : open ? 'ask' : 'send');
        if (next.kind === 'ask') assert.ok(OPEN.includes(next.attempt.state));
      }),
      { numRuns: 500 },
    );
  });

  test('the order in which attempts are listed does not matter', () => {
    const shuffled = histories.chain((history) =>
      fc.tuple(
        fc.constant(history),
        fc.shuffledSubarray(history, { minLength: history.length, maxLength: history.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([history, other]) => {
        assert.equal(answer(history), answer(other));
      }),
    );
  });

  test('a closed or refused number is never sent again', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const next = nextNumber(attemptsOf(history));
        if (next.kind !== 'send') return;
        for (const [ordinal, state] of history) {
          if (ordinal !== next.ordinal) continue;
          assert.notEqual(state, 'closed');
          assert.notEqual(state, 'refused');
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What a rail does with a request, and what it lets us know of that. */
type Fate =
  | 'paid_and_told'
  | 'paid_in_silence'
  | 'refused_and_told'
  | 'refused_in_silence'
  | 'lost_before_sending'
  | 'lost_on_the_way'
  | 'pending';

/** A rail that takes money once per number, as all of ours promise, and may not tell. */
class ModelRail {
  takenTimes = 0;
  readonly #numbers = new Map<number, 'paid' | 'refused' | 'pending'>();

  submit(ordinal: number, fate: Fate): AttemptState {
    const known = this.#numbers.get(ordinal);
    if (known === 'paid') return 'succeeded';
    if (known === 'refused') return 'refused';
    switch (fate) {
      case 'paid_and_told':
      case 'paid_in_silence':
        this.#numbers.set(ordinal, 'paid');
        this.takenTimes += 1;
        return fate === 'paid_and_told' ? 'succeeded' : 'unknown';
      case 'refused_and_told':
      case 'refused_in_silence':
        this.#numbers.set(ordinal, 'refused');
        return fate === 'refused_and_told' ? 'refused' : 'unknown';
      case 'pending':
        this.#numbers.set(ordinal, 'pending');
        return 'accepted';
      case 'lost_before_sending':
        return 'never_sent';
      case 'lost_on_the_way':
        return 'unknown';
    }
  }

  /** Answers truly; a number that it still works on is decided by `payNow`. */
  ask(ordinal: number, payNow: boolean): AttemptState {
    if (this.#numbers.get(ordinal) === 'pending') {
      this.#numbers.set(ordinal, payNow ? 'paid' : 'refused');
      if (payNow) this.takenTimes += 1;
    }
    const known = this.#numbers.get(ordinal);
    if (known === undefined) return 'never_sent';
    return known === 'paid' ? 'succeeded' : 'refused';
  }
}

describe('a debit on a rail that loses, delays and hides', () => {
  const fates = fc.constantFrom<Fate>(
    'paid_and_told',
    'paid_in_silence',
    'refused_and_told',
    'refused_in_silence',
    'lost_before_sending',
    'lost_on_the_way',
    'pending',
  );
  const steps = fc.array(fc.record({ fate: fates, askWorks: fc.boolean(), pays: fc.boolean() }), {
    minLength: 1,
    maxLength: 30,
  });

  test('takes the money at most once, by numbers that only grow', () => {
    fc.assert(
      fc.property(steps, (life) => {
        const rail = new ModelRail();
        const attempts: Attempt[] = [];
        for (const { fate, askWorks, pays } of life) {
          const next = nextNumber(attempts);
          if (next.kind === 'done') {
            assert.equal(rail.takenTimes, 1);
            continue;
          }
          if (next.kind === 'ask') {
            if (!askWorks) continue;
            const { ordinal } = next.attempt;
            attempts[attempts.indexOf(next.attempt)] = attempt(ordinal, rail.ask(ordinal, pays));
            continue;
          }
          assert.ok(!attempts.some(({ state }) => OPEN.includes(state)));
          const before = Math.max(0, ...attempts.map(({ ordinal }) => ordinal));
          assert.ok(next.ordinal === before || next.ordinal === before + 1);
          attempts.push(attempt(next.ordinal, rail.submit(next.ordinal, fate)));
          assert.ok(rail.takenTimes <= 1);
        }
        assert.ok(rail.takenTimes <= 1);
      }),
      { numRuns: 2_000 },
    );
  });
});

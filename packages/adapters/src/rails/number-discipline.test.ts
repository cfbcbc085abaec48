import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ATTEMPT_MOVES,
  type Attempt,
  type AttemptOutcome,
  type AttemptState,
  canMove,
  isOpen,
  makeId,
  money,
  nextNumber,
  type RailCapabilities,
  toOrderNumber,
  toPayLinkNumber,
  toRefundNumber,
} from '@daikou/core';
import fc from 'fast-check';
import { ALIPAY_CAPABILITIES } from './alipay/capabilities.ts';
import { SEPA_CAPABILITIES } from './sepa/capabilities.ts';
import { UNIONPAY_CAPABILITIES } from './unionpay/capabilities.ts';
import { WECHAT_CAPABILITIES } from './wechat/capabilities.ts';

const RAILS: Readonly<Record<string, RailCapabilities>> = {
  alipay: ALIPAY_CAPABILITIES,
  sepa: SEPA_CAPABILITIES,
  unionpay: UNIONPAY_CAPABILITIES,
  wechat: WECHAT_CAPABILITIES,
};

const made = { epochMilliseconds: Date.UTC(2100, 0), random: new Uint8Array(10).fill(255) };
const DEBIT = makeId('dbt', { ...made, bucket: 1_023 });

/** What a rail can say to one number, and the state that it leads to. */
const WORDS: Readonly<Record<Exclude<AttemptOutcome['kind'], 'never_sent'>, AttemptState>> = {
  succeeded: 'succeeded',
  accepted: 'accepted',
  refused: 'refused',
  closed: 'closed',
  not_found: 'never_sent',
  unknown: 'unknown',
};
type Word = keyof typeof WORDS;

/** Numbers that a rail has seen, and which of them it will never take money for any more. */
class RailsMemory {
  readonly sent: number[] = [];
  readonly dead = new Set<number>();
  paid = 0;
}

function attemptOf(ordinal: number, state: AttemptState, rail: string): Attempt {
  return {
    id: makeId('att', { ...made, epochMilliseconds: ordinal, bucket: 1_023 }),
    merchantId: makeId('mer', { ...made, bucket: 0 }),
    customerId: makeId('cus', { ...made, bucket: 1_023 }),
    debitId: DEBIT,
    rail,
    ordinal,
    orderNumber: toOrderNumber(DEBIT, ordinal),
    state,
    amount: money(100n, 'CNY'),
    submittedAt: Temporal.Instant.from('2026-12-01T00:00:00Z'),
    askCount: 0,
  };
}

/** One round: send if a number may be sent, then hear a word about the number that is open. */
function step(
  attempts: readonly Attempt[],
  word: Word,
  about: {
    readonly rail: string;
    readonly capabilities: RailCapabilities;
    readonly memory: RailsMemory;
  },
): readonly Attempt[] {
  const { rail, capabilities, memory } = about;
  const next = nextNumber(attempts);
  if (next.kind === 'done') return attempts;
  const open = next.kind === 'ask' ? next.attempt : attemptOf(next.ordinal, 'submitting', rail);
  if (next.kind === 'send') {
    assert.ok(!attempts.some(({ state }) => isOpen(state)), 'a second number while one is open');
    const wasSeen = memory.sent.includes(next.ordinal);
    const discipline = capabilities.numberDiscipline;
    if (wasSeen) assert.equal(discipline.afterNeverSent, 'same_number');
    if (memory.dead.has(next.ordinal)) assert.fail('a dead number is sent again');
    memory.sent.push(next.ordinal);
  }
  const state = WORDS[word];
  if (!canMove(ATTEMPT_MOVES, open.state, state)) return keep(attempts, open);
  if (state === 'refused' || state === 'closed') {
    assert.equal(capabilities.numberDiscipline.afterRefusal, 'new_number');
    memory.dead.add(open.ordinal);
  }
  if (state === 'succeeded') memory.paid += 1;
  return keep(attempts, { ...open, state });
}

function keep(attempts: readonly Attempt[], changed: Attempt): readonly Attempt[] {
  return [...attempts.filter(({ ordinal }) => ordinal !== changed.ordinal), changed];
}

for (const [rail, capabilities] of Object.entries(RAILS)) {
  describe(`the number discipline that ${rail} declares`, () => {
    test('whatever it answers: one number at a time, no dead one again, paid once', () => {
      const words = fc.array(fc.constantFrom(...(Object.keys(WORDS) as Word[])), { maxLength: 40 });
      fc.assert(
        fc.property(words, (heard) => {
          const memory = new RailsMemory();
          let attempts: readonly Attempt[] = [];
          for (const word of heard) attempts = step(attempts, word, { rail, capabilities, memory });
          assert.ok(memory.paid <= 1);
          const ordinals = attempts.map(({ ordinal }) => ordinal);
          assert.equal(new Set(ordinals).size, ordinals.length);
        }),
      );
    });

    const cases: readonly (readonly [Word, string])[] = [
      ['unknown', 'ask 1'],
      ['accepted', 'ask 1'],
      ['not_found', 'send 1'],
      ['refused', 'send 2'],
      ['closed', 'send 2'],
      ['succeeded', 'done'],
    ];
    for (const [word, says] of cases) {
      test(`after ${word}: ${says}`, () => {
        const memory = new RailsMemory();
        const next = nextNumber(step([], word, { rail, capabilities, memory }));
        const ordinal = next.kind === 'ask' ? next.attempt.ordinal : undefined;
        const told = next.kind === 'send' ? `send ${next.ordinal}` : next.kind;
        assert.equal(ordinal === undefined ? told : `ask ${ordinal}`, says);
      });
    }

    test('the hundredth number of a debit still fits its order number', () => {
      const { orderNumberMaxLength } = capabilities;
      assert.ok(toOrderNumber(DEBIT, 99).length <= orderNumberMaxLength);
      assert.ok(toRefundNumber(makeId('rfd', { ...made, bucket: 1_023 })).length <= 64);
      assert.ok(toPayLinkNumber(makeId('plk', { ...made, bucket: 1_023 })).length > 0);
    });
  });
}

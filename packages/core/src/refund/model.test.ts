import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PRICE } from '../../../../test/kit/builders.ts';
import { RefundWorld, succeeded } from '../../../../test/kit/refund-world.ts';
import { sumEntries } from '../ledger/balances.ts';
import { canMove, isEnd } from '../result/moves.ts';
import { sideOf } from './money-exception.ts';
import { REFUND_MOVES } from './moves.ts';
import type { Refund, RefundOutcome } from './refund.ts';

const WORDS = [
  'returned',
  'returned_less',
  'returned_more',
  'told_more',
  'accepted',
  'unknown',
  'not_found',
  'never_sent',
  'failed',
  'merchant_balance',
  'payer_account',
  'technical',
] as const;

const step = fc.oneof(
  fc.record({ do: fc.constant('request' as const), minor: fc.bigInt({ min: 0n, max: 3_000n }) }),
  fc.record({
    do: fc.constantFrom('approve', 'submit', 'withdraw', 'transfer', 'retry', 'wait'),
    which: fc.nat(5),
  }),
  fc.record({
    do: fc.constant('hear' as const),
    which: fc.nat(5),
    word: fc.constantFrom(...WORDS),
  }),
  fc.record({
    do: fc.constant('resolve' as const),
    which: fc.nat(3),
    action: fc.constantFrom('credit', 'book', 'transfer', 'original'),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function outcomeOf(
  word: (typeof WORDS)[number],
  refund: Refund,
  world: RefundWorld,
): RefundOutcome {
  switch (word) {
    case 'returned':
      return succeeded(refund.amount.minor, world.now, `X-${refund.refundNumber}`);
    case 'returned_less':
      return succeeded((refund.amount.minor + 1n) / 2n, world.now, `X-${refund.refundNumber}`);
    case 'told_more':
    case 'returned_more':
      return succeeded(refund.amount.minor + 7n, world.now, `X-${refund.refundNumber}`);
    case 'accepted':
    case 'not_found':
      return { kind: word };
    case 'unknown':
    case 'never_sent':
      return { kind: word, detail: 'x' };
    case 'failed':
      return { kind: 'failed', code: 'ABNORMAL', message: 'x' };
    case 'merchant_balance':
    case 'payer_account':
    case 'technical':
      return { kind: 'refused', refusal: { class: word, code: 'NO', message: 'x' } };
  }
}

function act(world: RefundWorld, one: Step): void {
  if (one.do === 'request') {
    world.request(one.minor);
    return;
  }
  if (one.do === 'wait') {
    world.now = world.now.add({ hours: 7 });
    return;
  }
  if (one.do === 'resolve') {
    const exception = world.exceptions[one.which];
    if (exception !== undefined) world.resolve(exception, one.action);
    return;
  }
  const refund = world.refunds[one.which];
  if (refund === undefined) return;
  if (one.do === 'hear') {
    // What goes by transfer has no order at a rail that could say anything.
    const isProof = one.word.startsWith('returned');
    if (refund.order !== undefined) {
      world.hear(refund, outcomeOf(one.word, refund, world), isProof);
    }
    return;
  }
  if (one.do === 'submit') {
    if (refund.state === 'approved') world.submit(refund);
    return;
  }
  world[one.do](refund);
}

/** What must hold after every step, however the steps come. */
function assertWhole(world: RefundWorld, before: readonly Refund[]): void {
  const live = world.refunds.filter(
    ({ state, source }) => state !== 'withdrawn' && source === 'payment',
  );
  const taken = live.reduce((total, { amount }) => total + amount.minor, 0n);
  assert.ok(taken <= PRICE.minor, 'refunds are within the payment');
  const open = world.refunds.filter(({ state }) =>
    ['submitting', 'accepted', 'unknown'].includes(state),
  );
  assert.ok(open.length <= 1, 'one refund of an order is with the rail');
  for (const journal of world.journals) assert.equal(sumEntries(journal.entries), 0n);
  const owed = live
    .filter(({ state }) => state !== 'awaiting_approval' && state !== 'succeeded')
    .reduce((total, { amount }) => total + amount.minor, 0n);
  const waiting = (side: 'payable' | 'receivable', states: readonly string[]) =>
    world.exceptions
      .filter(({ kind, state }) => sideOf(kind) === side && states.includes(state))
      .reduce((total, { amount }) => total + amount.minor, 0n);
  const parked = waiting('payable', ['open', 'refunding']);
  assert.equal(world.credit('2241'), owed + parked, 'what is owed stands in its account');
  assert.equal(
    -world.credit('1221'),
    waiting('receivable', ['open']),
    'what left without a reason',
  );
  for (const old of before) {
    const now = world.of(old);
    assert.equal(now.refundNumber, old.refundNumber);
    assert.equal(now.amount.minor, old.amount.minor);
    assert.ok(now.state === old.state || canMove(REFUND_MOVES, old.state, now.state));
    assert.equal(isEnd(REFUND_MOVES, now.state), now.endedAt !== undefined);
    assert.ok(now.dueAt === undefined || now.state === 'approved');
  }
}

test('any order of requests, approvals, answers and decisions keeps the money whole', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = new RefundWorld();
      for (const one of steps) {
        const before = [...world.refunds];
        act(world, one);
        assertWhole(world, before);
      }
      // What the rail paid out is what left the clearing account: nothing twice, nothing silent.
      const returned = world.refunds
        .filter(({ railReference, state, route }) => {
          return state === 'succeeded' && railReference !== undefined && route === 'original';
        })
        .reduce((total, { amount }) => total + amount.minor, 0n);
      const unexpected = world.exceptions.reduce(
        (total, { kind, amount: { minor } }) =>
          sideOf(kind) === 'receivable' ? total + minor : total - minor,
        0n,
      );
      assert.equal(world.credit('1012.01'), returned + unexpected);
    }),
    { numRuns: 400 },
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RefundWorld, succeeded } from '../../../../test/kit/refund-world.ts';
import { present } from '../result/invariant.ts';
import { decideAssignException } from './exception.ts';
import { type MoneyException, suggestedActionOf } from './money-exception.ts';
import type { Refund, RefundOutcome } from './refund.ts';

/** A refund that is with the rail. */
function sent(minor = 985n): { readonly world: RefundWorld; readonly refund: () => Refund } {
  const world = new RefundWorld();
  const refund = world.request(minor);
  assert.ok(typeof refund !== 'string');
  assert.equal(world.submit(refund), 'send');
  return { world, refund: () => world.of(refund) };
}

/** The only exception. */
function parkedOf({ exceptions }: RefundWorld): MoneyException {
  assert.equal(exceptions.length, 1);
  return present(exceptions[0], 'an exception');
}

describe('a refund that the rail pays in another amount', () => {
  const amounts = [
    // returned, kind, 2241 credit, 1221 debit, clearing credit
    [984n, 'refund_short 1', 1n, 0n, 984n],
    [986n, 'refund_excess 1', 0n, 1n, 986n],
  ] as const;
  for (const [returned, parked, owed, missing, cleared] of amounts) {
    test(`asked for 985, returned ${returned}: the books follow the rail, a person ends it`, () => {
      for (const isToldBefore of [false, true]) {
        const { world, refund } = sent();
        const word = succeeded(returned, world.now);
        if (isToldBefore) {
          // A message may be spoilt: it is shown to a person, and only the bill is believed.
          assert.ok(world.hear(refund(), word));
          assert.deepEqual([refund().review, world.credit('2241')], ['other_amount', 985n]);
          assert.equal(world.events.at(-1), 'refund.needs_person');
          assert.ok(!world.hear(refund(), word), 'told once');
          assert.equal(world.withdraw(refund()), 'outcome_not_known');
          assert.equal(world.retry(refund()), 'unknown');
        }
        assert.ok(world.hear(refund(), word, true));
        assert.ok(!world.hear(refund(), word, true), 'the same line again');
        assert.equal(refund().state, 'succeeded');
        const told = world.exceptions.map(({ kind, amount }) => `${kind} ${amount.minor}`);
        assert.deepEqual(told, [parked]);
        const books = ['2241', '1221', '1012.01'].map((account) => world.credit(account));
        assert.deepEqual(books, [owed, -missing, cleared]);
      }
    });
  }

  test('an old word of a failure, heard again after the same number arrived, parks nothing', () => {
    for (const isTold of [true, false]) {
      const { world, refund } = sent();
      const { now } = world;
      const failed = { kind: 'failed', code: 'AC04', message: '' } as const;
      const old: RefundOutcome = isTold ? { ...failed, at: now } : failed;
      assert.ok(world.hear(refund(), old));
      assert.equal(world.retry(refund()), 'approved');
      assert.equal(world.submit(refund()), 'send');
      assert.ok(world.hear(refund(), succeeded(985n, now.add({ hours: 20 }))));
      assert.ok(!world.hear(refund(), old), 'it speaks of the first try');
      assert.deepEqual(world.exceptions, []);
      const back: RefundOutcome = { ...failed, at: now.add({ hours: 60 }) };
      assert.ok(world.hear(refund(), back));
      assert.equal(parkedOf(world).kind, 'refund_sent_back');
    }
  });

  test('what is short is the customer’s; what is too much is a loss by a person’s word', () => {
    const { world, refund } = sent();
    world.hear(refund(), succeeded(900n, world.now), true);
    const short = parkedOf(world);
    assert.equal(world.resolve(short, 'book'), 'owner_is_known');
    assert.equal(world.resolve(short, 'original'), 'only_by_transfer');
    assert.equal(world.resolve(short, 'credit'), 'credited');
    assert.deepEqual([world.credit('2203'), world.credit('2241')], [85n, 0n]);
    const other = sent();
    other.world.hear(other.refund(), succeeded(1_000n, world.now), true);
    const excess = parkedOf(other.world);
    assert.equal(other.world.resolve(excess, 'credit'), 'nothing_arrived');
    assert.equal(other.world.resolve(excess, 'book'), 'booked');
    assert.deepEqual([other.world.credit('1221'), other.world.credit('6711')], [0n, -15n]);
  });

  test('a refund in another currency than asked for is for a person, and books nothing', () => {
    const { world, refund } = sent();
    const refunded = { minor: 985n, currency: 'EUR' } as const;
    world.hear(refund(), { ...succeeded(1n, world.now), refunded } as RefundOutcome, true);
    assert.equal(refund().review, 'other_amount');
    assert.equal(world.credit('2241'), 985n);
  });
});

describe('a refund that the payer’s bank sends back', () => {
  /** A refund that had left, and that the payer's bank sent back. */
  const sentBack = (returned = 985n) => {
    const { world, refund } = sent();
    world.hear(refund(), succeeded(returned, world.now), true);
    const failed = { kind: 'failed', code: 'AC04', message: '账户已注销' } as const;
    assert.ok(world.hear(refund(), failed));
    assert.ok(!world.hear(refund(), failed), 'told once');
    return { world, refund };
  };

  test('sent back by the payer’s bank days after it had left: ours again, and owed', () => {
    const { world, refund } = sentBack();
    assert.equal(refund().state, 'succeeded');
    assert.deepEqual(world.events.slice(-2), ['exception.opened', 'refund.needs_person']);
    const parked = parkedOf(world);
    assert.deepEqual(
      [parked.kind, parked.owner, parked.actAt],
      ['refund_sent_back', 'finance', undefined],
    );
    assert.equal(suggestedActionOf(parked.kind), 'transfer');
    assert.deepEqual([world.credit('2241'), world.credit('1012.01')], [985n, 0n]);
    assert.equal(world.resolve(parked, 'book'), 'owner_is_known');
    assert.equal(world.resolve(parked, 'original'), 'only_by_transfer');
  });

  test('what was sent back is paid another way, with the bank’s number', () => {
    const { world } = sentBack();
    assert.equal(world.resolve(parkedOf(world), 'transfer'), 'refunding');
    const second = world.refunds[1];
    assert.ok(second !== undefined && second.order === undefined);
    assert.equal(second.review, 'by_transfer');
    assert.equal(world.transfer(second), 'succeeded');
    assert.equal(parkedOf(world).state, 'refunded');
    assert.deepEqual([world.credit('2241'), world.credit('1002')], [0n, 985n]);
  });

  test('what was sent back becomes balance, also where its transfer is withdrawn', () => {
    const { world } = sentBack();
    assert.equal(world.resolve(parkedOf(world), 'credit'), 'credited');
    const other = sentBack().world;
    other.resolve(parkedOf(other), 'transfer');
    const second = other.refunds[1];
    assert.ok(second !== undefined);
    assert.equal(other.withdraw(second), 'withdrawn');
    for (const one of [world, other]) {
      assert.equal(parkedOf(one).state, 'credited');
      assert.deepEqual([one.credit('2203'), one.credit('2241')], [985n, 0n]);
      assert.equal(one.grants[0]?.nameZh, `未到账退款 ${one.refunds[0]?.refundNumber}`);
    }
  });

  test('of a refund that was short only what had arrived comes back', () => {
    const { world } = sentBack(900n);
    const told = world.exceptions.map(({ kind, amount }) => `${kind} ${amount.minor}`);
    assert.deepEqual(told, ['refund_short 85', 'refund_sent_back 900']);
    assert.deepEqual([world.credit('2241'), world.credit('1012.01')], [985n, 0n]);
  });

  test('an exception is given to somebody until it ends', () => {
    const { world } = sentBack();
    const assigned = decideAssignException(parkedOf(world), ' Chen ');
    assert.equal(assigned.ok && assigned.value.owner, 'Chen');
    const none = decideAssignException(parkedOf(world), ' ');
    assert.equal(none.ok ? '' : none.refusal.code, 'exception_owner_missing');
    world.resolve(parkedOf(world), 'credit');
    const late = decideAssignException(parkedOf(world), 'Chen');
    assert.equal(late.ok ? '' : late.refusal.code, 'exception_not_open');
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, PRICE } from '../../../../test/kit/builders.ts';
import { RefundWorld, RULES, succeeded } from '../../../../test/kit/refund-world.ts';
import { InvariantBroken } from '../result/invariant.ts';
import type { Refund, RefundOutcome, RefundRefusalClass } from './refund.ts';

const WHOLE = PRICE.minor;

function made(result: Refund | string): Refund {
  assert.ok(typeof result !== 'string', `refused: ${result}`);
  return result;
}

const refused = (refusalClass: RefundRefusalClass): RefundOutcome => ({
  kind: 'refused',
  refusal: { class: refusalClass, code: 'NO', message: '退款失败' },
});

describe('asking for money back', () => {
  test('a part below the limit is owed at once and leaves with the next run', () => {
    const world = new RefundWorld();
    const refund = made(world.request(985n));
    assert.equal(refund.state, 'approved');
    assert.ok(refund.dueAt?.equals(world.now));
    assert.equal(world.credit('2241'), 985n);
    assert.deepEqual(
      world.notes.map(({ disposition, total, refundId }) => [disposition, total.minor, refundId]),
      [['to_refund', 985n, refund.id]],
    );
    // What is taken back is the price and its tax, as the invoice had them.
    assert.equal(world.credit('2205') + world.credit('2221.01'), -985n);
  });

  test('all that is left, once', () => {
    const world = new RefundWorld();
    world.policy = { ...world.policy, approveAbove: { CNY: WHOLE } };
    made(world.request(985n));
    assert.equal(made(world.request()).amount.minor, WHOLE - 985n);
    assert.equal(world.request(), 'more_than_payment_has_left');
    assert.equal(world.request(1n), 'more_than_payment_has_left');
  });

  const cases: readonly (readonly [string, (world: RefundWorld) => Refund | string])[] = [
    ['amount_not_positive', (world) => world.request(0n)],
    ['more_than_payment_has_left', (world) => world.request(WHOLE + 1n)],
    ['requester_missing', (world) => world.request(1n, { by: ' ' })],
    [
      'payment_returned',
      (world) => {
        world.isReturned = true;
        return world.request(1n);
      },
    ],
    [
      'rail_returns_nothing',
      (world) => {
        world.rules = undefined;
        return world.request(1n);
      },
    ],
    [
      'refund_too_late',
      (world) => {
        world.now = at('2027-03-11 00:00');
        return world.request(1n);
      },
    ],
    [
      'refund_not_partial',
      (world) => {
        world.rules = { ...RULES, partial: false };
        return world.request(1n);
      },
    ],
    [
      'refunds_used_up',
      (world) => {
        world.rules = { ...RULES, maxPerPayment: 1 };
        made(world.request(1n));
        return world.request(1n);
      },
    ],
  ];
  for (const [code, act] of cases) {
    test(`is refused: ${code}`, () => assert.equal(act(new RefundWorld()), code));
  }

  test('on the last day of the rail it is in time, and by bank transfer at any time', () => {
    const world = new RefundWorld();
    world.now = at('2027-03-10 23:59');
    made(world.request(1n));
    world.now = at('2028-01-01 09:00');
    assert.equal(made(world.request(1n, { route: 'bank_transfer' })).review, 'by_transfer');
  });

  test('the rail’s pause after the last refund of the order moves the next one', () => {
    const world = new RefundWorld();
    world.rules = { ...RULES, secondsBetween: 60 };
    world.submit(made(world.request(1n)));
    assert.ok(made(world.request(1n)).dueAt?.equals(world.now.add({ seconds: 60 })));
  });
});

describe('a second person above the limit', () => {
  const asked = () => {
    const world = new RefundWorld();
    const refund = made(world.request(2_000n));
    assert.equal(refund.state, 'awaiting_approval');
    assert.equal(world.credit('2241'), 0n, 'nothing is owed before');
    return { world, refund };
  };

  test('approves what was shown, and it is owed', () => {
    const { world, refund } = asked();
    assert.equal(world.approve(refund), 'approved');
    assert.equal(world.of(refund).approval?.by, 'Bao');
    assert.equal(world.credit('2241'), 2_000n);
    assert.equal(world.approve(world.of(refund)), 'refund_not_waiting');
  });

  test('is never the requester', () => {
    const { world, refund } = asked();
    assert.equal(world.approve(refund, 'Anna'), 'second_person_wanted');
  });

  test('approves this amount only: the hash of another refund is refused', () => {
    const { world, refund } = asked();
    const other = made(new RefundWorld().request(2_001n));
    assert.equal(world.approve(refund, 'Bao', other.approvalHash), 'approval_of_another');
  });

  test('who changes the amount in the database changes what was approved', () => {
    const { world, refund } = asked();
    const forged = { ...refund, amount: { ...refund.amount, minor: 2_500n } };
    assert.equal(world.approve(forged), 'approval_of_another');
  });

  test('is in time for three days', () => {
    const { world, refund } = asked();
    world.now = at('2026-03-15 09:59');
    assert.equal(world.approve(refund), 'approved');
    const late = asked();
    late.world.now = at('2026-03-15 10:00');
    assert.equal(late.world.approve(late.refund), 'approval_expired');
  });

  test('what waits counts as taken', () => {
    const { world } = asked();
    assert.equal(world.request(986n), 'more_than_payment_has_left');
    made(world.request(985n));
  });

  test('withdrawn before an approval it leaves no trace in the books', () => {
    const { world, refund } = asked();
    assert.equal(world.withdraw(refund), 'withdrawn');
    assert.deepEqual(world.journals, []);
    assert.deepEqual(world.grants, []);
  });
});

describe('what the rail says of a refund', () => {
  const sent = (minor = 985n) => {
    const world = new RefundWorld();
    const refund = made(world.request(minor));
    assert.equal(world.submit(refund), 'send');
    return { world, refund: () => world.of(refund) };
  };

  test('returned: the money that was owed has left the rail', () => {
    const { world, refund } = sent();
    assert.ok(world.hear(refund(), succeeded(985n, world.now)));
    assert.equal(refund().state, 'succeeded');
    assert.equal(world.credit('2241'), 0n);
    assert.equal(world.credit('1012.01'), 985n);
    assert.ok(!world.hear(refund(), succeeded(985n, world.now)), 'twice is once');
  });

  test('one refund of an order at a time', () => {
    const { world } = sent();
    const next = made(world.request(10n));
    assert.equal(world.submit(next), 'wait');
    assert.equal(world.of(next).state, 'approved');
  });

  test('taken, silent, then returned', () => {
    const { world, refund } = sent();
    const number = refund().refundNumber;
    world.hear(refund(), { kind: 'unknown', detail: 'time-out' });
    assert.equal(refund().state, 'unknown');
    world.hear(refund(), { kind: 'accepted', railReference: 'X-1' });
    assert.equal(refund().state, 'accepted');
    assert.ok(!world.hear(refund(), { kind: 'not_found' }), 'taken is not disproved by a query');
    world.hear(refund(), succeeded(985n, world.now));
    assert.equal(refund().refundNumber, number);
  });

  for (const kind of ['not_found', 'never_sent'] as const) {
    test(`${kind}: the same number goes out again`, () => {
      const { world, refund } = sent();
      const number = refund().refundNumber;
      world.hear(refund(), kind === 'not_found' ? { kind } : { kind, detail: 'no connection' });
      assert.equal(refund().state, 'approved');
      const first = refund().submittedAt;
      world.now = at('2026-03-12 11:00');
      assert.equal(world.submit(refund()), 'send');
      assert.equal(refund().refundNumber, number);
      // A rail that names a refund by number and time would else see another one.
      assert.deepEqual(refund().submittedAt, first);
    });
  }

  test('the merchant’s balance is too low: tried later, told once', () => {
    const { world, refund } = sent();
    const number = refund().refundNumber;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      world.hear(refund(), refused('merchant_balance'));
      assert.equal(refund().state, 'approved');
      world.now = world.now.add({ hours: 6 });
      world.submit(refund());
    }
    assert.equal(refund().refundNumber, number);
    assert.equal(world.events.filter((type) => type === 'refund.delayed').length, 1);
    assert.equal(world.credit('2241'), 985n);
  });

  test('a technical refusal becomes a person’s business after a week', () => {
    const { world, refund } = sent();
    world.hear(refund(), refused('technical'));
    assert.equal(refund().state, 'approved');
    world.now = at('2026-03-19 10:00');
    world.submit(refund());
    world.hear(refund(), refused('technical'));
    assert.equal(refund().review, 'refused');
  });

  for (const refusalClass of ['payer_account', 'limit', 'amount', 'merchant_fault'] as const) {
    test(`refused for ${refusalClass}: a person decides and the money stays owed`, () => {
      const { world, refund } = sent();
      world.hear(refund(), refused(refusalClass));
      assert.equal(refund().state, 'manual_review');
      assert.equal(refund().review, 'refused');
      assert.equal(world.credit('2241'), 985n);
    });
  }

  test('failed at the payer’s bank: by bank transfer, by balance or once more', () => {
    const failed = () => {
      const { world, refund } = sent();
      world.hear(refund(), { kind: 'accepted' });
      world.hear(refund(), { kind: 'failed', code: 'ABNORMAL', message: '账户已注销' });
      assert.equal(refund().review, 'bank_failed');
      return { world, refund };
    };
    const transfer = failed();
    assert.equal(transfer.world.transfer(transfer.refund(), ' '), 'transfer_reference_missing');
    assert.equal(transfer.world.transfer(transfer.refund()), 'succeeded');
    assert.equal(transfer.world.credit('1002'), 985n);
    assert.equal(transfer.world.credit('2241'), 0n);
    const balance = failed();
    assert.equal(balance.world.withdraw(balance.refund()), 'withdrawn');
    assert.equal(balance.world.credit('2203'), 985n);
    assert.equal(balance.world.grants[0]?.left.minor, 985n);
    const again = failed();
    assert.equal(again.world.retry(again.refund()), 'approved');
  });

  test('silent for a week: only the rail’s own word ends it', () => {
    const { world, refund } = sent();
    world.hear(refund(), { kind: 'unknown', detail: 'time-out' });
    const silent: Refund = { ...refund(), state: 'manual_review', review: 'silent' };
    world.refunds[0] = silent;
    assert.equal(world.withdraw(silent), 'outcome_not_known');
    assert.equal(world.transfer(silent), 'outcome_not_known');
    assert.equal(world.retry(silent), 'unknown');
    world.hear(refund(), succeeded(985n, world.now));
    assert.equal(refund().state, 'succeeded');
  });

  test('while it is with the rail nobody takes it back', () => {
    const { world, refund } = sent();
    assert.equal(world.withdraw(refund()), 'refund_on_its_way');
    assert.equal(world.transfer(refund()), 'refund_on_its_way');
  });

  test('returned after it was withdrawn: the money that is gone stays in sight, once', () => {
    const { world, refund } = sent();
    world.hear(refund(), { kind: 'not_found' });
    world.withdraw(refund());
    assert.ok(world.hear(refund(), succeeded(985n, world.now)));
    assert.equal(world.exceptions[0]?.kind, 'refund_unexpected');
    assert.equal(world.credit('1221'), -985n);
    assert.ok(!world.hear(refund(), succeeded(985n, world.now)));
  });

  test('two refunds of one order that came after all are two, though they share a number', () => {
    const world = new RefundWorld();
    const both = [made(world.request(300n)), made(world.request(400n))];
    for (const one of both) assert.equal(world.withdraw(one), 'withdrawn');
    // Alipay answers every refund of an order with the number of the payment.
    const number = world.payment.railReference;
    for (const one of both) {
      assert.ok(world.hear(world.of(one), succeeded(one.amount.minor, world.now, number)));
      assert.ok(!world.hear(world.of(one), succeeded(one.amount.minor, world.now, number)));
    }
    const parked = world.exceptions.map(({ amount }) => amount.minor);
    assert.deepEqual(parked, [300n, 400n]);
  });

  test('returned by the rail after a bank transfer: gone twice, and it stays in sight', () => {
    const { world, refund } = sent();
    // The rail gave its number when it took the refund, long before the bank failed it.
    world.hear(refund(), { kind: 'accepted', railReference: 'X-1' });
    world.hear(refund(), { kind: 'failed', code: 'ABNORMAL', message: '账户已注销' });
    assert.equal(world.transfer(refund()), 'succeeded');
    assert.ok(world.hear(refund(), succeeded(985n, world.now, 'X-1')));
    assert.equal(world.exceptions[0]?.kind, 'refund_unexpected');
    assert.equal(world.credit('1221'), -985n);
    assert.ok(!world.hear(refund(), succeeded(985n, world.now, 'X-1')));
  });

  test('the bank takes the payment back while its refund is out: never sent again', () => {
    const { world, refund } = sent();
    world.isReturned = true;
    world.hear(refund(), { kind: 'not_found' });
    world.now = world.now.add({ hours: 1 });
    assert.equal(world.submit(refund()), 'stopped');
    assert.equal(refund().state, 'manual_review');
    assert.equal(refund().refusal?.code, 'TAKEN_BACK');
    assert.equal(world.credit('2241'), 985n);
    assert.equal(world.withdraw(refund()), 'withdrawn');
  });

  test('an ended refund is never submitted', () => {
    const { world, refund } = sent();
    world.hear(refund(), succeeded(985n, world.now));
    assert.throws(() => world.submit(refund()), InvariantBroken);
  });
});

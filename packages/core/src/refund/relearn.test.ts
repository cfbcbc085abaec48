import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PRICE } from '../../../../test/kit/builders.ts';
import { RefundWorld, succeeded } from '../../../../test/kit/refund-world.ts';
import { makeId } from '../ids/ids.ts';
import { toRefundNumber } from '../ids/rail-numbers.ts';
import { money } from '../money/money.ts';
import { oweRefund } from './approve.ts';
import type { Refund } from './refund.ts';
import { type RefundOnBill, relearnRefund } from './relearn.ts';

/** The same payment twice: in the books that were lost, and in those of the backup. */
function lostAndRestored() {
  return { lost: new RefundWorld(), restored: new RefundWorld() };
}

function asked(world: RefundWorld, minor: bigint): Refund {
  const refund = world.request(minor);
  assert.ok(typeof refund !== 'string', `refused: ${refund}`);
  return refund;
}

function onBill(refund: Refund, changes: Partial<RefundOnBill> = {}): RefundOnBill {
  const { refundNumber, amount, createdAt } = refund;
  return { refundNumber, amount, at: createdAt, isPending: false, ...changes };
}

/** As the engine takes it in: the row, its credit notes and what it owes, in one commit. */
function relearn(world: RefundWorld, told: RefundOnBill): Refund | undefined {
  const context = world.context();
  const refund = relearnRefund(world.facts(), told, { by: 'restore', context });
  if (refund === undefined) return undefined;
  const owed = oweRefund(refund, world.facts().invoices, context);
  assert.ok(owed.ok);
  world.refunds.push(refund);
  world.notes.push(...owed.value.notes);
  world.journals.push(...owed.value.journals);
  return refund;
}

function books(world: RefundWorld): Readonly<Record<string, bigint>> {
  const accounts = new Set(
    world.journals.flatMap(({ entries }) => entries.map(({ account }) => account)),
  );
  return Object.fromEntries([...accounts].sort().map((one) => [one, world.credit(one)]));
}

describe('a refund that only the bill of the rail remembers', () => {
  test('leaves the books as they were, above the limit of approvals and below it', () => {
    const minor = fc.bigInt({ min: 1n, max: PRICE.minor });
    fc.assert(
      fc.property(minor, fc.bigInt({ min: 0n, max: PRICE.minor }), (first, limit) => {
        const { lost, restored } = lostAndRestored();
        restored.policy = { ...restored.policy, approveAbove: { CNY: limit } };
        lost.policy = { ...lost.policy, approveAbove: { CNY: PRICE.minor } };
        const sent = [asked(lost, first)];
        if (first < PRICE.minor) sent.push(asked(lost, PRICE.minor - first));
        for (const refund of sent) {
          assert.equal(lost.submit(refund), 'send');
          assert.ok(lost.hear(lost.of(refund), succeeded(refund.amount.minor, lost.now)));
          const learned = relearn(restored, onBill(refund));
          assert.ok(learned);
          assert.equal(learned.refundNumber, refund.refundNumber);
          assert.ok(restored.hear(learned, succeeded(refund.amount.minor, restored.now)));
          assert.equal(restored.of(refund).state, 'succeeded');
        }
        assert.deepEqual(books(restored), books(lost));
        const notes = (world: RefundWorld) => world.notes.map(({ total }) => total.minor);
        assert.deepEqual(notes(restored), notes(lost));
        assert.equal(restored.request(1n), 'more_than_payment_has_left');
      }),
      { numRuns: 60 },
    );
  });

  test('whose end the bill does not tell is asked about, and owed until then', () => {
    const { lost, restored } = lostAndRestored();
    const refund = asked(lost, 300n);
    const learned = relearn(restored, onBill(refund, { isPending: true }));
    assert.equal(learned?.state, 'unknown');
    assert.ok(learned.askAt?.equals(restored.now));
    assert.ok(learned.submittedAt?.equals(refund.createdAt));
    assert.equal(restored.credit('2241'), 300n);
    const other = asked(lost, 200n);
    assert.equal(relearn(restored, onBill(other, { isPending: true })), undefined);
  });

  const STRANGE: readonly (readonly [
    string,
    (world: RefundWorld, told: RefundOnBill) => unknown,
  ])[] = [
    ['no number of ours', (world, told) => relearn(world, { ...told, refundNumber: 'R-1' })],
    [
      'a number of another bucket',
      (world, told) => {
        const random = new Uint8Array(10);
        const id = makeId('rfd', { epochMilliseconds: 1, random, bucket: 8 });
        return relearn(world, { ...told, refundNumber: toRefundNumber(id) });
      },
    ],
    ['another currency', (world, told) => relearn(world, { ...told, amount: money(300n, 'EUR') })],
    [
      'more than the payment has left',
      (world, told) => {
        asked(world, PRICE.minor - 100n);
        return relearn(world, told);
      },
    ],
    [
      'a payment that its bank took back',
      (world, told) => {
        world.isReturned = true;
        return relearn(world, told);
      },
    ],
  ];
  for (const [name, attempt] of STRANGE) {
    test(`${name}: a person decides`, () => {
      const { lost, restored } = lostAndRestored();
      restored.policy = { ...restored.policy, approveAbove: { CNY: PRICE.minor } };
      assert.equal(attempt(restored, onBill(asked(lost, 300n))), undefined);
    });
  }
});

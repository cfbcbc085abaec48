import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aMandate, anotherId, at } from '../../../../test/kit/builders.ts';
import type { MandateId } from '../ids/ids.ts';
import { decideOrder, inOrder } from './order.ts';

const OLD = aMandate();
const NEW = aMandate({ id: anotherId('man', 1), createdAt: at('2026-02-05 11:00') });
const ENDED = aMandate({ id: anotherId('man', 2), state: 'ended' });

describe('the order of a customer’s mandates', () => {
  test('without a wish the oldest comes first', () => {
    assert.deepEqual(inOrder([NEW, OLD]), [OLD, NEW]);
  });

  test('those with a place come before those without', () => {
    const placed = { ...NEW, preference: 2 };
    assert.deepEqual(inOrder([OLD, placed]), [placed, OLD]);
  });

  const wishes: readonly (readonly [string, readonly MandateId[], boolean])[] = [
    ['all of them, once', [NEW.id, OLD.id], true],
    ['one left out', [NEW.id], false],
    ['one twice', [NEW.id, NEW.id], false],
    ['an ended one', [NEW.id, OLD.id, ENDED.id], false],
    ['one of nobody', [NEW.id, anotherId('man', 9)], false],
  ];
  for (const [what, wish, isTaken] of wishes) {
    test(`${what}: ${isTaken ? 'taken' : 'refused'}`, () => {
      const decided = decideOrder([OLD, NEW, ENDED], wish);
      assert.equal(decided.ok, isTaken);
      if (decided.ok)
        assert.deepEqual(
          inOrder(decided.value).map(({ id }) => id),
          wish,
        );
    });
  }

  test('for any mandates and any wish that is taken: the order is the wish', () => {
    const many = [0, 1, 2, 3, 4].map((index) => aMandate({ id: anotherId('man', index) }));
    fc.assert(
      fc.property(fc.shuffledSubarray(many, { minLength: 5 }), (wish) => {
        const decided = decideOrder(
          many,
          wish.map(({ id }) => id),
        );
        assert.ok(decided.ok);
        assert.deepEqual(
          inOrder(decided.value).map(({ id }) => id),
          wish.map(({ id }) => id),
        );
      }),
    );
  });
});

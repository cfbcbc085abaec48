import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvariantBroken, money } from '@daikou/core';
import { Value } from 'typebox/value';
import { AmountSchema, toAmountWire, toIntegerWire } from './amount.ts';

describe('money on the wire', () => {
  test('is a whole number of the smallest unit and its currency', () => {
    assert.deepEqual(toAmountWire(money(2_985n, 'CNY')), { amount: 2985, currency: 'CNY' });
    assert.deepEqual(toAmountWire(money(-1n, 'JPY')), { amount: -1, currency: 'JPY' });
  });

  test('is exact up to the largest number that JSON holds, and nothing beyond is sent', () => {
    const largest = 2n ** 53n - 1n;
    assert.equal(BigInt(toIntegerWire(largest)), largest);
    assert.throws(() => toIntegerWire(largest + 1n), InvariantBroken);
    assert.throws(() => toAmountWire(money(-largest - 1n, 'CNY')), InvariantBroken);
  });

  const refused: readonly (readonly [string, unknown])[] = [
    ['a decimal', { amount: 29.85, currency: 'CNY' }],
    ['a text', { amount: '2985', currency: 'CNY' }],
    ['no currency', { amount: 2985 }],
    ['a currency that we do not keep', { amount: 2985, currency: 'XXX' }],
    ['a number that is not exact', { amount: 2 ** 53, currency: 'CNY' }],
    ['something more', { amount: 2985, currency: 'CNY', major: 29.85 }],
  ];
  for (const [name, value] of refused) {
    test(`${name} is refused`, () => {
      assert.equal(Value.Check(AmountSchema, value), false);
    });
  }
});

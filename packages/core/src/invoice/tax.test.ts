import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { money } from '../money/money.ts';
import { splitTax } from './tax.ts';

describe('the tax inside a price', () => {
  const cases: readonly (readonly [bigint, bigint, bigint, bigint])[] = [
    [10_600n, 600n, 10_000n, 600n],
    [2_985n, 600n, 2_816n, 169n],
    [2_985n, 1_300n, 2_642n, 343n],
    [2_985n, 0n, 2_985n, 0n],
    [1n, 600n, 1n, 0n],
    [9n, 600n, 8n, 1n],
    [0n, 600n, 0n, 0n],
    [-2_985n, 600n, -2_816n, -169n],
    // 105 / 1.4 = 75 exactly; 7 / 1.4 = 5; 3 / 1.2 = 2.5 is rounded away from zero.
    [105n, 4_000n, 75n, 30n],
    [3n, 2_000n, 3n, 0n],
    [-3n, 2_000n, -3n, 0n],
  ];
  for (const [gross, rate, net, tax] of cases) {
    test(`${gross} at ${rate} basis points is ${net} and ${tax}`, () => {
      const split = splitTax(money(gross, 'CNY'), rate);
      assert.equal(split.net.minor, net);
      assert.equal(split.tax.minor, tax);
    });
  }

  test('adds up to the fen and is never off by more than half a fen', () => {
    const gross = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
    const rates = fc.bigInt({ min: 0n, max: 10_000n });
    fc.assert(
      fc.property(gross, rates, (minor, rate) => {
        const { net, tax } = splitTax(money(minor, 'CNY'), rate);
        assert.equal(net.minor + tax.minor, minor);
        const error = net.minor * (10_000n + rate) - minor * 10_000n;
        assert.ok((error < 0n ? -error : error) * 2n <= 10_000n + rate);
        const mirrored = splitTax(money(-minor, 'CNY'), rate);
        assert.equal(mirrored.net.minor, -net.minor);
      }),
      { numRuns: 1_000 },
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Currency, money } from '../money/money.ts';
import { formatRatio, type Ratio, ratio } from '../money/ratio.ts';
import {
  type AccountFactKind,
  computeAccountPosition,
  computeTopUp,
  type DrawSource,
  drawInOrder,
} from './account-credit.ts';

const cny = (minor: bigint) => money(minor, 'CNY');

/** "billed 2500, paid 2500" as facts. */
function facts(text: string) {
  return text.split(', ').map((fact) => {
    const [kind, minor] = fact.split(' ') as [AccountFactKind, string];
    return { kind, amount: cny(BigInt(minor)) };
  });
}

describe('where a customer stands', () => {
  const repaired = 'billed 500, billed 2000, paid 2500, repaired 2000, billed 1000';
  for (const [story, balance, credit] of [
    ['billed 2500', 2_500n, 0n],
    ['billed 2500, paid 2500', 0n, 0n],
    ['billed 2500, paid 3000', -500n, 500n],
    [repaired, -1_000n, 1_000n],
    [`${repaired}, refunded 700`, -300n, 300n],
    [`${repaired}, refunded 1000`, 0n, 0n],
    [`${repaired}, refunded_adjusted 700`, -1_000n, 1_000n],
    ['billed 4000, paid 4000, refunded 3000, credited 3000', 0n, 0n],
    ['billed 4000, paid 4000, disputed 4000', 4_000n, 0n],
  ] as const) {
    test(`${story}: ${balance}`, () => {
      const position = computeAccountPosition(facts(story), 'CNY');
      assert.equal(position.balance.minor, balance);
      assert.equal(position.credit.minor, credit);
      assert.equal(position.owed.minor - position.credit.minor, balance);
    });
  }

  test('does not depend on the order of the facts', () => {
    const kinds = fc.constantFrom<AccountFactKind>('billed', 'paid', 'repaired', 'refunded');
    const fact = fc.record({
      kind: kinds,
      amount: fc.bigInt({ min: 0n, max: 10n ** 6n }).map(cny),
    });
    fc.assert(
      fc.property(fc.array(fact), (all) => {
        const position = computeAccountPosition(all, 'CNY');
        assert.deepEqual(computeAccountPosition(all.toReversed(), 'CNY'), position);
        assert.ok(position.owed.minor === 0n || position.credit.minor === 0n);
      }),
    );
  });
});

describe('a top-up', () => {
  const cases: readonly (readonly [Ratio, Ratio, Currency, string, bigint])[] = [
    [ratio(179_699n, 10_000n), ratio(1n), 'EUR', '17.97', 1_797n],
    [ratio(100_005n, 10_000n), ratio(2n), 'CNY', '10', 2_000n],
    [ratio(21n, 2n), ratio(3n), 'JPY', '11', 33n],
    [ratio(12_345n, 10_000n), ratio(1n), 'KWD', '1.235', 1_235n],
  ];
  for (const [asked, rate, currency, granted, amount] of cases) {
    test(`of ${formatRatio(asked)} in ${currency} grants ${granted} for ${amount}`, () => {
      const topUp = computeTopUp(asked, rate, currency);
      assert.equal(formatRatio(topUp.credits), granted);
      assert.equal(topUp.amount.minor, amount);
    });
  }
});

describe('drawing from sources in their order', () => {
  const from = (account: string, balance: bigint, more: Partial<DrawSource> = {}): DrawSource => ({
    account,
    balance: cny(balance),
    ...more,
  });
  const cases: readonly (readonly [string, bigint, readonly DrawSource[], string, bigint])[] = [
    ['the first is enough', 10n, [from('a', 15n), from('b', 9n)], 'a 10', 0n],
    ['the next gives the rest', 10n, [from('a', 3n), from('b', 9n)], 'a 3, b 7', 0n],
    ['not enough', 10n, [from('a', 3n), from('b', 4n)], 'a 3, b 4', 3n],
    ['empty ones are left out', 10n, [from('a', 0n), from('b', -5n), from('c', 10n)], 'c 10', 0n],
    ['an overdraft to its end', 10n, [from('a', 3n, { overdraft: cny(4n) })], 'a 7', 3n],
    ['the world has no end', 10n, [from('w', 0n, { overdraft: 'unbounded' })], 'w 10', 0n],
    ['a limit', 10n, [from('a', 9n, { limit: cny(2n) }), from('b', 9n)], 'a 2, b 8', 0n],
    ['one account is not emptied twice', 10n, [from('a', 6n), from('a', 6n)], 'a 6', 4n],
    ['nothing to draw', 0n, [from('a', 6n)], '', 0n],
  ];
  for (const [name, amount, sources, expected, missing] of cases) {
    test(name, () => {
      const drawn = drawInOrder(cny(amount), sources);
      const text = drawn.draws.map((draw) => `${draw.account} ${draw.amount.minor}`).join(', ');
      assert.equal(text, expected);
      assert.equal(drawn.missing.minor, missing);
    });
  }
});

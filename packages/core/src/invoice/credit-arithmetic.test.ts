import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { money } from '../money/money.ts';
import { fromBasisPoints, RATIO_ONE, RATIO_ZERO, ratio } from '../money/ratio.ts';
import { InvariantBroken } from '../result/invariant.ts';
import {
  capCredit,
  creditNote,
  creditOfLine,
  type StoredLine,
  terminationRefund,
  valueOfDays,
} from './credit-arithmetic.ts';
import { splitTax } from './tax.ts';

const cny = (minor: bigint) => money(minor, 'CNY');
const MONTH = { price: cny(3_100n), taxRate: fromBasisPoints(2_000n), periodDays: 31 };

describe('a credit note', () => {
  test('rounds net and tax from exact amounts, and its total is their sum', () => {
    // 29.99 × 6/7 = 25.7057…, its tax at 23.33 % 5.9971…; rounded as one they would be 31.70.
    const span = { price: cny(2_999n), taxRate: fromBasisPoints(2_333n), periodDays: 7 };
    const { net, tax, total } = valueOfDays(span, 6);
    assert.deepEqual([net.minor, tax.minor, total.minor], [2_571n, 600n, 3_171n]);
  });

  for (const [name, days, discount, credited, expected] of [
    ['of the unused days', 16, 0n, 0n, 1_920n],
    ['less what was credited before', 16, 0n, 200n, 1_680n],
    ['less its part of the discount', 16, 500n, 200n, 1_409n],
    ['of nothing when all was credited', 16, 0n, 1_700n, 0n],
    ['of nothing for no days', 0, 500n, 0n, 0n],
    ['of everything for all days', 31, 500n, 0n, 3_120n],
  ] as const) {
    test(name, () => {
      const span = { ...MONTH, discount: cny(discount) };
      assert.equal(valueOfDays(span, days, cny(credited)).total.minor, expected);
    });
  }

  test('takes back zero or more, for days of the period', () => {
    assert.throws(() => creditNote(ratio(-1n), RATIO_ZERO, 'CNY'), InvariantBroken);
    assert.throws(() => valueOfDays(MONTH, 32), InvariantBroken);
    assert.throws(() => valueOfDays(MONTH, -1), InvariantBroken);
  });
});

describe('who ends early gets', () => {
  const invoice = { lineTotal: cny(3_720n), invoiceTotal: cny(7_440n), paid: cny(5_580n) };
  const days = { unused: 16, used: 15 };
  for (const [name, paid, credited, refund, accountCredit] of [
    ['money for what was paid beyond the used days, credit for the rest', 5_580n, 0n, 990n, 930n],
    ['less of both after an earlier credit', 5_580n, 200n, 990n, 690n],
    ['all of it back when all was paid', 7_440n, 0n, 1_920n, 0n],
    ['credit only when nothing was paid', 0n, 0n, 0n, 1_920n],
    ['credit only when the payment covers the used days at most', 3_600n, 0n, 0n, 1_920n],
    ['never more money than the note', 7_440n, 200n, 1_680n, 0n],
  ] as const) {
    test(name, () => {
      const spent = { ...days, alreadyCredited: cny(credited) };
      const split = terminationRefund(MONTH, spent, { ...invoice, paid: cny(paid) });
      assert.deepEqual([split.refund.minor, split.accountCredit.minor], [refund, accountCredit]);
      assert.equal(split.refund.minor + split.accountCredit.minor, split.total.minor);
    });
  }

  test('nothing back of an invoice of zero', () => {
    const free = { lineTotal: cny(0n), invoiceTotal: cny(0n), paid: cny(0n) };
    assert.equal(terminationRefund(MONTH, days, free).refund.minor, 0n);
  });
});

describe('the cap of a credit', () => {
  for (const [requested, billed, credited, expected] of [
    [100n, 500n, 0n, 100n],
    [100n, 500n, 450n, 50n],
    [100n, 500n, 500n, 0n],
    [100n, 500n, 600n, 0n],
    [-1n, 500n, 0n, 0n],
  ] as const) {
    test(`${requested} of ${billed} with ${credited} credited is ${expected}`, () => {
      assert.equal(capCredit(cny(requested), cny(billed), cny(credited)).minor, expected);
    });
  }
});

describe('the credit of a stored line', () => {
  const LINE = stored(2_985n, 600n);
  const NOTHING = stored(0n, 0n);

  function stored(amount: bigint, basisPoints: bigint): StoredLine {
    return { amount: cny(amount), ...splitTax(cny(amount), basisPoints) };
  }

  test('of a part follows the proportion of net and tax', () => {
    const { net, tax, total } = creditOfLine(LINE, ratio(1n, 2n), NOTHING);
    assert.deepEqual([net.minor, tax.minor, total.minor], [1_408n, 85n, 1_493n]);
  });

  test('of the whole takes every fen of every column', () => {
    const first = creditOfLine(LINE, ratio(1n, 3n), NOTHING);
    const already = { amount: first.total, net: first.net, tax: first.tax };
    const last = creditOfLine(LINE, RATIO_ONE, already);
    assert.equal(first.total.minor + last.total.minor, 2_985n);
    assert.equal(first.net.minor + last.net.minor, 2_816n);
    assert.equal(first.tax.minor + last.tax.minor, 169n);
  });

  test('in many small parts gives the rounding to the other column when one is used up', () => {
    // Half net, half tax: each single fen rounds to net, of which there are only five.
    const line = stored(10n, 10_000n);
    let already: StoredLine = NOTHING;
    for (let part = 1; part <= 10; part += 1) {
      const { net, tax, total } = creditOfLine(line, ratio(1n, 10n), already);
      assert.deepEqual([net.minor, tax.minor], part <= 5 ? [1n, 0n] : [0n, 1n]);
      already = {
        amount: cny(already.amount.minor + total.minor),
        net: cny(already.net.minor + net.minor),
        tax: cny(already.tax.minor + tax.minor),
      };
    }
    assert.deepEqual(already, line);
  });

  test('never takes a column below zero, however it is cut', () => {
    const shares = fc.array(
      fc.record({ numerator: fc.bigInt({ min: 0n, max: 60n }), denominator: fc.constant(60n) }),
      { minLength: 1, maxLength: 8 },
    );
    const lines = fc
      .tuple(fc.bigInt({ min: 1n, max: 10n ** 6n }), fc.bigInt({ min: 0n, max: 5_000n }))
      .map(([amount, points]) => stored(amount, points));
    fc.assert(
      fc.property(lines, shares, (line, cuts) => {
        let already: StoredLine = NOTHING;
        for (const cut of [...cuts, RATIO_ONE]) {
          const { net, tax, total } = creditOfLine(line, cut, already);
          assert.equal(net.minor + tax.minor, total.minor);
          assert.ok(net.minor >= 0n && tax.minor >= 0n);
          already = {
            amount: cny(already.amount.minor + total.minor),
            net: cny(already.net.minor + net.minor),
            tax: cny(already.tax.minor + tax.minor),
          };
        }
        assert.deepEqual(already, line);
      }),
      { numRuns: 1_000 },
    );
  });
});

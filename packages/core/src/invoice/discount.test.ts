import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Coupon,
  type CouponDuration,
  type CouponKind,
  type HeldCoupon,
  percentOff,
} from '../catalog/coupon.ts';
import { type Money, money } from '../money/money.ts';
import {
  applyCoupons,
  applyCouponsToAmount,
  couponDiscount,
  distributeDiscount,
} from './discount.ts';

const cny = (minor: bigint) => money(minor, 'CNY');
const minors = (amounts: readonly Money[]) => amounts.map(({ minor }) => minor);
const off = (minor: bigint): CouponKind => ({ type: 'fixed', amount: cny(minor) });
const line = (priceCode: string, minor: bigint) => ({ priceCode, subtotal: cny(minor) });
const ONCE: CouponDuration = { type: 'once' };

function held(kind: CouponKind, more: Partial<Coupon> = {}, used = 0n): HeldCoupon {
  const coupon: Coupon = {
    id: 'cpn_019b7ca98c8870000000000000000000',
    code: 'SPRING',
    nameZh: '春季优惠',
    nameEn: 'Spring offer',
    kind,
    duration: ONCE,
    appliesTo: 'all',
    ...more,
  };
  return { coupon, usedPeriods: used > 0n ? 1 : 0, usedAmount: cny(used) };
}

describe('what one coupon takes off', () => {
  const forever: CouponDuration = { type: 'forever' };
  const twice: CouponDuration = { type: 'repeating', periods: 2 };
  const cases: readonly (readonly [string, CouponKind, CouponDuration, bigint, bigint, bigint])[] =
    [
      ['its amount', off(12n), ONCE, 300n, 0n, 12n],
      ['never more than there is', off(12n), ONCE, 6n, 0n, 6n],
      ['what an earlier invoice left of it', off(12n), ONCE, 300n, 5n, 7n],
      ['nothing once it is used', off(12n), ONCE, 300n, 12n, 0n],
      ['its amount in each period', off(12n), twice, 300n, 12n, 12n],
      ['its amount for ever', off(12n), forever, 300n, 1_200n, 12n],
      ['a share', percentOff(1_500n), ONCE, 2_985n, 0n, 448n],
      ['a share, half up', percentOff(5_000n), ONCE, 5n, 0n, 3n],
      ['everything at 100 %', percentOff(10_000n), ONCE, 2_985n, 0n, 2_985n],
      ['not more than everything', percentOff(15_000n), ONCE, 2_985n, 0n, 2_985n],
      ['nothing of nothing', percentOff(1_500n), ONCE, 0n, 0n, 0n],
      ['nothing of less than nothing', off(12n), ONCE, -100n, 0n, 0n],
    ];
  for (const [name, kind, duration, base, used, expected] of cases) {
    test(name, () => {
      assert.equal(couponDiscount({ kind, duration }, cny(base), cny(used)).minor, expected);
    });
  }
});

describe('several coupons on one amount', () => {
  const both = [{ held: held(off(1_000n)) }, { held: held(percentOff(1_000n)) }];

  test('each takes off what the earlier ones left, in the order of creation', () => {
    const { total, applied } = applyCouponsToAmount(cny(10_000n), both);
    assert.equal(total.minor, 1_900n);
    assert.deepEqual(minors(applied.map(({ discount }) => discount)), [1_000n, 900n]);
  });

  test('percentages first is another total', () => {
    const { total } = applyCouponsToAmount(cny(10_000n), both, 'percentage_first');
    assert.equal(total.minor, 2_000n);
  });

  test('a coupon that finds nothing left is not used', () => {
    const { total, applied } = applyCouponsToAmount(cny(5n), both);
    assert.equal(total.minor, 5n);
    assert.equal(applied.length, 1);
  });

  test('a scope caps a coupon', () => {
    const scoped = [
      { held: held(off(5n)), scope: cny(12n) },
      { held: held(off(82n)), scope: cny(75n) },
    ];
    assert.equal(applyCouponsToAmount(cny(100n), scoped).total.minor, 80n);
  });
});

describe('coupons on the lines of an invoice', () => {
  const LINES = [line('base', 6_000n), line('seat', 4_000n), line('setup', -500n)];

  test('share their discount over the lines above zero and add up', () => {
    const { lineDiscounts, total } = applyCoupons(LINES, [held(off(1_001n))], { currency: 'CNY' });
    assert.deepEqual(minors(lineDiscounts), [601n, 400n, 0n]);
    assert.equal(total.minor, 1_001n);
  });

  test('reach the lines of their prices only', () => {
    const seats = held(percentOff(5_000n), { appliesTo: { priceCodes: ['seat'] } });
    const { lineDiscounts, applied } = applyCoupons(LINES, [seats], { currency: 'CNY' });
    assert.deepEqual(minors(lineDiscounts), [0n, 2_000n, 0n]);
    assert.deepEqual(minors(applied[0]?.lineDiscounts ?? []), [0n, 2_000n, 0n]);
  });

  test('carry the rest of a single amount to the next invoice', () => {
    const first = applyCoupons([line('base', 300n)], [held(off(500n))], { currency: 'CNY' });
    const after = first.applied[0];
    assert.deepEqual([after?.usedPeriods, after?.usedAmount.minor], [1, 300n]);
    const next = [{ coupon: held(off(500n)).coupon, usedPeriods: 1, usedAmount: cny(300n) }];
    const second = applyCoupons([line('base', 300n)], next, { currency: 'CNY' });
    assert.equal(second.total.minor, 200n);
    assert.equal(second.applied[0]?.usedAmount.minor, 500n);
  });

  test('in another currency or spent are passed over', () => {
    const euro = held({ type: 'fixed', amount: money(100n, 'EUR') });
    const spent = held(off(500n), {}, 500n);
    const over = held(percentOff(1_000n), { duration: { type: 'repeating', periods: 1 } }, 5n);
    const { total, applied } = applyCoupons(LINES, [euro, spent, over], { currency: 'CNY' });
    assert.equal(total.minor, 0n);
    assert.deepEqual(applied, []);
  });

  test('never take a line below zero, and every sum agrees, whatever the coupons are', () => {
    const kind = fc.oneof(
      fc.bigInt({ min: 0n, max: 12_000n }).map(percentOff),
      fc.bigInt({ min: 0n, max: 10_000n }).map(off),
    );
    const scope = fc.constantFrom<Coupon['appliesTo']>(
      'all',
      { priceCodes: ['p0', 'p2'] },
      { priceCodes: ['p1'] },
      { priceCodes: [] },
    );
    const coupons = fc.array(
      fc.tuple(kind, scope).map(([one, appliesTo]) => held(one, { appliesTo })),
      { maxLength: 4 },
    );
    const amounts = fc.array(fc.bigInt({ min: -1_000n, max: 20_000n }), { maxLength: 5 });
    const order = fc.constantFrom('as_given' as const, 'percentage_first' as const);
    fc.assert(
      fc.property(amounts, coupons, order, (subtotals, given, by) => {
        const lines = subtotals.map((minor, index) => line(`p${index}`, minor));
        const { lineDiscounts, total, applied } = applyCoupons(lines, given, {
          currency: 'CNY',
          order: by,
        });
        lineDiscounts.forEach(({ minor }, index) => {
          const limit = subtotals[index] ?? 0n;
          assert.ok(minor >= 0n && minor <= (limit > 0n ? limit : 0n));
        });
        const sumOf = (parts: readonly Money[]) =>
          minors(parts).reduce((left, right) => left + right, 0n);
        assert.equal(sumOf(lineDiscounts), total.minor);
        assert.equal(sumOf(applied.map(({ discount }) => discount)), total.minor);
        for (const one of applied) assert.equal(sumOf(one.lineDiscounts), one.discount.minor);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a discount of the invoice, shared over its lines', () => {
  for (const [name, lines, discount, shares] of [
    ['in proportion', [6_000n, 4_000n], 1_000n, [600n, 400n]],
    ['largest remainder', [100n, 100n, 100n], 100n, [34n, 33n, 33n]],
    ['not more than the lines', [60n, 40n], 200n, [60n, 40n]],
    ['credits get none', [100n, -50n], 10n, [10n, 0n]],
    ['nothing to share it over', [0n, 0n], 10n, [0n, 0n]],
  ] as const) {
    test(name, () => {
      assert.deepEqual(minors(distributeDiscount(lines.map(cny), cny(discount))), shares);
    });
  }
});

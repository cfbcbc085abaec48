import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money } from '../money/money.ts';
import {
  appliesToPrice,
  type Coupon,
  type CouponDuration,
  type CouponKind,
  isRedeemable,
  isSpent,
  percentOff,
} from './coupon.ts';

const FIFTY: CouponKind = { type: 'fixed', amount: money(5_000n, 'CNY') };
const COUPON: Coupon = {
  id: 'cpn_019b7ca98c8870000000000000000000',
  code: 'SPRING',
  nameZh: '春季优惠',
  nameEn: 'Spring offer',
  kind: FIFTY,
  duration: { type: 'once' },
  appliesTo: 'all',
};
const day = (text: string) => Temporal.PlainDate.from(text);

describe('a coupon can be given', () => {
  const limited = { ...COUPON, redeemBy: day('2026-03-31'), maximumRedemptions: 2 };
  for (const [name, on, redemptions, expected] of [
    ['on its last day', '2026-03-31', 1, true],
    ['not the day after', '2026-04-01', 0, false],
    ['not when all are given', '2026-03-01', 2, false],
  ] as const) {
    test(name, () => assert.equal(isRedeemable(limited, { on: day(on), redemptions }), expected));
  }

  test('for ever and to anyone without limits', () => {
    assert.ok(isRedeemable(COUPON, { on: day('2099-01-01'), redemptions: 1_000_000 }));
  });
});

describe('a coupon is spent', () => {
  const cases: readonly (readonly [string, CouponKind, CouponDuration, number, bigint, boolean])[] =
    [
      ['once, an amount, unused', FIFTY, { type: 'once' }, 0, 0n, false],
      ['once, an amount, used in part', FIFTY, { type: 'once' }, 3, 4_999n, false],
      ['once, an amount, used whole', FIFTY, { type: 'once' }, 1, 5_000n, true],
      ['once, a share, unused', percentOff(1_500n), { type: 'once' }, 0, 0n, false],
      ['once, a share, after its invoice', percentOff(1_500n), { type: 'once' }, 1, 1n, true],
      ['three periods, after two', FIFTY, { type: 'repeating', periods: 3 }, 2, 10_000n, false],
      ['three periods, after three', FIFTY, { type: 'repeating', periods: 3 }, 3, 1n, true],
      ['for ever', FIFTY, { type: 'forever' }, 1_000, 10n ** 12n, false],
    ];
  for (const [name, kind, duration, usedPeriods, used, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      const usedAmount = money(used, 'CNY');
      const held = { coupon: { ...COUPON, kind, duration }, usedPeriods, usedAmount };
      assert.equal(isSpent(held), expected);
    });
  }

  test('without a use nothing of it is spent', () => {
    assert.equal(isSpent({ coupon: COUPON, usedPeriods: 0 }), false);
  });
});

test('a coupon for some prices leaves the others alone', () => {
  const seats = { ...COUPON, appliesTo: { priceCodes: ['seat'] } };
  assert.deepEqual(
    ['seat', 'base'].map((code) => [appliesToPrice(seats, code), appliesToPrice(COUPON, code)]),
    [
      [true, true],
      [false, true],
    ],
  );
});

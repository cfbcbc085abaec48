import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { countingIds, day } from '../../../../test/kit/builders.ts';
import type { PricedVersion, PriceKind } from '../catalog/catalog.ts';
import type { PriceModel } from '../catalog/price-model.ts';
import type { MeterId } from '../ids/ids.ts';
import { ratio } from '../money/ratio.ts';
import { advisePlan, type PeriodUse, type PlanOffer } from './plan-fit.ts';

const ids = countingIds();
const CALLS: MeterId = ids('mtr', 0);
const month = { unit: 'month', count: 1 } as const;

function price(
  kind: PriceKind,
  model: PriceModel,
  change: Partial<PricedVersion['version']> & { readonly code?: string } = {},
): PricedVersion {
  const { code = kind, ...version } = change;
  const priceId = ids('prc', 0);
  return {
    price: { id: priceId, planId: ids('pln', 0), code, kind, nameZh: code, nameEn: code },
    version: {
      id: ids('prv', 0),
      priceId,
      version: 1,
      currency: 'CNY',
      model,
      taxBasisPoints: 600n,
      taxBehavior: 'inclusive',
      interval: month,
      timing: 'advance',
      ...(kind === 'metered' ? { meterId: CALLS } : {}),
      effectiveFrom: day('2025-01-01'),
      ...version,
    },
  };
}

const flat = (yuan: bigint, change = {}) =>
  price('flat', { type: 'flat', amount: ratio(yuan) }, change);
const seat = (yuan: bigint) => price('seat', { type: 'per_unit', unitAmount: ratio(yuan) });
const calls = (fen: bigint, free = 0n) =>
  price('metered', { type: 'per_unit', unitAmount: ratio(fen, 100n), freeUnits: ratio(free) });
const crm = (yuan: bigint) =>
  price('module', { type: 'flat', amount: ratio(yuan) }, { code: 'crm' });

function offer(code: string, prices: readonly PricedVersion[], limits?: PlanOffer['limits']) {
  const plan = { id: ids('pln', 0), code, nameZh: code, nameEn: code };
  return { plan, prices, ...(limits === undefined ? {} : { limits }) };
}

/** Seats, calls and modules of one period. */
function period(seats: bigint, units: bigint, modules: readonly string[] = []): PeriodUse {
  return { seats, modules, metered: new Map([[CALLS, { units: ratio(units) }]]) };
}

const threePeriods = [period(10n, 1_000n), period(10n, 1_200n), period(12n, 2_000n)];
// ¥99 + ¥20 a seat + ¥0.10 a call: 99+200+100, 99+200+120, 99+240+200 = ¥1,357.
const basic = offer('basic', [flat(99n), seat(20n), calls(10n)]);

function advise(plans: readonly PlanOffer[], periods = threePeriods, current = basic) {
  return advisePlan({ current, currency: 'CNY', interval: month, periods }, plans);
}

describe('the plan that fits', () => {
  test('the cheapest over three periods, and what it saves in each', () => {
    // ¥399 with ¥5 a seat and 1,500 calls free: 449, 449, 509 = ¥1,407: ¥16.67 dearer a period.
    const team = offer('team', [flat(399n), seat(5n), calls(10n, 1_500n)]);
    // ¥199 + ¥10 a seat + ¥0.05 a call: 349, 359, 419 = ¥1,127. ¥230 less, ¥76.66 a period.
    const pro = offer('pro', [flat(199n), seat(10n), calls(5n)]);
    const advice = advise([team, pro]);
    assert.equal(advice?.current.total.minor, 135_700n);
    assert.deepEqual(
      advice?.fitting.map(({ code, total, savingPerPeriod }) => [
        code,
        total.minor,
        savingPerPeriod.minor,
      ]),
      [
        ['pro', 112_700n, 7_666n],
        ['team', 140_700n, -1_667n],
      ],
    );
    assert.equal(advice?.best?.code, 'pro');
  });

  test('stays where nothing is cheaper, also where another costs the same', () => {
    const twin = offer('twin', [flat(99n), seat(20n), calls(10n)]);
    assert.equal(advise([twin])?.best, undefined);
  });

  test('an exclusive price is compared with its tax', () => {
    const net = offer('net', [flat(90n, { taxBehavior: 'exclusive' }), seat(20n), calls(10n)]);
    // 90 × 1.06 = ¥95.40: ¥3.60 less.
    assert.equal(advise([net])?.best?.savingPerPeriod.minor, 360n);
  });

  test('a minimum counts where use is below it', () => {
    const least = price(
      'metered',
      { type: 'per_unit', unitAmount: ratio(1n, 100n) },
      {
        minimumSpend: ratio(150n),
      },
    );
    // At ¥0.01 the calls cost 10, 12, 20: 150 each instead of the 100, 120 and 200 of today.
    const bound = offer('bound', [flat(99n), seat(20n), least]);
    assert.equal(advise([bound])?.fitting[0]?.total.minor, 138_700n);
  });

  const misfits: readonly (readonly [string, PlanOffer, readonly PeriodUse[], string])[] = [
    ['no seats', offer('solo', [flat(1n), calls(1n)]), threePeriods, 'no_seats'],
    ['no meter', offer('plain', [flat(1n), seat(1n)]), threePeriods, 'no_meter'],
    [
      'a module that it lacks',
      offer('bare', [flat(1n), seat(1n), calls(1n)]),
      [period(3n, 0n, ['crm'])],
      'no_module',
    ],
    [
      'seats beyond its limit',
      offer('small', [flat(1n), seat(1n), calls(1n)], { seats: 11n }),
      threePeriods,
      'too_many_seats',
    ],
    [
      'use beyond its limit',
      offer('small', [flat(1n), seat(1n), calls(1n)], {
        meters: new Map([[CALLS, ratio(1_999n)]]),
      }),
      threePeriods,
      'too_much_use',
    ],
    [
      'another currency',
      offer('abroad', [flat(1n, { currency: 'EUR' }), seat(1n), calls(1n)]),
      threePeriods,
      'other_currency',
    ],
    [
      'another rhythm',
      offer('yearly', [flat(1n, { interval: { unit: 'year', count: 1 } }), seat(1n), calls(1n)]),
      threePeriods,
      'other_interval',
    ],
    [
      'prices of single events that nobody kept',
      offer('share', [
        flat(1n),
        seat(1n),
        price('metered', { type: 'percentage', rate: ratio(1n, 100n), minimumPerEvent: ratio(1n) }),
      ]),
      threePeriods,
      'cannot_be_priced',
    ],
  ];
  for (const [what, plan, periods, reason] of misfits) {
    test(`is never one with ${what}`, () => {
      const advice = advise([plan], [...periods]);
      assert.deepEqual(advice?.misfits, [{ planId: plan.plan.id, code: plan.plan.code, reason }]);
      assert.equal(advice?.best, undefined);
    });
  }

  test('a module that is used is priced, one that is not costs nothing', () => {
    const withCrm = offer('crm', [flat(89n), seat(20n), calls(10n), crm(50n)]);
    const without = advise([withCrm], [period(1n, 0n)]);
    const current = offer('now', [flat(99n), seat(20n), calls(10n), crm(30n)]);
    const used = advise([withCrm], [period(1n, 0n, ['crm'])], current);
    assert.equal(without?.best?.savingPerPeriod.minor, 1_000n);
    assert.equal(used?.fitting[0]?.savingPerPeriod.minor, -1_000n);
  });

  test('whatever the use: no plan that fits is cheaper than the one advised', () => {
    const amount = fc.bigInt(0n, 500n);
    const plans = fc.array(fc.tuple(amount, amount, amount), { minLength: 1, maxLength: 5 });
    const use = fc.array(fc.tuple(fc.bigInt(1n, 50n), fc.bigInt(0n, 5_000n)), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(plans, use, (prices, uses) => {
        const offers = prices.map(([base, each, unit], index) =>
          offer(`p${index}`, [flat(base), seat(each), calls(unit)]),
        );
        const advice = advise(
          offers,
          uses.map(([seats, units]) => period(seats, units)),
        );
        assert.ok(advice !== undefined);
        const cheapest = advice.fitting[0]?.total.minor ?? 0n;
        assert.ok(advice.fitting.every(({ total }) => total.minor >= cheapest));
        const saves = cheapest < advice.current.total.minor;
        const isWorthAFen = (advice.fitting[0]?.savingPerPeriod.minor ?? 0n) > 0n;
        assert.equal(advice.best !== undefined, saves && isWorthAFen);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatRatio, ratio } from '../money/ratio.ts';
import { computeForecast, elapsedOf } from './forecast.ts';
import { isCrossed, thresholdPeriod, type UsageThreshold } from './threshold.ts';

const ZONE = 'Asia/Shanghai';
const day = (text: string) => Temporal.PlainDate.from(text);
const NOVEMBER = { start: day('2026-11-01'), end: day('2026-12-01') };

const forecastAt = (local: string, units: bigint, last?: bigint, isLevel = false) => {
  const now = Temporal.PlainDateTime.from(local).toZonedDateTime(ZONE).toInstant();
  const forecast = computeForecast({
    units: ratio(units),
    elapsed: elapsedOf(NOVEMBER, ZONE, now),
    isLevel,
    ...(last === undefined ? {} : { lastPeriodUnits: ratio(last) }),
  });
  return `${formatRatio(forecast.units)} ${forecast.method}`;
};

describe('a forecast to the period’s end', () => {
  const table: readonly (readonly [string, string, () => string])[] = [
    [
      'is twice what was used by noon of the middle',
      '200 linear',
      () => forecastAt('2026-11-16T00:00', 100n),
    ],
    [
      'takes the last period in the first three days',
      '900 last_period',
      () => forecastAt('2026-11-03T23:59', 100n, 900n),
    ],
    [
      'is never less than what was used already',
      '1000 last_period',
      () => forecastAt('2026-11-02T00:00', 1000n, 900n),
    ],
    [
      'is linear from the fourth day on',
      '1000 linear',
      () => forecastAt('2026-11-04T00:00', 100n, 900n),
    ],
    ['is linear without a last period', '300 linear', () => forecastAt('2026-11-02T00:00', 10n)],
    ['is nothing where nothing was used', '0 linear', () => forecastAt('2026-11-16T00:00', 0n)],
    [
      'of a level is the level',
      '7 linear',
      () => forecastAt('2026-11-16T00:00', 7n, undefined, true),
    ],
    [
      'is what it is when the period is over',
      '100 complete',
      () => forecastAt('2026-12-01T00:00', 100n, 900n),
    ],
  ];
  for (const [name, expected, compute] of table) {
    test(name, () => assert.equal(compute(), expected));
  }
});

describe('a threshold', () => {
  const threshold: UsageThreshold = {
    id: 'thr_01',
    merchantId: 'mer_01',
    customerId: 'cus_01',
    meterId: 'mtr_01',
    limit: { kind: 'units', units: ratio(100n) },
    anchor: day('2026-01-31'),
    interval: { unit: 'month', count: 1 },
    createdAt: Temporal.Instant.from('2026-01-01T00:00:00Z'),
  };

  test('is crossed by what reaches it', () => {
    assert.equal(isCrossed(threshold, { units: ratio(100n) }), true);
    assert.equal(isCrossed(threshold, { units: ratio(9_999n, 100n) }), false);
  });

  test('of an amount compares amounts of its currency only', () => {
    const amount: UsageThreshold = {
      ...threshold,
      limit: { kind: 'amount', amount: { minor: 5_000n, currency: 'CNY' } },
    };
    const units = ratio(1_000n);
    assert.equal(isCrossed(amount, { units, amount: { minor: 5_000n, currency: 'CNY' } }), true);
    assert.equal(isCrossed(amount, { units, amount: { minor: 4_999n, currency: 'CNY' } }), false);
    assert.equal(isCrossed(amount, { units, amount: { minor: 9_000n, currency: 'USD' } }), false);
    assert.equal(isCrossed(amount, { units }), false);
  });

  const periods: readonly (readonly [string, string | undefined])[] = [
    ['2026-01-30', undefined],
    ['2026-01-31', '2026-01-31'],
    ['2026-02-27', '2026-01-31'],
    ['2026-02-28', '2026-02-28'],
    ['2028-02-29', '2028-02-29'],
  ];
  for (const [date, start] of periods) {
    test(`counts ${date} in the period from ${start ?? 'none'}`, () => {
      assert.equal(thresholdPeriod(threshold, day(date))?.start.toString(), start);
    });
  }
});

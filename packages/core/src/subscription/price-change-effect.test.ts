import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anItem, aPrice, at, day } from '../../../../test/kit/builders.ts';
import type { PricedVersion, PriceKind, PriceVersion } from '../catalog/catalog.ts';
import type { PriceModel } from '../catalog/price-model.ts';
import { ratio } from '../money/ratio.ts';
import { computePriceEffect } from './price-change-effect.ts';
import { type PriceGrounds, refusalOfGrounds } from './price-change-grounds.ts';
import type { SubscriptionItem } from './subscription.ts';

/** The first day of the new prices. */
const ON = day('2026-04-01');
const hash = 'a'.repeat(64);

/** Compares one item before and after: kind, old and new version, and what is special of it. */
function effectOf(
  kind: PriceKind,
  [before, after]: readonly [PricedVersion, PricedVersion],
  item: Partial<SubscriptionItem> = {},
) {
  const prices = new Map([before, after].map((one) => [one.version.id, one]));
  const steps = [{ from: before.version.id, to: after.version.id }];
  const items = [anItem(before, { kind, ...item })];
  return { effect: computePriceEffect({ items }, steps, { prices, on: ON }), items, steps, prices };
}

const version = (kind: PriceKind, model: PriceModel, changes: Partial<PriceVersion> = {}) =>
  aPrice(kind, 0n, { model, ...changes });
const perUnit = (cents: bigint, freeUnits?: bigint): PriceModel => ({
  type: 'per_unit',
  unitAmount: ratio(cents, 100n),
  ...(freeUnits === undefined ? {} : { freeUnits: ratio(freeUnits) }),
});

describe('what a price change does to one subscription', () => {
  test('seats cost more: before, after and a rise', () => {
    const { effect } = effectOf('seat', [aPrice('seat', 1_000n), aPrice('seat', 1_250n)], {
      quantity: 4n,
    });
    assert.deepEqual(
      [effect?.direction, effect?.before.minor, effect?.after.minor],
      ['rise', 4_000n, 5_000n],
    );
  });

  const flat = (minor: bigint, changes: Partial<PriceVersion> = {}) =>
    aPrice('flat', minor, changes);
  const tiers = (first: bigint, second: bigint): PriceModel => ({
    type: 'graduated',
    tiers: [
      { upTo: ratio(5n), unitAmount: ratio(first), flatAmount: ratio(0n) },
      { unitAmount: ratio(second), flatAmount: ratio(0n) },
    ],
  });
  const directions: readonly (readonly [
    string,
    PriceKind,
    PricedVersion,
    PricedVersion,
    string,
  ])[] = [
    ['cheaper', 'flat', flat(1_000n), flat(900n), 'decrease'],
    ['the same', 'flat', flat(1_000n), flat(1_000n), 'same'],
    [
      'less than a fen more',
      'seat',
      version('seat', perUnit(100n)),
      version('seat', { type: 'per_unit', unitAmount: ratio(1_001n, 1_000n) }),
      'rise',
    ],
    [
      'tax on top of the same price',
      'flat',
      flat(1_000n),
      flat(1_000n, { taxBehavior: 'exclusive' }),
      'rise',
    ],
    [
      'a minimum above what it costs',
      'seat',
      aPrice('seat', 1_000n),
      aPrice('seat', 1_000n, { minimumSpend: ratio(20n) }),
      'rise',
    ],
    [
      'per year instead of per month',
      'flat',
      flat(1_000n),
      flat(900n, { interval: { unit: 'year', count: 1 } }),
      'rise',
    ],
    [
      'tiers that cost less at this quantity',
      'seat',
      version('seat', tiers(10n, 1n)),
      version('seat', tiers(9n, 90n)),
      'decrease',
    ],
    ['a dearer unit of usage', 'metered', aPrice('metered', 10n), aPrice('metered', 11n), 'rise'],
    [
      'a cheaper unit of usage',
      'metered',
      aPrice('metered', 10n),
      aPrice('metered', 9n),
      'decrease',
    ],
    [
      'fewer free units',
      'metered',
      version('metered', perUnit(10n, 100n)),
      version('metered', perUnit(9n, 99n)),
      'rise',
    ],
    [
      'more free units',
      'metered',
      version('metered', perUnit(10n)),
      version('metered', perUnit(10n, 5n)),
      'decrease',
    ],
    [
      'other tiers of usage: not shown to cost no more',
      'metered',
      version('metered', tiers(10n, 5n)),
      version('metered', tiers(9n, 4n)),
      'rise',
    ],
    [
      'the same tiers of usage',
      'metered',
      version('metered', tiers(10n, 5n)),
      version('metered', tiers(10n, 5n)),
      'same',
    ],
    [
      'a cap on usage that goes away',
      'metered',
      aPrice('metered', 10n, { maximumSpend: ratio(9n) }),
      aPrice('metered', 10n),
      'rise',
    ],
  ];
  for (const [what, kind, before, after, direction] of directions) {
    test(`${what}: ${direction}`, () => {
      assert.equal(effectOf(kind, [before, after]).effect?.direction, direction);
    });
  }

  test('one item that rises makes a rise, however much the others fall', () => {
    const [a, b, c, d] = [flat(10_000n), flat(100n), aPrice('seat', 100n), aPrice('seat', 101n)];
    const steps = [
      { from: a.version.id, to: b.version.id },
      { from: c.version.id, to: d.version.id },
    ];
    const prices = new Map([a, b, c, d].map((one) => [one.version.id, one]));
    const effect = computePriceEffect({ items: [anItem(a), anItem(c)] }, steps, {
      prices,
      on: ON,
    });
    assert.deepEqual(
      [effect?.direction, effect?.before.minor, effect?.after.minor],
      ['rise', 10_100n, 201n],
    );
  });

  test('agreed prices, one-off items, ended items and other versions are not touched', () => {
    const pair = [flat(1_000n), flat(2_000n)] as const;
    assert.equal(effectOf('flat', pair, { agreedModel: perUnit(500n) }).effect, undefined);
    assert.equal(effectOf('one_off', pair).effect, undefined);
    assert.equal(effectOf('flat', pair, { until: day('2026-04-01') }).effect, undefined);
    const elsewhere = flat(1n).version.id;
    assert.equal(effectOf('flat', pair, { priceVersionId: elsewhere }).effect, undefined);
  });
});

describe('the gate of a higher price', () => {
  const consent: PriceGrounds = {
    type: 'consent',
    at: at('2026-03-01 09:00'),
    channel: 'portal',
    evidenceHash: hash,
  };
  const refusal = (minor: bigint, grounds?: PriceGrounds) => {
    const { items, steps, prices } = effectOf('flat', [
      aPrice('flat', 1_000n),
      aPrice('flat', minor),
    ]);
    const change = { versions: steps, ...(grounds === undefined ? {} : { grounds }) };
    return refusalOfGrounds({ items }, change, { prices, on: ON })?.code;
  };

  test('without consent it stays shut; a lower price needs none', () => {
    assert.deepEqual(
      [refusal(1_001n), refusal(1_001n, { type: 'not_higher' }), refusal(1_000n), refusal(999n)],
      ['rise_without_consent', 'rise_without_consent', undefined, undefined],
    );
  });

  test('consent needs evidence that can be one', () => {
    assert.deepEqual(
      [refusal(1_001n, consent), refusal(1_001n, { ...consent, evidenceHash: 'yes' })],
      [undefined, 'evidence_not_valid'],
    );
  });

  test('whatever the two prices are, only a dearer one needs consent', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 9_999n }), (minor) => {
        assert.equal(refusal(minor), minor > 1_000n ? 'rise_without_consent' : undefined);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  addRatio,
  compareRatio,
  formatRatio,
  parseRatio,
  type Ratio,
  sumRatios,
} from '../money/ratio.ts';
import type { PriceModel, Tier } from './price-model.ts';
import { parsePriceModel } from './price-model-json.ts';
import { needsEvents, rate, type Usage } from './rate.ts';
import { fromRatedStepJson, toRatedStepJson } from './rate-step-json.ts';

function exact(text: string): Ratio {
  const parsed = parseRatio(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

function modelOf(json: unknown): PriceModel {
  const parsed = parsePriceModel(json);
  assert.ok(parsed.ok, parsed.ok ? '' : `${parsed.refusal.code} ${parsed.refusal.field}`);
  return parsed.value;
}

function amountOf(json: unknown, usage: Usage): string {
  return formatRatio(rate(modelOf(json), usage).amount);
}

const GRADUATED = {
  type: 'graduated',
  tiers: [
    { up_to: '5', unit_amount: '0', flat_amount: '100' },
    { up_to: '10', unit_amount: '0', flat_amount: '50' },
    { up_to: '15', unit_amount: '5' },
    { unit_amount: '1' },
  ],
};
const VOLUME = {
  type: 'volume',
  tiers: [
    { up_to: '100', unit_amount: '2', flat_amount: '10' },
    { up_to: '200', unit_amount: '1' },
    { unit_amount: '0.5', flat_amount: '50' },
  ],
};
const PACKAGE = { type: 'package', package_size: '10', package_amount: '15' };
const BLOCKS = [
  { block_size: '100', max_blocks: '10', block_amount: '10' },
  { block_size: '1000', block_amount: '5' },
];

describe('the amount of a quantity', () => {
  const cases: readonly (readonly [string, unknown, string, string])[] = [
    ['flat, nothing used', { type: 'flat', amount: '99' }, '0', '99'],
    ['flat, much used', { type: 'flat', amount: '99' }, '1000', '99'],
    ['per unit', { type: 'per_unit', unit_amount: '0.0015' }, '333', '0.4995'],
    ['per unit, below zero', { type: 'per_unit', unit_amount: '2' }, '-3', '0'],
    ['per unit, all free', { type: 'per_unit', unit_amount: '2', free_units: '5' }, '5', '0'],
    ['per unit, part free', { type: 'per_unit', unit_amount: '2', free_units: '5' }, '6.5', '3'],
    ['graduated, nothing used: the first flat', GRADUATED, '0', '100'],
    ['graduated, on the first bound', GRADUATED, '5', '100'],
    ['graduated, just above it', GRADUATED, '5.000001', '150'],
    ['graduated, four tiers', GRADUATED, '22', '182'],
    ['volume, nothing used: the first flat', VOLUME, '0', '10'],
    ['volume, on the bound', VOLUME, '100', '210'],
    ['volume, a fraction above it', VOLUME, '100.5', '100.5'],
    ['volume, open tier', VOLUME, '300', '200'],
    ['package, nothing used', PACKAGE, '0', '0'],
    ['package, a started one is whole', PACKAGE, '0.1', '15'],
    ['package, exactly one', PACKAGE, '10', '15'],
    ['package, one more', PACKAGE, '11', '30'],
    ['package, only full ones', { ...PACKAGE, rounding: 'down' }, '19', '15'],
    ['package after free units', { ...PACKAGE, free_units: '3' }, '13', '15'],
    ['blocks of all tiers', { type: 'block_graduated', tiers: BLOCKS }, '2500', '110'],
    [
      'blocks of the tier reached, on its bound',
      { type: 'block_volume', tiers: BLOCKS },
      '1000',
      '100',
    ],
    ['blocks of the tier reached', { type: 'block_volume', tiers: BLOCKS }, '1001', '10'],
    ['blocks, nothing used', { type: 'block_volume', tiers: BLOCKS }, '0', '0'],
  ];
  for (const [name, json, units, expected] of cases) {
    test(name, () => assert.equal(amountOf(json, { units: exact(units) }), expected));
  }
});

describe('a period rated in several lines', () => {
  const cases: readonly (readonly [string, unknown, string, string, string])[] = [
    ['flat is due once', { type: 'flat', amount: '99' }, '0', '5', '0'],
    ['the first tier’s flat is due once', GRADUATED, '0', '3', '0'],
    ['graduated goes on where it was', GRADUATED, '12', '10', '22'],
    ['a tier that was filled, not passed, is entered now', GRADUATED, '5', '1', '50'],
    ['volume takes the better price for all', VOLUME, '100', '1', '-109'],
    ['a started package is not paid twice', PACKAGE, '17', '3', '0'],
    ['the next package is', PACKAGE, '17', '5', '15'],
    [
      'earlier usage took the free units',
      { type: 'per_unit', unit_amount: '1', free_units: '10' },
      '20',
      '15',
      '15',
    ],
    ['what was taken back is given back', { type: 'per_unit', unit_amount: '2' }, '10', '-4', '-8'],
  ];
  for (const [name, json, prior, units, expected] of cases) {
    const usage = { units: exact(units), priorUnits: exact(prior) };
    test(name, () => assert.equal(amountOf(json, usage), expected));
  }
});

describe('percentage of events', () => {
  const RATE = { type: 'percentage', rate: '0.013', fixed_amount: '2' };
  const events = ['50', '100', '250', '400'].map(exact);
  const units = sumRatios(events);
  const cases: readonly (readonly [string, object, string])[] = [
    ['rate and fixed part', RATE, '18.4'],
    ['the free amount ends inside an event', { ...RATE, free_amount: '250' }, '11.15'],
    ['the free events end first', { ...RATE, free_amount: '250', free_events: '1' }, '15.75'],
    ['the free amount ends first', { ...RATE, free_amount: '150', free_events: '9' }, '12.45'],
    ['all events are free', { ...RATE, free_events: '5' }, '0'],
    ['each event has at least the minimum', { ...RATE, minimum_per_event: '4' }, '20.45'],
    ['each event has at most the maximum', { ...RATE, maximum_per_event: '3' }, '11.65'],
  ];
  for (const [name, json, expected] of cases) {
    test(name, () => assert.equal(amountOf(json, { units, events }), expected));
  }

  test('earlier lines of the period used the allowance', () => {
    const json = { ...RATE, free_events: '3' };
    const usage = { units: exact('10'), events: [exact('10')] };
    const prior = { priorUnits: exact('7'), priorEventCount: 3n };
    assert.equal(amountOf(json, usage), '0');
    assert.equal(amountOf(json, { ...usage, ...prior }), '2.13');
  });

  test('an event of nothing pays its fixed part once the free amount is used up', () => {
    const json = { ...RATE, free_amount: '250' };
    const usage = (list: readonly string[]) => ({ units, events: list.map(exact) });
    assert.equal(amountOf(json, usage(['250', '0'])), '2');
    assert.equal(amountOf(json, usage(['249', '0', '1'])), '0');
  });

  test('sums and counts are enough without an allowance and bounds', () => {
    assert.equal(needsEvents(modelOf(RATE)), false);
    assert.equal(amountOf(RATE, { units, eventCount: 4n }), '18.4');
    const model = modelOf({ ...RATE, free_events: '1' });
    assert.equal(needsEvents(model), true);
    assert.throws(() => rate(model, { units, eventCount: 4n }), /event by event/);
  });

  test('a percentage by tiers, and amounts that the events carry', () => {
    const tiers = [{ up_to: '10', rate: '0.01', flat_amount: '200' }, { rate: '0.02' }];
    assert.equal(
      amountOf({ type: 'graduated_percentage', tiers }, { units: exact('60') }),
      '201.1',
    );
    assert.equal(amountOf({ type: 'dynamic' }, { units, events }), '800');
    assert.equal(amountOf({ type: 'dynamic' }, { units, carriedAmount: exact('7.5') }), '7.5');
    assert.equal(amountOf({ type: 'dynamic', multiplier: '1.25' }, { units: exact('8') }), '10');
  });
});

test('each bucket is priced on its own, and its steps say which it is', () => {
  const model = modelOf({ type: 'buckets', price: PACKAGE });
  const { amount, steps } = rate(model, {
    units: exact('0'),
    buckets: ['1', '0', '11'].map(exact),
  });
  assert.equal(formatRatio(amount), '45');
  assert.deepEqual(
    steps.map(({ bucket, quantity }) => [bucket, formatRatio(quantity)]),
    [
      [1, '1'],
      [3, '2'],
    ],
  );
});

test('steps say which tier, how many units, and what the allowance covered', () => {
  const { steps } = rate(modelOf({ ...GRADUATED, free_units: '2' }), { units: exact('14') });
  assert.deepEqual(
    steps.map(({ kind, quantity, amount, tier }) => [
      kind,
      formatRatio(quantity),
      formatRatio(amount),
      tier?.number,
    ]),
    [
      ['free_units', '2', '0', undefined],
      ['units', '5', '0', 1],
      ['tier_flat', '1', '100', 1],
      ['units', '5', '0', 2],
      ['tier_flat', '1', '50', 2],
      ['units', '2', '10', 3],
    ],
  );
});

const amounts = fc
  .bigInt({ min: 0n, max: 100_000n })
  .map((n) => ({ numerator: n, denominator: 1000n }));
const sizes = fc
  .bigInt({ min: 1n, max: 50_000n })
  .map((n) => ({ numerator: n, denominator: 100n }));

/** Tiers with rising bounds and an open end. */
const tierLists: fc.Arbitrary<readonly Tier[]> = fc
  .array(fc.record({ width: sizes, unitAmount: amounts, flatAmount: amounts }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((drawn) => {
    let upTo: Ratio = { numerator: 0n, denominator: 1n };
    return drawn.map(({ width, ...tier }, index) => {
      upTo = addRatio(upTo, width);
      return index === drawn.length - 1 ? tier : { ...tier, upTo };
    });
  });

const blockLists = fc
  .array(
    fc.record({
      blockSize: sizes,
      blockAmount: amounts,
      maxBlocks: fc.bigInt({ min: 1n, max: 20n }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((drawn) =>
    drawn.map(({ maxBlocks, ...tier }, index) =>
      index === drawn.length - 1 ? tier : { ...tier, maxBlocks },
    ),
  );

const quantityModels: fc.Arbitrary<PriceModel> = fc.oneof(
  amounts.map((amount) => ({ type: 'flat' as const, amount })),
  fc.record({ type: fc.constant('per_unit' as const), unitAmount: amounts, freeUnits: amounts }),
  fc.record({
    type: fc.constantFrom('graduated' as const, 'volume' as const),
    tiers: tierLists,
    freeUnits: amounts,
  }),
  fc.record({
    type: fc.constant('package' as const),
    packageSize: sizes,
    packageAmount: amounts,
    freeUnits: amounts,
  }),
  fc.record({
    type: fc.constantFrom('block_graduated' as const, 'block_volume' as const),
    tiers: blockLists,
  }),
  tierLists.map((tiers) => ({
    type: 'graduated_percentage' as const,
    tiers: tiers.map(({ unitAmount, ...tier }) => ({ ...tier, rate: unitAmount })),
  })),
);

function assertSame(left: Ratio, right: Ratio): void {
  assert.equal(compareRatio(left, right), 0, `${formatRatio(left)} is not ${formatRatio(right)}`);
}

describe('laws of rating', () => {
  test('the steps add up to the amount, and survive the store', () => {
    fc.assert(
      fc.property(quantityModels, amounts, fc.option(amounts), (model, units, prior) => {
        const usage = prior === null ? { units } : { units, priorUnits: prior };
        const { amount, steps } = rate(model, usage);
        assertSame(sumRatios(steps.map((step) => step.amount)), amount);
        const again = steps.map((step) =>
          fromRatedStepJson(JSON.parse(JSON.stringify(toRatedStepJson(step)))),
        );
        assertSame(sumRatios(again.map((step) => step.amount)), amount);
        assert.deepEqual(again.map(toRatedStepJson), steps.map(toRatedStepJson));
      }),
    );
  });

  test('a period rated in two lines costs what it costs at once', () => {
    fc.assert(
      fc.property(quantityModels, amounts, amounts, (model, first, second) => {
        const whole = rate(model, { units: addRatio(first, second) }).amount;
        const early = rate(model, { units: first }).amount;
        const late = rate(model, { units: second, priorUnits: first }).amount;
        assertSame(addRatio(early, late), whole);
      }),
    );
  });

  test('more usage never costs less, except by volume', () => {
    const rising = quantityModels.filter(({ type }) => !type.endsWith('volume'));
    fc.assert(
      fc.property(rising, amounts, amounts, (model, units, more) => {
        const less = rate(model, { units }).amount;
        assert.ok(compareRatio(rate(model, { units: addRatio(units, more) }).amount, less) >= 0);
      }),
    );
  });

  test('with one open tier graduated and volume are the same', () => {
    fc.assert(
      fc.property(amounts, amounts, amounts, (units, unitAmount, flatAmount) => {
        const tiers = [{ unitAmount, flatAmount }];
        const graduated = rate({ type: 'graduated', tiers }, { units });
        assertSame(graduated.amount, rate({ type: 'volume', tiers }, { units }).amount);
      }),
    );
  });

  test('the plain case is the general one', () => {
    fc.assert(
      fc.property(amounts, amounts, (units, unitAmount) => {
        const free: Ratio = { numerator: 0n, denominator: 1n };
        const plain = rate({ type: 'per_unit', unitAmount }, { units });
        const general = rate({ type: 'per_unit', unitAmount, freeUnits: free }, { units });
        assertSame(plain.amount, general.amount);
        assert.deepEqual(plain.steps.map(toRatedStepJson), general.steps.map(toRatedStepJson));
      }),
    );
  });

  test('a percentage without an allowance is the same from sums as event by event', () => {
    fc.assert(
      fc.property(
        fc.array(amounts, { maxLength: 20 }),
        amounts,
        amounts,
        (events, share, fixedAmount) => {
          const model: PriceModel = { type: 'percentage', rate: share, fixedAmount };
          const units = sumRatios(events);
          const single = rate(model, { units, events });
          const summed = rate(model, { units, eventCount: BigInt(events.length) });
          assertSame(single.amount, summed.amount);
        },
      ),
    );
  });
});

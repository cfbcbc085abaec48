import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parsePriceModel, toPriceModelJson } from './price-model-json.ts';
import { MAX_TIERS } from './price-model-refusals.ts';

const OPEN = { unit_amount: '1' };
const TO_5 = { up_to: '5', unit_amount: '1' };
const tiered = (...tiers: readonly object[]) => ({ type: 'graduated', tiers });

describe('a price model is refused with the name of its field', () => {
  const cases: readonly (readonly [string, unknown, string, string | undefined])[] = [
    ['nothing', null, 'price_model_malformed', undefined],
    ['a list', [], 'price_model_malformed', undefined],
    ['no type', { amount: '1' }, 'price_model_malformed', 'type'],
    ['another type', { type: 'free_lunch' }, 'price_model_unknown', 'type'],
    ['no amount', { type: 'flat' }, 'price_model_field_missing', 'amount'],
    ['a JSON number', { type: 'flat', amount: 1 }, 'price_number_not_a_decimal', 'amount'],
    ['NaN', { type: 'flat', amount: 'NaN' }, 'price_number_not_a_decimal', 'amount'],
    ['Infinity', { type: 'flat', amount: 'Infinity' }, 'price_number_not_a_decimal', 'amount'],
    ['an exponent', { type: 'flat', amount: '1e309' }, 'price_number_not_a_decimal', 'amount'],
    [
      '13 places',
      { type: 'flat', amount: `0.${'1'.repeat(13)}` },
      'price_number_too_precise',
      'amount',
    ],
    ['16 digits', { type: 'flat', amount: '1'.repeat(16) }, 'price_number_too_large', 'amount'],
    ['below zero', { type: 'flat', amount: '-0.01' }, 'price_amount_negative', 'amount'],
    [
      'a misspelt field',
      { type: 'flat', amount: '1', free_unit: '5' },
      'price_model_field_unknown',
      'free_unit',
    ],
    [
      'package size zero',
      { type: 'package', package_size: '0', package_amount: '1' },
      'price_size_not_positive',
      'package_size',
    ],
    [
      'a third rounding',
      { type: 'package', package_size: '1', package_amount: '1', rounding: 'half' },
      'price_rounding_unknown',
      'rounding',
    ],
    ['rate above 100 %', { type: 'percentage', rate: '1.01' }, 'price_rate_above_one', 'rate'],
    [
      'half an event free',
      { type: 'percentage', rate: '0.1', free_events: '1.5' },
      'price_number_not_whole',
      'free_events',
    ],
    [
      'minimum above maximum',
      { type: 'percentage', rate: '0', minimum_per_event: '2', maximum_per_event: '1' },
      'price_bounds_crossed',
      'minimum_per_event',
    ],
    ['no tiers', tiered(), 'price_tiers_missing', 'tiers'],
    [
      'a tier that is a text',
      { type: 'volume', tiers: ['x'] },
      'price_model_malformed',
      'tiers[0]',
    ],
    ['overlapping tiers', tiered(TO_5, TO_5, OPEN), 'price_tiers_not_rising', 'tiers[1].up_to'],
    [
      'unsorted tiers',
      tiered(TO_5, { ...TO_5, up_to: '4' }, OPEN),
      'price_tiers_not_rising',
      'tiers[1].up_to',
    ],
    [
      'an empty first tier',
      tiered({ ...TO_5, up_to: '0' }, OPEN),
      'price_tiers_not_rising',
      'tiers[0].up_to',
    ],
    [
      'an open tier in the middle',
      tiered(OPEN, TO_5, OPEN),
      'price_tier_open_not_last',
      'tiers[0].up_to',
    ],
    ['a gap at the end', tiered(TO_5), 'price_tiers_not_open_ended', 'tiers[0].up_to'],
    [
      'a field of a tier',
      tiered({ ...OPEN, flat: '1' }),
      'price_model_field_unknown',
      'tiers[0].flat',
    ],
    [
      'too many tiers',
      tiered(
        ...Array.from({ length: MAX_TIERS }, (_, at) => ({ ...OPEN, up_to: `${at + 1}` })),
        OPEN,
      ),
      'price_tiers_too_many',
      'tiers',
    ],
    [
      'no blocks',
      {
        type: 'block_volume',
        tiers: [
          { block_size: '1', block_amount: '1', max_blocks: '0' },
          { block_size: '1', block_amount: '1' },
        ],
      },
      'price_size_not_positive',
      'tiers[0].max_blocks',
    ],
    [
      'blocks with an end',
      { type: 'block_graduated', tiers: [{ block_size: '1', block_amount: '1', max_blocks: '5' }] },
      'price_tiers_not_open_ended',
      'tiers[0].max_blocks',
    ],
    [
      'buckets of percentages',
      { type: 'buckets', price: { type: 'percentage', rate: '0.1' } },
      'price_buckets_nested',
      'price.type',
    ],
    [
      'a field inside buckets',
      { type: 'buckets', price: { type: 'flat', amount: 'x' } },
      'price_number_not_a_decimal',
      'price.amount',
    ],
  ];
  for (const [name, json, code, field] of cases) {
    test(name, () => {
      const parsed = parsePriceModel(json);
      assert.ok(!parsed.ok);
      assert.deepEqual([parsed.refusal.code, parsed.refusal.field], [code, field]);
    });
  }
});

describe('a price model comes back from its stored form', () => {
  const models: readonly object[] = [
    { type: 'flat', amount: '99' },
    { type: 'per_unit', unit_amount: '0.000000000001', free_units: '1000' },
    tiered({ ...TO_5, flat_amount: '2.5' }, { ...OPEN, flat_amount: '0' }),
    { type: 'volume', tiers: [{ ...OPEN, flat_amount: '0' }], free_units: '3' },
    { type: 'package', package_size: '1000', package_amount: '8', rounding: 'down' },
    {
      type: 'percentage',
      rate: '0.029',
      fixed_amount: '0.3',
      free_events: '5',
      free_amount: '100',
      minimum_per_event: '0.5',
      maximum_per_event: '20',
    },
    { type: 'graduated_percentage', tiers: [{ rate: '1', flat_amount: '0' }] },
    { type: 'dynamic' },
    { type: 'dynamic', multiplier: '1.25' },
    {
      type: 'block_volume',
      tiers: [
        { block_size: '5', max_blocks: '3', block_amount: '1' },
        { block_size: '10', block_amount: '2' },
      ],
    },
    { type: 'buckets', price: { type: 'per_unit', unit_amount: '0.1' } },
  ];
  for (const json of models) {
    test(JSON.stringify(json).slice(0, 60), () => {
      const parsed = parsePriceModel(json);
      assert.ok(parsed.ok);
      assert.deepEqual(toPriceModelJson(parsed.value), json);
      assert.deepEqual(parsePriceModel(toPriceModelJson(parsed.value)), parsed);
    });
  }

  test('null is the same as absent', () => {
    const open = parsePriceModel(tiered(TO_5, { ...OPEN, up_to: null }));
    assert.deepEqual(open, parsePriceModel(tiered(TO_5, OPEN)));
  });
});

test('any JSON is either a model or a refusal, never a crash', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('per_unit', 'graduated', 'percentage', 'buckets'),
      fc.object(),
      (type, rest) => {
        const parsed = parsePriceModel({ ...rest, type });
        assert.equal(typeof (parsed.ok ? parsed.value.type : parsed.refusal.code), 'string');
      },
    ),
  );
});

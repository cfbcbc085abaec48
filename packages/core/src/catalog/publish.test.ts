import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countingIds } from '../../../../test/kit/builders.ts';
import type { Catalog } from './catalog.ts';
import { parsePublication } from './publication.ts';
import { decidePublish, newestVersion, versionOn } from './publish.ts';

type Json = Record<string, unknown>;

const SEAT_VERSION: Json = {
  currency: 'CNY',
  model: { type: 'per_unit', unit_amount: '30' },
  interval: { unit: 'month', count: 1 },
  effective_from: '2026-03-01',
};
const SEAT: Json = {
  code: 'seat',
  name_zh: '席位',
  name_en: 'Seat',
  kind: 'seat',
  product: 'crm',
  version: SEAT_VERSION,
};
const CATALOGUE: Json = {
  tax_classes: [{ code: 'software', basis_points: 600, goods_code: '3040201000000000000' }],
  products: [{ code: 'crm', name_zh: '客户管理', name_en: 'CRM', tax_class: 'software' }],
  plans: [{ code: 'team', name_zh: '团队版', name_en: 'Team', prices: [SEAT] }],
};

/** The catalogue whose only price says something else. */
function withPrice(changes: Json): Json {
  const plan = { code: 'team', name_zh: '团队版', name_en: 'Team' };
  return { ...CATALOGUE, plans: [{ ...plan, prices: [{ ...SEAT, ...changes }] }] };
}

function withVersion(changes: Json): Json {
  return withPrice({ version: { ...SEAT_VERSION, ...changes } });
}

/** A share of each order's amount, at least half a yuan. */
const PER_ORDER: Json = {
  ...SEAT_VERSION,
  model: { type: 'percentage', rate: '0.03', minimum_per_event: '0.5' },
};

const METER = 'mtr_00000000000070008000000000000000' as const;
const EMPTY: Catalog = { plans: [], prices: [], versions: [] };

function publish(json: unknown, catalog: Catalog = EMPTY) {
  const publication = parsePublication(json);
  if (!publication.ok) return publication;
  const context = {
    meters: new Map([
      ['tokens', METER],
      ['orders', METER],
    ] as const),
    metersOfValues: new Set(['orders']),
    ids: countingIds(),
  };
  return decidePublish(catalog, publication.value, context);
}

function published(json: unknown, catalog: Catalog = EMPTY) {
  const decision = publish(json, catalog);
  assert.ok(decision.ok, decision.ok ? '' : decision.refusal.sentence);
  return decision.value;
}

/** What is published already and `json` after it. */
function grown(json: unknown, catalog: Catalog = EMPTY): Catalog {
  const { added } = published(json, catalog);
  return {
    products: [...(catalog.products ?? []), ...added.products],
    plans: [...catalog.plans, ...added.plans],
    prices: [...catalog.prices, ...added.prices],
    versions: [...catalog.versions, ...added.versions],
  };
}

describe('publishing a catalogue', () => {
  test('adds products, plans, prices and their first versions', () => {
    const { added, unchanged } = published(CATALOGUE);
    assert.equal(unchanged, 0);
    assert.deepEqual(
      [added.products.length, added.plans.length, added.prices.length, added.versions.length],
      [1, 1, 1, 1],
    );
    const [version] = added.versions;
    assert.equal(version?.taxBasisPoints, 600n);
    assert.equal(version?.version, 1);
    assert.equal(version?.timing, 'advance');
    assert.equal(version?.taxBehavior, 'inclusive');
    assert.equal(added.prices[0]?.productId, added.products[0]?.id);
  });

  test('the same catalogue again adds nothing', () => {
    const { added, unchanged } = published(CATALOGUE, grown(CATALOGUE));
    assert.deepEqual(added, { products: [], plans: [], prices: [], versions: [] });
    assert.equal(unchanged, 4);
  });

  test('another amount from a later day is the next version; the old one stays', () => {
    const before = grown(CATALOGUE);
    const dearer = withVersion({
      model: { type: 'per_unit', unit_amount: '36' },
      effective_from: '2026-06-01',
    });
    const after = grown(dearer, before);
    const [price] = after.prices;
    assert.ok(price);
    assert.equal(after.versions.length, 2);
    assert.equal(newestVersion(after.versions, price)?.version, 2);
    const on = (day: string) =>
      versionOn(after.versions, price, Temporal.PlainDate.from(day))?.version;
    assert.deepEqual(
      [on('2026-02-28'), on('2026-03-01'), on('2026-05-31'), on('2026-06-01')],
      [undefined, 1, 1, 2],
    );
  });

  test('usage is billed afterwards without being told so, by the meter that it names', () => {
    const json = withPrice({ kind: 'metered', version: { ...SEAT_VERSION, meter: 'tokens' } });
    const [version] = published(json).added.versions;
    assert.equal(version?.timing, 'arrears');
    assert.equal(version?.meterId, METER);
  });
});

const TIER = { unit_amount: '1' };
const tiers = (...bounds: readonly (string | undefined)[]) => ({
  model: {
    type: 'graduated',
    tiers: bounds.map((up_to) => (up_to === undefined ? TIER : { ...TIER, up_to })),
  },
});
const VERSION = 'plans[0].prices[0].version';

describe('a catalogue that cannot be right is refused with the field', () => {
  const table: readonly (readonly [string, unknown, string, string])[] = [
    ['no object', [], 'catalogue_malformed', ''],
    ['nothing in it', {}, 'catalogue_empty', 'plans'],
    ['a misspelt list', { ...CATALOGUE, plan: [] }, 'field_unknown', 'plan'],
    ['a plan that is a text', { plans: ['team'] }, 'catalogue_malformed', 'plans[0]'],
    [
      'overlapping tiers',
      withVersion(tiers('10', '5', undefined)),
      'price_tiers_not_rising',
      `${VERSION}.model.tiers[1].up_to`,
    ],
    [
      'an open tier before the last',
      withVersion(tiers(undefined, '5', undefined)),
      'price_tier_open_not_last',
      `${VERSION}.model.tiers[0].up_to`,
    ],
    [
      'a last tier with a bound',
      withVersion(tiers('5')),
      'price_tiers_not_open_ended',
      `${VERSION}.model.tiers[0].up_to`,
    ],
    [
      'an amount below zero',
      withVersion({ model: { type: 'flat', amount: '-1' } }),
      'price_amount_negative',
      `${VERSION}.model.amount`,
    ],
    [
      'NaN',
      withVersion({ model: { type: 'flat', amount: 'NaN' } }),
      'price_number_not_a_decimal',
      `${VERSION}.model.amount`,
    ],
    [
      '1e309',
      withVersion({ model: { type: 'flat', amount: '1e309' } }),
      'price_number_not_a_decimal',
      `${VERSION}.model.amount`,
    ],
    [
      'a JSON number',
      withVersion({ model: { type: 'flat', amount: 0.1 } }),
      'price_number_not_a_decimal',
      `${VERSION}.model.amount`,
    ],
    [
      'a minimum below zero',
      withVersion({ minimum_spend: '-1' }),
      'price_amount_negative',
      `${VERSION}.minimum_spend`,
    ],
    [
      'a minimum above the maximum',
      withVersion({ minimum_spend: '2', maximum_spend: '1' }),
      'spend_bounds_crossed',
      `${VERSION}.minimum_spend`,
    ],
    [
      'a currency that is none',
      withVersion({ currency: 'XBT' }),
      'currency_unknown',
      `${VERSION}.currency`,
    ],
    [
      'an interval of nothing',
      withVersion({ interval: { unit: 'month', count: 0 } }),
      'whole_number_not_valid',
      `${VERSION}.interval.count`,
    ],
    [
      '30 February',
      withVersion({ effective_from: '2026-02-30' }),
      'date_not_valid',
      `${VERSION}.effective_from`,
    ],
    [
      'a misspelt field',
      withVersion({ minimum_spent: '1' }),
      'field_unknown',
      `${VERSION}.minimum_spent`,
    ],
    [
      'instalments of a seat',
      withVersion({ instalments: 3 }),
      'instalments_not_wanted',
      `${VERSION}.instalments`,
    ],
    ['a meter of a seat', withVersion({ meter: 'tokens' }), 'meter_not_wanted', `${VERSION}.meter`],
    [
      'a percentage of a seat',
      withVersion({ model: { type: 'percentage', rate: '0.03' } }),
      'model_needs_usage',
      `${VERSION}.model.type`,
    ],
    ['usage without a meter', withPrice({ kind: 'metered' }), 'meter_missing', `${VERSION}.meter`],
    [
      'a meter that nobody has',
      withPrice({ kind: 'metered', version: { ...SEAT_VERSION, meter: 'x' } }),
      'meter_unknown',
      `${VERSION}.meter`,
    ],
    [
      'bounds per event of a meter that keeps totals',
      withPrice({ kind: 'metered', version: { ...PER_ORDER, meter: 'tokens' } }),
      'meter_keeps_totals',
      `${VERSION}.meter`,
    ],
    [
      'a price for each bucket, which no meter has',
      withPrice({
        kind: 'metered',
        version: {
          ...SEAT_VERSION,
          meter: 'tokens',
          model: { type: 'buckets', price: { type: 'per_unit', unit_amount: '1' } },
        },
      }),
      'buckets_without_window',
      `${VERSION}.model.type`,
    ],
    [
      'usage in advance',
      withPrice({
        kind: 'metered',
        version: { ...SEAT_VERSION, meter: 'tokens', timing: 'advance' },
      }),
      'metered_in_advance',
      `${VERSION}.timing`,
    ],
    [
      'a product that nobody has',
      withPrice({ product: 'erp' }),
      'product_unknown',
      'plans[0].prices[0].product',
    ],
    ['no tax class', withPrice({ product: null }), 'tax_class_missing', `${VERSION}.tax_class`],
    [
      'a tax class that nobody has',
      withVersion({ tax_class: 'x' }),
      'tax_class_unknown',
      `${VERSION}.tax_class`,
    ],
    ['a price without a version', withPrice({ version: null }), 'version_missing', VERSION],
    [
      'a code with spaces',
      withPrice({ code: 'two words' }),
      'code_not_valid',
      'plans[0].prices[0].code',
    ],
    ['no name', withPrice({ name_en: '' }), 'text_not_valid', 'plans[0].prices[0].name_en'],
  ];
  for (const [name, json, code, field] of table) {
    test(name, () => {
      const decision = publish(json);
      assert.ok(!decision.ok);
      assert.deepEqual([decision.refusal.code, decision.refusal.field], [code, field]);
      assert.ok(decision.refusal.sentence.length > 0 && decision.refusal.next.length > 0);
    });
  }

  const prices = (...more: readonly Json[]) => ({
    ...CATALOGUE,
    plans: [{ code: 'team', name_zh: '团队版', name_en: 'Team', prices: [SEAT, ...more] }],
  });

  test('two prices of one code', () => {
    const decision = publish(prices(SEAT));
    assert.ok(!decision.ok);
    assert.equal(decision.refusal.code, 'code_twice');
    assert.equal(decision.refusal.field, 'plans[0].prices[1].code');
  });

  test('two currencies in one plan', () => {
    const euro = { ...SEAT, code: 'base', version: { ...SEAT_VERSION, currency: 'EUR' } };
    const decision = publish(prices(euro));
    assert.ok(!decision.ok);
    assert.equal(decision.refusal.code, 'currency_mix');
    assert.equal(decision.refusal.field, 'plans[0].prices[1].version.currency');
  });

  const known = [
    ['an earlier day', { model: { type: 'flat', amount: '1' }, effective_from: '2026-01-01' }],
    ['the same day', { model: { type: 'flat', amount: '1' } }],
  ] as const;
  for (const [name, changes] of known) {
    test(`another amount from ${name} than the newest version`, () => {
      const decision = publish(withVersion(changes), grown(CATALOGUE));
      assert.ok(!decision.ok);
      assert.equal(decision.refusal.code, 'effective_date_not_after_newest');
      assert.equal(decision.refusal.field, `${VERSION}.effective_from`);
    });
  }

  test('a known price under another name or kind', () => {
    for (const change of [{ name_en: 'Chair' }, { kind: 'module' }]) {
      const decision = publish(withPrice(change), grown(CATALOGUE));
      assert.ok(!decision.ok);
      assert.equal(decision.refusal.code, 'entry_differs');
      assert.equal(decision.refusal.field, 'plans[0].prices[0]');
    }
  });
});

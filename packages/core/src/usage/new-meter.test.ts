import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decideMeter, type NewMeter } from './new-meter.ts';

const CONTEXT = {
  id: 'mtr_01',
  merchantId: 'mer_01',
  now: Temporal.Instant.from('2026-11-21T08:00:00Z'),
} as const;
const WANTED: NewMeter = {
  code: 'tokens',
  eventType: 'llm.request',
  aggregation: 'sum',
  valueProperty: 'tokens',
};

describe('a new meter', () => {
  test('takes defaults: its code as name, totals only, nothing below zero', () => {
    const made = decideMeter(WANTED, CONTEXT);
    assert.ok(made.ok);
    const { nameZh, keeps, takesNegative, filters, groupBy } = made.value;
    assert.deepEqual(
      { nameZh, keeps, takesNegative, filters, groupBy },
      { nameZh: 'tokens', keeps: 'totals', takesNegative: false, filters: [], groupBy: [] },
    );
  });

  test('of a level takes steps down', () => {
    const made = decideMeter({ ...WANTED, aggregation: 'weighted_sum' }, CONTEXT);
    assert.equal(made.ok && made.value.takesNegative, true);
  });

  const { valueProperty: _value, ...valueless } = WANTED;
  const filter = (values: readonly string[]) => ({
    ...WANTED,
    filters: [{ property: 'model', values }],
  });
  const groupBy = (properties: readonly string[]) => ({ ...WANTED, groupBy: properties });
  const refused: readonly (readonly [string, NewMeter, string, string])[] = [
    ['without a code', { ...WANTED, code: '' }, 'meter_code_not_valid', 'code'],
    ['with a space in its code', { ...WANTED, code: 'a b' }, 'meter_code_not_valid', 'code'],
    ['without an event type', { ...WANTED, eventType: '' }, 'event_type_not_valid', 'event_type'],
    ['that averages', { ...WANTED, aggregation: 'avg' }, 'aggregation_not_known', 'aggregation'],
    ['that sums nothing', valueless, 'value_property_missing', 'value_property'],
    ['with a filter without values', filter([]), 'filter_not_valid', 'filters'],
    ['that is split by six', groupBy([...'abcdef']), 'group_by_not_valid', 'group_by'],
    ['that is split by one twice', groupBy(['a', 'a']), 'group_by_not_valid', 'group_by'],
    [
      'rounded to 13 places',
      { ...WANTED, rounding: { mode: 'up', places: 13 } },
      'rounding_not_valid',
      'rounding',
    ],
  ];
  for (const [name, wanted, code, field] of refused) {
    test(`${name} is refused`, () => {
      const made = decideMeter(wanted, CONTEXT);
      assert.ok(!made.ok);
      assert.deepEqual([made.refusal.code, made.refusal.field], [code, field]);
    });
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addRatio, formatRatio, RATIO_ZERO, type Ratio } from '../money/ratio.ts';
import { readValue } from './event.ts';
import type { Meter, MeterAggregation } from './meter.ts';
import { decideFold, type FoldableEvent } from './rollup.ts';
import { growState } from './rollup-state.ts';
import { computeUsage, type UsageTotal } from './usage-so-far.ts';

const MADE = Temporal.Instant.from('2026-01-01T00:00:00Z');
const PERIOD = {
  start: Temporal.PlainDate.from('2026-11-01'),
  end: Temporal.PlainDate.from('2026-12-01'),
};
const SPAN = { period: PERIOD, zone: 'Asia/Shanghai' };

function meter(aggregation: MeterAggregation, changes: Partial<Meter> = {}): Meter {
  return {
    id: `mtr_${aggregation}`,
    merchantId: 'mer_01',
    code: aggregation,
    nameZh: aggregation,
    nameEn: aggregation,
    eventType: 'used',
    aggregation,
    valueProperty: 'value',
    filters: [],
    groupBy: [],
    takesNegative: true,
    keeps: 'totals',
    createdAt: MADE,
    ...changes,
  };
}

const event = fc.record({
  customer: fc.constantFrom('cus_a' as const, 'cus_b' as const),
  day: fc.integer({ min: 1, max: 4 }),
  hour: fc.integer({ min: 0, max: 15 }),
  second: fc.integer({ min: 0, max: 59 }),
  value: fc.integer({ min: -50, max: 50 }),
  model: fc.constantFrom('m1', 'm2'),
  operation: fc.constantFrom('add', 'remove'),
});
type Drawn = { readonly customer: 'cus_a' | 'cus_b'; readonly day: number } & Readonly<
  Record<'hour' | 'second' | 'value', number>
> &
  Readonly<Record<'model' | 'operation', string>>;

function toEvent({ customer, day, hour, second, value, model, operation }: Drawn): FoldableEvent {
  const two = (number: number) => number.toString().padStart(2, '0');
  return {
    customerId: customer,
    type: 'used',
    time: `2026-11-${two(day)}T${two(hour)}:00:${two(second)}Z`,
    day: `2026-11-${two(day)}`,
    data: { value: (value / 4).toString(), model, operation },
    receivedAt: MADE.epochMilliseconds,
  };
}

/** Folds batches one after the other into rollups kept in memory, as the store keeps them. */
function foldAll(batches: readonly (readonly FoldableEvent[])[], one: Meter) {
  const meters = new Map([['used', [one]]]);
  const rollups = new Map<
    string,
    { units: Ratio; events: bigint; state: unknown; key: string[] }
  >();
  const at = (parts: string[]) => {
    const key = parts.join(' ');
    const known = rollups.get(key) ?? { units: RATIO_ZERO, events: 0n, state: null, key: parts };
    rollups.set(key, known);
    return known;
  };
  for (const batch of batches) {
    const { increments, stateful } = decideFold(batch, meters);
    for (const { customerId, day, groupKey, units, events } of increments) {
      const rollup = at([customerId, day, groupKey]);
      rollup.units = addRatio(rollup.units, units);
      rollup.events += events;
    }
    for (const { customerId, day, groupKey, events } of stateful) {
      const rollup = at([customerId, day, groupKey]);
      const grown = growState(one, rollup.state, { day, events });
      // Through JSON, as the database keeps it.
      rollup.state = JSON.parse(JSON.stringify(grown.state));
      rollup.units = grown.units;
      rollup.events += BigInt(events.length);
    }
  }
  const sorted = [...rollups.values()].sort((a, b) => (a.key.join() < b.key.join() ? -1 : 1));
  return sorted.map(({ key, units, events, state }) => ({
    key: key.join(' '),
    units: formatRatio(units),
    events,
    state,
  }));
}

const KINDS: readonly Meter[] = [
  meter('count'),
  meter('sum'),
  meter('sum', { groupBy: ['model'] }),
  meter('sum', { keeps: 'values' }),
  meter('max'),
  meter('latest'),
  meter('unique_count', { valueProperty: 'model' }),
  meter('weighted_sum'),
  meter('prorated_sum'),
  meter('prorated_unique_count', { valueProperty: 'model' }),
];

describe('rollups', () => {
  for (const one of KINDS) {
    const name = `${one.aggregation} ${one.groupBy.join()} ${one.keeps}`;
    test(`of ${name} are the same in any order and any batches`, () => {
      fc.assert(
        fc.property(
          fc
            .array(event, { maxLength: 25 })
            .chain((drawn) =>
              fc.tuple(
                fc.constant(drawn),
                fc.shuffledSubarray(drawn, { minLength: drawn.length, maxLength: drawn.length }),
                fc.integer({ min: 1, max: 6 }),
              ),
            ),
          ([drawn, shuffled, size]) => {
            const whole = foldAll([drawn.map(toEvent)], one);
            const batches: FoldableEvent[][] = [];
            for (let start = 0; start < shuffled.length; start += size) {
              batches.push(shuffled.slice(start, start + size).map(toEvent));
            }
            assert.deepEqual(foldAll(batches, one), whole);
          },
        ),
        { numRuns: 60 },
      );
    });
  }

  test('keep usage of different groups, days and customers apart', () => {
    const grouped = meter('sum', { groupBy: ['model'] });
    const base = { hour: 1, second: 0, value: 8, operation: 'add' } as const;
    const events = [
      { ...base, customer: 'cus_a', day: 1, model: 'm1' },
      { ...base, customer: 'cus_a', day: 1, model: 'm2' },
      { ...base, customer: 'cus_a', day: 2, model: 'm1' },
      { ...base, customer: 'cus_b', day: 1, model: 'm1' },
      { ...base, customer: 'cus_a', day: 1, model: 'm1' },
    ] as const;
    assert.deepEqual(
      foldAll([events.map(toEvent)], grouped).map(({ key, units }) => [key, units]),
      [
        ['cus_a 2026-11-01 ["m1"]', '4'],
        ['cus_a 2026-11-01 ["m2"]', '2'],
        ['cus_a 2026-11-02 ["m1"]', '2'],
        ['cus_b 2026-11-01 ["m1"]', '2'],
      ],
    );
  });

  test('leave out what a meter’s filters refuse, and what came before it was made', () => {
    const filtered = meter('count', { filters: [{ property: 'model', values: ['m1'] }] });
    const drawn = {
      customer: 'cus_a',
      day: 1,
      hour: 1,
      second: 0,
      value: 1,
      operation: 'add',
    } as const;
    const m1 = toEvent({ ...drawn, model: 'm1' });
    const m2 = toEvent({ ...drawn, model: 'm2' });
    const early = { ...m1, receivedAt: MADE.epochMilliseconds - 1 };
    assert.deepEqual(
      foldAll([[m1, m2, early]], filtered).map(({ events }) => events),
      [1n],
    );
  });

  test('skip and count an event without what a meter made meanwhile reads', () => {
    const lacking = {
      ...toEvent({
        customer: 'cus_a',
        day: 1,
        hour: 1,
        second: 0,
        value: 1,
        model: 'm1',
        operation: 'add',
      }),
      data: {},
    };
    const decision = decideFold([lacking], new Map([['used', [meter('sum')]]]));
    assert.equal(decision.unreadable, 1);
    assert.deepEqual(decision.increments, []);
  });
});

test('a level that was there before the period counts in it', () => {
  const seats = meter('prorated_sum');
  const total: UsageTotal = {
    groupKey: '',
    units: RATIO_ZERO,
    events: 0n,
    states: [],
    unitsBefore: { numerator: 3n, denominator: 1n },
    statesBefore: [],
  };
  const [usage] = computeUsage(seats, [total], SPAN);
  assert.equal(usage === undefined ? '' : formatRatio(usage.units), '3');
});

test('values of single events come in the order in which they happened', () => {
  const payments = meter('sum', { keeps: 'values' });
  const late = { time: '2026-11-01T03:00:00Z', value: '7' };
  const early = { time: '2026-11-01T01:00:00Z', value: '9' };
  const first = growState(payments, null, { day: '2026-11-01', events: [late] });
  const both = growState(payments, first.state, { day: '2026-11-01', events: [early] });
  assert.deepEqual(both.state.values, [
    [early.time, '9'],
    [late.time, '7'],
  ]);
  assert.ok(readValue('9').ok);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { businessDate } from '../calendar/business-time.ts';
import { daysIn } from '../calendar/periods.ts';
import { toExactText } from '../catalog/rate-step-json.ts';
import { compareRatio, type Ratio, sumRatios } from '../money/ratio.ts';
import {
  type Aggregate,
  type AggregateEvent,
  addEvent,
  addEvents,
  carryOver,
  emptyAggregate,
  mergeAggregates,
  rawUnitsOf,
  type UsageWindow,
  unitsOf,
} from './aggregate.ts';
import { fromAggregateJson, toAggregateJson } from './aggregate-json.ts';
import { computeUnits, withoutRepeatedIds } from './aggregate-period.ts';
import { METER_AGGREGATIONS, type MeterAggregation } from './meter.ts';

const ZONE = 'Asia/Shanghai';

function windowOf(from: string, to: string, fullPeriodDays?: number): UsageWindow {
  const [start, end] = [Temporal.PlainDate.from(from), Temporal.PlainDate.from(to)];
  const at = (date: Temporal.PlainDate) => date.toZonedDateTime(ZONE).toInstant();
  const window = { span: { start: at(start), end: at(end) }, days: { start, end } };
  return fullPeriodDays === undefined ? window : { ...window, fullPeriodDays };
}

/** An event at a local time of Shanghai. */
function at(local: string, rest: Omit<AggregateEvent, 'at' | 'day'> = {}): AggregateEvent {
  const zoned = Temporal.PlainDateTime.from(local).toZonedDateTime(ZONE);
  return { at: zoned.toInstant(), day: zoned.toPlainDate(), ...rest };
}

function whole(value: bigint): Ratio {
  return { numerator: value, denominator: 1n };
}

const valued = (local: string, value: bigint) => at(local, { value: whole(value) });
const added = (local: string, key: string) => at(local, { key });
const removed = (local: string, key: string) => at(local, { key, isRemoval: true });

const JULY = windowOf('2026-07-01', '2026-08-01');

describe('units of a period', () => {
  type Row = readonly [string, MeterAggregation, readonly AggregateEvent[], string];
  const three = [valued('2026-07-01', 18n), valued('2026-07-03', -5n), valued('2026-07-02', 7n)];
  const cases: readonly Row[] = [
    ['no events, count', 'count', [], '0'],
    ['count', 'count', three, '3'],
    ['sum', 'sum', three, '20'],
    ['no events, max', 'max', [], '0'],
    ['max', 'max', three, '18'],
    ['max of values below zero', 'max', [valued('2026-07-01', -5n)], '-5'],
    ['latest, never below zero', 'latest', three, '0'],
    ['latest by time, not by arrival', 'latest', three.toSpliced(1, 1), '7'],
    ['a sum without the value that is no number', 'sum', [...three, at('2026-07-04')], '20'],
    ['the month’s end is not the month', 'sum', [valued('2026-08-01', 1n)], '0'],
    ['last month’s sum is not this month’s', 'sum', [valued('2026-06-30T23:59:59', 1n)], '0'],
    ['unique keys', 'unique_count', [added('2026-07-01', 'a'), added('2026-07-02', 'a')], '1'],
    [
      'unique keys that stayed',
      'unique_count',
      [added('2026-07-01', 'a'), added('2026-07-02', 'b'), removed('2026-07-03', 'a')],
      '1',
    ],
    ['removed before it came', 'unique_count', [removed('2026-07-03', 'a')], '0'],
    ['half of the month', 'weighted_sum', [valued('2026-07-16T12:00', 31n)], '31/2'],
    ['carried in full', 'weighted_sum', [valued('2026-05-01', 4n)], '4'],
    ['six of 31 days', 'prorated_sum', [valued('2026-07-26T23:00', 12n)], '72/31'],
    [
      'carried and added',
      'prorated_sum',
      [valued('2026-05-01', 5n), valued('2026-07-26', 24n)],
      '299/31',
    ],
    [
      'a decrease counts from its day',
      'prorated_sum',
      [valued('2026-05-01', 5n), valued('2026-07-31', -5n)],
      '150/31',
    ],
    [
      'a seat from its first day',
      'prorated_unique_count',
      [added('2026-07-31T09:00', 'a')],
      '1/31',
    ],
    [
      'not the day of the removal',
      'prorated_unique_count',
      [added('2026-07-01', 'a'), removed('2026-07-11T18:00', 'a')],
      '10/31',
    ],
    [
      'nothing for a seat of one day',
      'prorated_unique_count',
      [added('2026-07-05T09:00', 'a'), removed('2026-07-05T18:00', 'a')],
      '0',
    ],
    [
      'back on the day of the removal',
      'prorated_unique_count',
      [added('2026-06-05', 'a'), removed('2026-07-05T09:00', 'a'), added('2026-07-05T18:00', 'a')],
      '1',
    ],
    [
      'gone before the month',
      'prorated_unique_count',
      [added('2026-05-05', 'a'), removed('2026-06-05', 'a'), added('2026-07-30', 'b')],
      '2/31',
    ],
  ];
  for (const [name, kind, events, expected] of cases) {
    test(name, () => {
      assert.equal(toExactText(computeUnits(kind, events, { window: JULY }).units), expected);
    });
  }

  test('a shorter first period is measured by the full one', () => {
    const stub = windowOf('2026-07-09', '2026-07-25', 31);
    const { units, rawUnits } = computeUnits('prorated_unique_count', [added('2026-06-09', 'a')], {
      window: stub,
    });
    assert.deepEqual([units, rawUnits].map(toExactText), ['16/31', '1']);
    const sum = computeUnits('prorated_sum', [valued('2026-06-09', 2n)], { window: stub });
    assert.deepEqual([sum.units, sum.rawUnits].map(toExactText), ['32/31', '2']);
  });

  test('without a period all events count', () => {
    assert.equal(toExactText(computeUnits('sum', three).units), '20');
    assert.throws(() => computeUnits('weighted_sum', three), /with their period/);
  });
});

test('the later order decides at the same instant', () => {
  const events = [1n, 3n, 2n].map((order) => ({ ...valued('2026-07-01', order * 10n), order }));
  assert.equal(toExactText(computeUnits('latest', events).units), '30');
  const moves = [
    { ...added('2026-07-01', 'a'), order: 2n },
    { ...removed('2026-07-01', 'a'), order: 1n },
  ];
  assert.equal(toExactText(computeUnits('unique_count', moves).units), '1');
});

test('a tie of instant and order goes to the removal and to the larger value', () => {
  const moves = [added('2026-07-01', 'a'), removed('2026-07-01', 'a')];
  const values = [valued('2026-07-01', 7n), valued('2026-07-01', 9n)];
  for (const turn of [false, true]) {
    const inTurn = <T>(list: readonly T[]) => (turn ? list.toReversed() : list);
    assert.equal(toExactText(computeUnits('unique_count', inTurn(moves)).units), '0');
    assert.equal(toExactText(computeUnits('latest', inTurn(values)).units), '9');
  }
});

test('an event that is sent twice counts once', () => {
  const events = [
    { id: 'e1', value: 1 },
    { id: 'e2', value: 2 },
    { id: 'e1', value: 3 },
    { value: 4 },
  ];
  assert.deepEqual(
    withoutRepeatedIds(events).map(({ value }) => value),
    [1, 2, 4],
  );
});

test('what is carried over forgets the keys that are gone', () => {
  const moves = [added('2026-06-01', 'a'), added('2026-06-02', 'b'), removed('2026-06-03', 'a')];
  for (const kind of ['unique_count', 'prorated_unique_count'] as const) {
    const carried = carryOver(addEvents(emptyAggregate(kind), moves));
    assert.ok('keys' in carried);
    assert.deepEqual([...carried.keys.keys()], ['b']);
  }
});

test('moves after the period have no say in its days', () => {
  const moves = [added('2026-07-30', 'a'), removed('2026-08-05', 'a'), added('2026-08-06', 'b')];
  const state = addEvents(emptyAggregate('prorated_unique_count'), moves);
  assert.equal(toExactText(unitsOf(state, { window: JULY })), '2/31');
});

test('states of two kinds do not merge', () => {
  assert.throws(() => mergeAggregates(emptyAggregate('sum'), emptyAggregate('count')), /two kinds/);
});

/** Events around July, a third of them before it; values have up to two decimals. */
const events = fc.array(
  fc
    .record({
      // Few days and hours, so that keys meet on one day and at one instant.
      day: fc.constantFrom(-20, -1, 0, 3, 14, 30),
      hour: fc.constantFrom(0, 10),
      hundredths: fc.bigInt({ min: -500n, max: 5_000n }),
      scale: fc.constantFrom(1n, 10n, 100n),
      key: fc.constantFrom('a', 'b', 'c'),
      isRemoval: fc.boolean(),
      order: fc.bigInt({ min: 0n, max: 1n }),
      isBroken: fc.boolean(),
    })
    .map(({ day, hour, hundredths, scale, isBroken, ...rest }): AggregateEvent => {
      const moment = JULY.span.start.add({ hours: day * 24 + hour });
      const value = { numerator: hundredths, denominator: scale };
      const event = { ...rest, at: moment, day: businessDate(moment, ZONE) };
      return isBroken ? event : { ...event, value };
    }),
  { maxLength: 25 },
);
const kinds = fc.constantFrom(...METER_AGGREGATIONS);

function textOf(state: Aggregate): string {
  return JSON.stringify(toAggregateJson(state));
}

function assertSame(left: Ratio, right: Ratio): void {
  assert.equal(compareRatio(left, right), 0, `${toExactText(left)} is not ${toExactText(right)}`);
}

describe('laws of aggregation', () => {
  test('a state does not depend on the order of events, nor on how they were split', () => {
    fc.assert(
      fc.property(kinds, events, fc.nat(25), fc.nat(25), (kind, list, turn, cut) => {
        const empty = emptyAggregate(kind);
        const together = addEvents(empty, list);
        const turned = [...list.slice(turn), ...list.slice(0, turn)].reverse();
        assert.equal(textOf(turned.reduce(addEvent, empty)), textOf(together));
        const [first, second] = [
          addEvents(empty, list.slice(0, cut)),
          addEvents(empty, list.slice(cut)),
        ];
        assert.equal(textOf(mergeAggregates(first, second)), textOf(together));
        assert.equal(textOf(mergeAggregates(second, first)), textOf(together));
      }),
    );
  });

  test('the merge of a month’s daily rollups has the units of its events', () => {
    fc.assert(
      fc.property(kinds, events, (kind, list) => {
        const empty = emptyAggregate(kind);
        const days = Map.groupBy(list, ({ day }) => day.toString());
        const rollups = [...days].map(([day, its]) => ({
          day,
          state: stored(addEvents(empty, its)),
        }));
        const isBefore = ({ day }: { readonly day: string }) => day < JULY.days.start.toString();
        const merge = (some: readonly { readonly state: Aggregate }[]) =>
          some.reduce((total, { state }) => mergeAggregates(total, state), empty);
        const month = merge(rollups.filter((rollup) => !isBefore(rollup)));
        const keepsLevel = !['count', 'sum', 'max', 'latest'].includes(kind);
        const carried = keepsLevel ? carryOver(merge(rollups.filter(isBefore))) : empty;
        const expected = computeUnits(kind, list, { window: JULY });
        assertSame(unitsOf(month, { window: JULY, carried }), expected.units);
        assertSame(rawUnitsOf(month, carried), expected.rawUnits);
      }),
    );
  });

  test('two halves of a period weigh what the whole weighs', () => {
    const halves = [
      windowOf('2026-07-01', '2026-07-16', 31),
      windowOf('2026-07-16', '2026-08-01', 31),
    ];
    const level = fc.constantFrom('prorated_sum' as const, 'prorated_unique_count' as const);
    fc.assert(
      fc.property(level, events, (kind, list) => {
        const parts = halves.map((window) => computeUnits(kind, list, { window }).units);
        assertSame(sumRatios(parts), computeUnits(kind, list, { window: JULY }).units);
        assert.equal(sumOfDays(halves), daysIn(JULY.days));
      }),
    );
  });

  test('a day’s count of active seats, added over the days, is the prorated count', () => {
    fc.assert(
      fc.property(events, (list) => {
        let seats = 0n;
        for (
          let day = JULY.days.start;
          day.day !== 1 || day.month === 7;
          day = day.add({ days: 1 })
        ) {
          const known = list.filter((event) => Temporal.PlainDate.compare(event.day, day) <= 0);
          seats += rawUnitsOf(addEvents(emptyAggregate('unique_count'), known)).numerator;
        }
        const { units } = computeUnits('prorated_unique_count', list, { window: JULY });
        assertSame(units, { numerator: seats, denominator: 31n });
      }),
    );
  });
});

function stored(state: Aggregate): Aggregate {
  return fromAggregateJson(JSON.parse(textOf(state)));
}

function sumOfDays(windows: readonly UsageWindow[]): number {
  return windows.reduce((total, { days }) => total + daysIn(days), 0);
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatRatio, parseRatio } from '../money/ratio.ts';
import { type EventContext, liveWindow, readUsageEvent, readValue, statedWindow } from './event.ts';
import { makeTimeReader } from './event-time.ts';
import { decimalTextOf, parseExactJson } from './exact-json.ts';
import type { Meter } from './meter.ts';

const NOW = Temporal.Instant.from('2026-11-21T08:00:00Z');

const METER: Meter = {
  id: 'mtr_01',
  merchantId: 'mer_01',
  code: 'tokens',
  nameZh: '令牌',
  nameEn: 'Tokens',
  eventType: 'llm',
  aggregation: 'sum',
  valueProperty: 'tokens',
  filters: [{ property: 'billed', values: ['yes'] }],
  groupBy: ['model'],
  takesNegative: false,
  keeps: 'totals',
  createdAt: NOW,
};

const CONTEXT: EventContext = {
  meters: new Map([['llm', [METER]]]),
  readTime: makeTimeReader('Asia/Shanghai'),
  window: liveWindow(NOW),
  receivedAt: NOW.toString(),
};

const EVENT = {
  specversion: '1.0',
  id: 'e-1',
  source: 'gateway',
  type: 'llm',
  subject: 'C-1',
  time: '2026-11-21T07:59:59Z',
  data: { tokens: 5, billed: 'yes' },
};

const read = (changes: object, context = CONTEXT) =>
  readUsageEvent({ ...EVENT, ...changes }, context);
const data = (changes: object) => ({ data: { ...EVENT.data, ...changes } });

describe('a usage event', () => {
  test('is read whole; its day is the merchant’s', () => {
    const result = read({ time: '2026-11-20T16:00:00.1234567+00:00' });
    assert.ok(result.ok);
    assert.equal(result.value.time.day, '2026-11-21');
    assert.equal(result.value.time.text, '2026-11-20T16:00:00.123456+00:00');
    assert.equal(result.value.data, '{"tokens":5,"billed":"yes"}');
  });

  test('without a time happened when it was received', () => {
    const { time: _time, ...rest } = EVENT;
    const result = readUsageEvent(rest, CONTEXT);
    assert.ok(result.ok);
    assert.equal(result.value.time.epochMilliseconds, NOW.epochMilliseconds);
  });

  const refused: readonly (readonly [string, object, string, string | undefined])[] = [
    ['of another version', { specversion: '0.3' }, 'specversion_not_supported', 'specversion'],
    ['without an id', { id: '' }, 'field_missing', 'id'],
    ['whose id is a number', { id: 7 }, 'field_not_text', 'id'],
    ['with an id of 201 characters', { id: 'x'.repeat(201) }, 'field_too_long', 'id'],
    ['with U+0000 in its source', { source: 'a\0b' }, 'field_not_storable', 'source'],
    ['with half a pair in its id', { id: '\ud800' }, 'field_not_storable', 'id'],
    ['without a source', { source: null }, 'field_missing', 'source'],
    ['without a subject', { subject: undefined }, 'field_missing', 'subject'],
    ['of a type that no meter hears', { type: 'other' }, 'meter_unknown', 'type'],
    ['with a time that is none', { time: 'yesterday' }, 'time_not_valid', 'time'],
    ['on 30 February', { time: '2026-02-30T00:00:00Z' }, 'time_not_valid', 'time'],
    ['at a local time without offset', { time: '2026-11-21T08:00:00' }, 'time_not_valid', 'time'],
    ['with a time in numbers', { time: 1_763_712_000 }, 'time_not_valid', 'time'],
    ['of two years ago', { time: '2024-11-21T08:00:00Z' }, 'time_too_old', 'time'],
    ['a second before the window', { time: '2026-10-17T07:59:59Z' }, 'time_too_old', 'time'],
    ['of tomorrow', { time: '2026-11-22T08:00:00Z' }, 'time_in_future', 'time'],
    ['6 minutes ahead', { time: '2026-11-21T08:06:00Z' }, 'time_in_future', 'time'],
    ['without data', { data: undefined }, 'data_not_object', 'data'],
    ['whose data is an array', { data: [1] }, 'data_not_object', 'data'],
    ['with 20 KB of data', data({ note: 'x'.repeat(20_000) }), 'data_too_large', 'data'],
    ['with U+0000 in its data', data({ note: 'a\0' }), 'field_not_storable', 'data'],
    ['without its value', { data: { billed: 'yes' } }, 'value_missing', 'data.tokens'],
    ['with NaN as text', data({ tokens: 'NaN' }), 'value_not_decimal', 'data.tokens'],
    [
      'with Infinity',
      data({ tokens: Number.POSITIVE_INFINITY }),
      'value_not_decimal',
      'data.tokens',
    ],
    ['with 1e309 as text', data({ tokens: '1e309' }), 'value_not_decimal', 'data.tokens'],
    ['with grouping', data({ tokens: '1,000' }), 'value_not_decimal', 'data.tokens'],
    ['with a list as value', data({ tokens: [1] }), 'value_not_decimal', 'data.tokens'],
    [
      'with 13 decimal places',
      data({ tokens: '0.1234567890123' }),
      'value_too_precise',
      'data.tokens',
    ],
    ['with 16 digits', data({ tokens: '1234567890123456' }), 'value_too_large', 'data.tokens'],
    [
      'with 16 digits as a number',
      data({ tokens: 1234567890123456 }),
      'value_too_large',
      'data.tokens',
    ],
    ['below zero', data({ tokens: -1 }), 'value_negative', 'data.tokens'],
    ['with a long group', data({ model: 'x'.repeat(65) }), 'field_too_long', 'data.model'],
  ];
  for (const [name, changes, code, field] of refused) {
    test(`${name} is refused as ${code}`, () => {
      const result = read(changes);
      assert.ok(!result.ok);
      assert.equal(result.refusal.code, code);
      assert.equal(result.refusal.field, field);
      assert.match(result.refusal.sentence, /\.$/);
      assert.match(result.refusal.next, /\.$/);
    });
  }

  test('that is no object is refused', () => {
    for (const value of [null, 7, 'text', [EVENT]]) {
      const result = readUsageEvent(value, CONTEXT);
      assert.equal(result.ok ? '' : result.refusal.code, 'event_not_object');
    }
  });

  test('nested nine levels deep is refused', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(9)}1${'}'.repeat(9)}`);
    const result = read(data(deep));
    assert.equal(result.ok ? '' : result.refusal.code, 'data_too_large');
  });

  test('that no meter’s filters let through needs no value', () => {
    assert.ok(read({ data: { billed: 'no' } }).ok);
  });

  test('of the edges of the live window is taken', () => {
    for (const time of ['2026-10-17T08:00:00Z', '2026-11-21T08:05:00Z']) {
      assert.ok(read({ time }).ok, time);
    }
  });

  test('of an import lies inside the stated period, whose end is outside', () => {
    const from = Temporal.Instant.from('2023-11-16T00:00:00Z');
    const until = Temporal.Instant.from('2023-11-17T00:00:00Z');
    const context = { ...CONTEXT, window: statedWindow({ from, until }) };
    assert.ok(read({ time: '2023-11-16T00:00:00Z' }, context).ok);
    for (const time of ['2023-11-15T23:59:59.999Z', '2023-11-17T00:00:00Z']) {
      const result = read({ time }, context);
      assert.equal(result.ok ? '' : result.refusal.code, 'time_outside_period');
    }
  });
});

test('event times are read as Temporal reads them', () => {
  const readTime = makeTimeReader('America/New_York');
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      fc.constantFrom('Z', '+08:00', '-03:30'),
      (date, offset) => {
        const text = date.toISOString().replace('Z', offset);
        const expected = Temporal.Instant.from(text);
        const time = readTime(text);
        assert.equal(time?.epochMilliseconds, expected.epochMilliseconds);
        const day = expected.toZonedDateTimeISO('America/New_York').toPlainDate().toString();
        assert.equal(time?.day, day);
      },
    ),
  );
});

test('a time without an offset is UTC only where that was said', () => {
  const readTime = makeTimeReader('Asia/Shanghai', { assumeUtc: true });
  const time = readTime('2023-11-16 18:17:03.9799600');
  assert.equal(time?.text, '2023-11-16T18:17:03.979960Z');
  assert.equal(time?.day, '2023-11-17');
  assert.equal(makeTimeReader('Asia/Shanghai')('2023-11-16 18:17:03'), undefined);
});

describe('numbers of JSON', () => {
  const table: readonly (readonly [string, string])[] = [
    ['0.1', '0.1'],
    ['0.0000001', '0.0000001'],
    ['1.5e-7', '0.00000015'],
    ['-0.000000123', '-0.000000123'],
    ['1e3', '1000'],
    ['123456789012345', '123456789012345'],
  ];
  for (const [json, text] of table) {
    test(`${json} is ${text}`, () => {
      const value = readValue(parseExactJson(json));
      assert.ok(value.ok);
      assert.equal(formatRatio(value.value), text);
    });
  }

  test('that JavaScript would round, or make infinite, stay text', () => {
    const text = '{"a":9007199254740993,"b":0.30000000000000001,"c":1e309,"d":1.25}';
    assert.deepEqual(parseExactJson(text), {
      a: '9007199254740993',
      b: '0.30000000000000001',
      c: '1e309',
      d: 1.25,
    });
  });

  test('of at most 15 digits lose nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }),
        fc.integer({ min: 0, max: 12 }),
        (digits, places) => {
          const shifted = parseRatio(digits.toString());
          assert.ok(shifted.ok);
          const exact = formatRatio({
            numerator: shifted.value.numerator,
            denominator: 10n ** BigInt(places),
          });
          const text = decimalTextOf(Number(exact));
          assert.ok(text !== undefined);
          const read = parseRatio(text);
          assert.ok(read.ok);
          assert.equal(formatRatio(read.value), exact);
        },
      ),
    );
  });
});

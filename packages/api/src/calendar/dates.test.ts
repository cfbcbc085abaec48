import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Value } from 'typebox/value';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from './dates.ts';

describe('dates and moments on the wire', () => {
  test('a business date has no time and no zone', () => {
    assert.equal(toDateWire(Temporal.PlainDate.from('2026-03-09')), '2026-03-09');
  });

  test('a date of another calendar is sent in the ISO calendar', () => {
    const chinese = Temporal.PlainDate.from('2026-02-17').withCalendar('chinese');
    assert.equal(toDateWire(chinese), '2026-02-17');
  });

  const moments: readonly (readonly [string, string])[] = [
    ['2026-03-09T23:30:00Z', '2026-03-09T23:30:00.000Z'],
    ['2026-03-10T07:30:00+08:00', '2026-03-09T23:30:00.000Z'],
    ['2026-03-09T23:30:00.999999999Z', '2026-03-09T23:30:00.999Z'],
  ];
  for (const [instant, expected] of moments) {
    test(`${instant} is ${expected}`, () => {
      assert.equal(toInstantWire(Temporal.Instant.from(instant)), expected);
      assert.ok(Value.Check(InstantSchema, expected));
    });
  }

  for (const text of ['2026-02-30', '2026-3-9', '20260309', '2026-03-09T00:00:00.000Z', '']) {
    test(`${JSON.stringify(text)} is no date`, () => {
      assert.equal(Value.Check(DateSchema, text), false);
    });
  }

  for (const text of ['2026-03-09T23:30:00Z', '2026-03-10T07:30:00.000+08:00', '2026-03-09']) {
    test(`${JSON.stringify(text)} is no moment of ours`, () => {
      assert.equal(Value.Check(InstantSchema, text), false);
    });
  }
});

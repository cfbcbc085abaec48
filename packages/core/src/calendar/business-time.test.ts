import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  addSeconds,
  businessDate,
  instantAt,
  isBefore,
  laterOf,
  secondsBetween,
} from './business-time.ts';

const instant = (text: string) => Temporal.Instant.from(text);
const instants = fc
  .integer({ min: 0, max: 4_000_000_000_000 })
  .map((milliseconds) => Temporal.Instant.fromEpochMilliseconds(milliseconds));
const zones = fc.constantFrom(
  'Asia/Shanghai',
  'America/New_York',
  'Europe/London',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'UTC',
);

describe('the business date of an instant', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['2026-01-01T15:59:59.999Z', 'Asia/Shanghai', '2026-01-01'],
    ['2026-01-01T16:00:00Z', 'Asia/Shanghai', '2026-01-02'],
    ['2026-02-28T16:00:00Z', 'Asia/Shanghai', '2026-03-01'],
    ['2026-01-01T04:59:59Z', 'America/New_York', '2025-12-31'],
    ['2026-07-01T04:00:00Z', 'America/New_York', '2026-07-01'],
  ];
  for (const [at, zone, expected] of cases) {
    test(`${at} in ${zone} is ${expected}`, () => {
      assert.equal(businessDate(instant(at), zone).toString(), expected);
    });
  }
});

describe('the instant of a local time', () => {
  const cases: readonly (readonly [string, string, string, string, string])[] = [
    ['an ordinary morning', '2026-03-10', '07:30', 'Asia/Shanghai', '2026-03-09T23:30:00Z'],
    ['midnight', '2026-03-10', '00:00', 'Asia/Shanghai', '2026-03-09T16:00:00Z'],
    ['summer time in China, 1991', '1991-07-01', '08:00', 'Asia/Shanghai', '1991-06-30T23:00:00Z'],
    [
      'a skipped time moves forward',
      '2026-03-08',
      '02:30',
      'America/New_York',
      '2026-03-08T07:30:00Z',
    ],
    [
      'a doubled time takes the earlier',
      '2026-11-01',
      '01:30',
      'America/New_York',
      '2026-11-01T05:30:00Z',
    ],
    [
      'a shift of half an hour',
      '2026-10-04',
      '02:15',
      'Australia/Lord_Howe',
      '2026-10-03T15:45:00Z',
    ],
    [
      'a midnight that does not exist',
      '2018-11-04',
      '00:00',
      'America/Sao_Paulo',
      '2018-11-04T03:00:00Z',
    ],
  ];
  for (const [name, day, time, zone, expected] of cases) {
    test(name, () => {
      const at = instantAt(Temporal.PlainDate.from(day), Temporal.PlainTime.from(time), zone);
      assert.equal(at.toString(), expected);
    });
  }

  test('is on the business date that was asked for, where clocks do not skip a day', () => {
    const noon = Temporal.PlainTime.from('12:00');
    fc.assert(
      fc.property(instants, zones, (some, zone) => {
        fc.pre(zone !== 'Pacific/Apia');
        const day = businessDate(some, zone);
        assert.ok(businessDate(instantAt(day, noon, zone), zone).equals(day));
      }),
    );
  });

  test('a day that a zone skipped answers with the day after it', () => {
    const skipped = Temporal.PlainDate.from('2011-12-30');
    const at = instantAt(skipped, Temporal.PlainTime.from('12:00'), 'Pacific/Apia');
    assert.equal(businessDate(at, 'Pacific/Apia').toString(), '2011-12-31');
  });
});

describe('spans of seconds', () => {
  test('adding the seconds between two instants leads from one to the other', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: -1e9, max: 1e9 }), (from, seconds) => {
        assert.equal(secondsBetween(from, addSeconds(from, seconds)), seconds);
      }),
    );
  });

  test('are cut towards zero, to the last nanosecond of a long span', () => {
    const start = instant('1970-01-01T00:00:00Z');
    const almost = instant('2033-05-18T03:33:19.999999999Z');
    assert.equal(secondsBetween(start, almost), 1_999_999_999);
    assert.equal(secondsBetween(almost, start), -1_999_999_999);
  });

  test('before and later agree', () => {
    fc.assert(
      fc.property(instants, instants, (left, right) => {
        assert.equal(isBefore(left, right), nanosecondsBetween(left, right) > 0n);
        assert.ok(!isBefore(laterOf(left, right), left));
        assert.ok(!isBefore(laterOf(left, right), right));
      }),
    );
  });
});

function nanosecondsBetween(left: Temporal.Instant, right: Temporal.Instant): bigint {
  return right.epochNanoseconds - left.epochNanoseconds;
}

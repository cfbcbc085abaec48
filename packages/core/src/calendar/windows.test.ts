import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import { addSeconds, isBefore } from './business-time.ts';
import { type DailyWindow, isInside, nextInside } from './windows.ts';

const SECONDS_PER_DAY = 86_400;
const instant = (text: string) => Temporal.Instant.from(text);

function window(from: string, until: string, zone = 'Asia/Shanghai'): DailyWindow {
  return { from: Temporal.PlainTime.from(from), until: Temporal.PlainTime.from(until), zone };
}

describe('the hours of a day in which something may happen', () => {
  const day = window('07:00', '22:00');
  const cases: readonly (readonly [string, string, boolean, string])[] = [
    ['before it opens', '2026-03-09T22:59:59Z', false, '2026-03-09T23:00:00Z'],
    ['at the opening', '2026-03-09T23:00:00Z', true, '2026-03-09T23:00:00Z'],
    ['just before the close', '2026-03-10T13:59:59.999Z', true, '2026-03-10T13:59:59.999Z'],
    ['at the close', '2026-03-10T14:00:00Z', false, '2026-03-10T23:00:00Z'],
    ['at night of a month end', '2026-02-28T15:30:00Z', false, '2026-02-28T23:00:00Z'],
  ];
  for (const [name, at, inside, next] of cases) {
    test(name, () => {
      assert.equal(isInside(day, instant(at)), inside);
      assert.equal(nextInside(day, instant(at)).toString(), next);
    });
  }

  test('an opening that the clock skips comes an hour later', () => {
    const early = window('02:30', '05:00', 'America/New_York');
    const night = instant('2026-03-08T05:00:00Z');
    assert.equal(nextInside(early, night).toString(), '2026-03-08T07:30:00Z');
    assert.ok(isInside(early, nextInside(early, night)));
  });

  const minutes = fc.integer({ min: 0, max: 1_438 });
  const windows = fc
    .tuple(minutes, minutes, fc.constantFrom('Asia/Shanghai', 'UTC', 'Asia/Kolkata'))
    .filter(([from, until]) => from !== until)
    .map(([one, other, zone]) => {
      const midnight = Temporal.PlainTime.from('00:00');
      const [from, until] = [Math.min(one, other), Math.max(one, other)];
      return {
        from: midnight.add({ minutes: from }),
        until: midnight.add({ minutes: until }),
        zone,
      };
    });
  const instants = fc
    .integer({ min: 1_700_000_000, max: 1_900_000_000 })
    .map((seconds) => Temporal.Instant.fromEpochMilliseconds(seconds * 1_000));

  test('the next moment inside is inside, not in the past, and less than a day away', () => {
    fc.assert(
      fc.property(windows, instants, (some, at) => {
        const next = nextInside(some, at);
        assert.ok(isInside(some, next));
        assert.ok(!isBefore(next, at));
        assert.ok(isBefore(next, addSeconds(at, SECONDS_PER_DAY)));
        if (!next.equals(at)) assert.ok(!isInside(some, addSeconds(next, -1)));
      }),
    );
  });

  for (const [from, until] of [
    ['22:00', '02:00'],
    ['07:00', '07:00'],
  ] as const) {
    test(`${from} to ${until} would never open, so it is our bug`, () => {
      assert.throws(
        () => isInside(window(from, until), instant('2026-01-01T00:00:00Z')),
        InvariantBroken,
      );
      assert.throws(
        () => nextInside(window(from, until), instant('2026-01-01T00:00:00Z')),
        InvariantBroken,
      );
    });
  }
});

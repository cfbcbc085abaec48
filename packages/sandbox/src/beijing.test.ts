import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  addDays,
  addMonths,
  dateOf,
  formatCompact,
  formatDashed,
  formatOffset,
  minutesOfDay,
  parseDashed,
  startOfDate,
} from './beijing.ts';
import { feeOf, formatYuan, parseMinor, parseYuan } from './money.ts';

describe('Beijing time', () => {
  const moment = Date.parse('2026-11-30T23:05:09Z');

  test('one instant in every form that the rails use', () => {
    assert.equal(formatDashed(moment), '2026-12-01 07:05:09');
    assert.equal(formatCompact(moment), '20261201070509');
    assert.equal(formatOffset(moment), '2026-12-01T07:05:09+08:00');
    assert.equal(dateOf(moment), '2026-12-01');
    assert.equal(minutesOfDay(moment), 7 * 60 + 5);
  });

  test('dates that do not exist are not dates', () => {
    for (const wrong of ['2026-02-29', '2026-13-01', '2026-1-1', '20261201', '']) {
      assert.ok(Number.isNaN(startOfDate(wrong)), wrong);
    }
  });

  test('days and months are added over the ends of months and years', () => {
    assert.equal(addDays('2026-12-31', 1), '2027-01-01');
    assert.equal(addDays('2028-03-01', -1), '2028-02-29');
    assert.equal(addMonths('2026-12-28', 3), '2027-03-28');
  });

  test('what is written is read back to the same second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        assert.equal(parseDashed(formatDashed(seconds * 1000)), seconds * 1000);
      }),
    );
  });
});

describe('amounts', () => {
  test('yuan that is written is read back to the same 分', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 99_999_999_999n }), (minor) => {
        assert.equal(parseYuan(formatYuan(minor)), minor);
      }),
    );
  });

  test('texts that are not positive amounts are refused', () => {
    for (const wrong of ['0', '0.00', '-1', '1.234', '1e3', '', ' 1', undefined, null, {}]) {
      assert.equal(parseYuan(wrong), undefined, String(wrong));
    }
    for (const wrong of ['0', '01', '1.5', '-3', '', undefined]) {
      assert.equal(parseMinor(wrong), undefined, String(wrong));
    }
  });

  test('a fee is rounded half up to the 分', () => {
    assert.equal(feeOf(1990, 60n), 12n);
    assert.equal(feeOf(75, 60n), 0n);
    assert.equal(feeOf(84, 60n), 1n);
    assert.equal(formatYuan(-5n), '-0.05');
  });
});

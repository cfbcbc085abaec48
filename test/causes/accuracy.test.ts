import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { labelledHistories, labelledHistory } from '../kit/arrears-histories.ts';
import { accuracyOf, measure, tableOf } from './measure.ts';

const RANGES = [
  { what: 'the histories that the rules were made by', from: 1, until: 500 },
  { what: 'the histories that were kept for the end', from: 501, until: 1_000 },
] as const;

for (const { what, from, until } of RANGES) {
  describe(what, () => {
    const measured = measure(labelledHistories(from, until));
    const table = tableOf(measured);

    test('the primary cause is right in 95 % of those with one cause', () => {
      assert.ok(measured.singles.of >= 390);
      assert.ok(accuracyOf(measured.singles) >= 9_500, table);
    });

    test('both causes are among the first two in 90 % of the mixtures', () => {
      assert.ok(measured.mixtures.of >= 90);
      assert.ok(accuracyOf(measured.both) >= 9_000, table);
      assert.ok(accuracyOf(measured.mixtures) >= 9_500, table);
    });

    test('no cause is left to luck: each is right in 85 % of its own', () => {
      for (const [cause, found] of measured.confusion) {
        const of = [...found.values()].reduce((sum, one) => sum + one, 0);
        const right = found.get(cause) ?? 0;
        assert.ok(of >= 15, `${cause} is there often enough to say anything`);
        assert.ok(accuracyOf({ right, of }) >= 8_500, table);
      }
    });
  });
}

test('a seed is the same history on every run', () => {
  assert.deepEqual(labelledHistory(77), labelledHistory(77));
});

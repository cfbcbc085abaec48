import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ARREARS_CAUSES, type ArrearsCauseKind, WHOLE } from './cause.ts';
import { computeCauseShares } from './report.ts';

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

test('shares by count and by amount, each cause in its place', () => {
  // Two invoices: ¥100 forgotten; ¥300, of which growth has 90 % and the balance 10 %.
  const rows = computeCauseShares([
    {
      group: '',
      cause: 'forgot',
      currency: 'CNY',
      primary: 1,
      basisPoints: 10_000n,
      weighted: 10_000n * 10_000n,
    },
    {
      group: '',
      cause: 'growth',
      currency: 'CNY',
      primary: 1,
      basisPoints: 9_000n,
      weighted: 30_000n * 9_000n,
    },
    {
      group: '',
      cause: 'insufficient_balance',
      currency: 'CNY',
      primary: 0,
      basisPoints: 1_000n,
      weighted: 30_000n * 1_000n,
    },
  ]);
  assert.deepEqual(
    rows.map(({ cause }) => cause),
    ARREARS_CAUSES,
  );
  assert.deepEqual(
    rows
      .filter(({ shareOfCount }) => shareOfCount > 0n)
      .map((row) => [
        row.cause,
        row.invoices,
        row.shareOfCount,
        row.amount.minor,
        row.shareOfAmount,
      ]),
    [
      ['forgot', 1, 5_000n, 10_000n, 2_500n],
      ['insufficient_balance', 0, 500n, 3_000n, 750n],
      ['growth', 1, 4_500n, 27_000n, 6_750n],
    ],
  );
});

test('whatever the sums: the shares of a group are the whole, its amounts what was owed', () => {
  const causes = fc.constantFrom<ArrearsCauseKind>(...ARREARS_CAUSES);
  const invoice = fc.record({
    group: fc.constantFrom('', 'one', 'two'),
    owed: fc.bigInt(1n, 10n ** 9n),
    first: causes,
    second: causes,
    share: fc.bigInt(1n, 9_999n),
  });
  fc.assert(
    fc.property(fc.array(invoice, { minLength: 1, maxLength: 30 }), (invoices) => {
      const sums = new Map<string, { points: bigint; weighted: bigint; primary: number }>();
      for (const { group, owed, first, second, share } of invoices) {
        for (const [cause, points] of [
          [first, share],
          [second, WHOLE - share],
        ] as const) {
          const key = `${group}|${cause}`;
          const known = sums.get(key) ?? { points: 0n, weighted: 0n, primary: 0 };
          known.points += points;
          known.weighted += points * owed;
          sums.set(key, known);
        }
      }
      const rows = computeCauseShares(
        [...sums].map(([key, { points, weighted, primary }]) => {
          const [group = '', cause] = key.split('|');
          const kind = cause as ArrearsCauseKind;
          return { group, cause: kind, currency: 'CNY', primary, basisPoints: points, weighted };
        }),
      );
      for (const [group, own] of Map.groupBy(rows, (row) => row.group)) {
        const owed = sum(invoices.filter((one) => one.group === group).map((one) => one.owed));
        assert.equal(sum(own.map(({ shareOfCount }) => shareOfCount)), WHOLE);
        assert.equal(sum(own.map(({ shareOfAmount }) => shareOfAmount)), WHOLE);
        assert.equal(sum(own.map(({ amount }) => amount.minor)), owed);
      }
    }),
  );
});

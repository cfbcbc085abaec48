import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import { assertBalanced, computeTrialBalance, isTrialBalanced } from './balances.ts';
import type { Entry, Journal } from './journal.ts';

function journalOf(...entries: readonly Entry[]): Journal {
  return {
    id: `jrn_${'0'.repeat(32)}`,
    merchantId: `mer_${'0'.repeat(32)}`,
    template: 'rail_fee',
    sourceId: `bil_${'0'.repeat(32)}`,
    businessDate: Temporal.PlainDate.from('2026-03-10'),
    currency: 'CNY',
    entries,
    postedAt: Temporal.Instant.from('2026-03-10T00:00:00Z'),
  };
}
const entry = (account: string, minor: bigint): Entry => ({ account, minor });

describe('a journal that may stand in the books', () => {
  test('sums to zero over two or more entries', () => {
    assertBalanced(journalOf(entry('1122', 106n), entry('2205', -100n), entry('2221.01', -6n)));
  });

  const broken: readonly (readonly [string, readonly Entry[]])[] = [
    ['no entries', []],
    ['one entry', [entry('1122', 1n)]],
    ['an entry of zero', [entry('1122', 1n), entry('2205', -1n), entry('2221.01', 0n)]],
    ['one fen too much', [entry('1122', 107n), entry('2205', -106n)]],
  ];
  for (const [name, entries] of broken) {
    test(`${name} may not`, () => {
      assert.throws(() => assertBalanced(journalOf(...entries)), InvariantBroken);
    });
  }
});

describe('the trial balance', () => {
  test('of a month: invoiced, paid in part, fee kept', () => {
    const entries = [
      entry('1122', 106_000n),
      entry('2205', -100_000n),
      entry('2221.01', -6_000n),
      entry('1012.01', 53_000n),
      entry('1122', -53_000n),
      entry('6603', 318n),
      entry('1012.01', -318n),
    ];
    assert.deepEqual(computeTrialBalance(entries), [
      { account: '1012.01', debitMinor: 53_000n, creditMinor: 318n },
      { account: '1122', debitMinor: 106_000n, creditMinor: 53_000n },
      { account: '2205', debitMinor: 0n, creditMinor: 100_000n },
      { account: '2221.01', debitMinor: 0n, creditMinor: 6_000n },
      { account: '6603', debitMinor: 318n, creditMinor: 0n },
    ]);
    assert.ok(isTrialBalanced(computeTrialBalance(entries)));
  });

  test('of no entries has no rows and balances', () => {
    assert.deepEqual(computeTrialBalance([]), []);
    assert.ok(isTrialBalanced([]));
  });

  const entryLists = fc.array(
    fc.record({
      account: fc.constantFrom('1012.01', '1122', '2205', '6603'),
      minor: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
    }),
  );

  test('balances exactly when the entries sum to zero, and keeps every fen', () => {
    fc.assert(
      fc.property(entryLists, fc.boolean(), (some, close) => {
        const total = some.reduce((left, { minor }) => left + minor, 0n);
        const entries = close ? [...some, entry('4104', -total)] : some;
        const rows = computeTrialBalance(entries);
        assert.equal(isTrialBalanced(rows), close || total === 0n);
        for (const { account, debitMinor, creditMinor } of rows) {
          assert.ok(debitMinor >= 0n && creditMinor >= 0n);
          const own = entries.filter((candidate) => candidate.account === account);
          const balance = own.reduce((left, { minor }) => left + minor, 0n);
          assert.equal(debitMinor - creditMinor, balance);
        }
      }),
    );
  });
});

import { invariant } from '../result/invariant.ts';
import type { Entry, Journal } from './journal.ts';

/** What one account took in: both sides are zero or more, in the smallest unit. */
export type TrialBalanceRow = {
  readonly account: string;
  readonly debitMinor: bigint;
  readonly creditMinor: bigint;
};

/** What `entries` sum to; zero when they balance. */
export function sumEntries(entries: readonly Entry[]): bigint {
  return entries.reduce((total, entry) => total + entry.minor, 0n);
}

/** Stops when a journal cannot stand in the books: unbalanced, empty, or with a zero entry. */
export function assertBalanced(journal: Journal): void {
  invariant(journal.entries.length >= 2, 'a journal has at least two entries');
  invariant(
    journal.entries.every((entry) => entry.minor !== 0n),
    'a journal has no entry of zero',
  );
  invariant(sumEntries(journal.entries) === 0n, `the journal ${journal.template} sums to zero`);
}

/**
 * The trial balance (试算平衡表) of entries of one currency: a row per account that has entries, by
 * code. Debits and credits are turnovers, not netted; over all rows they are equal when every
 * journal is balanced.
 */
export function computeTrialBalance(entries: Iterable<Entry>): readonly TrialBalanceRow[] {
  const rows = new Map<string, { debitMinor: bigint; creditMinor: bigint }>();
  for (const { account, minor } of entries) {
    const row = rows.get(account) ?? { debitMinor: 0n, creditMinor: 0n };
    if (minor >= 0n) row.debitMinor += minor;
    else row.creditMinor -= minor;
    rows.set(account, row);
  }
  return [...rows]
    .map(([account, row]) => ({ account, ...row }))
    .sort((left, right) => (left.account < right.account ? -1 : 1));
}

/** Whether debits and credits of a trial balance are equal (I5). */
export function isTrialBalanced(rows: readonly TrialBalanceRow[]): boolean {
  return rows.reduce((total, row) => total + row.debitMinor - row.creditMinor, 0n) === 0n;
}

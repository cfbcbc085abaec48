import type { Money } from '../money/money.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Debit } from './debit.ts';
import { type DebitRefusal, debitRefusal } from './refusals.ts';

/** When a debit is so unlike what the customer paid before that a person looks at it first. */
export type AmountGuard = {
  /** How many times the median of the last debits is still like them. */
  readonly times: bigint;
  /** Debits up to this amount, in the smallest unit, are let through whatever came before. */
  readonly fromMinor: bigint;
  /** Successful debits of the customer that are looked at. */
  readonly lookBack: number;
  /** Successful debits that there must be before the guard begins to judge. */
  readonly atLeast: number;
};

/** Three times the median of the last six, from 100.00 on, from the third debit on. */
export const DEFAULT_AMOUNT_GUARD: AmountGuard = {
  times: 3n,
  fromMinor: 10_000n,
  lookBack: 6,
  atLeast: 2,
};

/**
 * Whether the amount of a debit is like what the customer paid before. `history` are the amounts of
 * the customer's last successful debits in the same currency, in any order. A debit that a person
 * released passes.
 */
export function checkHistory(
  debit: Pick<Debit, 'amount' | 'released'>,
  history: readonly Money[],
  guard: AmountGuard,
): Result<true, DebitRefusal> {
  if (debit.released !== undefined || debit.amount.minor <= guard.fromMinor) return ok(true);
  const paid = history
    .filter(({ currency }) => currency === debit.amount.currency)
    .slice(0, guard.lookBack)
    .map(({ minor }) => minor);
  const median = medianOf(paid);
  if (median === undefined || paid.length < guard.atLeast) return ok(true);
  if (debit.amount.minor <= median * guard.times) return ok(true);
  return refuse(debitRefusal('amount_unlike_history'));
}

/** The middle one; of an even number the lower of the two, which is the stricter. */
export function medianOf(amounts: readonly bigint[]): bigint | undefined {
  const sorted = amounts.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[(sorted.length - 1) >> 1];
}

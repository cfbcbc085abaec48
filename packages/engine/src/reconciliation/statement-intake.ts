import { type BankStatement, ok, type Refusal, type Result } from '@daikou/core';
import type { Job } from '../job.ts';
import { claimCertain } from '../payment/claim.ts';
import { importBankStatement } from './bank.ts';

/** What taking in the statements of one file did. */
export type StatementIntake = {
  readonly statements: number;
  /** Statements that were taken in before: nothing of them is new. */
  readonly known: number;
  /** Lines that were new to the account. */
  readonly added: number;
  /** Payouts of rails that arrived. */
  readonly matched: number;
  /** Lines that were booked as customers' payments without a person. */
  readonly claimed: number;
};

/**
 * Takes in the statements of one bank file, matches the payouts of rails, and books what needs no
 * person. The same file again changes nothing. A statement that does not prove itself is refused
 * whole; those before it in the file stay.
 */
export async function takeInStatements(
  job: Job,
  statements: readonly BankStatement[],
): Promise<Result<StatementIntake, Refusal>> {
  let known = 0;
  let added = 0;
  let matched = 0;
  for (const statement of statements) {
    const taken = await importBankStatement(job, statement);
    if (!taken.ok) return taken;
    if (taken.value.isKnown) known += 1;
    added += taken.value.added;
    matched += taken.value.matched;
  }
  const claimed = await claimCertain(job);
  return ok({ statements: statements.length, known, added, matched, claimed });
}

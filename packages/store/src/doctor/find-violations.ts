import { fromUuid, type Violation } from '@daikou/core';
import { sql } from 'kysely';
import type { Database } from '../array-write.ts';
import { limitOf } from '../pages.ts';
import { findUnauthorisedAttempts } from './authority.ts';
import { findMisplacedRows } from './buckets.ts';
import type { Check } from './check.ts';
import { findRisesWithoutConsent } from './consents.ts';
import { findUnbalancedBooks } from './conservation.ts';
import { findWrongCredits } from './credits.ts';
import { findChangedEnds } from './ends.ts';
import { findWrongHandPayments } from './hand-payments.ts';
import { findAttemptsBeforeIntent } from './intent.ts';
import { findForgottenEnds } from './mandate-ends.ts';
import { findCollectedTwice } from './once.ts';
import { findWrongBills } from './one-bill.ts';
import { findWrongPayers } from './organisations.ts';
import { findWrongRefunds } from './refunds.ts';
import { findBrokenSequences } from './sequences.ts';
import { findWrongSums } from './sums.ts';
import { findNewWhileOpen } from './unknown-is-open.ts';
import { findWrongUsage } from './usage.ts';

/** Every check, in the order of the invariants. */
export const CHECKS: readonly Check[] = [
  ...findCollectedTwice,
  ...findAttemptsBeforeIntent,
  ...findNewWhileOpen,
  ...findChangedEnds,
  ...findUnbalancedBooks,
  ...findWrongRefunds,
  ...findWrongHandPayments,
  ...findUnauthorisedAttempts,
  ...findForgottenEnds,
  ...findWrongBills,
  ...findWrongCredits,
  ...findWrongSums,
  ...findMisplacedRows,
  ...findWrongPayers,
  ...findRisesWithoutConsent,
  ...findBrokenSequences,
  ...findWrongUsage,
];

/**
 * Every invariant that rows can break, over all merchants, in one read-only picture of the
 * database; at most `limit` violations for each check.
 */
export async function findViolations(db: Database, limit: number): Promise<readonly Violation[]> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      const violations: Violation[] = [];
      for (const check of CHECKS) {
        const { rows } = await sql<{ id: string; sentence: string }>`
          select id, sentence from (${check.find}) as found limit ${limitOf(limit)}`.execute(
          transaction,
        );
        for (const { id, sentence } of rows) {
          violations.push({
            invariant: check.invariant,
            table: check.table,
            id: fromUuid(check.prefix, id),
            sentence,
          });
        }
      }
      return violations;
    });
}

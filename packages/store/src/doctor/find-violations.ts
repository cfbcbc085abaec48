import { fromUuid, type Violation } from '@daikou/core';
import { sql } from 'kysely';
import type { Database } from '../array-write.ts';
import { toInstant } from '../columns.ts';
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
import { findWrongLateFees } from './late-fees.ts';
import { findForgottenEnds } from './mandate-ends.ts';
import { findCollectedTwice } from './once.ts';
import { findWrongBills } from './one-bill.ts';
import { findWrongPayers } from './organisations.ts';
import { findWrongRefunds } from './refunds.ts';
import { findBrokenSequences } from './sequences.ts';
import { findWrongStops } from './service.ts';
import { findWrongSums } from './sums.ts';
import { findWrongTopUps } from './top-ups.ts';
import { findForgottenNotices } from './undelivered.ts';
import { findNewWhileOpen } from './unknown-is-open.ts';
import { findWrongUsage } from './usage.ts';

/** Every check, in the order of the invariants. */
export const CHECKS: readonly Check[] = [
  ...findCollectedTwice,
  ...findAttemptsBeforeIntent,
  ...findNewWhileOpen,
  ...findWrongStops,
  ...findChangedEnds,
  ...findUnbalancedBooks,
  ...findWrongRefunds,
  ...findWrongHandPayments,
  ...findUnauthorisedAttempts,
  ...findForgottenNotices,
  ...findForgottenEnds,
  ...findWrongBills,
  ...findWrongCredits,
  ...findWrongTopUps,
  ...findWrongLateFees,
  ...findWrongSums,
  ...findMisplacedRows,
  ...findWrongPayers,
  ...findRisesWithoutConsent,
  ...findBrokenSequences,
  ...findWrongUsage,
];

/**
 * Every invariant that rows can break, over all merchants, in one read-only picture of the
 * database; at most `limit` violations for each check. `at` is the moment by which
 * what is overdue and what is late counts, for whoever lives by another clock than the database's
 * (decision 0003); absent: its now. Merchants with a test clock live by that one.
 */
export async function findViolations(
  db: Database,
  limit: number,
  at?: Temporal.Instant,
): Promise<readonly Violation[]> {
  const now = at === undefined ? sql`now()` : sql`${toInstant(at)}::timestamptz`;
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      const violations: Violation[] = [];
      for (const check of CHECKS) {
        const find = typeof check.find === 'function' ? check.find(now) : check.find;
        const { rows } = await sql<{ id: string; sentence: string }>`
          select id, sentence from (${find}) as found limit ${limitOf(limit)}`.execute(transaction);
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

import { bucketOf, type Changes, invariant, type LateFeeTx, type MerchantId } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as lateFees from './arrears/late-fee-statements.ts';

/** What late fees read: one line for each statement function. */
export function lateFeeCalls(db: Database): LateFeeTx {
  return {
    findUnwatchedOverdue: (query) => lateFees.findUnwatchedOverdue(db, query),
    addLateFees: (rows) => lateFees.addLateFees(db, rows),
    claimLateFeesToLook: (claim) => lateFees.claimLateFeesToLook(db, claim),
    loadLateFees: (invoices, lock) => lateFees.loadLateFees(db, invoices, lock),
    loadLateFeeParts: (ids) => lateFees.loadLateFeeParts(db, ids),
    loadWaivers: (ids) => lateFees.loadWaivers(db, ids),
    findLateFeeById: (id) => lateFees.findLateFeeById(db, id),
    loadFirstTries: (invoices) => lateFees.loadFirstTries(db, invoices),
    loadBalancePayments: (invoices) => lateFees.loadBalancePayments(db, invoices),
    loadLateFeesSince: (customers, since) => lateFees.loadLateFeesSince(db, customers, since),
  };
}

/** Writes late fees after the invoices and lines that they name. */
export async function saveLateFeesOf(
  db: Database,
  merchant: MerchantId,
  changes: Changes,
): Promise<void> {
  const { lateFees: fees = [], newLateFeeLines: added = [], lateFeeLines: known = [] } = changes;
  const { lateFeeWaivers: waivers = [] } = changes;
  for (const { id, customerId } of [...fees, ...waivers]) {
    invariant(bucketOf(id) === bucketOf(customerId), `${id} is made in its customer's bucket`);
  }
  if (fees.length > 0) await lateFees.saveLateFees(db, fees);
  if (added.length > 0) await lateFees.saveLateFeeLines(db, added, { merchant, rule: 'add' });
  if (known.length > 0) await lateFees.saveLateFeeLines(db, known, { merchant, rule: 'replace' });
  if (waivers.length > 0) await lateFees.saveWaivers(db, waivers);
}

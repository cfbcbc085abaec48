import { bucketOf, type Changes, type CheckupTx, invariant } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as facts from './checkup/facts.ts';
import { planLooks } from './checkup/queue.ts';
import * as checkups from './checkup/statements.ts';
import { loadNoticesOf } from './notice/statements.ts';

/** What checks before debits and self-audits read: one line for each statement function. */
export function checkupCalls(db: Database): CheckupTx {
  return {
    claimCheckups: (claim) => checkups.claimCheckups(db, claim),
    lockCheckups: (ids) => checkups.lockCheckups(db, ids),
    loadCheckupsOf: (invoices) => checkups.loadCheckupsOf(db, invoices),
    listCheckups: (page) => checkups.listCheckups(db, page),
    loadFindingsOf: (ids) => checkups.loadFindingsOf(db, ids),
    findFinding: (id) => checkups.findFinding(db, id),
    loadOpenFindings: (customers) => checkups.loadOpenFindings(db, customers),
    loadCheckupHolds: (invoices) => checkups.loadCheckupHolds(db, invoices),
    loadRunningSubscriptions: (customers) => facts.loadRunningSubscriptions(db, customers),
    loadUpcoming: (customers) => facts.loadUpcoming(db, customers),
    loadLastRefusals: (mandates) => facts.loadLastRefusals(db, mandates),
    loadOpenDrifts: (mandates) => facts.loadOpenDrifts(db, mandates),
    loadNoticesOfDebits: (debits) => loadNoticesOf(db, debits),
    loadConsentsOf: (customers) => facts.loadConsentsOf(db, customers),
    loadApprovals: (customers) => facts.loadApprovals(db, customers),
    claimSelfAudits: (claim) => checkups.claimSelfAudits(db, claim),
  };
}

/** Writes checkups and findings, and plans the looks that the other changes ask for. */
export async function saveCheckupsOf(db: Database, changes: Changes): Promise<void> {
  const { checkups: rows = [], checkupFindings: findings = [], selfAudits = [] } = changes;
  for (const { id, customerId } of [...rows, ...findings]) {
    invariant(bucketOf(id) === bucketOf(customerId), `${id} is made in its customer's bucket`);
  }
  if (rows.length > 0) await checkups.saveCheckups(db, rows);
  if (findings.length > 0) await checkups.saveFindings(db, findings);
  if (selfAudits.length > 0) await checkups.saveSelfAudits(db, selfAudits);
  await planLooks(db, changes);
}

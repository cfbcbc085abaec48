import { bucketOf, type Changes, invariant, type TopUpTx } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as topUps from './entitlement/top-ups.ts';

/** What top-ups read: one line for each statement function. */
export function topUpCalls(db: Database): TopUpTx {
  return {
    claimTopUpRules: (claim) => topUps.claimRules(db, claim),
    lockTopUpRules: (customer) => topUps.lockRules(db, customer),
    findTopUpsDue: (claim) => topUps.findTopUpsDue(db, claim),
    lockTopUp: (id) => topUps.lockTopUp(db, id),
    lockTopUpsOf: (invoices) => topUps.lockTopUpsOf(db, invoices),
    listTopUps: (customer, limit) => topUps.listTopUps(db, customer, limit),
    loadTopUpUse: (customer, month) => topUps.loadTopUpUse(db, customer, month),
  };
}

/** Writes top-ups after the invoices and grants that they name. */
export async function saveTopUpsOf(db: Database, changes: Changes): Promise<void> {
  const { topUpRules = [], topUps: rows = [] } = changes;
  for (const { id, customerId } of [...topUpRules, ...rows]) {
    invariant(bucketOf(id) === bucketOf(customerId), `${id} is made in its customer's bucket`);
  }
  // What was stopped makes room for the one in its place.
  const ended = topUpRules.filter(({ stopped }) => stopped !== undefined);
  const inForce = topUpRules.filter(({ stopped }) => stopped === undefined);
  if (ended.length > 0) await topUps.saveRules(db, ended);
  if (inForce.length > 0) await topUps.saveRules(db, inForce);
  if (rows.length > 0) await topUps.saveTopUps(db, rows);
}

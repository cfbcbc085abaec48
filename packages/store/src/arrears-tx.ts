import { type ArrearsTx, bucketOf, type Changes, invariant, type MerchantId } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as arrears from './arrears/statements.ts';
import { loadArrearsFacts } from './entitlement/arrears-facts.ts';
import * as alerts from './entitlement/balance-alerts.ts';
import { loadEntitlementFacts } from './entitlement/facts.ts';
import * as overrides from './entitlement/overrides.ts';

/** What arrears and entitlements read and write: one line for each statement function. */
export function arrearsCalls(db: Database, merchant: MerchantId): ArrearsTx {
  return {
    watchOverdue: (query) => arrears.watchOverdue(db, query),
    claimArrearsToLook: (claim) => arrears.claimArrearsToLook(db, claim),
    loadArrearsFacts: (customers, at) => loadArrearsFacts(db, customers, at),
    loadArrears: (customers) => arrears.loadArrears(db, customers),
    listArrears: (page) => arrears.listArrears(db, page),
    lookAtArrearsNow: (customers) => arrears.lookAtArrearsNow(db, customers),
    loadDisputes: (customers) => overrides.loadDisputes(db, customers),
    lockOverrides: (ids) => overrides.lockOverrides(db, ids),
    listOverrides: (page) => overrides.listOverrides(db, page),
    claimBalanceAlerts: (claim) => alerts.claimBalanceAlerts(db, claim),
    listBalanceAlerts: (customer) => alerts.listBalanceAlerts(db, customer),
    removeBalanceAlert: (customer, currency) => alerts.removeBalanceAlert(db, customer, currency),
    loadBalanceUse: (customer, about) => alerts.loadBalanceUse(db, customer, about),
    loadEntitlementFacts: (query) => loadEntitlementFacts(db, merchant, query),
  };
}

export async function saveArrearsOf(db: Database, changes: Changes): Promise<void> {
  const { arrears: states = [], overrides: granted = [] } = changes;
  for (const { id, customerId } of granted) {
    invariant(bucketOf(id) === bucketOf(customerId), `${id} is made in its customer's bucket`);
  }
  if (granted.length > 0) await overrides.saveOverrides(db, granted);
  const { balanceAlerts = [] } = changes;
  if (balanceAlerts.length > 0) await alerts.saveBalanceAlerts(db, balanceAlerts);
  if (states.length > 0) await arrears.saveArrears(db, states);
}

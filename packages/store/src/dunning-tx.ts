import { bucketOf, type Changes, type DunningTx, invariant } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as money from './dunning/money.ts';
import * as cases from './dunning/statements.ts';

/** What chasing arrears reads: one line for each statement function. */
export function dunningCalls(db: Database): DunningTx {
  return {
    loadDunningCases: (ids) => cases.loadDunningCases(db, ids),
    lockDunningCases: (ids) => cases.loadDunningCases(db, ids, 'lock'),
    findOpenDunningCases: (customers) => cases.findOpenDunningCases(db, customers),
    listDunningCases: (page) => cases.listDunningCases(db, page),
    claimDunningCases: (claim) => cases.claimDunningCases(db, claim),
    findNewlyOverdue: (query) => cases.findNewlyOverdue(db, query),
    loadOverdueInvoices: (customer, today) => cases.loadOverdueInvoices(db, customer, today),
    findChasedInvoices: (invoices) => cases.findChasedInvoices(db, invoices),
    loadTriesOfInvoices: (invoices) => money.loadTriesOfInvoices(db, invoices),
    findMovingMoney: (customer, about) => money.findMovingMoney(db, customer, about),
    loadPaidTimes: (customer, limit) => money.loadPaidTimes(db, customer, limit),
  };
}

/** Writes cases and what was seen, after the invoices; a payment wakes its case in its commit. */
export async function saveDunning(db: Database, changes: Changes): Promise<void> {
  const { dunningCases = [], seenOverdue = [], invoices = [] } = changes;
  for (const { id, customerId } of dunningCases) {
    invariant(bucketOf(id) === bucketOf(customerId), `${id} is made in its customer's bucket`);
  }
  await cases.wakeDunningCases(db, invoices);
  if (dunningCases.length > 0) await cases.saveDunningCases(db, dunningCases);
  if (seenOverdue.length > 0) await cases.saveSeenOverdue(db, seenOverdue);
}

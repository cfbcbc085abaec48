import type { CauseTx, Changes } from '@daikou/core';
import type { Database } from './array-write.ts';
import { findRailIncidents, loadArrearsRows } from './cause/facts.ts';
import * as findings from './cause/findings.ts';

/** What arrears causes read: one line for each statement function. */
export function causeCalls(db: Database): CauseTx {
  return {
    findUnexplainedArrears: (query) => findings.findUnexplainedArrears(db, query),
    findEndedArrears: (query) => findings.findEndedArrears(db, query),
    loadArrearsRows: (query) => loadArrearsRows(db, query),
    findRailIncidents: (query) => findRailIncidents(db, query),
    loadFindings: (invoices) => findings.loadFindings(db, invoices),
    sumCauses: (query) => findings.sumCauses(db, query),
  };
}

/** Adds findings, after the invoices that they are about. */
export async function saveCauses(db: Database, { arrearsFindings = [] }: Changes): Promise<void> {
  if (arrearsFindings.length > 0) await findings.saveFindings(db, arrearsFindings);
}

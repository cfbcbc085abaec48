import type { RoutingTx } from '@daikou/core';
import type { Database } from './array-write.ts';
import { bundleDebits } from './debit/bundles.ts';
import * as routing from './debit/routing.ts';
import * as brakes from './mandate/brakes.ts';
import * as drifts from './mandate/drifts.ts';
import * as ends from './mandate/ends.ts';
import { loadMandatesOf } from './mandate/statements.ts';

/** What routing, ends and sweeps read and write: one line for each statement function. */
export function routingCalls(db: Database): RoutingTx {
  return {
    loadMandatesOf: (customers) => loadMandatesOf(db, customers),
    loadAttemptsByMandate: (ids, since) => routing.loadAttemptsByMandate(db, ids, since),
    loadPaidHistory: (customers, limit) => routing.loadPaidHistory(db, customers, limit),
    loadRefusedMandates: (invoices) => routing.loadRefusedMandates(db, invoices),
    savePlannedDates: (dates) => routing.savePlannedDates(db, dates),
    claimDebitsToReplan: async (claim) =>
      bundleDebits(db, await routing.claimDebitsToReplan(db, claim)),
    loadDebitsPlannedOn: (query) => routing.loadDebitsPlannedOn(db, query),
    listDebitsBlockedBy: (reason, page) => routing.listDebitsBlockedBy(db, reason, page),
    saveMandateEnds: (rows) => ends.saveMandateEnds(db, rows),
    findMandateEnd: (mandate) => ends.findMandateEnd(db, mandate),
    claimMandateEnds: (claim) => ends.claimMandateEnds(db, claim),
    loadMandatesToSweep: (query) => drifts.loadMandatesToSweep(db, query),
    addDrifts: (rows) => drifts.addDrifts(db, rows),
    resolveDrifts: (mandates, kind, at) => drifts.resolveDrifts(db, { mandates, kind, at }),
    listDrifts: (page) => drifts.listDrifts(db, page),
    findOpenBrakes: () => brakes.findOpenBrakes(db),
    saveBrakes: (rows) => brakes.saveBrakes(db, rows),
    listAttempts: (page) => routing.listAttempts(db, page),
    findAttempt: (id) => routing.findAttempt(db, id),
  };
}

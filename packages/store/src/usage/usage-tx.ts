import type { MerchantId, UsageTx } from '@daikou/core';
import type { Database } from '../array-write.ts';
import * as billed from './billed.ts';
import * as events from './events.ts';
import * as meters from './meters.ts';
import * as packs from './packs.ts';
import * as rollups from './rollups.ts';
import * as thresholds from './thresholds.ts';

/** The usage part of the port's transaction: one line for each statement function. */
export function usageCalls(db: Database, merchant: MerchantId): UsageTx {
  return {
    addMeter: (meter) => meters.addMeter(db, meter),
    loadMeters: () => meters.loadMeters(db),
    findCustomerIds: (references) => events.findCustomerIds(db, { merchant, references }),
    appendUsage: (batch) => events.appendUsage(db, batch),
    claimUsageBatches: (claim) => events.claimUsageBatches(db, claim),
    setUsageBatchAside: (batch, why) => events.setUsageBatchAside(db, { batch, ...why }),
    reopenUsageBatches: () => events.reopenUsageBatches(db),
    loadUsageEvents: (batches) => events.loadUsageEvents(db, batches),
    growRollups: (increments) => rollups.growRollups(db, merchant, increments),
    lockRollups: (keys) => rollups.lockRollups(db, merchant, keys),
    saveRollupStates: (states) => rollups.saveRollupStates(db, merchant, states),
    closeUsageBatches: (batches, foldedAt) => events.closeUsageBatches(db, { batches, foldedAt }),
    countUnfoldedUsage: () => events.countUnfoldedUsage(db),
    purgeUsage: (before, limit) => events.purgeUsage(db, { before, limit }),
    loadUsage: (queries) => rollups.loadUsage(db, merchant, queries),
    saveUsageBilled: (rows) => billed.saveUsageBilled(db, rows),
    loadUsageBilled: (items, sincePeriodEnd) =>
      billed.loadUsageBilled(db, { items, sincePeriodEnd }),
    deleteUsageBilled: (invoices) => billed.deleteUsageBilled(db, invoices),
    saveResourcePacks: (rows) => packs.saveResourcePacks(db, rows),
    lockResourcePacks: (customers, validAfter) =>
      packs.lockResourcePacks(db, { customers, validAfter }),
    loadResourcePacks: (customer) => packs.loadResourcePacks(db, customer),
    savePackBurns: (burns) => packs.savePackBurns(db, merchant, burns),
    loadPackBurns: (invoices) => packs.loadPackBurns(db, invoices),
    releasePackBurns: (invoices) => packs.releasePackBurns(db, invoices),
    saveThresholds: (rows) => thresholds.saveThresholds(db, rows),
    loadThresholds: (customers) => thresholds.loadThresholds(db, customers),
    addCrossings: (crossings) => thresholds.addCrossings(db, crossings),
  };
}

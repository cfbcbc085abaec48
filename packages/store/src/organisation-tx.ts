import { bucketOf, type Changes, invariant, type OrganisationTx } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as customers from './customer/statements.ts';
import * as prices from './subscription/price-changes.ts';
import { addTransfers, loadTransfers } from './subscription/transfers.ts';

/** What organisations, transfers and price changes read: one line for each statement function. */
export function organisationCalls(db: Database): OrganisationTx {
  return {
    lockCustomers: (ids) => customers.lockCustomers(db, ids),
    listChildren: (payer, page) => customers.listChildren(db, payer, page),
    findChildren: (payer, references) => customers.findChildren(db, payer, references),
    listSubscriptionsFor: (beneficiary, page) => prices.listSubscriptionsFor(db, beneficiary, page),
    loadTransfers: (ids) => loadTransfers(db, ids),
    loadPriceChanges: (ids) => prices.loadPriceChanges(db, ids),
    lockPriceChange: (id) => prices.lockPriceChange(db, id),
    listPriceChanges: (page) => prices.listPriceChanges(db, page),
    listSubscriptionsOnVersions: (query) => prices.listSubscriptionsOnVersions(db, query),
    addConsents: (consents) => prices.addConsents(db, consents),
    lockConsents: (keys) => prices.lockConsents(db, keys),
    listConsents: (query) => prices.listConsents(db, query),
    countConsents: (id) => prices.countConsents(db, id),
  };
}

/** Rows that subscriptions refer to: written before them. */
export async function saveCustomersFirst(db: Database, changes: Changes): Promise<void> {
  if (changes.customers !== undefined) await customers.saveCustomers(db, changes.customers);
}

/** Writes transfers, price changes and consents, after the subscriptions that they name. */
export async function saveOrganisations(db: Database, changes: Changes): Promise<void> {
  const { transfers = [], priceChanges = [], priceChangeConsents = [] } = changes;
  for (const { subscriptionId, customerId } of [...transfers, ...priceChangeConsents]) {
    invariant(
      bucketOf(subscriptionId) === bucketOf(customerId),
      `${subscriptionId} lives in its customer's bucket`,
    );
  }
  if (transfers.length > 0) await addTransfers(db, transfers);
  if (priceChanges.length > 0) await prices.savePriceChanges(db, priceChanges);
  if (priceChangeConsents.length > 0) await prices.saveConsents(db, priceChangeConsents);
}

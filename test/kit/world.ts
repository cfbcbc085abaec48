import type { Catalog, Changes, Merchant } from '../../packages/core/src/index.ts';
import { type Life, newCatalog, newEvent, newLife, newMerchant } from './life.ts';
import type { Databases, FreshStore } from './stores.ts';

/** A database with one merchant that sells one plan. */
export type World = {
  readonly store: FreshStore;
  readonly merchant: Merchant;
  readonly catalog: Catalog;
};

/** Each call gives a new merchant in the suite's one database: much faster than a new database. */
export function tenantsOf(databases: Databases): () => Promise<World> {
  let store: Promise<FreshStore> | undefined;
  return async () => {
    store ??= databases.fresh();
    return await newTenant(await store);
  };
}

/** Another merchant in the same database, with the same kind of catalog. */
export async function newTenant(store: FreshStore): Promise<World> {
  const merchant = newMerchant();
  await store.saveMerchant(merchant);
  const catalog = newCatalog();
  await store.transact(merchant.id, (tx) => tx.addToCatalog(catalog));
  return { store, merchant, catalog };
}

/** A whole renewal of one new customer, saved; `change` may alter any part of it before. */
export async function saveLife(
  world: World,
  change: (life: Life) => Partial<Life> = () => ({}),
): Promise<Life> {
  const made = newLife(world.merchant.id, { catalog: world.catalog, lines: 2 });
  const life = { ...made, ...change(made) };
  await world.store.transact(world.merchant.id, async (tx) => {
    await tx.insertNewCustomers([life.customer]);
    await tx.save(changesOf(life));
  });
  return life;
}

export function changesOf(life: Life): Changes {
  return {
    subscriptions: [life.subscription],
    mandates: [life.mandate],
    invoices: [life.invoice],
    debits: [life.debit],
    notices: [life.notice],
    attempts: [life.attempt],
    payments: [life.payment],
    journals: [life.invoiceJournal, life.paymentJournal],
    events: [
      newEvent(life.customer, 'invoice.paid', life.invoice.id),
      newEvent(life.customer, 'payment.received', life.payment.id),
    ],
  };
}

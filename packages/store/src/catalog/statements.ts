import type { Catalog, MerchantId, Plan, PlanId, Price, PriceId, PriceVersion } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, writeRows } from '../array-write.ts';
import {
  fromPlanRow,
  fromPriceRow,
  fromVersionRow,
  toPlanRow,
  toPriceRow,
  toVersionRow,
} from './rows.ts';

export async function loadCatalog(db: Database): Promise<Catalog> {
  const plans = await loadPlans(db);
  const prices = await loadPrices(db);
  const rows = await readRows(
    db,
    'price_versions',
    sql`
    select * from price_versions order by price_id, version`,
  );
  return { plans, prices, versions: rows.map(fromVersionRow) };
}

/**
 * Adds plans and prices whose code is new, and versions whose number is new. What is there keeps
 * its id, and what is added below it refers to that id, whatever the given catalog calls it; load
 * the catalog afterwards for the ids that hold.
 */
export async function addToCatalog(
  db: Database,
  { merchant, catalog }: { readonly merchant: MerchantId; readonly catalog: Catalog },
): Promise<void> {
  const plans = catalog.plans.map((plan) => toPlanRow(plan, merchant));
  await writeRows(db, 'plans', { rows: plans, rule: 'keep' });
  const planIds = matchPlans(catalog.plans, await loadPlans(db));

  const given = catalog.prices.map((price) => ({
    ...price,
    planId: planIds.get(price.planId) ?? price.planId,
  }));
  await writeRows(db, 'prices', {
    rows: given.map((price) => toPriceRow(price, merchant)),
    rule: 'keep',
  });
  const priceIds = matchPrices(given, await loadPrices(db));

  const versions = catalog.versions.map((version: PriceVersion) =>
    toVersionRow(
      { ...version, priceId: priceIds.get(version.priceId) ?? version.priceId },
      merchant,
    ),
  );
  await writeRows(db, 'price_versions', { rows: versions, rule: 'keep' });
}

async function loadPlans(db: Database): Promise<readonly Plan[]> {
  const rows = await readRows(db, 'plans', sql`select * from plans order by code`);
  return rows.map(fromPlanRow);
}

async function loadPrices(db: Database): Promise<readonly Price[]> {
  const rows = await readRows(
    db,
    'prices',
    sql`
    select * from prices order by plan_id, code`,
  );
  return rows.map(fromPriceRow);
}

/** Given ids → the ids that the database keeps for the same codes. */
function matchPlans(given: readonly Plan[], kept: readonly Plan[]): ReadonlyMap<PlanId, PlanId> {
  const byCode = new Map(kept.map((plan) => [plan.code, plan.id]));
  return new Map(given.map((plan) => [plan.id, byCode.get(plan.code) ?? plan.id]));
}

function matchPrices(
  given: readonly Price[],
  kept: readonly Price[],
): ReadonlyMap<PriceId, PriceId> {
  const byCode = new Map(kept.map((price) => [`${price.planId} ${price.code}`, price.id]));
  return new Map(
    given.map((price) => [price.id, byCode.get(`${price.planId} ${price.code}`) ?? price.id]),
  );
}

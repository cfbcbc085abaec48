import type {
  Catalog,
  Coupon,
  MerchantId,
  Plan,
  Price,
  PriceId,
  PriceVersion,
  Product,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, writeRows } from '../array-write.ts';
import {
  fromCouponRow,
  fromPlanRow,
  fromPriceRow,
  fromProductRow,
  fromVersionRow,
  toCouponRow,
  toPlanRow,
  toPriceRow,
  toProductRow,
  toVersionRow,
} from './rows.ts';

export async function loadCatalog(db: Database): Promise<Catalog> {
  const products = await loadProducts(db);
  const plans = await loadPlans(db);
  const prices = await loadPrices(db);
  const rows = await readRows(
    db,
    'price_versions',
    sql`
    select * from price_versions order by price_id, version`,
  );
  return { products, plans, prices, versions: rows.map(fromVersionRow) };
}

/**
 * Adds products, plans and prices whose code is new, and versions whose number is new. What is
 * there keeps its id, and what is added below it refers to that id, whatever the given catalog
 * calls it; load the catalog afterwards for the ids that hold.
 */
export async function addToCatalog(
  db: Database,
  { merchant, catalog }: { readonly merchant: MerchantId; readonly catalog: Catalog },
): Promise<void> {
  const products = catalog.products ?? [];
  await writeRows(db, 'products', {
    rows: products.map((product) => toProductRow(product, merchant)),
    rule: 'keep',
  });
  const productIds = matchCodes(products, await loadProducts(db));
  const plans = catalog.plans.map((plan) => toPlanRow(plan, merchant));
  await writeRows(db, 'plans', { rows: plans, rule: 'keep' });
  const planIds = matchCodes(catalog.plans, await loadPlans(db));

  const given = catalog.prices.map(({ productId, ...price }) => ({
    ...price,
    planId: planIds.get(price.planId) ?? price.planId,
    ...(productId === undefined ? {} : { productId: productIds.get(productId) ?? productId }),
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

async function loadProducts(db: Database): Promise<readonly Product[]> {
  const rows = await readRows(db, 'products', sql`select * from products order by code`);
  return rows.map(fromProductRow);
}

/** Given ids → the ids that the database keeps for the same codes. */
function matchCodes<T extends { readonly id: string; readonly code: string }>(
  given: readonly T[],
  kept: readonly T[],
): ReadonlyMap<T['id'], T['id']> {
  const byCode = new Map(kept.map((one) => [one.code, one.id]));
  return new Map(given.map((one) => [one.id, byCode.get(one.code) ?? one.id]));
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

/** Adds coupons whose code is new; one that is there stays as it is. */
export async function addCoupons(
  db: Database,
  { merchant, coupons }: { readonly merchant: MerchantId; readonly coupons: readonly Coupon[] },
): Promise<void> {
  const rows = coupons.map((coupon) => toCouponRow(coupon, merchant));
  await writeRows(db, 'coupons', { rows, rule: 'keep' });
}

export async function findCoupon(db: Database, code: string): Promise<Coupon | undefined> {
  const rows = await readRows(db, 'coupons', sql`select * from coupons where code = ${code}`);
  return rows.map(fromCouponRow).at(0);
}

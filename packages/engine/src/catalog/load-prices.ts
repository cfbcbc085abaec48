import type { Catalog, PricedVersion, PriceVersionId, Tx } from '@daikou/core';

/** The catalogue by price version: what lines are made from. */
export async function loadPrices(tx: Tx): Promise<ReadonlyMap<PriceVersionId, PricedVersion>> {
  return pricesOf(await tx.loadCatalog());
}

/** The same of a catalogue that was read already. */
export function pricesOf(catalog: Catalog): ReadonlyMap<PriceVersionId, PricedVersion> {
  const prices = new Map(catalog.prices.map((price) => [price.id, price]));
  return new Map(
    catalog.versions.flatMap((version) => {
      const price = prices.get(version.priceId);
      return price === undefined ? [] : [[version.id, { price, version }] as const];
    }),
  );
}

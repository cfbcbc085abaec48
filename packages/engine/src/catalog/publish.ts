import {
  type Catalog,
  decidePublish,
  ok,
  type PriceVersion,
  type Publication,
  type PublishRefusal,
  parsePublication,
  type Result,
  type Tx,
} from '@daikou/core';
import { idSource, type Job } from '../job.ts';

/** What publishing did, or would do. */
export type Published = {
  readonly dryRun: boolean;
  readonly added: {
    readonly products: readonly string[];
    readonly plans: readonly string[];
    readonly prices: readonly string[];
    readonly versions: readonly PublishedVersionFact[];
  };
  /** Entries that are there already in the same words. */
  readonly unchanged: number;
};

export type PublishedVersionFact = {
  readonly id: PriceVersion['id'];
  readonly plan: string;
  readonly price: string;
  readonly version: number;
  readonly effectiveFrom: string;
};

/**
 * Publishes a catalogue: products with their tax class, plans, prices and price versions. What is
 * there already in the same words stays; what says something else is refused with the path of its
 * field. `dryRun` says what would be added and adds nothing.
 */
export async function publishCatalog(
  job: Job,
  json: unknown,
  options: { readonly dryRun?: boolean } = {},
): Promise<Result<Published, PublishRefusal>> {
  const publication = parsePublication(json);
  if (!publication.ok) return publication;
  const dryRun = options.dryRun === true;
  for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt += 1) {
    try {
      const published = await publishOnce(job, publication.value, dryRun);
      // A catalogue that is read while somebody publishes may have a price and not its product.
      if (published.ok || published.refusal.code !== 'entry_differs') return published;
    } catch (error) {
      if (!(error instanceof PublishedMeanwhile)) throw error;
    }
  }
  return publishOnce(job, publication.value, dryRun);
}

const MOST_ATTEMPTS = 3;

/** Somebody published the same codes at the same moment; theirs are kept, ours is decided anew. */
class PublishedMeanwhile extends Error {
  override readonly name = 'PublishedMeanwhile';
}

async function publishOnce(
  job: Job,
  publication: Publication,
  dryRun: boolean,
): Promise<Result<Published, PublishRefusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const catalog = await tx.loadCatalog();
    const decision = decidePublish(catalog, publication, {
      ...(await meterCodes(tx)),
      ids: idSource(job.engine),
    });
    if (!decision.ok) return decision;
    const { added, unchanged } = decision.value;
    if (!dryRun) await addOrStop(tx, added);
    return ok({ dryRun, added: factsOf(catalog, added), unchanged });
  });
}

/** Adds everything, or throws, so that nothing of a publication is kept without the rest. */
async function addOrStop(tx: Tx, added: Required<Catalog>): Promise<void> {
  await tx.addToCatalog(added);
  const { products = [], plans, prices, versions } = await tx.loadCatalog();
  const kept = new Set([...products, ...plans, ...prices, ...versions].map(({ id }) => id));
  const wanted = [...added.products, ...added.plans, ...added.prices, ...added.versions];
  if (!wanted.every(({ id }) => kept.has(id))) throw new PublishedMeanwhile();
}

async function meterCodes(tx: Tx) {
  const meters = await tx.loadMeters();
  return {
    meters: new Map(meters.map(({ code, id }) => [code, id])),
    metersOfValues: new Set(meters.flatMap(({ code, keeps }) => (keeps === 'values' ? code : []))),
  };
}

function factsOf(catalog: Catalog, added: Required<Catalog>): Published['added'] {
  const plans = new Map([...catalog.plans, ...added.plans].map((plan) => [plan.id, plan.code]));
  const prices = new Map([...catalog.prices, ...added.prices].map((price) => [price.id, price]));
  return {
    products: added.products.map(({ code }) => code),
    plans: added.plans.map(({ code }) => code),
    prices: added.prices.map(({ code, planId }) => `${plans.get(planId) ?? ''}/${code}`),
    versions: added.versions.map((version) => {
      const price = prices.get(version.priceId);
      return {
        id: version.id,
        plan: (price === undefined ? undefined : plans.get(price.planId)) ?? '',
        price: price?.code ?? '',
        version: version.version,
        effectiveFrom: version.effectiveFrom.toString(),
      };
    }),
  };
}

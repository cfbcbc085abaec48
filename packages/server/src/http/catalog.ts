import {
  DryRunQuerySchema,
  type PublishedWire,
  toPlanWire,
  toPriceVersionWire,
  toPriceWire,
  type VersionedPriceWire,
} from '@daikou/api';
import { type Catalog, ok } from '@daikou/core';
import { type Published, publishCatalog } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { answerBilling, type BillingDeps } from './refusal.ts';

type PublishRoute = { Querystring: { readonly dry_run?: boolean }; Body: unknown };

/** Publishing and reading the catalogue. Core reads the body and names what it refuses. */
export async function catalogRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.post<PublishRoute>(
    '/v1/catalog',
    { schema: { querystring: DryRunQuerySchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const dryRun = request.query.dry_run === true;
        const published = await publishCatalog(job, request.body, { dryRun });
        return published.ok ? ok(toPublishedWire(published.value)) : published;
      }),
  );
  app.get('/v1/plans', (request, reply) =>
    answerBilling(deps, { request, reply }, async (job) => {
      const { plans } = await job.engine.store.transact(job.merchant.id, (tx) => tx.loadCatalog());
      return ok({ data: plans.map(toPlanWire) });
    }),
  );
  app.get('/v1/prices', (request, reply) =>
    answerBilling(deps, { request, reply }, async (job) => {
      const catalog = await job.engine.store.transact(job.merchant.id, (tx) => tx.loadCatalog());
      return ok({ data: pricesOf(catalog) });
    }),
  );
}

/** Every price with its versions, oldest first. */
function pricesOf({ prices, versions }: Catalog): VersionedPriceWire[] {
  const ofPrice = Map.groupBy(versions, ({ priceId }) => priceId);
  return prices.map((price) => ({
    ...toPriceWire(price),
    versions: (ofPrice.get(price.id) ?? []).map(toPriceVersionWire),
  }));
}

function toPublishedWire({ dryRun, added, unchanged }: Published): PublishedWire {
  return {
    dry_run: dryRun,
    added: {
      products: [...added.products],
      plans: [...added.plans],
      prices: [...added.prices],
      versions: added.versions.map(({ effectiveFrom, ...version }) => ({
        ...version,
        effective_from: effectiveFrom,
      })),
    },
    unchanged,
  };
}

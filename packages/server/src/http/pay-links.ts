import {
  DryRunQuerySchema,
  type NewPayLinkBody,
  NewPayLinkSchema,
  PayLinkQuerySchema,
  toListWire,
  toPayLinkWire,
} from '@daikou/api';
import { type CustomerId, ok, type PayLinkId, refuse } from '@daikou/core';
import { closePayLink, createPayLink, findPayLink, listPayLinks, notFound } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { senderOf } from './keys.ts';
import {
  answerOne,
  answerPage,
  type ById,
  type DryRun,
  type Page,
  readInstant,
} from './payment-exchange.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

/** Pages of a rail on which customers pay by hand. */
export function payLinkRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Body: NewPayLinkBody; Querystring: DryRun }>(
    '/v1/pay-links',
    { schema: { querystring: DryRunQuerySchema, body: NewPayLinkSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { body, query } = request;
        const expiresAt = readInstant(body.expires_at, job, 'expires_at');
        if (!expiresAt.ok) return expiresAt;
        const link = await createPayLink(job, body.customer_id, {
          rail: body.rail,
          expiresAt: expiresAt.value,
          by: await senderOf(deps.store, request, body.by),
          ...(body.invoice_ids === undefined ? {} : { invoiceIds: body.invoice_ids }),
          dryRun: query.dry_run === true,
        });
        return link.ok ? ok(toPayLinkWire(link.value)) : link;
      }),
  );
  app.get<{ Querystring: Page & { customer_id?: CustomerId; state?: string } }>(
    '/v1/pay-links',
    { schema: { querystring: PayLinkQuerySchema } },
    (request, reply) =>
      answerPage({ request, reply }, 'plk', (limit) =>
        answerBilling(deps, { request, reply }, async (job) => {
          const { after, customer_id: customerId, state } = request.query;
          const rows = await listPayLinks(job, {
            limit: limit + 1,
            ...(after === undefined ? {} : { after }),
            ...(customerId === undefined ? {} : { customerId }),
            ...(state === undefined ? {} : { state }),
          });
          return ok(toListWire(rows.map(toPayLinkWire), limit));
        }),
      ),
  );
  app.get<ById>('/v1/pay-links/:id', (request, reply) =>
    answerOne({ deps, request, reply }, 'plk', async (job, id: PayLinkId) => {
      const link = await findPayLink(job, id);
      return link === undefined ? refuse(notFound('pay link')) : ok(toPayLinkWire(link));
    }),
  );
  app.post<ById>('/v1/pay-links/:id/close', (request, reply) =>
    answerOne({ deps, request, reply }, 'plk', async (job, id: PayLinkId) => {
      const link = await closePayLink(job, id);
      return link.ok ? ok(toPayLinkWire(link.value)) : link;
    }),
  );
}

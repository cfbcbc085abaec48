import { createHash } from 'node:crypto';
import {
  EntitlementsQuerySchema,
  type NewOverrideBody,
  NewOverrideSchema,
  OverrideQuerySchema,
  PAGE_LIMIT_DEFAULT,
  toEntitlementWire,
  toListWire,
  toOverrideWire,
  type WithdrawOverrideBody,
  WithdrawOverrideSchema,
} from '@daikou/api';
import {
  isId,
  kindOfId,
  type Locale,
  type OverrideWish,
  ok,
  type Refusal,
  type Result,
} from '@daikou/core';
import {
  ENTITLEMENTS_AT_ONCE,
  findEntitlement,
  findEntitlements,
  grantOverride,
  listOverrides,
  withdrawOverride,
} from '@daikou/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readDate } from './billing-body.ts';
import { senderOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { Params: { readonly id: string } };

/** What customers may use, and what people granted them beside what is sold. */
export async function entitlementRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  readRoutes(app, deps);
  overrideRoutes(app, deps);
}

function readRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Params: { readonly customer: string } }>(
    '/v1/entitlements/:customer',
    { onSend: withEtag },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const found = await findEntitlement(job, request.params.customer, localeOf(request));
        return found.ok ? ok(toEntitlementWire(found.value)) : found;
      }),
  );
  app.get<{ Querystring: { readonly customers: string } }>(
    '/v1/entitlements',
    { schema: { querystring: EntitlementsQuerySchema }, onSend: withEtag },
    (request, reply) => {
      const customers = [...new Set(request.query.customers.split(','))];
      if (customers.length > ENTITLEMENTS_AT_ONCE || customers.includes('')) {
        return sendProblem(reply, 'parameter_not_valid', { param: 'customers' });
      }
      return answerBilling(deps, { request, reply }, async (job) => {
        const found = await findEntitlements(job, customers, localeOf(request));
        return ok({ data: found.map(toEntitlementWire) });
      });
    },
  );
}

function localeOf({ headers }: FastifyRequest): Locale {
  return /^\s*zh\b/i.test(headers['accept-language'] ?? '') ? 'zh-CN' : 'en';
}

/**
 * Names the answer by its content, so that software which asks often is told that nothing changed.
 * It may be kept, but never used without asking again.
 */
async function withEtag(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  if (reply.statusCode !== 200 || typeof payload !== 'string') return payload;
  const etag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 27)}"`;
  reply.header('etag', etag);
  reply.header('cache-control', 'private, no-cache');
  reply.header('vary', 'accept-language, authorization');
  if (!namesEtag(request.headers['if-none-match'] ?? '', etag)) return payload;
  reply.code(304);
  return '';
}

function namesEtag(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

function overrideRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById & { Body: NewOverrideBody }>(
    '/v1/customers/:id/entitlement-overrides',
    { schema: { body: NewOverrideSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const wish = toWish(request.body, await senderOf(deps.store, request, request.body.by));
        if (!wish.ok) return wish;
        const granted = await grantOverride(job, id, wish.value);
        return granted.ok ? ok(toOverrideWire(granted.value)) : granted;
      });
    },
  );
  app.get<ById & { Querystring: { readonly limit?: number; readonly after?: string } }>(
    '/v1/customers/:id/entitlement-overrides',
    { schema: { querystring: OverrideQuerySchema } },
    (request, reply) => {
      const { id } = request.params;
      const { after, limit = PAGE_LIMIT_DEFAULT } = request.query;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      if (after !== undefined && kindOfId(after) !== 'ovr') {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      return answerBilling(deps, { request, reply }, async (job) => {
        const page = { limit: limit + 1, ...(after === undefined ? {} : { after }) };
        const found = await listOverrides(job, { customerId: id, ...page });
        return found.ok ? ok(toListWire(found.value.map(toOverrideWire), limit)) : found;
      });
    },
  );
  app.post<ById & { Body: WithdrawOverrideBody }>(
    '/v1/entitlement-overrides/:id/withdraw',
    { schema: { body: WithdrawOverrideSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('ovr', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const by = await senderOf(deps.store, request, request.body.by);
        const withdrawn = await withdrawOverride(job, id, by);
        return withdrawn.ok ? ok(toOverrideWire(withdrawn.value)) : withdrawn;
      });
    },
  );
}

function toWish(body: NewOverrideBody, by: string): Result<OverrideWish, Refusal> {
  const until = readDate(body.until, 'until');
  if (!until.ok) return until;
  const { kind, code, quantity, invoice_id: invoiceId, why } = body;
  return ok({
    kind,
    until: until.value,
    by,
    why,
    ...(code === undefined ? {} : { code }),
    ...(quantity === undefined ? {} : { quantity: BigInt(quantity) }),
    ...(invoiceId === undefined ? {} : { invoiceId }),
  });
}

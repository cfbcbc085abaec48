import {
  type EndWebhookEndpointBody,
  EndWebhookEndpointSchema,
  EventQuerySchema,
  type NewWebhookEndpointBody,
  NewWebhookEndpointSchema,
  type ReplayWebhookBody,
  ReplayWebhookSchema,
  type RotateWebhookSecretBody,
  RotateWebhookSecretSchema,
  toEventWire,
  toListWire,
  toWebhookDeliveryWire,
  toWebhookEndpointWire,
  WebhookDeliveryQuerySchema,
} from '@daikou/api';
import {
  type CustomerId,
  type EventId,
  ok,
  type Refusal,
  type Result,
  readWebhookTypes,
  refuse,
  type WebhookEndpoint,
  type WebhookEndpointId,
} from '@daikou/core';
import {
  addWebhookEndpoint,
  disableWebhookEndpoint,
  type EndpointWithSecret,
  enableWebhookEndpoint,
  findEvent,
  findWebhookEndpoint,
  listEvents,
  listWebhookDeliveries,
  listWebhookEndpoints,
  notFound,
  removeWebhookEndpoint,
  replayWebhooks,
  rotateWebhookSecret,
  testWebhookEndpoint,
  type WebhookTested,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { senderOf } from './keys.ts';
import { answerOne, answerPage, type ById, type Page, readInstant } from './payment-exchange.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

/** What happened, who is told of it, and what became of each message. */
export async function webhookRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  eventRoutes(app, deps);
  endpointRoutes(app, deps);
  decisionRoutes(app, deps);
  messageRoutes(app, deps);
}

type EventPage = Page & {
  readonly customer_id?: CustomerId;
  readonly type?: string;
  readonly since?: string;
};

function eventRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Querystring: EventPage }>(
    '/v1/events',
    { schema: { querystring: EventQuerySchema } },
    (request, reply) =>
      answerPage({ request, reply }, 'evt', (limit) =>
        answerBilling(deps, { request, reply }, async (job) => {
          const { after, customer_id: customerId, type, since } = request.query;
          const types = readWebhookTypes(type?.split(','));
          if (!types.ok) return refuse({ ...types.refusal, field: 'type' });
          const from = readInstant(since, job, 'since');
          if (!from.ok) return from;
          const rows = await listEvents(job, {
            limit: limit + 1,
            ...(after === undefined ? {} : { after }),
            ...(customerId === undefined ? {} : { customerId }),
            ...(type === undefined ? {} : { types: types.value }),
            ...(since === undefined ? {} : { since: from.value }),
          });
          return ok(toListWire(rows.map(toEventWire), limit));
        }),
      ),
  );
  app.get<ById>('/v1/events/:id', (request, reply) =>
    answerOne({ deps, request, reply }, 'evt', async (job, id: EventId) => {
      const event = await findEvent(job, id);
      return event === undefined ? refuse(notFound('event')) : ok(toEventWire(event));
    }),
  );
}

function endpointRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Body: NewWebhookEndpointBody }>(
    '/v1/webhook-endpoints',
    { schema: { body: NewWebhookEndpointSchema }, config: { idempotency: 'secret_answer' } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { url, types, description = '' } = request.body;
        const by = await senderOf(deps.store, request, request.body.by);
        const wish = { url, description, by, ...(types === undefined ? {} : { types }) };
        return secretWire(await addWebhookEndpoint(job, wish));
      }),
  );
  app.get('/v1/webhook-endpoints', (request, reply) =>
    answerBilling(deps, { request, reply }, async (job) =>
      ok({ data: (await listWebhookEndpoints(job)).map(toWebhookEndpointWire) }),
    ),
  );
  app.get<ById>('/v1/webhook-endpoints/:id', (request, reply) =>
    answerOne({ deps, request, reply }, 'whe', async (job, id: WebhookEndpointId) => {
      const found = await findWebhookEndpoint(job, id);
      return found === undefined
        ? refuse(notFound('webhook endpoint'))
        : ok(toWebhookEndpointWire(found));
    }),
  );
}

function decisionRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById>('/v1/webhook-endpoints/:id/enable', (request, reply) =>
    answerOne({ deps, request, reply }, 'whe', async (job, id: WebhookEndpointId) =>
      endpointWire(await enableWebhookEndpoint(job, id)),
    ),
  );
  app.post<ById & { Body: EndWebhookEndpointBody }>(
    '/v1/webhook-endpoints/:id/disable',
    { schema: { body: EndWebhookEndpointSchema } },
    (request, reply) =>
      answerOne({ deps, request, reply }, 'whe', async (job, id: WebhookEndpointId) => {
        const by = await senderOf(deps.store, request, request.body.by);
        return endpointWire(await disableWebhookEndpoint(job, id, by));
      }),
  );
  app.post<ById & { Body: EndWebhookEndpointBody }>(
    '/v1/webhook-endpoints/:id/remove',
    { schema: { body: EndWebhookEndpointSchema } },
    (request, reply) =>
      answerOne({ deps, request, reply }, 'whe', async (job, id: WebhookEndpointId) => {
        const by = await senderOf(deps.store, request, request.body.by);
        return endpointWire(await removeWebhookEndpoint(job, id, by));
      }),
  );
  app.post<ById & { Body: RotateWebhookSecretBody }>(
    '/v1/webhook-endpoints/:id/rotate',
    { schema: { body: RotateWebhookSecretSchema }, config: { idempotency: 'secret_answer' } },
    (request, reply) =>
      answerOne({ deps, request, reply }, 'whe', async (job, id: WebhookEndpointId) =>
        secretWire(await rotateWebhookSecret(job, id, request.body.overlap_hours)),
      ),
  );
}

type DeliveryPage = Page & {
  readonly endpoint_id?: WebhookEndpointId;
  readonly event_id?: EventId;
  readonly customer_id?: CustomerId;
  readonly state?: string;
};

function messageRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById>('/v1/webhook-endpoints/:id/test', (request, reply) =>
    answerOne({ deps, request, reply }, 'whe', async (job, id: WebhookEndpointId) => {
      const tested = await testWebhookEndpoint(job, id);
      return tested.ok ? ok(toTestedWire(tested.value)) : tested;
    }),
  );
  app.post<ById & { Body: ReplayWebhookBody }>(
    '/v1/webhook-endpoints/:id/replay',
    { schema: { body: ReplayWebhookSchema } },
    (request, reply) =>
      answerOne({ deps, request, reply }, 'whe', async (job, id: WebhookEndpointId) => {
        const { since, until, failed_only: failedOnly, event_ids: events } = request.body;
        const [from, end] = [readInstant(since, job, 'since'), readInstant(until, job, 'until')];
        if (!from.ok) return from;
        if (!end.ok) return end;
        return await replayWebhooks(job, id, {
          ...(since === undefined ? {} : { since: from.value }),
          ...(until === undefined ? {} : { until: end.value }),
          ...(failedOnly === undefined ? {} : { failedOnly }),
          ...(events === undefined ? {} : { events }),
        });
      }),
  );
  app.get<{ Querystring: DeliveryPage }>(
    '/v1/webhook-deliveries',
    { schema: { querystring: WebhookDeliveryQuerySchema } },
    (request, reply) =>
      answerPage({ request, reply }, 'whd', (limit) =>
        answerBilling(deps, { request, reply }, async (job) => {
          const { query } = request;
          const rows = await listWebhookDeliveries(job, {
            limit: limit + 1,
            ...(query.after === undefined ? {} : { after: query.after }),
            ...(query.endpoint_id === undefined ? {} : { endpointId: query.endpoint_id }),
            ...(query.event_id === undefined ? {} : { eventId: query.event_id }),
            ...(query.customer_id === undefined ? {} : { customerId: query.customer_id }),
            ...(query.state === undefined ? {} : { state: query.state }),
          });
          return ok(toListWire(rows.map(toWebhookDeliveryWire), limit));
        }),
      ),
  );
}

function endpointWire(done: Result<WebhookEndpoint, Refusal>) {
  return done.ok ? ok(toWebhookEndpointWire(done.value)) : done;
}

function secretWire(done: Result<EndpointWithSecret, Refusal>) {
  if (!done.ok) return done;
  const { endpoint, secret } = done.value;
  return ok({ endpoint: toWebhookEndpointWire(endpoint), secret });
}

/** What a test of an endpoint brought, as the API and the command line show it. */
export function toTestedWire({ id, outcome }: WebhookTested) {
  const status = 'status' in outcome ? (outcome.status ?? null) : null;
  const delivered = outcome.kind === 'delivered';
  const code = delivered ? null : outcome.kind === 'unknown' ? outcome.detail : outcome.code;
  return { id, delivered, http_status: status, code };
}

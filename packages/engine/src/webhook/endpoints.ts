import {
  disableEndpoint,
  enableEndpoint,
  endTask,
  ok,
  type Refusal,
  type Result,
  readWebhookTypes,
  refuse,
  removeEndpoint,
  rotateSecret,
  SECRET_OVERLAP_HOURS,
  secretsOf,
  type Task,
  type Tx,
  WEBHOOK_ENDPOINTS_MAX,
  type WebhookEndpoint,
  type WebhookEndpointId,
  type WebhookOutcome,
  webhookRefusal,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

/** Endpoints belong to the merchant and not to a customer: all of them lie in one bucket. */
const MERCHANT_BUCKET = 0;

export type NewWebhookEndpoint = {
  readonly url: string;
  readonly description: string;
  /** All types where absent. */
  readonly types?: readonly string[];
  readonly by: string;
};

/** An endpoint and the secret that signs from now on, in clear: this once. */
export type EndpointWithSecret = { readonly endpoint: WebhookEndpoint; readonly secret: string };

/**
 * Adds an endpoint; events written from now on are delivered to it. Refused when the address is
 * never called or the merchant has its sixteen.
 */
export async function addWebhookEndpoint(
  job: Job,
  wish: NewWebhookEndpoint,
): Promise<Result<EndpointWithSecret, Refusal>> {
  const { engine, merchant } = job;
  const sender = engine.webhooks;
  if (sender === undefined) return refuse(webhookRefusal('webhooks_not_composed'));
  const fault = sender.urlFault(wish.url);
  if (fault !== undefined) return refuse(webhookRefusal('webhook_url_not_allowed', fault));
  const types = readWebhookTypes(wish.types);
  if (!types.ok) return types;
  const id = idSource(engine)('whe', MERCHANT_BUCKET);
  const { secret, sealed } = sender.makeSecret(id);
  const endpoint: WebhookEndpoint = {
    id,
    merchantId: merchant.id,
    url: wish.url,
    description: wish.description,
    types: types.value,
    state: 'enabled',
    secret: sealed,
    createdBy: wish.by,
    createdAt: engine.clock.now(),
  };
  return engine.store.transact(merchant.id, async (tx) => {
    const known = (await tx.loadWebhookEndpoints()).filter(({ state }) => state !== 'removed');
    if (known.length >= WEBHOOK_ENDPOINTS_MAX) {
      return refuse(webhookRefusal('webhook_endpoints_too_many'));
    }
    await tx.save({ webhookEndpoints: [endpoint] });
    return ok({ endpoint, secret });
  });
}

/** All endpoints but the removed ones, oldest first. */
export async function listWebhookEndpoints(job: Job): Promise<readonly WebhookEndpoint[]> {
  const all = await job.engine.store.transact(job.merchant.id, (tx) => tx.loadWebhookEndpoints());
  return all.filter(({ state }) => state !== 'removed');
}

/** One endpoint, removed or not; undefined where it is not this merchant's. */
export async function findWebhookEndpoint(
  job: Job,
  id: WebhookEndpointId,
): Promise<WebhookEndpoint | undefined> {
  const all = await job.engine.store.transact(job.merchant.id, (tx) => tx.loadWebhookEndpoints());
  return all.find((endpoint) => endpoint.id === id);
}

/** Has messages sent again, from the next event on; the task about its failing is dropped. */
export async function enableWebhookEndpoint(
  job: Job,
  id: WebhookEndpointId,
): Promise<Result<WebhookEndpoint, Refusal>> {
  return change(job, id, async (endpoint, tx) => {
    const enabled = enableEndpoint(endpoint);
    if (!enabled.ok) return enabled;
    await tx.save({ webhookEndpoints: [enabled.value], tasks: await tasksDropped(job, id, tx) });
    return enabled;
  });
}

/** Nothing more is sent; what waits is given up at the worker's next look. */
export async function disableWebhookEndpoint(
  job: Job,
  id: WebhookEndpointId,
  by: string,
): Promise<Result<WebhookEndpoint, Refusal>> {
  return change(job, id, async (endpoint, tx) => {
    const why = { reason: 'by_person', by } as const;
    const disabled = disableEndpoint(endpoint, why, job.engine.clock.now());
    if (disabled.ok) await tx.save({ webhookEndpoints: [disabled.value] });
    return disabled;
  });
}

/** Ends the endpoint for good and forgets its secrets; its deliveries stay to be read. */
export async function removeWebhookEndpoint(
  job: Job,
  id: WebhookEndpointId,
  by: string,
): Promise<Result<WebhookEndpoint, Refusal>> {
  return change(job, id, async (endpoint, tx) => {
    const removed = removeEndpoint(endpoint, by, job.engine.clock.now());
    await tx.save({ webhookEndpoints: [removed], tasks: await tasksDropped(job, id, tx) });
    return ok(removed);
  });
}

/** A new secret; the former one signs beside it for `overlapHours`, 24 where it is not said. */
export async function rotateWebhookSecret(
  job: Job,
  id: WebhookEndpointId,
  overlapHours = SECRET_OVERLAP_HOURS,
): Promise<Result<EndpointWithSecret, Refusal>> {
  const sender = job.engine.webhooks;
  if (sender === undefined) return refuse(webhookRefusal('webhooks_not_composed'));
  const { secret, sealed } = sender.makeSecret(id);
  return change(job, id, async (endpoint, tx) => {
    const now = job.engine.clock.now();
    const rotated = rotateSecret(endpoint, sealed, { overlapHours, now });
    if (!rotated.ok) return rotated;
    await tx.save({ webhookEndpoints: [rotated.value] });
    return ok({ endpoint: rotated.value, secret });
  });
}

export type WebhookTested = { readonly id: string; readonly outcome: WebhookOutcome };

/**
 * Sends one message of the type `webhook.test` now, whatever the endpoint wants, and tells what
 * came of it. Nothing is saved.
 */
export async function testWebhookEndpoint(
  job: Job,
  id: WebhookEndpointId,
): Promise<Result<WebhookTested, Refusal>> {
  const { engine } = job;
  const sender = engine.webhooks;
  if (sender === undefined) return refuse(webhookRefusal('webhooks_not_composed'));
  const endpoint = await findWebhookEndpoint(job, id);
  if (endpoint === undefined) return refuse(notFound('webhook endpoint'));
  if (endpoint.state === 'removed') return refuse(webhookRefusal('webhook_endpoint_removed'));
  const now = engine.clock.now();
  const message = { kind: 'test', id: idSource(engine)('evt', MERCHANT_BUCKET), at: now } as const;
  const secrets = secretsOf(endpoint, now);
  const outcome = await sender.send({ endpointId: id, url: endpoint.url, secrets, message });
  return ok({ id: message.id, outcome });
}

async function change<T>(
  job: Job,
  id: WebhookEndpointId,
  decide: (endpoint: WebhookEndpoint, tx: Tx) => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [endpoint] = await tx.lockWebhookEndpoints([id]);
    if (endpoint === undefined) return refuse(notFound('webhook endpoint'));
    return decide(endpoint, tx);
  });
}

/** Nobody needs to look any more: a person has just decided about the endpoint. */
async function tasksDropped(job: Job, id: WebhookEndpointId, tx: Tx): Promise<readonly Task[]> {
  const now = nowOf(job.engine, job.merchant);
  const open = await tx.findOpenTasks([id], 'webhook_failing');
  const end = { state: 'dropped', by: 'daikou' } as const;
  return open.map((task) => endTask(task, end, { now, ids: idSource(job.engine) }).task);
}

import { randomUUID } from 'node:crypto';
import type { Store } from '@daikou/core';
import type { Log } from '@daikou/engine';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifySchemaValidationError,
} from 'fastify';
import { arrearsRoutes } from './arrears.ts';
import { balanceAlertRoutes } from './balance-alerts.ts';
import { billingRoutes } from './billing.ts';
import { type CallbackDeps, callbackRoutes } from './callbacks.ts';
import { causeRoutes } from './causes.ts';
import { checkupRoutes } from './checkups.ts';
import { creditNoteRoutes } from './credit-notes.ts';
import { debitDecisionRoutes } from './debit-decisions.ts';
import { dunningRoutes } from './dunning.ts';
import { entitlementRoutes } from './entitlements.ts';
import { handleOnce } from './idempotency.ts';
import { checkKeys } from './keys.ts';
import { lateFeeRoutes } from './late-fees.ts';
import { mandateRoutes } from './mandates.ts';
import { type Metrics, makeMetrics } from './metrics.ts';
import { noticeRoutes } from './notices.ts';
import { organisationRoutes } from './organisations.ts';
import { paymentRoutes } from './payments.ts';
import { policyRoutes } from './policies.ts';
import { priceChangeRoutes } from './price-changes.ts';
import { sendProblem } from './problem.ts';
import { typeQuery } from './query-values.ts';
import { reconciliationRoutes } from './reconciliation.ts';
import { refundRoutes } from './refunds.ts';
import { resourceRoutes } from './resources.ts';
import { topUpRoutes } from './top-ups.ts';
import { usageIntakeRoutes } from './usage.ts';
import { usageBoundRoutes } from './usage-bounds.ts';
import { usageRoutes } from './usage-reads.ts';
import { webhookRoutes } from './webhooks.ts';

/** Bodies that the API reads, at most; resources are read-only here and need none. */
const BODY_MAX_BYTES = 1024 * 1024;
const REQUEST_TIMEOUT_MILLISECONDS = 30_000;

export type AppDeps = Omit<CallbackDeps, 'metrics'> & {
  readonly store: Store;
  readonly log: Log;
  /** False until what the process was started for is done; `/readyz` then answers 503. */
  readonly isReady: () => boolean;
  /** Told of every route that is made. */
  readonly onRoute?: (route: { readonly method: string; readonly path: string }) => void;
};

/** The HTTP server, not yet listening. Logs carry no addresses, bodies or query strings. */
export async function makeApp(deps: AppDeps): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_MAX_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
    genReqId: () => `req_${randomUUID().replaceAll('-', '')}`,
    routerOptions: { maxParamLength: 200 },
    // An unknown parameter is refused, never dropped: a mistyped filter must not list everything.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  });
  const { onRoute } = deps;
  if (onRoute !== undefined) {
    app.addHook('onRoute', ({ method, url: path }) => {
      for (const one of [method].flat()) onRoute({ method: one, path });
    });
  }
  const metrics = makeMetrics(deps.store);
  observe(app, metrics);
  handleErrors(app, deps);
  checkKeys(app, deps.store);
  handleOnce(app, deps);
  app.addHook('preValidation', typeQuery);
  healthRoutes(app, deps, metrics);
  await app.register(async (scope) => callbackRoutes(scope, { ...deps, metrics }));
  await app.register(async (scope) => resourceRoutes(scope, deps));
  await app.register(async (scope) => usageIntakeRoutes(scope, deps));
  await app.register(async (scope) => usageRoutes(scope, deps));
  await app.register(async (scope) => usageBoundRoutes(scope, deps));
  await app.register(async (scope) => billingRoutes(scope, deps));
  await app.register(async (scope) => organisationRoutes(scope, deps));
  await app.register(async (scope) => priceChangeRoutes(scope, deps));
  await app.register(async (scope) => creditNoteRoutes(scope, deps));
  await app.register(async (scope) => causeRoutes(scope, deps));
  await app.register(async (scope) => refundRoutes(scope, deps));
  await app.register(async (scope) => dunningRoutes(scope, deps));
  await app.register(async (scope) => lateFeeRoutes(scope, deps));
  await app.register(async (scope) => arrearsRoutes(scope, deps));
  await app.register(async (scope) => entitlementRoutes(scope, deps));
  await app.register(async (scope) => balanceAlertRoutes(scope, deps));
  await app.register(async (scope) => topUpRoutes(scope, deps));
  await app.register(async (scope) => policyRoutes(scope, deps));
  await app.register(async (scope) => checkupRoutes(scope, deps));
  await app.register(async (scope) => noticeRoutes(scope, deps));
  await app.register(async (scope) => paymentRoutes(scope, deps));
  await app.register(async (scope) => reconciliationRoutes(scope, deps));
  await app.register(async (scope) => mandateRoutes(scope, deps));
  await app.register(async (scope) => debitDecisionRoutes(scope, deps));
  await app.register(async (scope) => webhookRoutes(scope, deps));
  return app;
}

function observe(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.requests.observe(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: String(reply.statusCode),
      },
      reply.elapsedTime * 0.001,
    );
  });
  app.addHook('onSend', async (request, reply) => {
    reply.header('request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('cache-control', 'no-store');
  });
}

/**
 * What PostgreSQL says of a value that it has no place for: U+0000 in a text, a number or a date
 * out of range. Nothing was saved, and the same request fails again: it is not ours to mend.
 */
const NOT_STORABLE: ReadonlySet<string> = new Set(['22021', '22003', '22008']);

function handleErrors(app: FastifyInstance, deps: AppDeps): void {
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 'path_not_known'));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const [invalid] = error.validation ?? [];
    if (invalid !== undefined) return sendProblem(reply, ...parameterProblem(invalid));
    const status = error.statusCode ?? 500;
    if (status === 413) return sendProblem(reply, 'payload_too_large');
    if (status === 415) return sendProblem(reply, 'media_type_not_known');
    if (status < 500) return sendProblem(reply, 'parameter_not_valid');
    if (NOT_STORABLE.has(error.code)) return sendProblem(reply, 'parameter_not_valid');
    deps.log.warn('a request failed', { request: request.id, error: error.message });
    return sendProblem(reply, 'internal_error');
  });
}

/** Which parameter a schema refused, and whether it is unknown or has a wrong value. */
function parameterProblem(
  invalid: FastifySchemaValidationError,
): ['parameter_not_known' | 'parameter_not_valid', { readonly param: string }] {
  const extra = invalid.params['additionalProperty'];
  if (typeof extra === 'string') return ['parameter_not_known', { param: extra }];
  return ['parameter_not_valid', { param: invalid.instancePath.replace(/^\//, '') }];
}

function healthRoutes(app: FastifyInstance, deps: AppDeps, metrics: Metrics): void {
  app.get('/', async () => ({
    name: 'Daikou 代扣',
    openapi: '/openapi.json',
    api: '/v1/',
    health: '/healthz',
    readiness: '/readyz',
    metrics: '/metrics',
    authorization: 'Bearer <api key>',
  }));
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (!deps.isReady()) return sendProblem(reply, 'not_ready');
    await deps.store.listMerchants();
    return { status: 'ready' };
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

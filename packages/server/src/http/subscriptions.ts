import {
  AlignSchema,
  type ChangeSubscriptionBody,
  ChangeSubscriptionSchema,
  DryRunQuerySchema,
  type StartSubscriptionBody,
  StartSubscriptionSchema,
  toSubscriptionChangeWire,
  UnparkSchema,
} from '@daikou/api';
import { isId, ok, type ParkingReason, type SubscriptionId } from '@daikou/core';
import {
  alignSubscriptions,
  changeSubscription,
  listChanges,
  startSubscription,
  unparkSubscriptions,
} from '@daikou/engine';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { readDate } from './billing-body.ts';
import { toAlignmentWire, toOutcomeWire, toStartedWire, toUnparkedWire } from './billing-wire.ts';
import { readChange } from './change-body.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';
import { readStart } from './start-body.ts';

type DryRun = { readonly dry_run?: boolean };
type ById = { readonly id: string };
type UnparkBody = {
  readonly subscription_ids?: readonly SubscriptionId[];
  readonly reason?: ParkingReason;
  readonly accept?: boolean;
};

/** Starting and changing subscriptions. Every path can be asked first what it would do. */
export async function subscriptionRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  startRoute(app, deps);
  changeRoutes(app, deps);
  alignRoute(app, deps);
  app.post<{ Querystring: DryRun; Body: UnparkBody }>(
    '/v1/subscriptions/unpark',
    { schema: { querystring: DryRunQuerySchema, body: UnparkSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { subscription_ids: ids, reason, accept } = request.body;
        const unparked = await unparkSubscriptions(job, {
          ...(ids === undefined ? {} : { ids }),
          ...(reason === undefined ? {} : { reason }),
          accept: accept === true,
          dryRun: request.query.dry_run === true,
        });
        return unparked.ok ? ok(toUnparkedWire(unparked.value)) : unparked;
      }),
  );
}

function startRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Querystring: DryRun; Body: StartSubscriptionBody }>(
    '/v1/subscriptions',
    { schema: { querystring: DryRunQuerySchema, body: StartSubscriptionSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { body } = request;
        const started = await startSubscription(job, {
          read: (facts) => readStart(body, { ...facts, merchantId: job.merchant.id }),
          coupons: body.coupons ?? [],
          dryRun: request.query.dry_run === true,
        });
        return started.ok ? ok(toStartedWire(started.value)) : started;
      }),
  );
}

function changeRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Params: ById; Querystring: DryRun; Body: ChangeSubscriptionBody }>(
    '/v1/subscriptions/:id/changes',
    { schema: { querystring: DryRunQuerySchema, body: ChangeSubscriptionSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('sub', id)) return badId(reply);
      return answerBilling(deps, { request, reply }, async (job) => {
        const { bill } = request.body;
        const outcome = await changeSubscription(job, {
          subscriptionId: id,
          read: (facts) => readChange(request.body, facts),
          ...(bill === undefined ? {} : { bill }),
          dryRun: request.query.dry_run === true,
        });
        return outcome.ok ? ok(toOutcomeWire(outcome.value)) : outcome;
      });
    },
  );
  app.get<{ Params: ById }>('/v1/subscriptions/:id/changes', async (request, reply) => {
    const { id } = request.params;
    if (!isId('sub', id)) return badId(reply);
    return answerBilling(deps, { request, reply }, async (job) => {
      const changes = await listChanges(job, id);
      return changes.ok ? ok({ data: changes.value.map(toSubscriptionChangeWire) }) : changes;
    });
  });
}

function alignRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Params: ById; Querystring: DryRun; Body: { readonly expires_on: string } }>(
    '/v1/customers/:id/align',
    { schema: { querystring: DryRunQuerySchema, body: AlignSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return badId(reply);
      return answerBilling(deps, { request, reply }, async (job) => {
        const expiresOn = readDate(request.body.expires_on, 'expires_on');
        if (!expiresOn.ok) return expiresOn;
        const dryRun = request.query.dry_run === true;
        const about = { customerId: id, expiresOn: expiresOn.value, dryRun };
        const aligned = await alignSubscriptions(job, about);
        return aligned.ok ? ok(toAlignmentWire(aligned.value)) : aligned;
      });
    },
  );
}

function badId(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 'id_not_valid', { param: 'id' });
}

import {
  DryRunQuerySchema,
  type FinishTaskBody,
  FinishTaskSchema,
  type NewPolicyBody,
  NewPolicySchema,
  PAGE_LIMIT_DEFAULT,
  PolicyQuerySchema,
  TaskQuerySchema,
  toListWire,
  toPolicyWire,
  toTaskWire,
} from '@daikou/api';
import { type CustomerId, isId, kindOfId, ok, type PolicyKind } from '@daikou/core';
import { finishTask, listPolicies, listTasks, publishPolicy } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { senderOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type TaskPage = {
  readonly limit?: number;
  readonly after?: string;
  readonly customer_id?: CustomerId;
  readonly state?: string;
  readonly owner?: string;
};

/** What a merchant decides by documents, and what waits for a person. */
export async function policyRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.post<{ Body: NewPolicyBody; Querystring: { readonly dry_run?: boolean } }>(
    '/v1/policies',
    { schema: { querystring: DryRunQuerySchema, body: NewPolicySchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { kind, code, body } = request.body;
        const by = await senderOf(deps.store, request, request.body.by);
        const dryRun = request.query.dry_run === true;
        const published = await publishPolicy(job, { kind, code, body, by }, { dryRun });
        if (!published.ok) return published;
        const { policy, unchanged, preview } = published.value;
        const answer = { dry_run: dryRun, unchanged, policy: toPolicyWire(policy) };
        return ok({ ...answer, preview: preview ?? null });
      }),
  );
  app.get<{ Querystring: { readonly kind?: PolicyKind } }>(
    '/v1/policies',
    { schema: { querystring: PolicyQuerySchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const policies = await listPolicies(job, request.query.kind);
        return ok({ data: policies.map(toPolicyWire) });
      }),
  );
  taskRoutes(app, deps);
}

function taskRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Querystring: TaskPage }>(
    '/v1/tasks',
    { schema: { querystring: TaskQuerySchema } },
    async (request, reply) => {
      const {
        after,
        limit = PAGE_LIMIT_DEFAULT,
        customer_id: customer,
        state,
        owner,
      } = request.query;
      if (after !== undefined && kindOfId(after) !== 'tsk') {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      return answerBilling(deps, { request, reply }, async (job) => {
        const rows = await listTasks(job, {
          limit: limit + 1,
          ...(after === undefined ? {} : { after }),
          ...(customer === undefined ? {} : { customerId: customer }),
          ...(state === undefined ? {} : { state }),
          ...(owner === undefined ? {} : { owner }),
        });
        return ok(toListWire(rows.map(toTaskWire), limit));
      });
    },
  );
  app.post<{ Params: { readonly id: string }; Body: FinishTaskBody }>(
    '/v1/tasks/:id/done',
    { schema: { body: FinishTaskSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('tsk', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const by = await senderOf(deps.store, request, request.body.by);
        const { note } = request.body;
        const done = await finishTask(job, id, { by, ...(note === undefined ? {} : { note }) });
        return done.ok ? ok(toTaskWire(done.value)) : done;
      });
    },
  );
}

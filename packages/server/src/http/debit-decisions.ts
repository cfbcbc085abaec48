import {
  type AttemptQuery,
  AttemptQuerySchema,
  DebitPlanQuerySchema,
  PAGE_LIMIT_DEFAULT,
  type ReleaseDebitBody,
  ReleaseDebitSchema,
  type ResolveAttemptBody,
  ResolveAttemptSchema,
  toAttemptWire,
  toDebitPlanWire,
  toDebitWire,
  toListWire,
} from '@daikou/api';
import { isId, ok, type Refusal, type Result, refuse } from '@daikou/core';
import { planDay, releaseDebit, resolveAttempt } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { readDate } from './billing-body.ts';
import { merchantOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { readonly id: string };

/** The plan of a day, and what a person decides about debits and attempts. */
export async function debitDecisionRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  planRoute(app, deps);
  releaseRoute(app, deps);
  attemptRoutes(app, deps);
}

function planRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Querystring: { readonly date: string } }>(
    '/v1/debits/plan',
    { schema: { querystring: DebitPlanQuerySchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const date = readDate(request.query.date, 'date');
        return date.ok ? ok(toDebitPlanWire(await planDay(job, date.value))) : date;
      }),
  );
}

function releaseRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Params: ById; Body: ReleaseDebitBody }>(
    '/v1/debits/:id/release',
    { schema: { body: ReleaseDebitSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('dbt', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const released = await releaseDebit(job, id, request.body.by);
        return released.ok ? ok(toDebitWire(released.value)) : released;
      });
    },
  );
}

/** An instant of a body; its form was checked, its existence is refused here. */
function readInstant(text: string): Result<Temporal.Instant, Refusal> {
  try {
    return ok(Temporal.Instant.from(text));
  } catch {
    return refuse({
      code: 'instant_not_valid',
      sentence: `“${text}” is not a moment of the calendar.`,
      next: 'Write it as 2026-12-01T07:30:00Z.',
      field: 'paid_at',
    });
  }
}

function attemptRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Querystring: AttemptQuery }>(
    '/v1/attempts',
    { schema: { querystring: AttemptQuerySchema } },
    async (request, reply) => {
      const { limit = PAGE_LIMIT_DEFAULT, after, state, needs_person: needsPerson } = request.query;
      if (after !== undefined && !isId('att', after)) {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      const attempts = await deps.store.transact(merchantOf(request).id, (tx) =>
        tx.listAttempts({
          limit: limit + 1,
          ...(after === undefined ? {} : { after }),
          ...(state === undefined ? {} : { state }),
          ...(needsPerson === undefined ? {} : { needsPerson }),
        }),
      );
      return toListWire(attempts.map(toAttemptWire), limit);
    },
  );
  app.post<{ Params: ById; Body: ResolveAttemptBody }>(
    '/v1/attempts/:id/resolve',
    { schema: { body: ResolveAttemptSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('att', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const { outcome, evidence, by, rail_reference: reference, paid_at: text } = request.body;
        const paidAt = text === undefined ? undefined : readInstant(text);
        if (paidAt?.ok === false) return paidAt;
        const resolved = await resolveAttempt(job, id, {
          outcome,
          evidence,
          by,
          ...(reference === undefined ? {} : { railReference: reference }),
          ...(paidAt === undefined ? {} : { paidAt: paidAt.value }),
        });
        return resolved.ok ? ok(toAttemptWire(resolved.value)) : resolved;
      });
    },
  );
}

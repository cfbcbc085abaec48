import {
  type ApproveRefundBody,
  ApproveRefundSchema,
  type AssignExceptionBody,
  AssignExceptionSchema,
  type DecideRefundBody,
  DecideRefundSchema,
  DryRunQuerySchema,
  MoneyExceptionQuerySchema,
  type NewRefundBody,
  NewRefundSchema,
  PAGE_LIMIT_DEFAULT,
  RefundQuerySchema,
  type ResolveExceptionBody,
  ResolveExceptionSchema,
  type ResolveRefundBody,
  ResolveRefundSchema,
  toListWire,
  toMoneyExceptionWire,
  toRefundWire,
} from '@daikou/api';
import {
  type CustomerId,
  type IdPrefix,
  isId,
  kindOfId,
  type MoneyExceptionId,
  ok,
  type Refund,
  type RefundId,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import {
  approveRefund,
  assignException,
  findException,
  findRefund,
  type Job,
  listExceptions,
  listRefunds,
  notFound,
  type Requested,
  requestBalanceRefund,
  requestRefund,
  resolveException,
  retryRefund,
  settleByTransfer,
  withdrawRefund,
} from '@daikou/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { toMoneyOf } from './billing-body.ts';
import { senderOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps, type Exchange } from './refusal.ts';

type ById = { Params: { readonly id: string } };
type Page = {
  readonly limit?: number;
  readonly after?: string;
  readonly customer_id?: CustomerId;
  readonly state?: string;
};
type Listed = { Querystring: Page };

/** Money that goes back, and money whose purpose is not settled. */
export async function refundRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  requestRoutes(app, deps);
  decisionRoutes(app, deps);
  exceptionRoutes(app, deps);
}

function requestRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Body: NewRefundBody; Querystring: { readonly dry_run?: boolean } }>(
    '/v1/refunds',
    { schema: { querystring: DryRunQuerySchema, body: NewRefundSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const by = await senderOf(deps.store, request, request.body.by);
        const dryRun = request.query.dry_run === true;
        const requested = await ask(job, request.body, { by, dryRun });
        if (!requested.ok) return requested;
        const { refunds } = requested.value;
        return ok({ dry_run: dryRun, refunds: refunds.map(toRefundWire) });
      }),
  );
  app.get<Listed>('/v1/refunds', { schema: { querystring: RefundQuerySchema } }, (request, reply) =>
    answerPage({ request, reply }, 'rfd', (limit) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const rows = await listRefunds(job, pageOf(request.query, limit));
        return ok(toListWire(rows.map(toRefundWire), limit));
      }),
    ),
  );
  app.get<ById>('/v1/refunds/:id', (request, reply) =>
    answerRefund(deps, { request, reply }, async (job, id) => {
      const refund = await findRefund(job, id);
      return refund === undefined ? refuse(notFound('refund')) : ok(refund);
    }),
  );
}

async function ask(
  job: Job,
  body: NewRefundBody,
  { by, dryRun }: { readonly by: string; readonly dryRun: boolean },
): Promise<Result<Requested, Refusal>> {
  const { payment_id: target, customer_id: customer, amount, route, remark } = body;
  const wanted = {
    ask: {
      ...(amount === undefined ? {} : { amount: toMoneyOf(amount) }),
      route: route ?? ('original' as const),
      reason: body.reason,
      remark: remark ?? '',
      by,
    },
    dryRun,
  };
  if (target !== undefined && customer === undefined) return requestRefund(job, target, wanted);
  if (customer !== undefined && target === undefined) {
    return requestBalanceRefund(job, customer, wanted);
  }
  return refuse({
    code: 'refund_not_one_of',
    sentence: 'A refund is of a payment or of a customer’s balance, exactly one of the two.',
    next: 'Send payment_id or customer_id.',
    field: 'payment_id',
  });
}

function decisionRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById & { Body: ApproveRefundBody }>(
    '/v1/refunds/:id/approve',
    { schema: { body: ApproveRefundSchema } },
    (request, reply) =>
      answerRefund(deps, { request, reply }, async (job, id) => {
        const by = await senderOf(deps.store, request, request.body.by);
        return approveRefund(job, id, { by, hash: request.body.approval_hash });
      }),
  );
  app.post<ById & { Body: DecideRefundBody }>(
    '/v1/refunds/:id/withdraw',
    { schema: { body: DecideRefundSchema } },
    (request, reply) =>
      answerRefund(deps, { request, reply }, async (job, id) =>
        withdrawRefund(job, id, await senderOf(deps.store, request, request.body.by)),
      ),
  );
  app.post<ById & { Body: DecideRefundBody }>(
    '/v1/refunds/:id/retry',
    { schema: { body: DecideRefundSchema } },
    (request, reply) => answerRefund(deps, { request, reply }, retryRefund),
  );
  app.post<ById & { Body: ResolveRefundBody }>(
    '/v1/refunds/:id/resolve',
    { schema: { body: ResolveRefundSchema } },
    (request, reply) =>
      answerRefund(deps, { request, reply }, async (job, id) => {
        const by = await senderOf(deps.store, request, request.body.by);
        return settleByTransfer(job, id, { reference: request.body.reference, by });
      }),
  );
}

function exceptionRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<Listed>(
    '/v1/exceptions',
    { schema: { querystring: MoneyExceptionQuerySchema } },
    (request, reply) =>
      answerPage({ request, reply }, 'exc', (limit) =>
        answerBilling(deps, { request, reply }, async (job) => {
          const rows = await listExceptions(job, pageOf(request.query, limit));
          return ok(toListWire(rows.map(toMoneyExceptionWire), limit));
        }),
      ),
  );
  app.get<ById>('/v1/exceptions/:id', (request, reply) =>
    answerException(deps, { request, reply }, async (job, id) => {
      const exception = await findException(job, id);
      if (exception === undefined) return refuse(notFound('exception'));
      return ok(toMoneyExceptionWire(exception));
    }),
  );
  app.post<ById & { Body: AssignExceptionBody }>(
    '/v1/exceptions/:id/assign',
    { schema: { body: AssignExceptionSchema } },
    (request, reply) =>
      answerException(deps, { request, reply }, async (job, id) => {
        const assigned = await assignException(job, id, request.body.owner);
        return assigned.ok ? ok(toMoneyExceptionWire(assigned.value)) : assigned;
      }),
  );
  app.post<ById & { Body: ResolveExceptionBody }>(
    '/v1/exceptions/:id/resolve',
    { schema: { body: ResolveExceptionSchema } },
    (request, reply) =>
      answerException(deps, { request, reply }, async (job, id) => {
        const { action, route } = request.body;
        const by = await senderOf(deps.store, request, request.body.by);
        const answer = { action, by, ...(route === undefined ? {} : { route }) };
        const resolved = await resolveException(job, id, answer);
        if (!resolved.ok) return resolved;
        const { exception, refund } = resolved.value;
        return ok({
          exception: toMoneyExceptionWire(exception),
          refund: refund === undefined ? null : toRefundWire(refund),
        });
      }),
  );
}

async function answerRefund(
  deps: BillingDeps,
  exchange: Exchange,
  work: (job: Job, id: RefundId) => Promise<Result<Refund, Refusal>>,
): Promise<FastifyReply> {
  const { id } = exchange.request.params as { readonly id: string };
  if (!isId('rfd', id)) return sendProblem(exchange.reply, 'id_not_valid', { param: 'id' });
  return answerBilling(deps, exchange, async (job) => {
    const done = await work(job, id);
    return done.ok ? ok(toRefundWire(done.value)) : done;
  });
}

async function answerException(
  deps: BillingDeps,
  exchange: Exchange,
  work: (job: Job, id: MoneyExceptionId) => Promise<Result<unknown, Refusal>>,
): Promise<FastifyReply> {
  const { id } = exchange.request.params as { readonly id: string };
  if (!isId('exc', id)) return sendProblem(exchange.reply, 'id_not_valid', { param: 'id' });
  return answerBilling(deps, exchange, (job) => work(job, id));
}

/** A page with its size; a cursor that is none of this list is refused before anything is read. */
async function answerPage(
  { request, reply }: { readonly request: FastifyRequest<Listed>; readonly reply: FastifyReply },
  prefix: IdPrefix,
  answer: (limit: number) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const { after, limit = PAGE_LIMIT_DEFAULT } = request.query;
  if (after !== undefined && kindOfId(after) !== prefix) {
    return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
  }
  return answer(limit);
}

/** One row more than the page says that another one follows. */
function pageOf(query: Page, limit: number) {
  return {
    limit: limit + 1,
    ...(query.after === undefined ? {} : { after: query.after }),
    ...(query.customer_id === undefined ? {} : { customerId: query.customer_id }),
    ...(query.state === undefined ? {} : { state: query.state }),
  };
}

import {
  type CollectArrearsBody,
  CollectArrearsSchema,
  DryRunQuerySchema,
  DunningCaseQuerySchema,
  type EndCaseBody,
  EndCaseSchema,
  type NewPlanBody,
  NewPlanSchema,
  type NewPromiseBody,
  NewPromiseSchema,
  type PauseCaseBody,
  PauseCaseSchema,
  type ResumeCaseBody,
  ResumeCaseSchema,
  toDebitWire,
  toDunningCaseWire,
  toListWire,
  toPlanPartWire,
} from '@daikou/api';
import {
  type CustomerId,
  type DunningCase,
  type DunningCaseId,
  isCurrency,
  ok,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import {
  collectArrears,
  endDunningCase,
  findDunningCase,
  type Job,
  listDunningCases,
  makeInstalmentPlan,
  notFound,
  pauseCase,
  promisePayment,
  resumeCase,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { toMoneyOf } from './billing-body.ts';
import { senderOf } from './keys.ts';
import { answerOne, answerPage, type ById, type DryRun, type Page } from './payment-exchange.ts';
import { answerBilling, type BillingDeps, type Exchange } from './refusal.ts';

/** How arrears are chased. */
export async function dunningRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  readRoutes(app, deps);
  decisionRoutes(app, deps);
  promiseRoutes(app, deps);
  arrearsRoute(app, deps);
}

function readRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Querystring: Page & { customer_id?: CustomerId; state?: string } }>(
    '/v1/dunning-cases',
    { schema: { querystring: DunningCaseQuerySchema } },
    (request, reply) =>
      answerPage({ request, reply }, 'dun', (limit) =>
        answerBilling(deps, { request, reply }, async (job) => {
          const { after, customer_id: customerId, state } = request.query;
          const rows = await listDunningCases(job, {
            limit: limit + 1,
            ...(after === undefined ? {} : { after }),
            ...(customerId === undefined ? {} : { customerId }),
            ...(state === undefined ? {} : { state }),
          });
          return ok(toListWire(rows.map(toDunningCaseWire), limit));
        }),
      ),
  );
  app.get<ById>('/v1/dunning-cases/:id', (request, reply) =>
    answerCase({ deps, request, reply }, async (job, id) => {
      const dunning = await findDunningCase(job, id);
      return dunning === undefined ? refuse(notFound('dunning case')) : ok(dunning);
    }),
  );
}

function decisionRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById & { Body: PauseCaseBody }>(
    '/v1/dunning-cases/:id/pause',
    { schema: { body: PauseCaseSchema } },
    (request, reply) =>
      answerCase({ deps, request, reply }, async (job, id) => {
        const { reason, until } = request.body;
        const by = await senderOf(deps.store, request, request.body.by);
        const date = until === undefined ? ok(undefined) : readDate(until, 'until');
        if (!date.ok) return date;
        const { value } = date;
        return pauseCase(job, id, { by, reason, ...(value === undefined ? {} : { until: value }) });
      }),
  );
  app.post<ById & { Body: ResumeCaseBody }>(
    '/v1/dunning-cases/:id/resume',
    { schema: { body: ResumeCaseSchema } },
    (request, reply) =>
      answerCase({ deps, request, reply }, async (job, id) => {
        return resumeCase(job, id, { by: await senderOf(deps.store, request, request.body.by) });
      }),
  );
  app.post<ById & { Body: EndCaseBody }>(
    '/v1/dunning-cases/:id/end',
    { schema: { body: EndCaseSchema } },
    (request, reply) =>
      answerCase({ deps, request, reply }, async (job, id) => {
        const { as, reason } = request.body;
        const by = await senderOf(deps.store, request, request.body.by);
        return endDunningCase(job, id, { as, reason, by });
      }),
  );
}

function promiseRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById & { Body: NewPromiseBody }>(
    '/v1/dunning-cases/:id/promises',
    { schema: { body: NewPromiseSchema } },
    (request, reply) =>
      answerCase({ deps, request, reply }, async (job, id) => {
        const { amount } = request.body;
        const date = readDate(request.body.date, 'date');
        if (!date.ok) return date;
        return promisePayment(job, id, {
          date: date.value,
          ...(amount === undefined ? {} : { amount: toMoneyOf(amount) }),
          by: await senderOf(deps.store, request, request.body.by),
        });
      }),
  );
  app.post<ById & { Body: NewPlanBody; Querystring: DryRun }>(
    '/v1/dunning-cases/:id/instalment-plan',
    { schema: { querystring: DryRunQuerySchema, body: NewPlanSchema } },
    (request, reply) =>
      answerOne({ deps, request, reply }, 'dun', async (job, id: DunningCaseId) => {
        const { parts, first_date: first } = request.body;
        const firstDate = readDate(first, 'first_date');
        if (!firstDate.ok) return firstDate;
        const dryRun = request.query.dry_run === true;
        const by = await senderOf(deps.store, request, request.body.by);
        const wish = { parts, firstDate: firstDate.value, by, dryRun };
        const made = await makeInstalmentPlan(job, id, wish);
        if (!made.ok) return made;
        return ok({ dry_run: dryRun, parts: made.value.plan.parts.map(toPlanPartWire) });
      }),
  );
}

function arrearsRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById & { Body: CollectArrearsBody; Querystring: DryRun }>(
    '/v1/customers/:id/collect-arrears',
    { schema: { querystring: DryRunQuerySchema, body: CollectArrearsSchema } },
    (request, reply) =>
      answerOne({ deps, request, reply }, 'cus', async (job, id: CustomerId) => {
        const { currency = 'CNY' } = request.body;
        if (!isCurrency(currency)) return refuse(NO_CURRENCY);
        const dryRun = request.query.dry_run === true;
        const by = await senderOf(deps.store, request, request.body.by);
        const planned = await collectArrears(job, id, { currency, by, dryRun });
        if (!planned.ok) return planned;
        const { debit, notice, collected, left } = planned.value;
        return ok({
          dry_run: dryRun,
          debit: toDebitWire(debit, {
            attempts: [],
            notices: notice === undefined ? [] : [notice],
          }),
          collected: collected.map((invoice) => invoice.id),
          left: left.map((invoice) => invoice.id),
        });
      }),
  );
}

const NO_CURRENCY: Refusal = {
  code: 'currency_not_valid',
  sentence: 'There is no such currency.',
  next: 'Give CNY or another code.',
  field: 'currency',
};

function readDate(text: string, field: string): Result<Temporal.PlainDate, Refusal> {
  try {
    return ok(Temporal.PlainDate.from(text));
  } catch {
    return refuse({
      code: 'date_not_valid',
      sentence: `“${text}” is no date.`,
      next: 'Write it as 2026-12-01.',
      field,
    });
  }
}

function answerCase(
  exchange: Exchange & { readonly deps: BillingDeps },
  work: (job: Job, id: DunningCaseId) => Promise<Result<DunningCase, Refusal>>,
) {
  return answerOne(exchange, 'dun', async (job, id: DunningCaseId) => {
    const done = await work(job, id);
    return done.ok ? ok(toDunningCaseWire(done.value)) : done;
  });
}

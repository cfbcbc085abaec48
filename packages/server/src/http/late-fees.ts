import {
  type ApproveWaiverBody,
  ApproveWaiverSchema,
  type DecideLateFeeBody,
  DecideLateFeeSchema,
  DryRunQuerySchema,
  LateFeeQuerySchema,
  type StopLateFeeBody,
  StopLateFeeSchema,
  toLateFeeWaiverWire,
  toLateFeeWire,
  type WaiveLateFeeBody,
  WaiveLateFeeSchema,
} from '@daikou/api';
import {
  type ApprovalId,
  type Id,
  type InvoiceId,
  isId,
  type LateFeeDecided,
  ok,
  present,
  type Refusal,
  type Result,
} from '@daikou/core';
import {
  decideOnWaiver,
  findLateFee,
  type Job,
  resumeLateFee,
  stopLateFee,
  waiveLateFee,
} from '@daikou/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readDate, toMoneyOf } from './billing-body.ts';
import { senderOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { readonly Params: { readonly id: string } };
type Keyed = FastifyRequest<ById>;

/** What paying late costs, and who lets it be. */
export async function lateFeeRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  readRoute(app, deps);
  waiveRoutes(app, deps);
  stopRoutes(app, deps);
}

function readRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.get<ById & { Querystring: { readonly on?: string } }>(
    '/v1/invoices/:id/late-fee',
    { schema: { querystring: LateFeeQuerySchema } },
    (request, reply) =>
      answerAbout('inv', { deps, request, reply }, async (job, id) => {
        const on = dateOf(request.query.on, 'on');
        if (!on.ok) return on;
        const found = await findLateFee(job, id, on.value);
        return found.ok ? ok(toLateFeeWire(found.value)) : found;
      }),
  );
}

function waiveRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById & { Body: WaiveLateFeeBody; Querystring: { readonly dry_run?: boolean } }>(
    '/v1/invoices/:id/late-fee/waive',
    { schema: { querystring: DryRunQuerySchema, body: WaiveLateFeeSchema } },
    (request, reply) =>
      answerAbout('inv', { deps, request, reply }, async (job, id) => {
        const { amount, reason } = request.body;
        const by = await senderOf(deps.store, request, request.body.by);
        const dryRun = request.query.dry_run === true;
        const ask = {
          ...(amount === undefined ? {} : { amount: toMoneyOf(amount) }),
          reason,
          by,
        };
        const waived = await waiveLateFee(job, id, { ask, dryRun });
        return waived.ok ? ok({ dry_run: dryRun, waiver: waiverOf(waived.value) }) : waived;
      }),
  );
  app.post<ById & { Body: ApproveWaiverBody }>(
    '/v1/late-fee-waivers/:id/approve',
    { schema: { body: ApproveWaiverSchema } },
    (request, reply) =>
      answerAbout('apr', { deps, request, reply }, async (job, id) => {
        const by = await senderOf(deps.store, request, request.body.by);
        const decision = { approve: true, by, hash: request.body.approval_hash };
        return toWaiver(await decideOnWaiver(job, id, decision));
      }),
  );
  app.post<ById & { Body: DecideLateFeeBody }>(
    '/v1/late-fee-waivers/:id/reject',
    { schema: { body: DecideLateFeeSchema } },
    (request, reply) =>
      answerAbout('apr', { deps, request, reply }, async (job, id) => {
        const by = await senderOf(deps.store, request, request.body.by);
        return toWaiver(await decideOnWaiver(job, id, { approve: false, by }));
      }),
  );
}

function stopRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById & { Body: StopLateFeeBody }>(
    '/v1/invoices/:id/late-fee/stop',
    { schema: { body: StopLateFeeSchema } },
    (request, reply) =>
      answerAbout('inv', { deps, request, reply }, async (job, id) => {
        const from = dateOf(request.body.from, 'from');
        if (!from.ok) return from;
        const by = await senderOf(deps.store, request, request.body.by);
        const { reason } = request.body;
        const ask = { ...(from.value === undefined ? {} : { from: from.value }), reason, by };
        return showAfter(job, id, await stopLateFee(job, id, ask));
      }),
  );
  app.post<ById & { Body: DecideLateFeeBody }>(
    '/v1/invoices/:id/late-fee/resume',
    { schema: { body: DecideLateFeeSchema } },
    (request, reply) =>
      answerAbout('inv', { deps, request, reply }, async (job, id) => {
        const by = await senderOf(deps.store, request, request.body.by);
        return showAfter(job, id, await resumeLateFee(job, id, { by }));
      }),
  );
}

type Kinds = { readonly inv: InvoiceId; readonly apr: ApprovalId };

/** Answers about the thing that the path names; an id of another kind is none. */
function answerAbout<P extends keyof Kinds>(
  prefix: P,
  about: {
    readonly deps: BillingDeps;
    readonly request: Keyed | FastifyRequest;
    readonly reply: FastifyReply;
  },
  work: (job: Job, id: Kinds[P]) => Promise<Result<unknown, Refusal>>,
): Promise<FastifyReply> | FastifyReply {
  const { deps, request, reply } = about;
  const { id } = request.params as ById['Params'];
  if (!isId(prefix, id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
  return answerBilling(deps, { request, reply }, (job) => work(job, id as Id<P> & Kinds[P]));
}

async function showAfter(
  job: Job,
  id: InvoiceId,
  decided: Result<LateFeeDecided, Refusal>,
): Promise<Result<unknown, Refusal>> {
  if (!decided.ok) return decided;
  const found = await findLateFee(job, id);
  return found.ok ? ok(toLateFeeWire(found.value)) : found;
}

function toWaiver(decided: Result<LateFeeDecided, Refusal>): Result<unknown, Refusal> {
  return decided.ok ? ok(waiverOf(decided.value)) : decided;
}

function waiverOf({ waivers }: LateFeeDecided) {
  return toLateFeeWaiverWire(present(waivers[0], 'the waiver that was decided'));
}

/** The date of a field that may be left out. */
function dateOf(
  text: string | undefined,
  field: string,
): Result<Temporal.PlainDate | undefined, Refusal> {
  return text === undefined ? ok(undefined) : readDate(text, field);
}

import { Readable } from 'node:stream';
import {
  ConsentQuerySchema,
  DryRunQuerySchema,
  type NewPriceChangeBody,
  NewPriceChangeSchema,
  PAGE_LIMIT_DEFAULT,
  type PriceAnswerBody,
  PriceAnswerSchema,
  PriceChangeQuerySchema,
  type PriceNoticeBody,
  PriceNoticeSchema,
  toConsentWire,
  toPriceChangeWire,
} from '@daikou/api';
import {
  type ConsentCount,
  isId,
  ok,
  type PriceChange,
  type PriceChangeConsent,
  type PriceChangeId,
  type Refusal,
  type Result,
} from '@daikou/core';
import {
  computeImpactTotals,
  createPriceChange,
  draftPriceChange,
  findPriceChange,
  impactOf,
  type Job,
  nowOf,
  publishPriceChange,
  recordPriceAnswer,
  recordPriceNotice,
  withdrawPriceChange,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { csvLine } from './csv.ts';
import { readNewPriceChange, readParty } from './price-change-body.ts';
import { toTotalsWire } from './price-change-wire.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps, type Exchange } from './refusal.ts';

type ById = { readonly id: string };
type PageQuery = { readonly limit?: number; readonly after?: string };
type ConsentQuery = PageQuery & {
  readonly state?: PriceChangeConsent['answer'];
  readonly outcome?: PriceChangeConsent['outcome'];
};

/** Price changes: drafts, what they would do, their publication, and what customers say to them. */
export async function priceChangeRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  createRoute(app, deps);
  readRoutes(app, deps);
  impactRoute(app, deps);
  moveRoutes(app, deps);
  answerRoutes(app, deps);
}

function createRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Querystring: { readonly dry_run?: boolean }; Body: NewPriceChangeBody }>(
    '/v1/price-changes',
    { schema: { querystring: DryRunQuerySchema, body: NewPriceChangeSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const isDryRun = request.query.dry_run === true;
        const command = readNewPriceChange(request.body);
        if (!command.ok) return command;
        const make = isDryRun ? draftPriceChange : createPriceChange;
        const change = await make(job, command.value);
        if (!change.ok) return change;
        const totals = await computeImpactTotals(job, change.value);
        return ok({
          dry_run: isDryRun,
          price_change: toPriceChangeWire(change.value),
          totals: toTotalsWire(totals),
        });
      }),
  );
}

function readRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Querystring: PageQuery & { readonly state?: PriceChange['state'] } }>(
    '/v1/price-changes',
    { schema: { querystring: PriceChangeQuerySchema } },
    (request, reply) => {
      const { limit = PAGE_LIMIT_DEFAULT, after, state } = request.query;
      if (after !== undefined && !isId('pch', after)) {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      return answerBilling(deps, { request, reply }, async (job) => {
        const rows = await job.engine.store.transact(job.merchant.id, (tx) =>
          tx.listPriceChanges({
            limit: limit + 1,
            ...(after === undefined ? {} : { after }),
            ...(state === undefined ? {} : { state }),
          }),
        );
        return ok({ ...page(rows.map(toPriceChangeWire), limit, ({ id }) => id) });
      });
    },
  );
  app.get<{ Params: ById }>('/v1/price-changes/:id', (request, reply) =>
    withChange(deps, { request, reply }, async (job, id) => found(await findPriceChange(job, id))),
  );
  app.get<{ Params: ById; Querystring: ConsentQuery }>(
    '/v1/price-changes/:id/customers',
    { schema: { querystring: ConsentQuerySchema } },
    (request, reply) => {
      const { limit = PAGE_LIMIT_DEFAULT, after, state, outcome } = request.query;
      if (after !== undefined && !isId('sub', after)) {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      return withChange(deps, { request, reply }, async (job, priceChange) => {
        const known = await findPriceChange(job, priceChange);
        if (!known.ok) return known;
        const rows = await job.engine.store.transact(job.merchant.id, (tx) =>
          tx.listConsents({
            priceChange,
            limit: limit + 1,
            ...(after === undefined ? {} : { after }),
            ...(state === undefined ? {} : { answer: state }),
            ...(outcome === undefined ? {} : { outcome }),
          }),
        );
        return ok(page(rows.map(toConsentWire), limit, (row) => row.subscription_id));
      });
    },
  );
}

/** The whole list of whom it touches, as a table that streams while it is read. */
function impactRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Params: ById }>('/v1/price-changes/:id/impact.csv', (request, reply) =>
    withChange(deps, { request, reply }, async (job, id) => {
      const known = await findPriceChange(job, id);
      if (!known.ok) return known;
      reply.type('text/csv; charset=utf-8');
      return ok(Readable.from(impactTable(job, known.value.change)));
    }),
  );
}

const IMPACT_HEAD = [
  'external_reference',
  'customer_id',
  'subscription_id',
  'audience',
  'direction',
  'before',
  'after',
  'currency',
  'notice_channel',
];

/** The table of a dry run, line by line. */
export async function* impactTable(job: Job, change: PriceChange): AsyncGenerator<string> {
  yield csvLine(IMPACT_HEAD);
  for await (const rows of impactOf(job, change)) {
    for (const { customer, consent } of rows) {
      const { subscriptionId, audience, direction, before, after, notice } = consent;
      const named = [customer.externalReference, customer.id, subscriptionId];
      const kinds = [audience, direction];
      yield csvLine([...named, ...kinds, before, after, after.currency, notice.channel]);
    }
  }
}

function moveRoutes(app: FastifyInstance, deps: BillingDeps): void {
  const moves = { publish: publishPriceChange, withdraw: withdrawPriceChange };
  for (const [name, move] of Object.entries(moves)) {
    app.post<{ Params: ById }>(`/v1/price-changes/:id/${name}`, (request, reply) =>
      withChange(deps, { request, reply }, async (job, id) => {
        const moved = await move(job, id);
        return moved.ok ? found(await findPriceChange(job, id)) : moved;
      }),
    );
  }
}

function answerRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Params: ById; Body: PriceAnswerBody }>(
    '/v1/price-changes/:id/consents',
    { schema: { body: PriceAnswerSchema } },
    (request, reply) =>
      withChange(deps, { request, reply }, async (job, id) => {
        const { answer, channel, evidence_hash: evidenceHash } = request.body;
        const party = readParty(request.body, nowOf(job.engine, job.merchant));
        if (!party.ok) return party;
        const given = { ...party.value, answer, channel, evidenceHash };
        return toConsents(await recordPriceAnswer(job, id, given));
      }),
  );
  app.post<{ Params: ById; Body: PriceNoticeBody }>(
    '/v1/price-changes/:id/notices',
    { schema: { body: PriceNoticeSchema } },
    (request, reply) =>
      withChange(deps, { request, reply }, async (job, id) => {
        const { channel, reference } = request.body;
        const party = readParty(request.body, nowOf(job.engine, job.merchant));
        if (!party.ok) return party;
        const told = { ...party.value, channel, ...(reference === undefined ? {} : { reference }) };
        return toConsents(await recordPriceNotice(job, id, told));
      }),
  );
}

function toConsents(result: Result<readonly PriceChangeConsent[], Refusal>) {
  return result.ok ? ok({ data: result.value.map(toConsentWire) }) : result;
}

function found(
  result: Result<
    { readonly change: PriceChange; readonly counts: readonly ConsentCount[] },
    Refusal
  >,
) {
  if (!result.ok) return result;
  const { change, counts } = result.value;
  return ok({ ...toPriceChangeWire(change), customers: counts });
}

/** A page from rows that were read with a limit of `limit` + 1. */
function page<Row>(rows: readonly Row[], limit: number, cursorOf: (row: Row) => string) {
  const data = rows.slice(0, limit);
  const last = rows.length > limit ? data.at(-1) : undefined;
  return {
    data,
    has_more: last !== undefined,
    next_cursor: last === undefined ? null : cursorOf(last),
  };
}

function withChange(
  deps: BillingDeps,
  exchange: Exchange,
  work: (job: Job, id: PriceChangeId) => Promise<Result<unknown, Refusal>>,
) {
  const { id } = exchange.request.params as ById;
  if (!isId('pch', id)) return sendProblem(exchange.reply, 'id_not_valid', { param: 'id' });
  return answerBilling(deps, exchange, (job) => work(job, id));
}

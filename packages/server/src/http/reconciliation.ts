import { Readable } from 'node:stream';
import {
  type AssignBreakBody,
  AssignBreakSchema,
  type BreakQuery,
  BreakQuerySchema,
  type CloseDayBody,
  CloseDaySchema,
  PAGE_LIMIT_DEFAULT,
  type ReconciliationDayQuery,
  ReconciliationDayQuerySchema,
  type ReopenDayBody,
  ReopenDaySchema,
  type ResolveBreakBody,
  ResolveBreakSchema,
  toBreakWire,
  toListWire,
  toQuarantineWire,
  toReconciliationDayWire,
} from '@daikou/api';
import {
  type Break,
  type BreakFilter,
  type BreakId,
  isId,
  ok,
  type RailDate,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import {
  assignBreak,
  closeDay,
  everyBreak,
  findBreak,
  type Job,
  listBreaks,
  listDays,
  notFound,
  quarantineStatus,
  reopenDay,
  resolveBreak,
} from '@daikou/engine';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Cell, csvLine } from './csv.ts';
import { senderOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps, type Exchange } from './refusal.ts';

type ById = { Params: { readonly id: string } };

/** Dates of rails and the breaks that were found on them. */
export async function reconciliationRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  dayRoutes(app, deps);
  breakRoutes(app, deps);
  decisionRoutes(app, deps);
}

function dayRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get('/v1/quarantine', (request, reply) =>
    answerBilling(deps, { request, reply }, async (job) =>
      // The doctor looks at the whole installation, so a merchant's key does not ask it.
      ok(toQuarantineWire(await quarantineStatus(job, { withDoctor: false }))),
    ),
  );
  app.get<{ Querystring: ReconciliationDayQuery }>(
    '/v1/reconciliation/days',
    { schema: { querystring: ReconciliationDayQuerySchema } },
    (request, reply) => {
      const { limit = PAGE_LIMIT_DEFAULT, after, rail, state } = request.query;
      const before = after === undefined ? undefined : parseCursor(after);
      if (after !== undefined && before === undefined) {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      return answerBilling(deps, { request, reply }, async (job) => {
        const rows = await listDays(job, {
          limit: limit + 1,
          ...(rail === undefined ? {} : { rail }),
          ...(state === undefined ? {} : { state }),
          ...(before === undefined ? {} : { before }),
        });
        const last = rows.length > limit ? rows[limit - 1] : undefined;
        return ok({
          data: rows.slice(0, limit).map(toReconciliationDayWire),
          has_more: last !== undefined,
          next_cursor: last === undefined ? null : `${last.businessDate} ${last.rail}`,
        });
      });
    },
  );
  app.post<{ Body: CloseDayBody }>(
    '/v1/reconciliation/days/close',
    { schema: { body: CloseDaySchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const by = await senderOf(deps.store, request, request.body.by);
        const closed = await closeDay(job, railDateOf(request.body), by);
        return closed.ok ? ok(toReconciliationDayWire(closed.value)) : closed;
      }),
  );
  app.post<{ Body: ReopenDayBody }>(
    '/v1/reconciliation/days/reopen',
    { schema: { body: ReopenDaySchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const by = await senderOf(deps.store, request, request.body.by);
        const { reason } = request.body;
        const reopened = await reopenDay(job, railDateOf(request.body), { by, reason });
        return reopened.ok ? ok(toReconciliationDayWire(reopened.value)) : reopened;
      }),
  );
}

const CURSOR = /^(\d{4}-\d{2}-\d{2}) (\S{1,40})$/;

/** The date and rail that a page of days ended with. */
function parseCursor(text: string): RailDate | undefined {
  const [, date = '', rail = ''] = CURSOR.exec(text) ?? [];
  try {
    return { rail, businessDate: Temporal.PlainDate.from(date) };
  } catch {
    return undefined;
  }
}

function railDateOf(body: { readonly rail: string; readonly business_date: string }): RailDate {
  return { rail: body.rail, businessDate: Temporal.PlainDate.from(body.business_date) };
}

function breakRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Querystring: BreakQuery }>(
    '/v1/reconciliation/breaks',
    { schema: { querystring: BreakQuerySchema } },
    (request, reply) => {
      const { limit = PAGE_LIMIT_DEFAULT, after } = request.query;
      if (after !== undefined && !isId('brk', after)) {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      const filter = filterOf(request.query);
      return answerBilling(deps, { request, reply }, async (job) => {
        if (request.headers.accept?.includes('text/csv') === true) return asCsv(job, filter, reply);
        const page = { limit: limit + 1, ...(after === undefined ? {} : { after }) };
        const rows = await listBreaks(job, { ...filter, ...page });
        return ok(toListWire(rows.map(toBreakWire), limit));
      });
    },
  );
  app.get<ById>('/v1/reconciliation/breaks/:id', (request, reply) =>
    answerBreak(deps, { request, reply }, async (job, id) => {
      const found = await findBreak(job, id);
      return found === undefined ? refuse(notFound('break')) : ok(found);
    }),
  );
}

function filterOf(query: BreakQuery): BreakFilter {
  const { rail, business_date: date, state, class: kind, owner } = query;
  return {
    ...(rail === undefined ? {} : { rail }),
    ...(date === undefined ? {} : { businessDate: Temporal.PlainDate.from(date) }),
    ...(state === undefined ? {} : { state }),
    ...(kind === undefined ? {} : { class: kind }),
    ...(owner === undefined ? {} : { owner }),
  };
}

function asCsv(job: Job, filter: BreakFilter, reply: FastifyReply): Result<Readable, never> {
  reply.type('text/csv; charset=utf-8');
  return ok(Readable.from(breakTable(job, filter)));
}

const BREAK_HEAD = [
  'id',
  'rail',
  'business_date',
  'class',
  'state',
  'order_number',
  'refund_number',
  'rail_amount',
  'our_amount',
  'difference',
  'currency',
  'owner',
  'suggested_action',
  'root_cause',
  'opened_at',
  'ended_at',
  'ended_by',
  'how',
  'evidence',
  'note',
];

/** All breaks of a filter as a table for spreadsheets, line by line. */
export async function* breakTable(job: Job, filter: BreakFilter): AsyncGenerator<string> {
  yield csvLine(BREAK_HEAD);
  for await (const one of everyBreak(job, filter)) yield csvLine(cellsOf(one));
}

function cellsOf(one: Break): readonly Cell[] {
  const { end } = one;
  const currency = (one.difference ?? one.railAmount ?? one.ourAmount)?.currency;
  return [
    one.id,
    one.rail,
    one.businessDate.toString(),
    one.class,
    one.state,
    one.orderNumber,
    one.refundNumber,
    one.railAmount,
    one.ourAmount,
    one.difference,
    currency,
    one.owner,
    one.suggestedAction,
    one.rootCause,
    one.openedAt.toString(),
    end?.at.toString(),
    end?.by,
    end?.how,
    end?.evidence.reference,
    one.note,
  ];
}

function decisionRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById & { Body: AssignBreakBody }>(
    '/v1/reconciliation/breaks/:id/assign',
    { schema: { body: AssignBreakSchema } },
    (request, reply) =>
      answerBreak(deps, { request, reply }, (job, id) => assignBreak(job, id, request.body)),
  );
  app.post<ById & { Body: ResolveBreakBody }>(
    '/v1/reconciliation/breaks/:id/resolve',
    { schema: { body: ResolveBreakSchema } },
    (request, reply) =>
      answerBreak(deps, { request, reply }, async (job, id) => {
        const { how, evidence, approved_by: approvedBy, note } = request.body;
        const by = await senderOf(deps.store, request, request.body.by);
        return resolveBreak(job, id, {
          how,
          by,
          ...(evidence === undefined ? {} : { evidence }),
          ...(approvedBy === undefined ? {} : { approvedBy }),
          ...(note === undefined ? {} : { note }),
        });
      }),
  );
}

function answerBreak(
  deps: BillingDeps,
  exchange: Exchange,
  work: (job: Job, id: BreakId) => Promise<Result<Break, Refusal>>,
) {
  const { id } = exchange.request.params as ById['Params'];
  if (!isId('brk', id)) return sendProblem(exchange.reply, 'id_not_valid', { param: 'id' });
  return answerBilling(deps, exchange, async (job) => {
    const result = await work(job, id);
    return result.ok ? ok(toBreakWire(result.value)) : result;
  });
}

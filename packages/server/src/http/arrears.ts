import { Readable } from 'node:stream';
import {
  ArrearsQuerySchema,
  PAGE_LIMIT_DEFAULT,
  toArrearsListWire,
  toArrearsStepsWire,
  toArrearsWire,
  toExportLine,
} from '@daikou/api';
import { isId, kindOfId, ok } from '@daikou/core';
import {
  ALL_BUCKETS,
  type ExportRow,
  exportCustomer,
  findArrears,
  listArrears,
  NO_PROGRESS,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { merchantOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { Params: { readonly id: string } };
type Listed = {
  Querystring: { readonly limit?: number; readonly after?: string; readonly state?: string };
};

/** What unpaid invoices do to services, and what a customer may take along. */
export async function arrearsRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.get<Listed>(
    '/v1/arrears',
    { schema: { querystring: ArrearsQuerySchema } },
    (request, reply) => {
      const { after, state, limit = PAGE_LIMIT_DEFAULT } = request.query;
      if (after !== undefined && kindOfId(after) !== 'cus') {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      return answerBilling(deps, { request, reply }, async (job) => {
        const rows = await listArrears(job, {
          limit: limit + 1,
          ...(after === undefined ? {} : { after }),
          ...(state === undefined ? {} : { state }),
        });
        return ok(toArrearsListWire(rows, limit));
      });
    },
  );
  app.get<ById>('/v1/customers/:id/arrears', (request, reply) => {
    const { id } = request.params;
    if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const found = await findArrears(job, id);
      if (!found.ok) return found;
      const { payer, arrears, policy } = found.value;
      return ok({
        customer_id: payer.id,
        arrears: arrears === undefined ? null : toArrearsWire(arrears),
        steps: toArrearsStepsWire(policy),
      });
    });
  });
  exportRoute(app, deps);
}

/** Streams line by line: years of rows are never held at once. */
function exportRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.get<ById>('/v1/customers/:id/export', async (request, reply) => {
    const { id } = request.params;
    if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    const merchant = merchantOf(request);
    const target = await deps.targetOf(merchant.code);
    if (target === undefined) return sendProblem(reply, 'not_ready');
    const job = {
      engine: target.engine,
      merchant,
      buckets: ALL_BUCKETS,
      progress: NO_PROGRESS,
    };
    const rows = await exportCustomer(job, id);
    if (rows === undefined) return sendProblem(reply, 'not_found');
    return reply
      .type('application/x-ndjson')
      .header('content-disposition', `attachment; filename="${id}.ndjson"`)
      .send(Readable.from(linesOf(rows)));
  });
}

async function* linesOf(rows: AsyncIterable<ExportRow>): AsyncGenerator<string> {
  for await (const row of rows) yield toExportLine(row);
}

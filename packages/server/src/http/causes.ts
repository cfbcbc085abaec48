import { CauseReportQuerySchema, toCauseReportWire, toCauseWire, toPlanFitWire } from '@daikou/api';
import { businessDate, type CauseGroup, isId, type Locale, ok } from '@daikou/core';
import {
  type CauseReport,
  type Job,
  nowOf,
  readCause,
  readPlanFit,
  reportCauses,
} from '@daikou/engine';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { csvLine } from './csv.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { Params: { readonly id: string } };
type ReportQuery = {
  Querystring: {
    readonly month?: string;
    readonly by?: CauseGroup;
    readonly format?: 'json' | 'csv';
  };
};

/** Why invoices are overdue, and whether another plan would fit. */
export async function causeRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.get<ById>('/v1/invoices/:id/cause', async (request, reply) => {
    const { id } = request.params;
    if (!isId('inv', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const found = await readCause(job, id);
      const names = { locale: localeOf(request), zone: job.merchant.zone };
      return found.ok ? ok(toCauseWire(found.value, names)) : found;
    });
  });
  app.get<ReportQuery>(
    '/v1/insights/arrears-causes',
    { schema: { querystring: CauseReportQuerySchema } },
    async (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { month, by, format } = request.query;
        const report = await reportCauses(job, {
          month: month === undefined ? monthOf(job) : Temporal.PlainYearMonth.from(month),
          ...(by === undefined ? {} : { by }),
        });
        if (format !== 'csv') return ok(toCauseReportWire(report));
        reply.type('text/csv; charset=utf-8');
        return ok(reportTable(report));
      }),
  );
  app.get<ById>('/v1/subscriptions/:id/plan-fit', async (request, reply) => {
    const { id } = request.params;
    if (!isId('sub', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const fit = await readPlanFit(job, id);
      return fit.ok ? ok(toPlanFitWire(fit.value)) : fit;
    });
  });
}

/** The month of the merchant's business date. */
export function monthOf(job: Job): Temporal.PlainYearMonth {
  return businessDate(nowOf(job.engine, job.merchant), job.merchant.zone).toPlainYearMonth();
}

/** The report as a table for spreadsheets: shares in basis points, amounts in major units. */
export function reportTable({ month, by, rows }: CauseReport): string {
  const head = csvLine([
    'month',
    by ?? 'group',
    'cause',
    'invoices',
    'count_basis_points',
    'amount',
    'currency',
    'amount_basis_points',
  ]);
  const lines = rows.map(({ group, cause, invoices, shareOfCount, amount, shareOfAmount }) =>
    csvLine([
      month.toString(),
      group,
      cause,
      invoices,
      shareOfCount,
      amount,
      amount.currency,
      shareOfAmount,
    ]),
  );
  return head + lines.join('');
}

function localeOf(request: FastifyRequest): Locale {
  return /^\s*zh\b/i.test(request.headers['accept-language'] ?? '') ? 'zh-CN' : 'en';
}

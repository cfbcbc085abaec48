import { ComparisonQuerySchema, type ComparisonWire, toAmountWire } from '@daikou/api';
import { type InvoiceId, isId, type Locale, ok } from '@daikou/core';
import { type Comparison, compareBills } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type Route = {
  Params: { readonly id: string };
  Querystring: { readonly with?: InvoiceId };
};

/** Why a bill is not what the one before it was. */
export async function comparisonRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.get<Route>(
    '/v1/invoices/:id/comparison',
    { schema: { querystring: ComparisonQuerySchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('inv', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      const isZh = /^\s*zh\b/i.test(request.headers['accept-language'] ?? '');
      const locale: Locale = isZh ? 'zh-CN' : 'en';
      return answerBilling(deps, { request, reply }, async (job) => {
        const comparison = await compareBills(job, id, { ...request.query, locale });
        return comparison.ok ? ok(toComparisonWire(comparison.value)) : comparison;
      });
    },
  );
}

function toComparisonWire(comparison: Comparison): ComparisonWire {
  return {
    invoice_id: comparison.invoice,
    with: comparison.with,
    before: toAmountWire(comparison.before),
    after: toAmountWire(comparison.after),
    difference: toAmountWire(comparison.difference),
    parts: comparison.parts.map(({ cause, amount, priceCode, sentence }) => ({
      cause,
      amount: toAmountWire(amount),
      price_code: priceCode ?? null,
      sentence,
    })),
  };
}

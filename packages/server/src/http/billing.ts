import {
  type NewGrantBody,
  NewGrantSchema,
  type PreviewBody,
  PreviewSchema,
  toCreditGrantWire,
} from '@daikou/api';
import { isId, type Locale, ok } from '@daikou/core';
import { grantCredit, listCredits, previewInvoice } from '@daikou/engine';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readDate, toMoneyOf } from './billing-body.ts';
import { toPreviewWire } from './billing-wire.ts';
import { catalogRoutes } from './catalog.ts';
import { readChange } from './change-body.ts';
import { comparisonRoutes } from './comparison.ts';
import { couponRoutes } from './coupons.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';
import { subscriptionRoutes } from './subscriptions.ts';

type ById = { readonly id: string };

/** Everything that billing answers: catalogue, subscriptions, previews, credits, comparisons. */
export async function billingRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  await catalogRoutes(app, deps);
  await subscriptionRoutes(app, deps);
  await couponRoutes(app, deps);
  await comparisonRoutes(app, deps);
  previewRoute(app, deps);
  creditRoutes(app, deps);
}

function previewRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Body: PreviewBody }>(
    '/v1/invoices/preview',
    { schema: { body: PreviewSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { subscription_id: subscriptionId, change, as_of: text } = request.body;
        const asOf = text === undefined ? undefined : readDate(text, 'as_of');
        if (asOf?.ok === false) return asOf;
        const locale = localeOf(request);
        const preview = await previewInvoice(job, {
          subscriptionId,
          locale,
          ...(change === undefined ? {} : { read: (facts) => readChange(change, facts) }),
          ...(asOf === undefined ? {} : { asOf: asOf.value }),
        });
        return preview.ok ? ok(toPreviewWire(preview.value, locale)) : preview;
      }),
  );
}

function creditRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Params: ById; Body: NewGrantBody }>(
    '/v1/customers/:id/credit-grants',
    { schema: { body: NewGrantSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const { kind, amount, reference, name_zh: nameZh, name_en: nameEn } = request.body;
        const text = request.body.expires_on;
        const expiresOn = text === undefined ? undefined : readDate(text, 'expires_on');
        if (expiresOn?.ok === false) return expiresOn;
        const granted = await grantCredit(job, {
          customerId: id,
          kind,
          amount: toMoneyOf(amount),
          ...(expiresOn === undefined ? {} : { expiresOn: expiresOn.value }),
          ...(nameZh === undefined ? {} : { nameZh }),
          ...(nameEn === undefined ? {} : { nameEn }),
          ...(reference === undefined ? {} : { reference }),
        });
        return granted.ok ? ok(toCreditGrantWire(granted.value)) : granted;
      });
    },
  );
  app.get<{ Params: ById }>('/v1/customers/:id/credit-grants', async (request, reply) => {
    const { id } = request.params;
    if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const grants = await listCredits(job, id);
      return grants.ok ? ok({ data: grants.value.map(toCreditGrantWire) }) : grants;
    });
  });
}

function localeOf(request: FastifyRequest): Locale {
  return /^\s*zh\b/i.test(request.headers['accept-language'] ?? '') ? 'zh-CN' : 'en';
}

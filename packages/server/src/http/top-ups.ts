import {
  type NewTopUpRuleBody,
  NewTopUpRuleSchema,
  type StopTopUpBody,
  StopTopUpSchema,
  toTopUpRuleWire,
  toTopUpWire,
} from '@daikou/api';
import { isId, ok, type TopUpWish } from '@daikou/core';
import { agreeTopUp, findTopUps, stopTopUp } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { toMoneyOf } from './billing-body.ts';
import { senderOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { Params: { readonly id: string } };

/** Automatic top-ups of a prepaid balance: what a customer agreed to, and what came of it. */
export async function topUpRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.post<ById & { Body: NewTopUpRuleBody }>(
    '/v1/customers/:id/top-up',
    { schema: { body: NewTopUpRuleSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      const { subscription_id: named } = request.body;
      if (named !== undefined && !isId('sub', named)) {
        return sendProblem(reply, 'id_not_valid', { param: 'subscription_id' });
      }
      return answerBilling(deps, { request, reply }, async (job) => {
        const by = await senderOf(deps.store, request, request.body.by);
        const agreed = await agreeTopUp(job, id, {
          ...toWish(request.body, by),
          ...(named === undefined ? {} : { subscriptionId: named }),
        });
        return agreed.ok ? ok(toTopUpRuleWire(agreed.value)) : agreed;
      });
    },
  );
  app.post<ById & { Body: StopTopUpBody }>(
    '/v1/customers/:id/top-up/stop',
    { schema: { body: StopTopUpSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const by = await senderOf(deps.store, request, request.body.by);
        const { currency } = request.body;
        const stopped = await stopTopUp(job, id, { currency, by });
        return stopped.ok ? ok(toTopUpRuleWire(stopped.value)) : stopped;
      });
    },
  );
  app.get<ById>('/v1/customers/:id/top-up', (request, reply) => {
    const { id } = request.params;
    if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const found = await findTopUps(job, id);
      if (!found.ok) return found;
      const { rules, topUps } = found.value;
      return ok({
        rules: rules.map(toTopUpRuleWire),
        top_ups: topUps.map(toTopUpWire),
      });
    });
  });
}

function toWish(body: NewTopUpRuleBody, by: string): TopUpWish {
  const { at, channel, evidence_hash: evidenceHash } = body.consent;
  return {
    low: toMoneyOf(body.low),
    amount: toMoneyOf(body.amount),
    monthlyCap: toMoneyOf(body.monthly_cap),
    consent: { at: Temporal.Instant.from(at), channel, evidenceHash },
    by,
  };
}

import {
  type NewBalanceAlertBody,
  NewBalanceAlertSchema,
  type RemoveBalanceAlertBody,
  RemoveBalanceAlertSchema,
  toBalanceAlertWire,
} from '@daikou/api';
import { isId, ok } from '@daikou/core';
import { listBalanceAlerts, removeBalanceAlert, setBalanceAlert } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { toMoneyOf } from './billing-body.ts';
import { senderOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { Params: { readonly id: string } };

/** When a customer's prepaid balance counts as low. */
export async function balanceAlertRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.post<ById & { Body: NewBalanceAlertBody }>(
    '/v1/customers/:id/balance-alerts',
    { schema: { body: NewBalanceAlertSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const { low, low_days: lowDays } = request.body;
        const set = await setBalanceAlert(job, id, {
          low: toMoneyOf(low),
          ...(lowDays === undefined ? {} : { lowDays }),
          by: await senderOf(deps.store, request, request.body.by),
        });
        return set.ok ? ok(toBalanceAlertWire(set.value)) : set;
      });
    },
  );
  app.post<ById & { Body: RemoveBalanceAlertBody }>(
    '/v1/customers/:id/balance-alerts/remove',
    { schema: { body: RemoveBalanceAlertSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const removed = await removeBalanceAlert(job, id, request.body.currency);
        if (!removed.ok) return removed;
        const left = await listBalanceAlerts(job, id);
        return left.ok ? ok({ data: left.value.map(toBalanceAlertWire) }) : left;
      });
    },
  );
  app.get<ById>('/v1/customers/:id/balance-alerts', (request, reply) => {
    const { id } = request.params;
    if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const found = await listBalanceAlerts(job, id);
      return found.ok ? ok({ data: found.value.map(toBalanceAlertWire) }) : found;
    });
  });
}

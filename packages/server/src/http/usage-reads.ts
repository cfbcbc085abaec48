import {
  type CustomerUsageWire,
  type NewMeterBody,
  NewMeterSchema,
  type SubscriptionUsageWire,
  toAmountOrNull,
  toMeterWire,
  toPeriodWire,
  toUnitsWire,
  UsageQuerySchema,
  type UsageQueryWire,
} from '@daikou/api';
import {
  type CustomerId,
  isId,
  type NewMeter,
  ok,
  type Period,
  type Refusal,
  type Result,
  refuse,
  type SubscriptionId,
} from '@daikou/core';
import {
  addMeter,
  type MeterUsage,
  readCustomerUsage,
  readSubscriptionUsage,
  type SubscriptionUsage,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { readDate } from './billing-body.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { Params: { readonly id: string } };
type UsageRoute = ById & { Querystring: UsageQueryWire };

/** Reading usage, and making the meters that count it. */
export async function usageRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.get<UsageRoute>(
    '/v1/customers/:id/usage',
    { schema: { querystring: UsageQuerySchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const period = readPeriod(request.query);
        if (!period.ok) return period;
        const { meter, group_by: groups } = request.query;
        const usage = await readCustomerUsage(job, {
          customerId: id,
          period: period.value,
          ...(meter === undefined ? {} : { meter }),
          ...(groups === undefined ? {} : { groupBy: groups.split(',') }),
        });
        return usage.ok ? ok(toCustomerUsageWire(id, period.value, usage.value)) : usage;
      });
    },
  );
  app.get<ById>('/v1/subscriptions/:id/usage', (request, reply) => {
    const { id } = request.params;
    if (!isId('sub', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const usage = await readSubscriptionUsage(job, id);
      return usage.ok ? ok(toSubscriptionUsageWire(id, usage.value)) : usage;
    });
  });
  meterRoutes(app, deps);
}

function meterRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get('/v1/meters', (request, reply) =>
    answerBilling(deps, { request, reply }, async (job) => {
      const meters = await job.engine.store.transact(job.merchant.id, (tx) => tx.loadMeters());
      return ok({ data: meters.map(toMeterWire) });
    }),
  );
  app.post<{ Body: NewMeterBody }>(
    '/v1/meters',
    { schema: { body: NewMeterSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const added = await addMeter(job, fromBody(request.body));
        if (!added.ok) return added;
        reply.code(201);
        return ok(toMeterWire(added.value));
      }),
  );
}

function fromBody(body: NewMeterBody): NewMeter {
  const { name_zh: nameZh, name_en: nameEn, value_property: valueProperty } = body;
  const { group_by: groupBy, takes_negative: takesNegative, filters, rounding, keeps } = body;
  return {
    code: body.code,
    eventType: body.event_type,
    aggregation: body.aggregation,
    ...(nameZh === undefined ? {} : { nameZh }),
    ...(nameEn === undefined ? {} : { nameEn }),
    ...(valueProperty === undefined ? {} : { valueProperty }),
    ...(filters === undefined ? {} : { filters }),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(rounding === undefined ? {} : { rounding }),
    ...(takesNegative === undefined ? {} : { takesNegative }),
    ...(keeps === undefined ? {} : { keeps }),
  };
}

function readPeriod({ from, until }: UsageQueryWire): Result<Period, Refusal> {
  const start = readDate(from, 'from');
  if (!start.ok) return start;
  const end = readDate(until, 'until');
  if (!end.ok) return end;
  if (Temporal.PlainDate.compare(start.value, end.value) >= 0) {
    return refuse({
      code: 'period_not_forward',
      sentence: 'The period ends before it begins, or has no day.',
      next: 'Set until to a day after from; it is not part of the period.',
      field: 'until',
    });
  }
  return ok({ start: start.value, end: end.value });
}

function toCustomerUsageWire(
  customer: CustomerId,
  period: Period,
  usage: readonly MeterUsage[],
): CustomerUsageWire {
  return {
    customer_id: customer,
    period: toPeriodWire(period),
    meters: usage.map(({ meter, units, events, groups }) => ({
      meter: meter.code,
      meter_id: meter.id,
      units: toUnitsWire(units),
      events: Number(events),
      groups: groups.map((group) => ({
        group: { ...group.group },
        units: toUnitsWire(group.units),
        events: Number(group.events),
      })),
    })),
  };
}

function toSubscriptionUsageWire(
  id: SubscriptionId,
  { items }: SubscriptionUsage,
): SubscriptionUsageWire {
  return {
    subscription_id: id,
    items: items.map(({ itemId, meter, period, units, events, cost, forecast }) => ({
      item_id: itemId,
      meter: meter.code,
      meter_id: meter.id,
      period: toPeriodWire(period),
      units: toUnitsWire(units),
      events: Number(events),
      cost: toAmountOrNull(cost),
      forecast: {
        units: toUnitsWire(forecast.units),
        cost: toAmountOrNull(forecast.cost),
        method: forecast.method,
      },
    })),
  };
}

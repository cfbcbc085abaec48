import {
  type AddedPackWire,
  type NewResourcePackBody,
  NewResourcePackSchema,
  type NewThresholdBody,
  NewThresholdSchema,
  ThresholdQuerySchema,
  toInvoiceWire,
  toResourcePackWire,
  toThresholdWire,
  toWaitingLineWire,
} from '@daikou/api';
import {
  type CustomerId,
  isId,
  ok,
  parseRatio,
  type Ratio,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import {
  type AddedPack,
  addResourcePack,
  addThreshold,
  listResourcePacks,
  listThresholds,
  type PackRequest,
  type ThresholdRequest,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { readDate, toMoneyOf } from './billing-body.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { Params: { readonly id: string } };

/** Resource packs, which usage burns before it is priced, and thresholds, which tell of it. */
export async function usageBoundRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  packRoutes(app, deps);
  thresholdRoutes(app, deps);
}

function packRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<ById & { Body: NewResourcePackBody }>(
    '/v1/customers/:id/resource-packs',
    { schema: { body: NewResourcePackSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const wanted = readPack(request.body, id);
        if (!wanted.ok) return wanted;
        const added = await addResourcePack(job, wanted.value);
        if (!added.ok) return added;
        reply.code(201);
        return ok(toAddedPackWire(added.value));
      });
    },
  );
  app.get<ById>('/v1/customers/:id/resource-packs', (request, reply) => {
    const { id } = request.params;
    if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const packs = await listResourcePacks(job, id);
      if (!packs.ok) return packs;
      return ok({ data: packs.value.map(({ pack, meter }) => toResourcePackWire(pack, meter)) });
    });
  });
}

function thresholdRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Body: NewThresholdBody }>(
    '/v1/usage/thresholds',
    { schema: { body: NewThresholdSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const wanted = readThreshold(request.body);
        if (!wanted.ok) return wanted;
        const added = await addThreshold(job, wanted.value);
        if (!added.ok) return added;
        reply.code(201);
        return ok(toThresholdWire(added.value.threshold, added.value.meter));
      }),
  );
  app.get<{ Querystring: { readonly customer_id: CustomerId } }>(
    '/v1/usage/thresholds',
    { schema: { querystring: ThresholdQuerySchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const known = await listThresholds(job, request.query.customer_id);
        if (!known.ok) return known;
        const data = known.value.map(({ threshold, meter }) => toThresholdWire(threshold, meter));
        return ok({ data });
      }),
  );
}

/** A pack as a body says; core decides about it. */
export function readPack(
  body: NewResourcePackBody,
  customerId: CustomerId,
): Result<PackRequest, Refusal> {
  const { meter, valid_from: from, sale } = body;
  const units = readUnits(body.units);
  if (!units.ok) return units;
  const validFrom = from === undefined ? undefined : readDate(from, 'valid_from');
  if (validFrom?.ok === false) return validFrom;
  const expiresOn = readDate(body.expires_on, 'expires_on');
  if (!expiresOn.ok) return expiresOn;
  return ok({
    customerId,
    meter,
    units: units.value,
    expiresOn: expiresOn.value,
    ...(validFrom === undefined ? {} : { validFrom: validFrom.value }),
    ...(sale === undefined
      ? {}
      : {
          sale: {
            subscriptionId: sale.subscription_id,
            priceVersionId: sale.price_version_id,
            ...(sale.bill === undefined ? {} : { bill: sale.bill }),
          },
        }),
  });
}

/** A threshold as a body says; core decides about it. */
export function readThreshold(body: NewThresholdBody): Result<ThresholdRequest, Refusal> {
  const { customer_id: customerId, meter, amount, interval } = body;
  const units = body.units === undefined ? undefined : readUnits(body.units);
  if (units?.ok === false) return units;
  const anchor = body.anchor === undefined ? undefined : readDate(body.anchor, 'anchor');
  if (anchor?.ok === false) return anchor;
  return ok({
    customerId,
    meter,
    ...(units === undefined ? {} : { units: units.value }),
    ...(amount === undefined ? {} : { amount: toMoneyOf(amount) }),
    ...(anchor === undefined ? {} : { anchor: anchor.value }),
    ...(interval === undefined ? {} : { interval }),
  });
}

function readUnits(text: string): Result<Ratio, Refusal> {
  const units = parseRatio(text);
  return units.ok ? units : refuse({ ...units.refusal, field: 'units' });
}

/** What adding a pack did, in its wire form. */
export function toAddedPackWire({ pack, meter, lines, billed }: AddedPack): AddedPackWire {
  return {
    resource_pack: toResourcePackWire(pack, meter),
    lines: lines.map(toWaitingLineWire),
    billed: billed === undefined ? null : toInvoiceWire(billed),
  };
}

import {
  type ConfirmMandateBody,
  ConfirmMandateSchema,
  type EndMandateBody,
  EndMandateSchema,
  MandateDriftQuerySchema,
  type MandateOrderBody,
  MandateOrderSchema,
  type NewMandateBody,
  NewMandateSchema,
  PAGE_LIMIT_DEFAULT,
  toListWire,
  toMandateDriftWire,
  toMandateEndWire,
  toMandateWire,
  toSigningBegunWire,
  toSweepBrakeWire,
} from '@daikou/api';
import { isId, ok, type PayerAccount, type Refusal, type Result } from '@daikou/core';
import {
  beginMandate,
  confirmMandate,
  endMandate,
  orderMandates,
  readMandateEnd,
  type SigningWish,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { readDate, toMoneyOf } from './billing-body.ts';
import { merchantOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { readonly id: string };
type DriftQuery = { readonly limit?: number; readonly after?: string; readonly state?: string };

/** Signing, ending and ordering mandates, and where they differ from the rails' word. */
export async function mandateRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  signingRoutes(app, deps);
  endRoutes(app, deps);
  orderRoute(app, deps);
  driftRoute(app, deps);
}

function signingRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Body: NewMandateBody }>(
    '/v1/mandates',
    { schema: { body: NewMandateSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const wish = readWish(request.body, request.ip);
        if (!wish.ok) return wish;
        const begun = await beginMandate(job, wish.value);
        if (!begun.ok) return begun;
        const { mandate, started } = begun.value;
        return ok(toSigningBegunWire(toMandateWire(mandate), started));
      }),
  );
  app.post<{ Params: ById; Body: ConfirmMandateBody }>(
    '/v1/mandates/:id/confirm',
    { schema: { body: ConfirmMandateSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('man', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const { code, account: given } = request.body;
        const account = readAccount(given);
        if (!account.ok) return account;
        const answer = account.value === undefined ? { code } : { code, account: account.value };
        const mandate = await confirmMandate(job, id, answer);
        return mandate.ok ? ok(toMandateWire(mandate.value)) : mandate;
      });
    },
  );
}

function readWish(body: NewMandateBody, clientIp: string): Result<SigningWish, Refusal> {
  const account = readAccount(body.account);
  if (!account.ok) return account;
  const { customer_id: customerId, rail, flow, single_cap: cap } = body;
  return ok({
    customerId,
    rail,
    clientIp,
    ...(flow === undefined ? {} : { flow }),
    ...(cap === undefined ? {} : { singleCap: toMoneyOf(cap) }),
    ...(account.value === undefined ? {} : { account: account.value }),
  });
}

/** The payer's account of a body, in memory only; a wrong date is named without what it is of. */
function readAccount(given: NewMandateBody['account']): Result<PayerAccount | undefined, Refusal> {
  if (given === undefined) return ok(undefined);
  if (given.kind === 'card') {
    return ok({
      kind: 'card',
      number: given.number,
      holderName: given.holder_name,
      identityNumber: given.identity_number,
      phone: given.phone,
    });
  }
  const signedOn = readDate(given.signed_on, 'account.signed_on');
  if (!signedOn.ok) return signedOn;
  return ok({
    kind: 'bank_account',
    iban: given.iban,
    holderName: given.holder_name,
    signedOn: signedOn.value,
    ...(given.bic === undefined ? {} : { bic: given.bic }),
  });
}

function endRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Params: ById; Body: EndMandateBody }>(
    '/v1/mandates/:id/end',
    { schema: { body: EndMandateSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('man', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const ended = await endMandate(job, id, request.body);
        if (!ended.ok) return ended;
        return ok(toMandateEndWire(toMandateWire(ended.value.mandate), ended.value.end));
      });
    },
  );
  app.get<{ Params: ById }>('/v1/mandates/:id/end', async (request, reply) => {
    const { id } = request.params;
    if (!isId('man', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const ended = await readMandateEnd(job, id);
      if (!ended.ok) return ended;
      return ok(toMandateEndWire(toMandateWire(ended.value.mandate), ended.value.end));
    });
  });
}

function orderRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Params: ById; Body: MandateOrderBody }>(
    '/v1/customers/:id/mandates/order',
    { schema: { body: MandateOrderSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const ordered = await orderMandates(job, id, request.body.mandate_ids);
        return ordered.ok ? ok({ data: ordered.value.map(toMandateWire) }) : ordered;
      });
    },
  );
}

function driftRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.get('/v1/mandates/brakes', async (request) => {
    const { id } = merchantOf(request);
    const brakes = await deps.store.transact(id, (tx) => tx.findOpenBrakes());
    return { data: brakes.map(toSweepBrakeWire) };
  });
  app.get<{ Querystring: DriftQuery }>(
    '/v1/mandates/drift',
    { schema: { querystring: MandateDriftQuerySchema } },
    async (request, reply) => {
      const { limit = PAGE_LIMIT_DEFAULT, after, state } = request.query;
      if (after !== undefined && !isId('drf', after)) {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      const drifts = await deps.store.transact(merchantOf(request).id, (tx) =>
        tx.listDrifts({
          limit: limit + 1,
          ...(after === undefined ? {} : { after }),
          ...(state === undefined ? {} : { state }),
        }),
      );
      return toListWire(drifts.map(toMandateDriftWire), limit);
    },
  );
}

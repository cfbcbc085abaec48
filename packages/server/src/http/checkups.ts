import {
  type AcceptFindingBody,
  AcceptFindingSchema,
  type CardExpiryBody,
  CardExpirySchema,
  CheckupQuerySchema,
  PAGE_LIMIT_DEFAULT,
  toCheckupFindingWire,
  toCheckupWire,
  toListWire,
  toMandateWire,
  toSelfAuditWire,
} from '@daikou/api';
import { type CheckupVerdict, isId, kindOfId, ok, refuse } from '@daikou/core';
import {
  acceptFinding,
  findCheckup,
  listCheckups,
  notFound,
  readSelfAudit,
  tellCardExpiry,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { readDate } from './billing-body.ts';
import { senderOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { Params: { readonly id: string } };
type Page = {
  readonly limit?: number;
  readonly after?: string;
  readonly verdict?: CheckupVerdict;
  readonly date?: string;
};

/** What was found before debits, and what is debited from one customer. */
export async function checkupRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.get<ById>('/v1/invoices/:id/checkup', async (request, reply) => {
    const { id } = request.params;
    if (!isId('inv', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const read = await findCheckup(job, id);
      return read === undefined ? refuse(notFound('checkup')) : ok(toCheckupWire(read));
    });
  });
  app.get<{ Querystring: Page }>(
    '/v1/checkups',
    { schema: { querystring: CheckupQuerySchema } },
    async (request, reply) => {
      const { after, limit = PAGE_LIMIT_DEFAULT, verdict, date } = request.query;
      if (after !== undefined && kindOfId(after) !== 'chk') {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      return answerBilling(deps, { request, reply }, async (job) => {
        const day = date === undefined ? undefined : readDate(date, 'date');
        if (day?.ok === false) return day;
        const rows = await listCheckups(job, {
          limit: limit + 1,
          ...(after === undefined ? {} : { after }),
          ...(verdict === undefined ? {} : { verdict }),
          ...(day === undefined ? {} : { date: day.value }),
        });
        return ok(toListWire(rows.map(toCheckupWire), limit));
      });
    },
  );
  app.post<ById & { Body: AcceptFindingBody }>(
    '/v1/checkup-findings/:id/accept',
    { schema: { body: AcceptFindingSchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('cfd', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const by = await senderOf(deps.store, request, request.body.by);
        const { remark } = request.body;
        const acceptance = { by, ...(remark === undefined ? {} : { remark }) };
        const accepted = await acceptFinding(job, id, acceptance);
        return accepted.ok ? ok(toCheckupFindingWire(accepted.value)) : accepted;
      });
    },
  );
  app.post<ById & { Body: CardExpiryBody }>(
    '/v1/mandates/:id/card-expiry',
    { schema: { body: CardExpirySchema } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isId('man', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const expiresOn = readDate(request.body.expires_on, 'expires_on');
        if (!expiresOn.ok) return expiresOn;
        const told = await tellCardExpiry(job, id, expiresOn.value);
        return told.ok ? ok(toMandateWire(told.value)) : told;
      });
    },
  );
  app.get<ById>('/v1/customers/:id/self-audit', async (request, reply) => {
    const { id } = request.params;
    if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    return answerBilling(deps, { request, reply }, async (job) => {
      const audit = await readSelfAudit(job, id);
      return audit === undefined ? refuse(notFound('customer')) : ok(toSelfAuditWire(audit));
    });
  });
}

import {
  type ChangeContactBody,
  ChangeContactSchema,
  CustomerNoticesQuerySchema,
  fromNoticePreferencesBody,
  type NewTemplateBody,
  NewTemplateSchema,
  type NoticePreferencesBody,
  NoticePreferencesSchema,
  PAGE_LIMIT_DEFAULT,
  ProofQuerySchema,
  toContactWire,
  toInboxWire,
  toListWire,
  toNoticePreferencesWire,
  toNoticeWire,
  toOwnTemplateWire,
  toProofWire,
  toRenderedWire,
  toWordsWire,
  type WordingBody,
  WordingSchema,
} from '@daikou/api';
import {
  type ContactChange,
  type CustomerId,
  instantAt,
  isId,
  kindOfId,
  type Notice,
  type NoticeId,
  ok,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import {
  changeContact,
  changePreferences,
  findNotice,
  type Job,
  listInbox,
  listNotices,
  listTemplates,
  notFound,
  noticeProof,
  previewTemplate,
  publishTemplate,
  type Reach,
  readContacts,
  readMessage,
  resendNotice,
} from '@daikou/engine';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { senderOf } from './keys.ts';
import { proofCsv } from './notice-csv.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps, type Exchange } from './refusal.ts';

type ById = { Params: { readonly id: string } };
type Paged = ById & { Querystring: { readonly limit?: number; readonly after?: string } };
type ProofQuery = {
  readonly from?: string;
  readonly until?: string;
  readonly format?: 'json' | 'csv';
};

/** What customers are told, how they are reached, and how it is proved. */
export async function noticeRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  contactRoutes(app, deps);
  listRoutes(app, deps);
  proofRoute(app, deps);
  messageRoutes(app, deps);
  templateRoutes(app, deps);
}

function contactRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<ById>('/v1/customers/:id/contacts', (request, reply) =>
    ofCustomer(deps, { request, reply }, async (job, id) => {
      const reach = await readContacts(job, id);
      return reach.ok ? ok(toReachWire(reach.value)) : reach;
    }),
  );
  app.post<ById & { Body: ChangeContactBody }>(
    '/v1/customers/:id/contacts',
    { schema: { body: ChangeContactSchema } },
    (request, reply) =>
      ofCustomer(deps, { request, reply }, async (job, id) => {
        const changed = await changeContact(job, id, toChange(request.body));
        return changed.ok ? ok(toReachWire(changed.value, changed.value.resent)) : changed;
      }),
  );
  app.post<ById & { Body: NoticePreferencesBody }>(
    '/v1/customers/:id/notice-preferences',
    { schema: { body: NoticePreferencesSchema } },
    (request, reply) =>
      ofCustomer(deps, { request, reply }, async (job, id) => {
        const wishes = fromNoticePreferencesBody(request.body);
        const changed = await changePreferences(job, id, wishes);
        return changed.ok ? ok(toReachWire(changed.value)) : changed;
      }),
  );
}

function toChange(body: ChangeContactBody): ContactChange {
  const { opted_out: isOptedOut, verified: isVerified, wrong: isWrong, ...rest } = body;
  return {
    ...rest,
    ...(isOptedOut === undefined ? {} : { isOptedOut }),
    ...(isVerified === undefined ? {} : { isVerified }),
    ...(isWrong === undefined ? {} : { isWrong }),
  };
}

function toReachWire(reach: Reach, resent: readonly Notice[] = []) {
  const { customer, contacts, order } = reach;
  return {
    contacts: contacts.map(toContactWire),
    order,
    preferences: toNoticePreferencesWire(customer.noticePreferences ?? {}),
    resent: resent.map(toNoticeWire),
  };
}

function listRoutes(app: FastifyInstance, deps: BillingDeps): void {
  const schema = { querystring: CustomerNoticesQuerySchema };
  app.get<Paged>('/v1/customers/:id/notices', { schema }, (request, reply) =>
    ofPage(deps, { request, reply }, async (job, page) => {
      const rows = await listNotices(job, page);
      return toListWire(rows.map(toNoticeWire), page.limit - 1);
    }),
  );
  app.get<Paged>('/v1/customers/:id/inbox', { schema }, (request, reply) =>
    ofPage(deps, { request, reply }, async (job, page) => {
      const rows = await listInbox(job, page);
      return toListWire(rows.map(toInboxWire), page.limit - 1);
    }),
  );
}

function proofRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.get<ById & { Querystring: ProofQuery }>(
    '/v1/customers/:id/notice-proof',
    { schema: { querystring: ProofQuerySchema } },
    (request, reply) =>
      ofCustomer(deps, { request, reply }, async (job, customerId) => {
        const { from, until, format } = request.query;
        const range = {
          ...(from === undefined ? {} : { from: midnight(job, from) }),
          ...(until === undefined ? {} : { until: midnight(job, until) }),
        };
        const proof = await noticeProof(job, { customerId, ...range }, toProofWire);
        if (!proof.ok) return proof;
        if (format === 'csv') {
          reply.type('text/csv; charset=utf-8');
          return ok(proofCsv(proof.value));
        }
        const data = proof.value.map((line) => ({ ...toProofWire(line), link: line.link }));
        return ok({ data });
      }),
  );
}

/** The first moment of a business date. */
function midnight(job: Job, date: string): Temporal.Instant {
  const start = Temporal.PlainTime.from('00:00');
  return instantAt(Temporal.PlainDate.from(date), start, job.merchant.zone);
}

function messageRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<ById>('/v1/notices/:id', (request, reply) =>
    ofNotice(deps, { request, reply }, async (job, id) => {
      const notice = await findNotice(job, id);
      return notice === undefined ? refuse(notFound('notice')) : ok(toNoticeWire(notice));
    }),
  );
  app.post<ById>('/v1/notices/:id/resend', (request, reply) =>
    ofNotice(deps, { request, reply }, async (job, id) => {
      const again = await resendNotice(job, id);
      return again.ok ? ok(toNoticeWire(again.value)) : again;
    }),
  );
  app.post<ById>('/v1/notices/:id/read', (request, reply) =>
    ofNotice(deps, { request, reply }, async (job, id) => {
      const read = await readMessage(job, id);
      return read.ok ? ok(toInboxWire(read.value)) : read;
    }),
  );
}

function templateRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get('/v1/notice-templates', (request, reply) =>
    answerBilling(deps, { request, reply }, async (job) => {
      const templates = await listTemplates(job);
      const data = templates.map(({ key, variables, required, ours, own }) => ({
        key,
        variables,
        required,
        version: ours.version,
        ours: toWordsWire(ours.texts),
        own: own.map(toOwnTemplateWire),
      }));
      return ok({ data });
    }),
  );
  app.post<{ Body: NewTemplateBody }>(
    '/v1/notice-templates',
    { schema: { body: NewTemplateSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { by: name, ...wording } = request.body;
        const by = await senderOf(deps.store, request, name);
        const published = await publishTemplate(job, wording, by);
        return published.ok ? ok(toOwnTemplateWire(published.value)) : published;
      }),
  );
  app.post<{ Body: WordingBody }>(
    '/v1/notice-templates/preview',
    { schema: { body: WordingSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const rendered = previewTemplate(job, request.body);
        return rendered.ok ? ok(toRenderedWire(rendered.value)) : rendered;
      }),
  );
}

async function ofCustomer(
  deps: BillingDeps,
  exchange: Exchange,
  work: (job: Job, id: CustomerId) => Promise<Result<unknown, Refusal>>,
): Promise<FastifyReply> {
  const { id } = exchange.request.params as { readonly id: string };
  if (!isId('cus', id)) return sendProblem(exchange.reply, 'id_not_valid', { param: 'id' });
  return answerBilling(deps, exchange, (job) => work(job, id));
}

async function ofNotice(
  deps: BillingDeps,
  exchange: Exchange,
  work: (job: Job, id: NoticeId) => Promise<Result<unknown, Refusal>>,
): Promise<FastifyReply> {
  const { id } = exchange.request.params as { readonly id: string };
  if (!isId('not', id)) return sendProblem(exchange.reply, 'id_not_valid', { param: 'id' });
  return answerBilling(deps, exchange, (job) => work(job, id));
}

/** One row more than the page holds says that another page follows. */
async function ofPage(
  deps: BillingDeps,
  exchange: Exchange,
  work: (
    job: Job,
    page: { readonly customerId: CustomerId; readonly limit: number; readonly after?: string },
  ) => Promise<unknown>,
): Promise<FastifyReply> {
  const query = exchange.request.query as Paged['Querystring'];
  const { after, limit = PAGE_LIMIT_DEFAULT } = query;
  if (after !== undefined && kindOfId(after) !== 'not') {
    return sendProblem(exchange.reply, 'cursor_not_valid', { param: 'after' });
  }
  return ofCustomer(deps, exchange, async (job, customerId) =>
    ok(
      await work(job, {
        customerId,
        limit: limit + 1,
        ...(after === undefined ? {} : { after }),
      }),
    ),
  );
}

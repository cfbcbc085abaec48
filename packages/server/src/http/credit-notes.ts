import {
  type CreditBody,
  CreditBodySchema,
  type CreditedWire,
  DryRunQuerySchema,
  type ReissuedWire,
  toAmountWire,
  toCreditNoteWire,
  toDateWire,
  toInvoiceWire,
} from '@daikou/api';
import {
  explainChange,
  type InvoiceId,
  isId,
  type Locale,
  ok,
  type Refusal,
  type Result,
} from '@daikou/core';
import {
  type Credited,
  creditInvoice,
  type Job,
  listCreditNotes,
  type Reissued,
  reissueInvoice,
  voidInvoice,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { readCredit } from './credit-body.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps, type Exchange } from './refusal.ts';

type Route = { Params: { readonly id: string } };
type DryRoute = Route & { Querystring: { readonly dry_run?: boolean } };
type CreditRoute = DryRoute & { Body: CreditBody };

/** Credit notes of an invoice, voiding it, and issuing it anew. */
export async function creditNoteRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.post<CreditRoute>(
    '/v1/invoices/:id/credit-notes',
    { schema: { querystring: DryRunQuerySchema, body: CreditBodySchema } },
    (request, reply) =>
      answerInvoice(deps, { request, reply }, async (job, id) => {
        const wanted = readCredit(request.body);
        if (!wanted.ok) return wanted;
        const dryRun = request.query.dry_run === true;
        const credited = await creditInvoice(job, id, { request: wanted.value, dryRun });
        return credited.ok ? ok(toCreditedWire(credited.value)) : credited;
      }),
  );
  app.get<Route>('/v1/invoices/:id/credit-notes', (request, reply) =>
    answerInvoice(deps, { request, reply }, async (job, id) => {
      const notes = await listCreditNotes(job, id);
      return notes.ok ? ok({ data: notes.value.map(toCreditNoteWire) }) : notes;
    }),
  );
  app.post<Route>('/v1/invoices/:id/void', (request, reply) =>
    answerInvoice(deps, { request, reply }, async (job, id) => {
      const voided = await voidInvoice(job, id);
      return voided.ok ? ok(toInvoiceWire(voided.value)) : voided;
    }),
  );
  app.post<DryRoute>(
    '/v1/invoices/:id/reissue',
    { schema: { querystring: DryRunQuerySchema } },
    (request, reply) =>
      answerInvoice(deps, { request, reply }, async (job, id) => {
        const reissued = await reissueInvoice(job, id, { dryRun: request.query.dry_run === true });
        const isZh = /^\s*zh\b/i.test(request.headers['accept-language'] ?? '');
        const locale = isZh ? 'zh-CN' : 'en';
        return reissued.ok ? ok(toReissuedWire(reissued.value, locale)) : reissued;
      }),
  );
}

async function answerInvoice(
  deps: BillingDeps,
  exchange: Exchange,
  work: (job: Job, id: InvoiceId) => Promise<Result<unknown, Refusal>>,
) {
  const { id } = exchange.request.params as { readonly id: string };
  if (!isId('inv', id)) return sendProblem(exchange.reply, 'id_not_valid', { param: 'id' });
  return answerBilling(deps, exchange, (job) => work(job, id));
}

function toCreditedWire({ dryRun, invoice, notes, debit }: Credited): CreditedWire {
  return {
    dry_run: dryRun,
    invoice: toInvoiceWire(invoice),
    credit_notes: notes.map(toCreditNoteWire),
    debit:
      debit === undefined
        ? null
        : {
            id: debit.id,
            amount: toAmountWire(debit.amount),
            collect_date: toDateWire(debit.collectDate),
          },
  };
}

function toReissuedWire({ dryRun, before, after, parts }: Reissued, locale: Locale): ReissuedWire {
  const sentences = explainChange(parts, locale);
  return {
    dry_run: dryRun,
    before: toInvoiceWire(before),
    after: after === undefined ? null : toInvoiceWire(after),
    parts: parts.map(({ cause, amount }, index) => ({
      cause,
      amount: toAmountWire(amount),
      sentence: sentences[index] ?? '',
    })),
  };
}

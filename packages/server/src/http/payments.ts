import { createHash } from 'node:crypto';
import { readStatement } from '@daikou/adapters';
import {
  BankLineQuerySchema,
  type ClaimLineBody,
  ClaimLineSchema,
  DryRunQuerySchema,
  HandPaymentQuerySchema,
  type HandPaymentRecordedWire,
  type NewHandPaymentBody,
  NewHandPaymentSchema,
  type ReverseHandPaymentBody,
  ReverseHandPaymentSchema,
  type StatementQuery,
  StatementQuerySchema,
  toBankLineWire,
  toClaimSuggestionWire,
  toHandPaymentWire,
  toListWire,
} from '@daikou/api';
import {
  type BankStatement,
  type BankStatementLineId,
  type CustomerId,
  type HandPaymentId,
  ok,
  type Refusal,
  type Result,
  refuse,
  type StoredBankLine,
} from '@daikou/core';
import {
  claimLine,
  findHandPayment,
  listBankLines,
  listHandPayments,
  notFound,
  type Recorded,
  recordHandPayment,
  reverseHandPayment,
  suggestForLine,
  takeInStatements,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { toMoneyOf } from './billing-body.ts';
import { senderOf } from './keys.ts';
import { payLinkRoutes } from './pay-links.ts';
import {
  answerOne,
  answerPage,
  type ById,
  type DryRun,
  type Page,
  readInstant,
} from './payment-exchange.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

/** A year of a busy account is some 20 MB. */
const STATEMENT_MAX_BYTES = 64 * 1024 * 1024;

/** Money that customers pay by their own hand, and the bank's lines that show it. */
export async function paymentRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  bookingRoutes(app, deps);
  lineRoutes(app, deps);
  payLinkRoutes(app, deps);
  await app.register(async (scope) => statementRoutes(scope, deps));
}

function bookingRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Body: NewHandPaymentBody; Querystring: DryRun }>(
    '/v1/payments',
    { schema: { querystring: DryRunQuerySchema, body: NewHandPaymentSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { body, query } = request;
        const receivedAt = readInstant(body.received_at, job);
        if (!receivedAt.ok) return receivedAt;
        const recorded = await recordHandPayment(job, body.customer_id, {
          request: {
            method: body.method,
            amount: toMoneyOf(body.amount),
            reference: body.reference,
            receivedAt: receivedAt.value,
            recordedBy: await senderOf(deps.store, request, body.by),
            note: body.note ?? '',
            ...(body.invoice_ids === undefined ? {} : { invoiceIds: body.invoice_ids }),
          },
          dryRun: query.dry_run === true,
        });
        return recorded.ok ? ok(toRecordedWire(recorded.value)) : recorded;
      }),
  );
  app.get<{ Querystring: Page & { customer_id?: CustomerId; state?: string } }>(
    '/v1/payments',
    { schema: { querystring: HandPaymentQuerySchema } },
    (request, reply) =>
      answerPage({ request, reply }, 'hpy', (limit) =>
        answerBilling(deps, { request, reply }, async (job) => {
          const { after, customer_id: customerId, state } = request.query;
          const rows = await listHandPayments(job, {
            limit: limit + 1,
            ...(after === undefined ? {} : { after }),
            ...(customerId === undefined ? {} : { customerId }),
            ...(state === undefined ? {} : { state }),
          });
          return ok(toListWire(rows.map(toHandPaymentWire), limit));
        }),
      ),
  );
  app.get<ById>('/v1/payments/:id', (request, reply) =>
    answerOne({ deps, request, reply }, 'hpy', async (job, id: HandPaymentId) => {
      const payment = await findHandPayment(job, id);
      return payment === undefined ? refuse(notFound('payment')) : ok(toHandPaymentWire(payment));
    }),
  );
  app.post<ById & { Body: ReverseHandPaymentBody }>(
    '/v1/payments/:id/reverse',
    { schema: { body: ReverseHandPaymentSchema } },
    (request, reply) =>
      answerOne({ deps, request, reply }, 'hpy', async (job, id: HandPaymentId) => {
        const { reason, by: named } = request.body;
        const by = await senderOf(deps.store, request, named);
        const reversed = await reverseHandPayment(job, id, { by, reason });
        return reversed.ok ? ok(toHandPaymentWire(reversed.value)) : reversed;
      }),
  );
}

function lineRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Querystring: Page & { state?: StoredBankLine['state'] } }>(
    '/v1/bank-lines',
    { schema: { querystring: BankLineQuerySchema } },
    (request, reply) =>
      answerPage({ request, reply }, 'bsl', (limit) =>
        answerBilling(deps, { request, reply }, async (job) => {
          const { after, state } = request.query;
          const rows = await listBankLines(job, {
            limit: limit + 1,
            ...(after === undefined ? {} : { after: after as BankStatementLineId }),
            ...(state === undefined ? {} : { state }),
          });
          return ok(toListWire(rows.map(toBankLineWire), limit));
        }),
      ),
  );
  app.get<ById>('/v1/bank-lines/:id/suggestions', (request, reply) =>
    answerOne({ deps, request, reply }, 'bsl', async (job, id: BankStatementLineId) => {
      const found = await suggestForLine(job, id);
      if (!found.ok) return found;
      const { line, suggestions } = found.value;
      return ok({
        line: toBankLineWire(line),
        suggestions: suggestions.map(toClaimSuggestionWire),
      });
    }),
  );
  app.post<ById & { Body: ClaimLineBody; Querystring: DryRun }>(
    '/v1/bank-lines/:id/claim',
    { schema: { querystring: DryRunQuerySchema, body: ClaimLineSchema } },
    (request, reply) =>
      answerOne({ deps, request, reply }, 'bsl', async (job, id: BankStatementLineId) => {
        const { body, query } = request;
        const claimed = await claimLine(job, id, {
          customerId: body.customer_id,
          by: await senderOf(deps.store, request, body.by),
          ...(body.invoice_ids === undefined ? {} : { invoiceIds: body.invoice_ids }),
          ...(body.note === undefined ? {} : { note: body.note }),
          dryRun: query.dry_run === true,
        });
        return claimed.ok ? ok(toRecordedWire(claimed.value)) : claimed;
      }),
  );
}

/** A bank's file comes as it is: any content type would be a guess about its form. */
function statementRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: STATEMENT_MAX_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.post<{ Querystring: StatementQuery }>(
    '/v1/bank-statements',
    { schema: { querystring: StatementQuerySchema }, bodyLimit: STATEMENT_MAX_BYTES },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { account, name = 'statement' } = request.query;
        const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        const read = readStatementFile(bytes, { account, name });
        return read.ok ? takeInStatements(job, read.value) : read;
      }),
  );
}

/** The statements of a bank's file; a file that no reader knows, or a damaged one, is refused. */
export function readStatementFile(
  bytes: Uint8Array,
  about: { readonly account: string; readonly name: string },
): Result<readonly BankStatement[], Refusal> {
  const contentHash = createHash('sha256').update(bytes).digest('hex');
  const reading = readStatement({ ...about, bytes, contentHash });
  if (reading.kind === 'ready') return ok(reading.statements);
  if (reading.kind === 'damaged') {
    return refuse({
      code: 'statement_damaged',
      sentence: reading.detail,
      next: 'Download the statement again and import the whole file.',
    });
  }
  return refuse({
    code: 'statement_format_unknown',
    sentence: 'No reader knows the form of this file.',
    next: 'Send CAMT.053, MT940 or a CSV export of the bank.',
  });
}

export function toRecordedWire(recorded: Recorded): HandPaymentRecordedWire {
  return {
    dry_run: recorded.dryRun,
    known: recorded.isKnown,
    payment: toHandPaymentWire(recorded.payment),
    paid: [...recorded.paid],
    left_open: recorded.leftOpen.map(({ invoiceId, number, code }) => ({
      invoice_id: invoiceId,
      number,
      reason: code,
    })),
  };
}

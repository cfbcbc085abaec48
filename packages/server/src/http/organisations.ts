import {
  AllocationQuerySchema,
  type ChangeCustomerBody,
  ChangeCustomerSchema,
  ChildrenQuerySchema,
  type MadeCustomerWire,
  type MoveChildBody,
  MoveChildSchema,
  type NewChildrenBody,
  NewChildrenSchema,
  type NewCustomerBody,
  NewCustomerSchema,
  PAGE_LIMIT_DEFAULT,
  type TransferBody,
  TransferSchema,
  toAllocationWire,
  toCustomerWire,
  toListWire,
  toSubscriptionWire,
} from '@daikou/api';
import {
  type Allocation,
  allocateInvoice,
  type Customer,
  type CustomerDetails,
  type CustomerId,
  type InvoiceId,
  isId,
  ok,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import {
  changePayer,
  createChildren,
  createPayer,
  type Job,
  type MadeCustomer,
  moveChild,
  notFound,
  transferSubscriptions,
} from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { readDate } from './billing-body.ts';
import { csvLine } from './csv.ts';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps } from './refusal.ts';

type ById = { readonly id: string };
type PageQuery = { readonly limit?: number; readonly after?: string };

/** Organisations, their departments and members, and who pays for what. */
export async function organisationRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  app.post<{ Body: NewCustomerBody }>(
    '/v1/customers',
    { schema: { body: NewCustomerSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { kind, consolidated_billing: isConsolidated } = request.body;
        const made = await createPayer(job, {
          kind,
          ...(isConsolidated === undefined ? {} : { consolidatedBilling: isConsolidated }),
          ...detailsOf(request.body),
        });
        return made.ok ? ok(toMadeWire(made.value)) : made;
      }),
  );
  app.patch<{ Params: ById; Body: ChangeCustomerBody }>(
    '/v1/customers/:id',
    { schema: { body: ChangeCustomerSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const { kind, consolidated_billing: isConsolidated } = request.body;
        const changed = await changePayer(job, id, {
          ...(kind === undefined ? {} : { kind }),
          ...(isConsolidated === undefined ? {} : { consolidatedBilling: isConsolidated }),
        });
        return changed.ok ? ok(toCustomerWire(changed.value)) : changed;
      });
    },
  );
  childRoutes(app, deps);
  transferRoutes(app, deps);
  allocationRoute(app, deps);
}

function childRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Params: ById; Body: NewChildrenBody }>(
    '/v1/customers/:id/children',
    { schema: { body: NewChildrenSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const children = request.body.children.map((child) => ({
          kind: child.kind,
          ...detailsOf(child),
        }));
        const made = await createChildren(job, id, children);
        return made.ok ? ok({ data: made.value.map(toMadeWire) }) : made;
      });
    },
  );
  app.get<{ Params: ById; Querystring: PageQuery }>(
    '/v1/customers/:id/children',
    { schema: { querystring: ChildrenQuerySchema } },
    (request, reply) => {
      const { id } = request.params;
      const { limit = PAGE_LIMIT_DEFAULT, after } = request.query;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      if (after !== undefined && !isId('cus', after)) {
        return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
      }
      return answerBilling(deps, { request, reply }, async (job) => {
        const page = { limit: limit + 1, ...(after === undefined ? {} : { after }) };
        return await job.engine.store.transact(job.merchant.id, async (tx) => {
          const [payer] = await tx.loadCustomers([id]);
          if (payer === undefined) return refuse(notFound('customer', 'id'));
          const rows = await tx.listChildren(id, page);
          return ok(toListWire(rows.map(toCustomerWire), limit));
        });
      });
    },
  );
}

function transferRoutes(app: FastifyInstance, deps: BillingDeps): void {
  app.post<{ Params: ById; Body: MoveChildBody }>(
    '/v1/customers/:id/move',
    { schema: { body: MoveChildSchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('cus', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const onDate = readDate(request.body.on_date, 'on_date');
        if (!onDate.ok) return onDate;
        const { to, keep_paid: keepPaid = false } = request.body;
        const moved = await moveChild(job, id, { to, onDate: onDate.value, keepPaid });
        if (!moved.ok) return moved;
        const { before, after, transfers } = moved.value;
        return ok({
          before: toCustomerWire(before),
          after: toCustomerWire(after),
          subscriptions: transfers.map(({ next }) => toSubscriptionWire(next)),
        });
      });
    },
  );
  app.post<{ Body: TransferBody }>(
    '/v1/subscriptions/transfer',
    { schema: { body: TransferSchema } },
    (request, reply) =>
      answerBilling(deps, { request, reply }, async (job) => {
        const { to, beneficiary_id: beneficiary, keep_paid: keepPaid = false } = request.body;
        const onDate = readDate(request.body.on_date, 'on_date');
        if (!onDate.ok) return onDate;
        const moved = await transferSubscriptions(job, request.body.subscription_ids, {
          to,
          onDate: onDate.value,
          keepPaid,
          ...(beneficiary === undefined ? {} : { beneficiary }),
        });
        if (!moved.ok) return moved;
        return ok({
          data: moved.value.map(({ next, transfers }) => ({
            from: transfers[0].subscriptionId,
            starts_on: next.startsOn.toString(),
            subscription: toSubscriptionWire(next),
          })),
        });
      }),
  );
}

function allocationRoute(app: FastifyInstance, deps: BillingDeps): void {
  app.get<{ Params: ById; Querystring: { readonly format?: 'json' | 'csv' } }>(
    '/v1/invoices/:id/allocation',
    { schema: { querystring: AllocationQuerySchema } },
    (request, reply) => {
      const { id } = request.params;
      if (!isId('inv', id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
      return answerBilling(deps, { request, reply }, async (job) => {
        const allocated = await allocate(job, id);
        if (!allocated.ok) return allocated;
        const { parts, customers } = allocated.value;
        if (request.query.format !== 'csv') return ok({ data: parts.map(toAllocationWire) });
        reply.type('text/csv; charset=utf-8');
        return ok(allocationTable(parts, customers));
      });
    },
  );
}

type Allocated = {
  readonly parts: readonly Allocation[];
  readonly customers: ReadonlyMap<CustomerId, Customer>;
};

async function allocate(job: Job, id: InvoiceId): Promise<Result<Allocated, Refusal>> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [invoice] = await tx.loadInvoices([id]);
    if (invoice === undefined) return refuse(notFound('invoice'));
    const parts = allocateInvoice(invoice);
    const ids = parts.flatMap(({ beneficiaryId }) => beneficiaryId ?? []);
    const customers = await tx.loadCustomers([...ids, invoice.customerId]);
    return ok({ parts, customers: new Map(customers.map((one) => [one.id, one])) });
  });
}

function allocationTable(
  parts: readonly Allocation[],
  customers: ReadonlyMap<CustomerId, Customer>,
): string {
  const head = ['beneficiary_id', 'external_reference', 'name', 'net', 'tax', 'amount', 'currency'];
  const lines = parts.map(({ beneficiaryId, net, tax, amount }) => {
    const user = beneficiaryId === undefined ? undefined : customers.get(beneficiaryId);
    const named = [beneficiaryId ?? '', user?.externalReference ?? '', user?.name ?? ''];
    return csvLine([...named, net, tax, amount, amount.currency]);
  });
  return csvLine(head) + lines.join('');
}

function detailsOf(body: Omit<NewCustomerBody, 'kind'>): CustomerDetails {
  const { external_reference: externalReference, name, locale, mail, phone } = body;
  const { preferred_channel: preferredChannel } = body;
  return {
    externalReference,
    name,
    ...(locale === undefined ? {} : { locale }),
    ...(mail === undefined ? {} : { mail }),
    ...(phone === undefined ? {} : { phone }),
    ...(preferredChannel === undefined ? {} : { preferredChannel }),
  };
}

function toMadeWire({ customer, created }: MadeCustomer): MadeCustomerWire {
  return { created, customer: toCustomerWire(customer) };
}

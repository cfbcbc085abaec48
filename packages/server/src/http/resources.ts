import {
  buildOpenApi,
  CustomerQuerySchema,
  DebitQuerySchema,
  InvoiceQuerySchema,
  MandateQuerySchema,
  PAGE_LIMIT_DEFAULT,
  SubscriptionQuerySchema,
  toCustomerWire,
  toDebitWire,
  toInvoiceWire,
  toListWire,
  toMandateWire,
  toSubscriptionWire,
} from '@daikou/api';
import {
  type CustomerId,
  type IdPrefix,
  isId,
  type MerchantId,
  type Store,
  type Tx,
} from '@daikou/core';
import type { FastifyInstance } from 'fastify';
import { merchantOf } from './keys.ts';
import { sendProblem } from './problem.ts';

export const API_VERSION = '0.1.0';

type Query = {
  readonly limit?: number;
  readonly after?: string;
  readonly customer_id?: CustomerId;
  readonly state?: string;
  readonly external_reference?: string;
};

/** How one resource is read: a page of it, and one by its id. Wire forms are what the API shows. */
type Resource = {
  readonly path: string;
  readonly prefix: IdPrefix;
  readonly query: object;
  readonly list: (
    tx: Tx,
    query: Query,
    limit: number,
  ) => Promise<readonly { readonly id: string }[]>;
  readonly find: (tx: Tx, id: string) => Promise<unknown>;
};

const RESOURCES: readonly Resource[] = [
  {
    path: 'customers',
    prefix: 'cus',
    query: CustomerQuerySchema,
    list: async (tx, query, limit) => {
      const reference = query.external_reference;
      const filter = reference === undefined ? {} : { externalReference: reference };
      return (await tx.listCustomers({ ...pageOf(query, limit), ...filter })).map(toCustomerWire);
    },
    find: async (tx, id) =>
      (await tx.loadCustomers([id as `cus_${string}`])).map(toCustomerWire)[0],
  },
  {
    path: 'subscriptions',
    prefix: 'sub',
    query: SubscriptionQuerySchema,
    list: async (tx, query, limit) =>
      (await tx.listSubscriptions(filterOf(query, limit))).map(toSubscriptionWire),
    find: async (tx, id) =>
      (await tx.loadSubscriptions([id as `sub_${string}`])).map(toSubscriptionWire)[0],
  },
  {
    path: 'mandates',
    prefix: 'man',
    query: MandateQuerySchema,
    list: async (tx, query, limit) =>
      (await tx.listMandates(filterOf(query, limit))).map(toMandateWire),
    find: async (tx, id) => (await tx.lockMandates([id as `man_${string}`])).map(toMandateWire)[0],
  },
  {
    path: 'invoices',
    prefix: 'inv',
    query: InvoiceQuerySchema,
    list: async (tx, query, limit) =>
      (await tx.listInvoices(filterOf(query, limit))).map(toInvoiceWire),
    find: async (tx, id) => (await tx.loadInvoices([id as `inv_${string}`])).map(toInvoiceWire)[0],
  },
  {
    path: 'debits',
    prefix: 'dbt',
    query: DebitQuerySchema,
    list: async (tx, query, limit) =>
      (await tx.listDebits(filterOf(query, limit))).map((debit) => toDebitWire(debit)),
    find: async (tx, id) => {
      const [bundle] = await tx.lockDebits([id as `dbt_${string}`]);
      return bundle === undefined ? undefined : toDebitWire(bundle.debit, bundle);
    },
  },
];

function pageOf(query: Query, limit: number) {
  return { limit, ...(query.after === undefined ? {} : { after: query.after }) };
}

function filterOf(query: Query, limit: number) {
  return {
    ...pageOf(query, limit),
    ...(query.customer_id === undefined ? {} : { customerId: query.customer_id }),
    ...(query.state === undefined ? {} : { state: query.state }),
  };
}

/** The read-only resources and their document, behind the merchant's API key. */
export async function resourceRoutes(
  app: FastifyInstance,
  deps: { readonly store: Store },
): Promise<void> {
  app.get('/openapi.json', async (request) =>
    buildOpenApi({ version: API_VERSION, serverUrl: `http://${request.host}` }),
  );
  for (const resource of RESOURCES) addResource(app, deps.store, resource);
}

function addResource(app: FastifyInstance, store: Store, resource: Resource): void {
  const { path, prefix, query } = resource;
  app.get(`/v1/${path}`, { schema: { querystring: query } }, async (request, reply) => {
    const asked = request.query as Query;
    if (asked.after !== undefined && !isId(prefix, asked.after)) {
      return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
    }
    const limit = asked.limit ?? PAGE_LIMIT_DEFAULT;
    // One row more than the page, to know whether another page follows.
    const rows = await inMerchant(store, merchantOf(request).id, (tx) =>
      resource.list(tx, asked, limit + 1),
    );
    return toListWire(rows, limit);
  });
  app.get<{ Params: { readonly id: string } }>(`/v1/${path}/:id`, async (request, reply) => {
    const { id } = request.params;
    if (!isId(prefix, id)) return sendProblem(reply, 'id_not_valid', { param: 'id' });
    const found = await inMerchant(store, merchantOf(request).id, (tx) => resource.find(tx, id));
    return found ?? sendProblem(reply, 'not_found');
  });
}

function inMerchant<T>(store: Store, merchant: MerchantId, work: (tx: Tx) => Promise<T>) {
  return store.transact(merchant, work);
}

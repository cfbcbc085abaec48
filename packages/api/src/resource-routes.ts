import type { TSchema } from 'typebox';
import { CustomerListSchema, CustomerQuerySchema, CustomerSchema } from './customer/customer.ts';
import { DebitListSchema, DebitQuerySchema, DebitSchema } from './debit/debit.ts';
import { InvoiceListSchema, InvoiceQuerySchema, InvoiceSchema } from './invoice/invoice.ts';
import { MandateListSchema, MandateQuerySchema, MandateSchema } from './mandate/mandate.ts';
import { PAGE_ERRORS, type QuerySchema, type Route } from './route.ts';
import {
  SubscriptionListSchema,
  SubscriptionQuerySchema,
  SubscriptionSchema,
} from './subscription/subscription.ts';

/** A kind of object that can be listed and read. */
type Resource = {
  readonly plural: string;
  readonly singular: string;
  readonly id: 'cus' | 'sub' | 'man' | 'inv' | 'dbt';
  readonly query: QuerySchema;
  readonly list: TSchema;
  readonly one: TSchema;
};

const RESOURCES: readonly Resource[] = [
  {
    plural: 'Customers',
    singular: 'Customer',
    id: 'cus',
    query: CustomerQuerySchema,
    list: CustomerListSchema,
    one: CustomerSchema,
  },
  {
    plural: 'Subscriptions',
    singular: 'Subscription',
    id: 'sub',
    query: SubscriptionQuerySchema,
    list: SubscriptionListSchema,
    one: SubscriptionSchema,
  },
  {
    plural: 'Mandates',
    singular: 'Mandate',
    id: 'man',
    query: MandateQuerySchema,
    list: MandateListSchema,
    one: MandateSchema,
  },
  {
    plural: 'Invoices',
    singular: 'Invoice',
    id: 'inv',
    query: InvoiceQuerySchema,
    list: InvoiceListSchema,
    one: InvoiceSchema,
  },
  {
    plural: 'Debits',
    singular: 'Debit',
    id: 'dbt',
    query: DebitQuerySchema,
    list: DebitListSchema,
    one: DebitSchema,
  },
];

/** The paths at which each kind of object is listed, and one of it is read. */
export const RESOURCE_ROUTES: readonly Route[] = RESOURCES.flatMap((resource): Route[] => {
  const { plural, singular, id, query, list, one } = resource;
  const path = `/v1/${plural.toLowerCase()}`;
  return [
    {
      path,
      method: 'get',
      name: `list${plural}`,
      tag: plural,
      summary: `Lists ${plural.toLowerCase()}, oldest first.`,
      query,
      answer: list,
      errors: PAGE_ERRORS,
    },
    {
      path: `${path}/{id}`,
      method: 'get',
      name: `get${singular}`,
      tag: plural,
      summary: `Reads one ${singular.toLowerCase()}.`,
      id,
      answer: one,
    },
  ];
});
